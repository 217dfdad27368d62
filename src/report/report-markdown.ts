import type { ChangedRow, OptimizationReport, SealedTest } from '../optimizer/driver/report.ts';
import { frontRows, objectiveTitle } from './front.ts';
import {
  count,
  counted,
  differenceInterval,
  oneLine,
  probability,
  score,
  signed,
  testName,
  usageLine,
} from './numbers.ts';
import { parityText } from './parity-text.ts';
import type { ReportView } from './report.ts';
import { sentence, testedRows } from './tested-rows.ts';
import { valuesText } from './values-text.ts';
import { bestLabel, preferenceSentence, stopLabel, verdictMeaning, verdictTitle } from './verdict.ts';

const shownRows = 20;

/** A report as Markdown, fit for a pull request. */
export function renderReportAsMarkdown({ report, bestText, isPrompt }: ReportView): string {
  const sections = [
    `# ${verdictTitle(report)}: ${markdownText(report.name)}`,
    verdictMeaning(report),
    report.sealedTest === undefined ? '' : sealedTestTable(report.sealedTest),
    report.preferenceTest === undefined
      ? ''
      : `${preferenceSentence(report.preferenceTest)}; ${probability(report.preferenceTest.pValue)} (sign test, two-sided).`,
    report.parity === undefined ? '' : markdownText(parityText(report.parity)),
    figures(report),
    report.notices.length === 0
      ? ''
      : report.notices.map((notice) => `> ${markdownText(notice)}`).join('\n>\n'),
    `## The ${bestLabel(report.verdict)}\n\n${fenced(bestText, isPrompt ? 'markdown' : 'json')}`,
    frontTable(report),
    candidatesTable(report),
    changedRows('Rows fixed', report.fixed),
    changedRows('Rows broken', report.broken),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function sealedTestTable(test: SealedTest): string {
  const cells = [
    ['Sealed test', 'Score'],
    ['---', '---'],
    ['Seed', score(test.seed)],
    ...test.controls.map(({ name, mean }) => [markdownText(sentence(name)), score(mean)]),
    ['Winner', `**${score(test.winner)}**`],
    ['Difference', `**${signed(test.difference)}** (95 % interval ${differenceInterval(test.interval)})`],
    ['Two-sided test', `${probability(test.pValue)} (${testName(test.test)})`],
    ['Rows', testedRows(test)],
  ];
  const note = test.note === undefined ? '' : `\n\n> ${markdownText(test.note)}`;
  return cells.map((row) => `| ${row.join(' | ')} |`).join('\n') + note;
}

function figures(report: OptimizationReport): string {
  const { rows, validation, optimizer } = report;
  return [
    `- Optimizer: ${optimizer.name} (seed ${report.randomSeed}), ended because ${stopLabel(report)}`,
    `- Model: ${markdownText(report.model)}`,
    `- Rows: ${count(rows.train)} train, ${count(rows.validation)} validation, ${count(rows.test)} sealed test`,
    `- Validation: ${score(validation.seed)} → ${score(validation.winner)} on ${counted(validation.rows, 'row')} (selection scores: the best of many looks too good)`,
    `- Answers: ${usageLine(report.usage)}`,
    `- Run: \`${report.runId}\``,
  ].join('\n');
}

function frontTable(report: OptimizationReport): string {
  const rows = frontRows(report);
  if (rows === undefined || rows.length === 0) return '';
  const titles = [...report.objectives.map((each) => markdownText(objectiveTitle(each))), 'Candidate', ''];
  const lines = [
    titles,
    [...report.objectives.map(() => '---:'), '---', '---'],
    ...rows.map(({ values, hash, marks }) => [...values, `\`${hash}\``, marks.join(', ')]),
  ];
  return `## The front\n\nNo other candidate is better on one of these without being worse on another; means of a row on validation.\n\n${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}`;
}

function candidatesTable({ candidates }: OptimizationReport): string {
  if (candidates.length === 0) return '';
  const ranked = [...candidates].sort(
    (a, b) => Number(a.eliminated) - Number(b.eliminated) || (b.mean ?? -1) - (a.mean ?? -1),
  );
  const rows = ranked
    .slice(0, shownRows)
    .map(
      ({ mean, rows: scored, origin, hash, eliminated }) =>
        `| ${score(mean)} | ${count(scored)} | ${tableText(origin, 80)} | \`${hash}\` | ${eliminated ? 'dropped early' : ''} |`,
    );
  const more = ranked.length > shownRows ? `\n\n… and ${count(ranked.length - shownRows)} more.` : '';
  return `## Candidates\n\n| Mean | Rows | From | Candidate | |\n| ---: | ---: | --- | --- | --- |\n${rows.join('\n')}${more}`;
}

function changedRows(title: string, changed: readonly ChangedRow[]): string {
  if (changed.length === 0) return '';
  const rows = changed
    .slice(0, shownRows)
    .map(
      ({ exampleId, inputs, expected, seed, winner }) =>
        `| ${tableText(exampleId, 20)} | ${tableText(valuesText(inputs), 120)} | ${tableText(valuesText(expected), 40)} | ${tableText(valuesText(seed.outputs), 40)} | ${tableText(valuesText(winner.outputs), 40)} |`,
    );
  const more = changed.length > shownRows ? `\n\n… and ${count(changed.length - shownRows)} more.` : '';
  return `## ${title} (${count(changed.length)})\n\n| Row | Inputs | Expected | Seed | Winner |\n| --- | --- | --- | --- | --- |\n${rows.join('\n')}${more}`;
}

/** Text of a row or a model, so that no character of it is markup. */
export function markdownText(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~]/g, (character) => `\\${character}`);
}

/** The same in one line of at most `width` characters, for a cell of a table. */
export function tableText(text: string, width: number): string {
  return markdownText(oneLine(text, width));
}

/** A fence longer than any in the text. */
export function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`;
}
