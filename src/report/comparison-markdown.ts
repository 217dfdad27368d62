import type { ExperimentComparison } from '../experiment/experiment.ts';
import { formatDiff } from '../prompt/diff.ts';
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
import { count, differenceInterval, oneLine, score, signed } from './numbers.ts';
import { fenced, markdownText, tableText } from './report-markdown.ts';
import { valuesText } from './values-text.ts';

/** A comparison as Markdown, fit for a pull request: the prompt first, then figures, then rows. */
export function renderComparisonAsMarkdown(view: ComparisonView): string {
  const { comparison } = view;
  const { baseline, challenger, counts } = comparison;
  const sections = [
    `# ${tableText(challenger.name, 80)}: ${verdictWords(comparison.scores[0]?.verdict ?? 'incomplete')}`,
    comparisonSentence(comparison),
    promptSection(comparison),
    figuresTable(comparison),
    `Rows: ${countsText(counts)}.`,
    comparisonNotes(comparison)
      .map((note) => `> ${markdownText(note.replace(/\s+/g, ' '))}`)
      .join('\n>\n'),
    slicesTable(comparison),
    rowsTable(view),
    `Baseline \`${baseline.id}\`, challenger \`${challenger.id}\`; rows \`${baseline.snapshot.dataset.version}\` and \`${challenger.snapshot.dataset.version}\`.`,
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

export function promptSection({ prompt }: ExperimentComparison): string {
  if (prompt === undefined) return 'The prompts were not kept, so their difference is not shown.';
  if (prompt.length === 0) return 'The prompt is the same.';
  return `## Prompt\n\n${fenced(formatDiff(prompt), 'diff')}`;
}

export function figuresTable({ scores, deltas }: ExperimentComparison): string {
  const lines = [
    '| | Baseline | Challenger | Difference | 95 % interval | p | |',
    '| --- | ---: | ---: | ---: | --- | --- | --- |',
    ...scores.map((each) => {
      const { comparison, name, verdict } = each;
      const figures =
        comparison === undefined
          ? ['–', '–', '–', '–']
          : [
              score(comparison.seedMean),
              score(comparison.winnerMean),
              `**${signed(comparison.difference)}**`,
              differenceInterval(comparison.interval),
            ];
      return `| ${[tableText(name, 60), ...figures, pText(each), verdictWords(verdict)].join(' | ')} |`;
    }),
    ...deltas.map(
      (delta) =>
        `| ${delta.name} an answer | ${deltaText(delta, delta.baseline)} | ${deltaText(delta, delta.challenger)} | ${deltaText(delta, delta.difference, true)} | ${deltaInterval(delta)} | | |`,
    ),
  ];
  return lines.join('\n');
}

function slicesTable({ slices }: ExperimentComparison): string {
  if (slices === undefined || slices.length === 0) return '';
  const lines = slices.map(
    ({ slice, rows, baseline, challenger, difference, interval }) =>
      `| ${tableText(slice, 60)} | ${count(rows)} | ${score(baseline)} | ${score(challenger)} | ${signed(difference)} | ${differenceInterval(interval)} |`,
  );
  return `## Slices\n\nEach interval is of its slice alone: of many slices one is bound to look different.\n\n| | Rows | Baseline | Challenger | Difference | 95 % interval |\n| --- | ---: | ---: | ---: | ---: | --- |\n${lines.join('\n')}`;
}

function rowsTable({ shown, selected }: ComparisonView): string {
  if (shown.length === 0) return '';
  const more = selected > shown.length ? `\n\n… and ${count(selected - shown.length)} more.` : '';
  return `## Rows\n\n${rowLines(shown)}${more}`;
}

export function rowLines(shown: readonly ShownRow[]): string {
  const lines = shown.map(({ row, baseline, challenger }) => {
    const inputs = challenger?.inputs ?? baseline?.inputs;
    const expected = challenger?.expected ?? baseline?.expected;
    return `| ${[
      tableText(row.id, 40),
      row.flip ?? row.change,
      row.delta === undefined ? '–' : signed(row.delta),
      tableText(valuesText(inputs), 100),
      tableText(valuesText(expected), 40),
      tableText(valuesText(baseline?.outputs), 40),
      tableText(valuesText(challenger?.outputs), 40),
    ].join(' | ')} |`;
  });
  return `| Row | | Difference | Inputs | Expected | Baseline | Challenger |\n| --- | --- | ---: | --- | --- | --- | --- |\n${lines.join('\n')}`;
}

/** Why the challenger's answer scored as it did, in one line. */
export function reasonOf({ challenger }: ShownRow): string {
  return oneLine(challenger?.feedback ?? '', 200);
}
