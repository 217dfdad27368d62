import type { Evidence } from '../../../src/server/views.ts';

const marks = {
  improved: 's-st f-st',
  regressed: 's-ru f-ru',
  inconclusive: 's-ink2 f-sur',
  same: 's-ink2 f-sur',
  'not-comparable': 's-ink4 f-sur',
} as const;

/** A difference with its interval, on an axis that several share; the line is zero. */
export function DifferenceWhisker({
  evidence,
  most,
  width = 156,
  height = 36,
}: {
  readonly evidence: Evidence;
  /** The largest bound on the axis. */
  readonly most: number;
  readonly width?: number;
  readonly height?: number;
}) {
  const { difference, interval, state, spoken } = evidence;
  const x = (value: number) => width / 2 + (value / Math.max(1e-6, most)) * (width / 2 - 6);
  const middle = height / 2;
  const stroke = marks[state].split(' ')[0];
  const isDecided = state === 'improved' || state === 'regressed';
  return (
    <svg width={width} height={height} role="img" aria-label={spoken} className="whisker">
      <title>{spoken}</title>
      <path d={`M${width / 2} 0V${height}`} className="s-ink4" />
      {interval !== undefined && difference !== undefined && (
        <>
          <path
            d={`M${x(interval[0])} ${middle}H${x(interval[1])}`}
            className={stroke}
            strokeWidth={isDecided ? 2 : 1.5}
            strokeLinecap="round"
          />
          <circle cx={x(difference)} cy={middle} r={3.6} className={marks[state]} strokeWidth={1.5} />
        </>
      )}
    </svg>
  );
}

/** The largest bound of several differences. */
export function mostOf(all: readonly Evidence[]): number {
  return Math.max(0.02, ...all.flatMap(({ interval = [0, 0] }) => interval.map(Math.abs)));
}
