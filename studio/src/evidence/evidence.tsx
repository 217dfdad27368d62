import type { Bounds, Evidence } from '../../../src/server/views.ts';
import { Icon } from '../shell/icon.tsx';
import { pointRange, points, score } from './numbers.ts';

const chips = { improved: 'up', regressed: 'dn', inconclusive: 'in', same: 'eq' } as const;
const marks = {
  improved: 's-st f-st',
  regressed: 's-ru f-ru',
  inconclusive: 's-ink2 f-sur',
  same: 's-ink2 f-sur',
  'not-comparable': 's-ink4 f-sur',
} as const;

/** The evidence state with its number; a share, such as a cost, is told in percent. */
export function DeltaChip({
  evidence,
  as = 'points',
}: {
  readonly evidence: Evidence;
  readonly as?: 'points' | 'percent';
}) {
  const { state, difference, reason, spoken } = evidence;
  if (state === 'not-comparable') {
    return (
      <span className="wn" title={spoken}>
        <Icon name="warn" small /> {reason}
      </span>
    );
  }
  const chip = chips[state];
  const text = difference === undefined ? '–' : as === 'percent' ? percent(difference) : points(difference);
  return (
    <span className={`d ${chip}`} title={spoken}>
      <svg aria-hidden="true">
        <use href={`#${chip}`} />
      </svg>
      {text}
      <span className="sr"> {spoken}</span>
    </span>
  );
}

export function DeltaRange({ evidence }: { readonly evidence: Evidence }) {
  const { interval, state } = evidence;
  if (interval === undefined || state === 'not-comparable') return null;
  return <span className="ivl n">{pointRange(interval)}</span>;
}

export function percent(value: number): string {
  const text = Math.abs(value * 100).toFixed(0);
  return `${text === '0' ? '' : value < 0 ? '−' : '+'}${text}%`;
}

export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

/** A scale that holds all of these, with a few round ticks. */
export function scaleOf(values: readonly number[], { least = 0, most = 1 } = {}): Scale {
  const low = Math.max(least, Math.min(...values) - 0.02);
  const high = Math.min(most, Math.max(...values) + 0.02);
  const span = Math.max(0.05, high - low);
  const step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5].find((size) => span / size <= 4.5) ?? 0.5;
  const first = Math.ceil(low / step - 1e-9) * step;
  const ticks: number[] = [];
  for (let tick = first; tick <= low + span + 1e-9; tick += step) ticks.push(Number(tick.toFixed(4)));
  return { low, high: low + span, ticks };
}

interface WhiskerProps {
  readonly mean: number;
  readonly interval: Bounds;
  readonly scale: Scale;
  readonly width?: number;
  readonly height?: number;
  readonly state?: Evidence['state'] | 'baseline' | undefined;
  /** The line that runs through all rows. */
  readonly baseline?: number | undefined;
  readonly hasTicks?: boolean;
  readonly label?: string;
}

/** Dot and 95 % whisker on the axis that a group shares, so that a column reads as a forest plot. */
export function Whisker({
  mean,
  interval,
  scale,
  width = 204,
  height = 42,
  state = 'inconclusive',
  baseline,
  hasTicks = true,
  label,
}: WhiskerProps) {
  const x = (value: number) => 4 + ((value - scale.low) / (scale.high - scale.low)) * (width - 8);
  const middle = height / 2;
  const isBaseline = state === 'baseline';
  const mark = isBaseline ? 's-ink f-ink' : marks[state];
  const stroke = mark.split(' ')[0];
  const isDecided = state === 'improved' || state === 'regressed' || isBaseline;
  const told = label ?? `${score(mean)}, 95% interval ${score(interval[0])} to ${score(interval[1])}`;
  return (
    <svg width={width} height={height} role="img" aria-label={told} className="whisker">
      <title>{told}</title>
      {hasTicks &&
        scale.ticks.map((tick) => <path key={tick} d={`M${x(tick)} 0V${height}`} className="s-line" />)}
      {baseline !== undefined && (
        <path d={`M${x(baseline)} 0V${height}`} className="s-ink3" strokeDasharray="2 3" />
      )}
      <path
        d={`M${x(interval[0])} ${middle}H${x(interval[1])}`}
        className={stroke}
        strokeWidth={isDecided ? 2 : 1.5}
        strokeLinecap="round"
        strokeDasharray={state === 'not-comparable' ? '3 4' : undefined}
      />
      {isBaseline ? (
        <path d={`M${x(mean)} ${middle - 5}l5 5-5 5-5-5z`} className="f-ink" />
      ) : (
        <circle cx={x(mean)} cy={middle} r={3.6} className={mark} strokeWidth={1.5} />
      )}
    </svg>
  );
}

/** The numbers of a scale, above the rows that share it. */
export function Axis({ scale, width = 204 }: { readonly scale: Scale; readonly width?: number }) {
  const x = (value: number) => 4 + ((value - scale.low) / (scale.high - scale.low)) * (width - 8);
  return (
    <svg width={width} height={40} className="whisker" aria-hidden="true">
      {scale.ticks.map((tick) => (
        <g key={tick}>
          <text x={x(tick)} y={29} textAnchor="middle">
            {tick.toFixed(2)}
          </text>
          <path d={`M${x(tick)} 35V40`} className="s-line2" />
        </g>
      ))}
    </svg>
  );
}
