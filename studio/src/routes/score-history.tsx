import type { RunLine } from '../../../src/server/views.ts';
import { score } from '../evidence/numbers.ts';

const width = 146;
const height = 28;

/** The main score of a task over its runs with its band; a pin at the baseline. */
export function ScoreHistory({
  runs,
  baseline,
}: {
  readonly runs: readonly RunLine[];
  readonly baseline: string | undefined;
}) {
  const points = runs.flatMap(({ id, score: mean, interval }) =>
    mean === undefined ? [] : [{ id, mean, interval: interval ?? [mean, mean] }],
  );
  if (points.length < 2) return <span />;
  const low = Math.min(...points.map(({ interval }) => interval[0]));
  const high = Math.max(...points.map(({ interval }) => interval[1]));
  const x = (index: number) => 4 + (index / (points.length - 1)) * (width - 8);
  const y = (value: number) => height - 3 - ((value - low) / Math.max(1e-9, high - low)) * (height - 6);
  const upper = points.map(({ interval }, index) => `${x(index)},${y(interval[1])}`);
  const lower = points.map(({ interval }, index) => `${x(index)},${y(interval[0])}`).reverse();
  const last = points.at(-1);
  const label = `${points.length} runs, the latest ${score(last?.mean)}`;
  return (
    <svg width={width} height={height} role="img" aria-label={label} className="whisker">
      <title>{label}</title>
      <polygon points={[...upper, ...lower].join(' ')} className="f-sunk" />
      <polyline
        points={points.map(({ mean }, index) => `${x(index)},${y(mean)}`).join(' ')}
        className="nf s-ink3"
        strokeWidth={1.3}
        strokeLinejoin="round"
      />
      {points.map(({ id, mean }, index) =>
        id === baseline ? (
          <path key={id} d={`M${x(index)} ${y(mean) - 4}l4 4-4 4-4-4z`} className="f-ink" />
        ) : null,
      )}
      {last !== undefined && last.id !== baseline && (
        <circle cx={x(points.length - 1)} cy={y(last.mean)} r={2.8} className="f-ink2" />
      )}
    </svg>
  );
}
