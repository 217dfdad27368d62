import type {
  ChangedRow,
  OptimizationReport,
  PreferenceTest,
  SealedTest,
} from '../optimizer/driver/report.ts';
import { renderCurve, renderInterval } from './curve-svg.ts';
import { escapeHtml } from './escape-html.ts';
import { frontRows, objectiveTitle } from './front.ts';
import { renderFront } from './front-svg.ts';
import {
  count,
  counted,
  differenceInterval,
  probability,
  score,
  signed,
  testName,
  usageLine,
} from './numbers.ts';
import { parityText } from './parity-text.ts';
import type { ReportView } from './report.ts';
import { reportStyles } from './report-styles.ts';
import { sentence, testedRows } from './tested-rows.ts';
import { valuesText } from './values-text.ts';
import {
  bestLabel,
  isShown,
  preferenceSentence,
  stopLabel,
  verdictMeaning,
  verdictTitle,
} from './verdict.ts';

/**
 * A report as one HTML file: nothing is loaded from anywhere, nothing is executed, and every text of a row or
 * a model is escaped.
 */
export function renderReportAsHtml({ report, bestText, seedText }: ReportView): string {
  const title = `${verdictTitle(report)}: ${report.name}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${reportStyles}</style>
</head>
<body>
<main>
${[
  header(report),
  report.sealedTest === undefined ? '' : proof(report.sealedTest),
  report.preferenceTest === undefined ? '' : preference(report.preferenceTest),
  report.parity === undefined
    ? ''
    : `<section><h2>Parity</h2><p>${escapeHtml(parityText(report.parity))}</p></section>`,
  notices(report),
  prompt(`The ${bestLabel(report.verdict)}`, bestText, true),
  prompt('The seed', seedText, false),
  front(report),
  search(report),
  changedRows('Rows fixed', report.fixed),
  changedRows('Rows broken', report.broken),
  facts(report),
]
  .filter((section) => section !== '')
  .join('\n')}
</main>
</body>
</html>
`;
}

function header(report: OptimizationReport): string {
  const kind = isShown(report.verdict) ? 'good' : 'neutral';
  return `<header>
<p class="context">${escapeHtml(`${report.name} · ${report.optimizer.name} · ${report.model}`)}</p>
<h1 class="${kind}">${verdictTitle(report)}</h1>
<p class="meaning">${escapeHtml(verdictMeaning(report))}</p>
</header>`;
}

function proof(test: SealedTest): string {
  const controls = test.controls.map(({ name, mean }) => figure(escapeHtml(sentence(name)), score(mean)));
  const note = test.note === undefined ? '' : `<p class="note">${escapeHtml(test.note)}</p>`;
  return `<section>
<h2>Sealed test</h2>
<div class="figures">
${figure('Seed', score(test.seed))}
${controls.join('\n')}
${figure('Winner', score(test.winner))}
${figure('Difference', signed(test.difference))}
</div>
${renderInterval(test.difference, test.interval)}
<p>95 % interval of the paired difference ${differenceInterval(test.interval)}; ${escapeHtml(probability(test.pValue))} (${testName(test.test)}, two-sided); ${testedRows(test)}.</p>
${note}
</section>`;
}

function preference(test: PreferenceTest): string {
  return `<section>
<h2>Comparison</h2>
<div class="figures">
${figure('Seed preferred', count(test.seed))}
${figure('Winner preferred', count(test.winner))}
${figure('Neither', count(test.ties))}
</div>
<p>${escapeHtml(preferenceSentence(test))}; ${escapeHtml(probability(test.pValue))} (sign test, two-sided). Preferred is not more accurate: no answer was compared with a right one.</p>
</section>`;
}

function figure(label: string, value: string): string {
  return `<div class="figure"><span class="value">${value}</span><span class="name">${label}</span></div>`;
}

function notices({ notices: all }: OptimizationReport): string {
  if (all.length === 0) return '';
  return `<section><h2>Notes</h2><ul>${all.map((notice) => `<li>${escapeHtml(notice)}</li>`).join('')}</ul></section>`;
}

function prompt(title: string, text: string, open: boolean): string {
  return `<section><details${open ? ' open' : ''}><summary><h2>${title}</h2></summary><pre>${escapeHtml(text.trimEnd())}</pre></details></section>`;
}

function front(report: OptimizationReport): string {
  const rows = frontRows(report);
  if (rows === undefined || rows.length === 0) return '';
  const titles = report.objectives.map(
    (each) => `<th class="number">${escapeHtml(objectiveTitle(each))}</th>`,
  );
  const lines = rows.map(
    ({ values, hash, marks }) =>
      `<tr>${values.map((value) => `<td class="number">${escapeHtml(value)}</td>`).join('')}<td><code>${escapeHtml(hash)}</code></td><td>${marks.join(', ')}</td></tr>`,
  );
  return `<section>
<h2>The front</h2>
<p>No other candidate is better on one of these without being worse on another. Means of a row on validation.</p>
${renderFront(report)}
<div class="scroll"><table><thead><tr>${titles.join('')}<th>Candidate</th><th></th></tr></thead><tbody>${lines.join('')}</tbody></table></div>
</section>`;
}

function search(report: OptimizationReport): string {
  const ranked = [...report.candidates].sort(
    (a, b) => Number(a.eliminated) - Number(b.eliminated) || (b.mean ?? -1) - (a.mean ?? -1),
  );
  const rows = ranked.map(
    ({ mean, rows: scored, origin, hash, eliminated }) =>
      `<tr><td class="number">${score(mean)}</td><td class="number">${count(scored)}</td><td>${escapeHtml(origin)}</td><td><code>${escapeHtml(hash)}</code></td><td>${eliminated ? 'dropped early' : ''}</td></tr>`,
  );
  return `<section>
<h2>Search</h2>
<p>Validation ${score(report.validation.seed)} → ${score(report.validation.winner)} on ${counted(report.validation.rows, 'row')}. These scores selected, so the best of many looks too good; only the sealed test proves. The search ended because ${stopLabel(report)}.</p>
${renderCurve(report.curve)}
<p class="legend"><span class="dot"></span> candidate <span class="line"></span> best so far, on all of validation</p>
<details><summary>${counted(report.candidates.length, 'candidate')}</summary>
<div class="scroll"><table><thead><tr><th class="number">Mean</th><th class="number">Rows</th><th>From</th><th>Candidate</th><th></th></tr></thead><tbody>${rows.join('')}</tbody></table></div>
</details>
</section>`;
}

function changedRows(title: string, changed: readonly ChangedRow[]): string {
  if (changed.length === 0) return '';
  const rows = changed.map(
    ({ exampleId, inputs, expected, seed, winner }) =>
      `<tr><td class="inputs">${escapeHtml(valuesText(inputs))}<span class="row-id">${escapeHtml(exampleId)}</span></td><td>${escapeHtml(valuesText(expected))}</td><td>${answer(seed)}</td><td>${answer(winner)}</td></tr>`,
  );
  return `<section><details open><summary><h2>${title} (${count(changed.length)})</h2></summary>
<div class="scroll"><table class="rows"><thead><tr><th class="inputs">Inputs</th><th>Expected</th><th>Seed</th><th>Winner</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>
</details></section>`;
}

/** What came out; why not, where nothing could be read. */
function answer({ outputs, feedback }: ChangedRow['seed']): string {
  if (outputs !== undefined) return escapeHtml(valuesText(outputs));
  return `<span class="feedback">${escapeHtml(feedback ?? 'no answer')}</span>`;
}

function facts(report: OptimizationReport): string {
  const { rows, usage } = report;
  const entries: readonly (readonly [string, string])[] = [
    ['Run', report.runId],
    ['Model', report.model],
    ['Optimizer', `${report.optimizer.name}, version ${report.optimizer.version}`],
    ['Random seed', String(report.randomSeed)],
    [
      'Rows',
      `${count(rows.train)} train, ${count(rows.validation)} validation, ${count(rows.test)} sealed test`,
    ],
    ['Answers', usageLine(usage)],
    ['Seed', report.seed.hash],
    ['Best candidate', report.best.hash],
  ];
  return `<section><h2>Run</h2><dl>${entries.map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`).join('')}</dl></section>`;
}
