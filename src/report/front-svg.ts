import type { OptimizationReport } from '../optimizer/driver/report.ts';
import { escapeHtml } from './escape-html.ts';
import { objectiveText, objectiveTitle } from './front.ts';

const width = 720;
const height = 260;
const margin = { top: 16, right: 72, bottom: 40, left: 72 };

/** The front as a picture: the first objective upwards, the second to the right, steps between the candidates. */
export function renderFront({ front = [], knee, best, objectives }: OptimizationReport): string {
  const [first, second] = objectives;
  if (first === undefined || second === undefined || front.length === 0) return '';
  const points = front
    .map(({ hash, objectives: values }) => ({
      hash,
      across: values[second.name] ?? 0,
      up: values[first.name] ?? 0,
    }))
    .sort((a, b) => a.across - b.across || a.up - b.up);
  const x = scale(
    points.map(({ across }) => across),
    [margin.left, width - margin.right],
  );
  const y = scale(
    points.map(({ up }) => up),
    [height - margin.bottom, margin.top],
  );
  const ends = [points[0], points.at(-1)].filter((point) => point !== undefined);
  return [
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Candidates that no other one beats on both objectives">`,
    `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${height - margin.bottom}" y2="${height - margin.bottom}"/>`,
    ...ends.map(
      ({ across }) =>
        `<text class="axis" x="${x(across)}" y="${height - margin.bottom + 16}" text-anchor="middle">${escapeHtml(objectiveText(second.name, across))}</text>`,
    ),
    ...[...new Set(points.map(({ up }) => up))].map(
      (up) =>
        `<text class="axis" x="${margin.left - 12}" y="${y(up) + 4}" text-anchor="end">${escapeHtml(objectiveText(first.name, up))}</text>`,
    ),
    `<text class="axis" x="${width / 2}" y="${height - 4}" text-anchor="middle">${escapeHtml(objectiveTitle(second))}</text>`,
    `<path class="best" d="${points.map(({ across, up }, index) => (index === 0 ? `M${x(across)} ${y(up)}` : `H${x(across)}V${y(up)}`)).join('')}"/>`,
    ...points.map(
      ({ hash, across, up }) =>
        `<circle class="${hash === best.hash ? 'difference' : 'candidate'}" cx="${x(across)}" cy="${y(up)}" r="5"><title>${escapeHtml(`${hash.slice(0, 8)}: ${objectiveText(first.name, up)}, ${objectiveText(second.name, across)}`)}</title></circle>`,
    ),
    ...points
      .filter(({ hash }) => hash === knee)
      .map(({ across, up }) => `<text class="label" x="${x(across) + 8}" y="${y(up) + 16}">knee</text>`),
    '</svg>',
  ].join('\n');
}

/** Places values between two ends; one value alone lies in the middle. */
function scale(values: readonly number[], [from, to]: readonly [number, number]): (value: number) => number {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return (value) =>
    Math.round(10 * (low === high ? (from + to) / 2 : from + ((value - low) / (high - low)) * (to - from))) /
    10;
}
