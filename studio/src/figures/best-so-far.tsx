import type { CandidateView, CurveView } from '../../../src/server/optimization-views.ts';
import { scaleOf } from '../evidence/evidence.tsx';
import { count, score } from '../evidence/numbers.ts';

const width = 720;
const height = 196;
const left = 44;
const floor = 168;

/** Best on validation over the rows that the search has answered, with its band, and every candidate as a mark. */
export function BestSoFar({
  curve,
  candidates,
  selected,
  isLive,
  select,
}: {
  readonly curve: readonly CurveView[];
  readonly candidates: readonly CandidateView[];
  readonly selected: number;
  readonly isLive: boolean;
  select(candidate: number): void;
}) {
  if (curve.length === 0) return <p className="none">No candidate was scored on all of validation yet.</p>;
  const byNumber = new Map(candidates.map((candidate) => [candidate.number, candidate]));
  const bounds = curve.flatMap(({ candidate, mean }) => byNumber.get(candidate)?.interval ?? [mean]);
  const scale = scaleOf(bounds);
  const last = curve.at(-1)?.at ?? 1;
  const end = last * (isLive ? 1.12 : 1.02);
  const x = (at: number) => left + (at / end) * (width - left - 12);
  const y = (value: number) => floor - ((value - scale.low) / (scale.high - scale.low)) * (floor - 14);
  const best = curve.filter(({ isBest }) => isBest);
  const steps = best.map((point, index) => {
    const next = best[index + 1]?.at ?? last;
    const interval = byNumber.get(point.candidate)?.interval;
    return { ...point, from: x(point.at), to: x(next), interval };
  });
  const line = steps
    .map(
      ({ from, to, mean }, index) =>
        `${index === 0 ? 'M' : 'V'}${index === 0 ? `${from} ${y(mean)}` : y(mean)}H${to}`,
    )
    .join('');
  const seed = curve[0];
  const top = best.at(-1);
  const label = `Best on validation: ${score(seed?.mean)} with the seed, ${score(top?.mean)} with candidate ${top?.candidate}, ${count(curve.length)} candidates scored in full`;
  return (
    <svg viewBox={`0 0 ${width} ${height}`} width="100%" role="img" aria-label={label}>
      <title>{label}</title>
      {scale.ticks.map((tick) => (
        <g key={tick}>
          <path d={`M${left} ${y(tick)}H${width - 8}`} className="s-line" />
          <text x={left - 8} y={y(tick) + 4} textAnchor="end">
            {tick.toFixed(2)}
          </text>
        </g>
      ))}
      {steps.map(({ from, to, interval, candidate }) =>
        interval === undefined ? null : (
          <rect
            key={candidate}
            x={from}
            y={y(interval[1])}
            width={Math.max(1, to - from)}
            height={Math.max(1, y(interval[0]) - y(interval[1]))}
            className="f-sunk"
          />
        ),
      )}
      {seed !== undefined && (
        <path d={`M${x(seed.at)} ${y(seed.mean)}H${width - 8}`} className="s-ink4" strokeDasharray="2 3" />
      )}
      <path d={line} className="nf s-ink" strokeWidth={1.8} strokeLinejoin="round" />
      {isLive && <path d={`M${x(last)} 8V${floor}`} className="s-ink4" />}
      {curve.map(({ at, candidate, mean, isBest }) => {
        const isSeed = candidate === 0;
        const isChosen = candidate === selected;
        return (
          // The same candidates are buttons in the list beside the figure.
          // biome-ignore lint/a11y/noStaticElementInteractions: see above
          <g key={`${candidate} ${at}`} onClick={() => select(candidate)} className="pt">
            {isChosen && <circle cx={x(at)} cy={y(mean)} r={8} className="nf s-ink" strokeWidth={1.5} />}
            {isSeed ? (
              <path d={`M${x(at)} ${y(mean) - 5}l5 5-5 5-5-5z`} className="f-ink" />
            ) : (
              <circle
                cx={x(at)}
                cy={y(mean)}
                r={isBest ? 4 : 3.4}
                className={isBest ? 'f-ink' : 'f-sur s-ink3'}
                strokeWidth={1.4}
              />
            )}
          </g>
        );
      })}
      {top !== undefined && top.candidate !== 0 && (
        <text
          x={Math.min(width - 60, Math.max(left + 40, x(top.at)))}
          y={Math.max(12, y(top.mean) - 12)}
          textAnchor="middle"
          className="k"
        >
          c{top.candidate}, {score(top.mean)}
        </text>
      )}
      <path d={`M${left} ${floor}H${width - 8}`} className="s-line2" />
      {[0, 0.25, 0.5, 0.75, 1].map((share) => (
        <text key={share} x={x(end * share)} y={height - 8} textAnchor={share === 1 ? 'end' : 'middle'}>
          {count(Math.round(end * share))}
          {share === 1 ? ' rows' : ''}
        </text>
      ))}
    </svg>
  );
}
