import type { GateResult } from '../evaluation/gate.ts';
import type { GateReport } from '../experiment/gate-experiments.ts';
import { type ComparisonView, comparisonNotes } from './comparison.ts';
import { figuresTable, promptSection, rowLines } from './comparison-markdown.ts';
import { count } from './numbers.ts';
import { markdownText, tableText } from './report-markdown.ts';

/** A gate with what its reader asks next. */
export interface GateView {
  readonly gate: GateReport;
  /** The comparison with the rows that regressed, and their texts; undefined without a baseline. */
  readonly view?: ComparisonView | undefined;
  /** How the baseline was chosen, in words. */
  readonly baselineWords: string;
  /** The command that gives the same. */
  readonly command?: string | undefined;
  /** What else to know, such as a run from committed recordings. @default nothing */
  readonly notes?: readonly string[] | undefined;
}

/** Bytes. GitHub refuses what is longer than 65,536 characters. */
export const longestComment = 60_000;

/** What marks the one comment of a suite, invisible to its readers. */
export function commentMarker(suite: string): string {
  // Two hyphens would end an HTML comment.
  return `<!-- hone:${suite.replace(/[^A-Za-z0-9_.]/gu, (sign) => `%${sign.codePointAt(0)?.toString(16)}`)} -->`;
}

const callouts: Readonly<Record<GateResult, string>> = {
  pass: 'TIP',
  fail: 'CAUTION',
  inconclusive: 'WARNING',
};

export function gateTitle({ result, comparison }: GateReport): string {
  if (result === 'fail') return 'Failed';
  if (result === 'inconclusive') return 'Inconclusive';
  return comparison?.scores[0]?.verdict === 'improved' ? 'Passed: improved' : 'Passed';
}

/**
 * The comment of a pull request: what came out, the figures, the rows that broke, and how to get the same. At most
 * 60 kB; rows are left out before anything else, and it says how many.
 */
export function renderGateAsMarkdown(given: GateView): string {
  const whole = given.view?.shown.length ?? 0;
  for (let rows = whole; ; rows = Math.floor(rows / 2)) {
    const text = quiet(compose(given, rows));
    if (Buffer.byteLength(text) <= longestComment) return text;
    if (rows === 0) return cut(text);
  }
}

function compose({ gate, view, baselineWords, command, notes = [] }: GateView, rows: number): string {
  const { comparison } = gate;
  const sections = [
    commentMarker(gate.suite),
    `> [!${callouts[gate.result]}]\n> **${gateTitle(gate)}** · ${tableText(gate.suite, 80)}`,
    comparison === undefined ? '' : figuresTable(comparison),
    checksTable(gate),
    changes(gate),
    comparison === undefined
      ? ''
      : details('Prompt', promptSection(comparison).replace(/^## Prompt\n\n/, '')),
    rowsSection(view, rows),
    [...notes, ...(comparison === undefined ? [] : comparisonNotes(comparison))]
      .map((note) => `- ${markdownText(note.replace(/\s+/g, ' '))}`)
      .join('\n'),
    provenance(gate, baselineWords),
    command === undefined ? '' : `Again: \`${command.replaceAll('`', "'")}\``,
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function checksTable({ checks }: GateReport): string {
  const lines = checks.map(
    ({ name, result, reason }) => `| ${markdownText(name)} | **${result}** | ${tableText(reason, 500)} |`,
  );
  return lines.length === 0 ? '' : `| Check | | |\n| --- | --- | --- |\n${lines.join('\n')}`;
}

function changes({ comparison, broken, fixed }: GateReport): string {
  if (comparison === undefined) return '';
  const named = broken.slice(0, 20).map((id) => tableText(id, 60));
  const more = broken.length > named.length ? ` and ${count(broken.length - named.length)} more` : '';
  return `${count(fixed.length)} fixed, ${count(broken.length)} broken${broken.length === 0 ? '' : ` (right in all trials, now wrong in all): ${named.join(', ')}${more}`}.`;
}

function rowsSection(view: ComparisonView | undefined, rows: number): string {
  if (view === undefined || view.selected === 0) return '';
  const shown = view.shown.slice(0, rows);
  const left = view.selected - shown.length;
  const more = left > 0 ? `\n\n… and ${count(left)} more.` : '';
  return details(
    `Rows that got worse (${count(view.selected)})`,
    `${shown.length === 0 ? '' : rowLines(shown)}${more}`,
  );
}

function details(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;
}

function provenance({ challenger, baseline, comparison }: GateReport, words: string): string {
  const versions =
    comparison === undefined
      ? ''
      : `; rows \`${comparison.baseline.snapshot.dataset.version}\` → \`${comparison.challenger.snapshot.dataset.version}\``;
  const day =
    comparison === undefined
      ? ''
      : ` of ${new Date(comparison.baseline.createdAt).toISOString().slice(0, 10)}`;
  return baseline === undefined
    ? `Experiment \`${challenger}\`; ${markdownText(words)}.`
    : `Experiment \`${challenger}\` against \`${baseline}\`${day}: ${markdownText(words)}${versions}.`;
}

/** Texts of rows must neither call people nor link other issues. */
function quiet(text: string): string {
  return text.replace(/@(?=[A-Za-z0-9])/g, '@\u200b').replace(/(^|[^&])#(?=\d)/g, '$1#\u200b');
}

function cut(text: string): string {
  const end = '\n\n… cut.\n';
  const bytes = Buffer.from(text).subarray(0, longestComment - Buffer.byteLength(end));
  // Half a character at the end becomes a sign of three bytes.
  return `${bytes.toString('utf8').replace(/\ufffd+$/u, '')}${end}`;
}
