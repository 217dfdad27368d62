import type { ExperimentComparison } from '../experiment/experiment.ts';
import {
  type ComparisonView,
  comparisonNotes,
  comparisonSentence,
  countsText,
  deltaInterval,
  deltaText,
  pText,
  type ShownRow,
  verdictWords,
} from './comparison.ts';
import { escapeHtml } from './escape-html.ts';
import { count, differenceInterval, score, signed } from './numbers.ts';
import { reportStyles } from './report-styles.ts';
import { valuesText } from './values-text.ts';

/** Comparisons as one HTML file: nothing is loaded, nothing is executed, every text of a row is escaped. */
export function renderComparisonAsHtml(views: readonly ComparisonView[]): string {
  const [first] = views;
  const title = `Comparison: ${first?.comparison.challenger.name ?? ''}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${reportStyles}
.added { color: var(--good); }
.removed { text-decoration: line-through; color: var(--quiet); }
</style>
</head>
<body>
<main>
${views.map(section).join('\n')}
</main>
</body>
</html>
`;
}

function section(view: ComparisonView): string {
  const { comparison } = view;
  const { baseline, challenger, scores, counts } = comparison;
  const verdict = scores[0]?.verdict ?? 'incomplete';
  return `<header>
<p class="context">${escapeHtml(`${baseline.id} → ${challenger.id} · ${challenger.snapshot.models.task ?? ''}`)}</p>
<h1 class="${verdict === 'improved' ? 'good' : 'neutral'}">${escapeHtml(`${challenger.name}: ${verdictWords(verdict)}`)}</h1>
<p class="meaning">${escapeHtml(comparisonSentence(comparison))}</p>
</header>
<section><h2>Prompt</h2>${promptHtml(comparison)}</section>
<section><h2>Figures</h2>${figures(comparison)}<p>${escapeHtml(`Rows: ${countsText(counts)}.`)}</p>
${comparisonNotes(comparison)
  .map((note) => `<p class="note">${escapeHtml(note)}</p>`)
  .join('\n')}</section>
${slices(comparison)}
${rows(view)}`;
}

function promptHtml({ prompt }: ExperimentComparison): string {
  if (prompt === undefined)
    return '<p class="note">The prompts were not kept, so their difference is not shown.</p>';
  if (prompt.length === 0) return '<p>The prompt is the same.</p>';
  const marks = { same: '  ', removed: '- ', added: '+ ' } as const;
  return prompt
    .map(
      ({ name, lines }) =>
        `<p class="name">${escapeHtml(name)}</p><pre>${lines
          .map(({ kind, text }) => `<span class="${kind}">${escapeHtml(`${marks[kind]}${text}`)}</span>`)
          .join('\n')}</pre>`,
    )
    .join('\n');
}

function figures({ scores, deltas }: ExperimentComparison): string {
  const cells = (values: readonly string[]) =>
    `<tr>${values.map((value) => `<td>${escapeHtml(value)}</td>`).join('')}</tr>`;
  const lines = [
    ...scores.map((each) => {
      const { comparison, name, verdict } = each;
      return cells([
        name,
        score(comparison?.seedMean),
        score(comparison?.winnerMean),
        comparison === undefined ? '–' : signed(comparison.difference),
        comparison === undefined ? '–' : differenceInterval(comparison.interval),
        pText(each),
        verdictWords(verdict),
      ]);
    }),
    ...deltas.map((delta) =>
      cells([
        `${delta.name} an answer`,
        deltaText(delta, delta.baseline),
        deltaText(delta, delta.challenger),
        deltaText(delta, delta.difference, true),
        deltaInterval(delta),
        '',
        '',
      ]),
    ),
  ];
  return `<div class="scroll"><table><tr><th></th><th>Baseline</th><th>Challenger</th><th>Difference</th><th>95 % interval</th><th>p</th><th></th></tr>${lines.join('\n')}</table></div>`;
}

function slices({ slices: of }: ExperimentComparison): string {
  if (of === undefined || of.length === 0) return '';
  const lines = of.map(
    ({ slice, rows: size, baseline, challenger, difference, interval }) =>
      `<tr><td>${escapeHtml(slice)}</td><td>${count(size)}</td><td>${score(baseline)}</td><td>${score(challenger)}</td><td>${signed(difference)}</td><td>${differenceInterval(interval)}</td></tr>`,
  );
  return `<section><h2>Slices</h2><p class="note">Each interval is of its slice alone: of many slices one is bound to look different.</p><div class="scroll"><table><tr><th></th><th>Rows</th><th>Baseline</th><th>Challenger</th><th>Difference</th><th>95 % interval</th></tr>${lines.join('\n')}</table></div></section>`;
}

function rows({ shown, selected }: ComparisonView): string {
  if (shown.length === 0) return '';
  const more =
    selected > shown.length ? `<p class="note">… and ${count(selected - shown.length)} more.</p>` : '';
  return `<section><h2>Rows</h2><div class="scroll"><table class="rows"><tr><th>Row</th><th class="inputs">Inputs</th><th>Expected</th><th>Baseline</th><th>Challenger</th></tr>${shown.map(rowHtml).join('\n')}</table></div>${more}</section>`;
}

function rowHtml({ row, baseline, challenger }: ShownRow): string {
  const text = (values: Parameters<typeof valuesText>[0]) => escapeHtml(valuesText(values));
  const delta = row.delta === undefined ? row.change : `${row.flip ?? row.change} ${signed(row.delta)}`;
  const feedback =
    challenger?.feedback === undefined
      ? ''
      : `<span class="feedback">${escapeHtml(challenger.feedback)}</span>`;
  return `<tr><td>${escapeHtml(delta)}<span class="row-id">${escapeHtml(row.id)}</span></td><td class="inputs">${text(challenger?.inputs ?? baseline?.inputs)}</td><td>${text(challenger?.expected ?? baseline?.expected)}</td><td>${text(baseline?.outputs)}</td><td>${text(challenger?.outputs)}${feedback}</td></tr>`;
}
