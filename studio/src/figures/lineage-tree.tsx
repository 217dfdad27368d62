import type { CandidateView } from '../../../src/server/optimization-views.ts';
import { score } from '../evidence/numbers.ts';

/** Above as many candidates those that were eliminated are folded into a count. */
const mostNodes = 60;
const column = 78;
const row = 50;

interface Placed {
  readonly candidate: CandidateView;
  readonly x: number;
  readonly y: number;
}

/** Who comes from whom: left to right, the way to the selection in ink. */
export function LineageTree({
  candidates,
  selected,
  select,
}: {
  readonly candidates: readonly CandidateView[];
  readonly selected: number;
  select(candidate: number): void;
}) {
  const shown =
    candidates.length <= mostNodes
      ? candidates
      : candidates.filter(({ status, number }) => status !== 'eliminated' || number === selected);
  const placed = place(shown);
  const at = new Map(placed.map((one) => [one.candidate.number, one]));
  const path = new Set<number>();
  for (let one = at.get(selected)?.candidate; one !== undefined && !path.has(one.number); ) {
    path.add(one.number);
    one = at.get(one.parents[0] ?? (one.number === 0 ? -1 : 0))?.candidate;
  }
  const width = Math.max(...placed.map(({ x }) => x), 0) + 44;
  const height = Math.max(...placed.map(({ y }) => y), 0) + 44;
  const seed = candidates[0]?.mean;
  const gain = Math.max(0.001, ...candidates.map(({ mean }) => (mean ?? 0) - (seed ?? 0)));
  const tone = (mean: number | undefined) =>
    mean === undefined || seed === undefined
      ? 0
      : Math.max(0, Math.min(4, Math.round(((mean - seed) / gain) * 4)));
  return (
    <>
      <svg
        width={width}
        height={height}
        role="img"
        aria-label={`Lineage of ${candidates.length} candidates`}
        className="lineage"
      >
        <title>{`Lineage of ${candidates.length} candidates`}</title>
        {placed.flatMap(({ candidate, x, y }) =>
          (candidate.parents.length === 0 && candidate.number !== 0 ? [0] : candidate.parents).map(
            (parent, index) => {
              const from = at.get(parent);
              if (from === undefined) return null;
              const middle = (from.x + x) / 2;
              const isOn = index === 0 && path.has(candidate.number) && path.has(parent);
              return (
                <path
                  key={`${parent} ${candidate.number}`}
                  d={`M${from.x} ${from.y}C${middle} ${from.y} ${middle} ${y} ${x} ${y}`}
                  className={`nf ${isOn ? 's-ink' : 's-ink4'}`}
                  strokeWidth={isOn ? 1.8 : 1}
                  strokeDasharray={index > 0 ? '3 3' : undefined}
                />
              );
            },
          ),
        )}
        {placed.map(({ candidate, x, y }) => {
          const { number, status, mean } = candidate;
          const isOut = status === 'eliminated' || status === 'tried';
          return (
            // The same candidates are buttons in the list beside the figure.
            // biome-ignore lint/a11y/noStaticElementInteractions: see above
            <g key={number} onClick={() => select(number)} className="pt">
              <circle cx={x} cy={y} r={16} className="hit" />
              {number === selected && <circle cx={x} cy={y} r={15} className="f-sur s-ink" strokeWidth={2} />}
              {status === 'seed' ? (
                <path d={`M${x} ${y - 12}l12 12-12 12-12-12z`} className="f-ink" />
              ) : isOut ? (
                <circle
                  cx={x}
                  cy={y}
                  r={9}
                  className="f-sur s-ink4"
                  strokeDasharray={status === 'tried' ? '2 2' : undefined}
                />
              ) : (
                <circle cx={x} cy={y} r={11} className={`gain g${tone(mean)}`} />
              )}
              <text
                x={x}
                y={y + 4}
                textAnchor="middle"
                className={status === 'seed' || (!isOut && tone(mean) >= 3) ? 'k inv' : isOut ? '' : 'k'}
              >
                {isOut && status === 'eliminated' ? '×' : number}
              </text>
              <text x={x} y={y + 26} textAnchor="middle" className="k2">
                {mean === undefined ? '' : score(mean)}
              </text>
            </g>
          );
        })}
      </svg>
      {shown.length < candidates.length && (
        <p className="sm mute">{candidates.length - shown.length} eliminated candidates are not drawn.</p>
      )}
    </>
  );
}

/** A column for each generation; leaves take a line each, and a parent stands at the middle of its children. */
function place(candidates: readonly CandidateView[]): readonly Placed[] {
  const children = new Map<number, CandidateView[]>();
  const known = new Set(candidates.map(({ number }) => number));
  for (const candidate of candidates) {
    if (candidate.number === 0) continue;
    const [parent = 0] = candidate.parents.filter((number) => known.has(number) && number < candidate.number);
    children.set(parent, [...(children.get(parent) ?? []), candidate]);
  }
  const placed: Placed[] = [];
  let line = 0;
  const visit = (candidate: CandidateView, depth: number): number => {
    const own = children.get(candidate.number) ?? [];
    const lines = own.map((child) => visit(child, depth + 1));
    const y = lines.length === 0 ? line++ : ((lines[0] ?? 0) + (lines.at(-1) ?? 0)) / 2;
    placed.push({ candidate, x: 24 + depth * column, y: 24 + y * row });
    return y;
  };
  const [seed] = candidates;
  if (seed !== undefined) visit(seed, 0);
  return placed;
}
