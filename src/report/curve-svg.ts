import type { CurvePoint } from '../optimizer/driver/report.ts';
import { count, score } from './numbers.ts';

const width = 720;
const height = 240;
const margin = { top: 16, right: 56, bottom: 36, left: 44 };

/** The search as a picture: every candidate a dot, the best so far a line of steps. */
export function renderCurve(curve: readonly CurvePoint[]): string {
  if (curve.length === 0) return '';
  const mostRows = Math.max(1, ...curve.map(({ rows }) => rows));
  const x = (rows: number) => margin.left + (rows / mostRows) * (width - margin.left - margin.right);
  const y = (mean: number) => height - margin.bottom - mean * (height - margin.top - margin.bottom);
  const last = curve.at(-1);
  return [
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Mean score of the candidates over row evaluations">`,
    ...[0, 0.25, 0.5, 0.75, 1].map((mean) => gridLine(y(mean), score(mean))),
    ...[0, mostRows].map(
      (rows) =>
        `<text class="axis" x="${x(rows)}" y="${height - margin.bottom + 16}" text-anchor="middle">${count(rows)}</text>`,
    ),
    `<text class="axis" x="${(margin.left + width - margin.right) / 2}" y="${height - 4}" text-anchor="middle">row evaluations</text>`,
    ...curve.map(
      ({ rows, mean }) =>
        `<circle class="candidate" cx="${round(x(rows))}" cy="${round(y(mean))}" r="3"><title>${score(mean)} after ${count(rows)} row evaluations</title></circle>`,
    ),
    `<path class="best" d="${steps(curve, x, y)}"/>`,
    last === undefined
      ? ''
      : `<text class="label" x="${round(x(last.rows)) + 6}" y="${round(y(last.best)) + 4}">${score(last.best)}</text>`,
    '</svg>',
  ].join('\n');
}

/** The difference with its interval on a line with zero marked. */
export function renderInterval(difference: number, [low, high]: readonly [number, number]): string {
  const reach = Math.max(0.1, Math.abs(low), Math.abs(high)) * 1.15;
  const x = (value: number) => round(width / 2 + (value / reach) * (width / 2 - 24));
  return [
    `<svg viewBox="0 0 ${width} 56" role="img" aria-label="Difference ${difference.toFixed(2)}, 95 % interval ${low.toFixed(2)} to ${high.toFixed(2)}">`,
    `<line class="grid" x1="0" x2="${width}" y1="24" y2="24"/>`,
    `<line class="zero" x1="${x(0)}" x2="${x(0)}" y1="8" y2="40"/>`,
    `<text class="axis" x="${x(0)}" y="53" text-anchor="middle">no difference</text>`,
    `<line class="interval" x1="${x(low)}" x2="${x(high)}" y1="24" y2="24"/>`,
    `<circle class="difference" cx="${x(difference)}" cy="24" r="6"/>`,
    '</svg>',
  ].join('\n');
}

function gridLine(y: number, label: string): string {
  return `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${round(y)}" y2="${round(y)}"/><text class="axis" x="${margin.left - 8}" y="${round(y) + 4}" text-anchor="end">${label}</text>`;
}

function steps(
  curve: readonly CurvePoint[],
  x: (rows: number) => number,
  y: (mean: number) => number,
): string {
  return curve
    .map(({ rows, best }, index) => {
      const [atX, atY] = [round(x(rows)), round(y(best))];
      return index === 0 ? `M${atX} ${atY}` : `H${atX}V${atY}`;
    })
    .join('');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
