import type { ComparedPair } from '../../../src/server/compare-views.ts';
import type { Evidence } from '../../../src/server/views.ts';
import { count, points } from '../evidence/numbers.ts';

const width = 396;
const height = 118;
const floor = 78;
const margin = 0.01;
const tones = {
  improved: { line: 's-st', fill: 'f-stT', mark: 'f-st' },
  regressed: { line: 's-ru', fill: 'f-ruT', mark: 'f-ru' },
  inconclusive: { line: 's-ink2', fill: 'f-sunk', mark: 'f-sur s-ink2' },
  same: { line: 's-ink2', fill: 'f-sunk', mark: 'f-sur s-ink2' },
  'not-comparable': { line: 's-ink4', fill: 'f-sunk', mark: 'f-sur s-ink4' },
} as const;

/** How often each difference comes out when the paired rows are drawn again, with the interval and the zero line. */
export function DifferencePlot({
  curve,
  evidence,
}: {
  readonly curve: ComparedPair['curve'];
  readonly evidence: Evidence;
}) {
  const { difference, interval, state, rows } = evidence;
  if (difference === undefined || interval === undefined) return null;
  const ends = [0, -margin, margin, ...interval, curve?.at[0] ?? 0, curve?.at.at(-1) ?? 0];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const x = (value: number) => 8 + ((value - low) / Math.max(1e-6, high - low)) * (width - 16);
  const y = (share: number) => floor - share * 62;
  const step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5].find((size) => (high - low) / size <= 5) ?? 1;
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + 1e-9; tick += step)
    ticks.push(Number(tick.toFixed(4)));
  const tone = tones[state];
  const outline = curve?.at.map(
    (at, index) => `${x(at).toFixed(1)},${y(curve.heights[index] ?? 0).toFixed(1)}`,
  );
  const label = `Difference ${points(difference)} points, 95% interval ${points(interval[0])} to ${points(interval[1])}`;
  return (
    <figure className="dens">
      <svg
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={label}
        className="whisker"
      >
        <title>{label}</title>
        <rect x={x(-margin)} y={14} width={x(margin) - x(-margin)} height={floor - 14} fill="url(#hatch)" />
        <path d={`M4 ${floor}H${width - 4}`} className="s-line2" />
        {outline !== undefined && (
          <>
            <polygon
              points={`${x(curve?.at[0] ?? 0)},${floor} ${outline.join(' ')} ${x(curve?.at.at(-1) ?? 0)},${floor}`}
              className={tone.fill}
            />
            <polyline points={outline.join(' ')} className={`nf ${tone.line}`} strokeWidth={1.5} />
          </>
        )}
        <path d={`M${x(0)} 10V${floor + 4}`} className="s-ink2" strokeWidth={1.2} />
        <path
          d={`M${x(interval[0])} ${floor + 9}H${x(interval[1])}`}
          className={tone.line}
          strokeWidth={2.5}
          strokeLinecap="round"
        />
        <circle cx={x(difference)} cy={floor + 9} r={4} className={tone.mark} strokeWidth={1.5} />
        {ticks.map((tick) => (
          <text key={tick} x={x(tick)} y={height - 10} textAnchor="middle">
            {points(tick).replace('.0', '')}
          </text>
        ))}
      </svg>
      <figcaption className="sm mute cap">
        {curve === undefined
          ? `${count(rows)} paired rows, too few or too alike for a curve.`
          : curve.resamples === 0
            ? 'Normal curve of the paired rows.'
            : `${count(curve.resamples)} resamples of the paired rows.`}{' '}
        Hatched: no change of consequence.
      </figcaption>
    </figure>
  );
}
