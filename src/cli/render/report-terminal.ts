import type { OptimizationReport, SealedTest } from '../../optimizer/driver/report.ts';
import { frontRows, objectiveTitle } from '../../report/front.ts';
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
} from '../../report/numbers.ts';
import { parityText } from '../../report/parity-text.ts';
import { testedRows } from '../../report/tested-rows.ts';
import {
  bestLabel,
  isShown,
  preferenceSentence,
  stopLabel,
  verdictMeaning,
  verdictTitle,
} from '../../report/verdict.ts';
import type { Style } from './style.ts';

/** Where the files of a report lie, as the reader may type them. */
export interface ReportFiles {
  /** The best candidate: `winner.md`, or `development-estimate.md` when nothing is proven; `.json` in code. */
  readonly best: string;
  readonly html: string;
  readonly json: string;
  /** The rows of the sealed test, where rows were kept apart. */
  readonly sealedRows?: string | undefined;
}

export interface TerminalReportOptions {
  readonly style: Style;
  readonly files?: ReportFiles | undefined;
  /** What to run next, each with what it is for. */
  readonly next?: readonly NextStep[] | undefined;
}

/** A command to run next. */
export interface NextStep {
  readonly command: string;
  /** What it is for, in a few words. */
  readonly purpose: string;
}

const shownCandidates = 5;
const shownOfFront = 8;

/** A report as a reader wants it on a terminal: the verdict first, then the figures, then where things lie. */
export function renderReportForTerminal(report: OptimizationReport, options: TerminalReportOptions): string {
  const { style, files, next = [] } = options;
  const { verdict, sealedTest } = report;
  const isImproved = isShown(verdict);
  const mark = isImproved ? style.good('✓') : style.warn('–');
  const title = isImproved ? style.good(verdictTitle(report)) : style.warn(verdictTitle(report));
  const lines = [
    `${mark} ${style.bold(title)}  ${style.dim(oneLine(`${report.name} · ${report.optimizer.name} · ${report.model} · seed ${report.randomSeed}`, 160))}`,
    `  ${verdictMeaning(report)}`,
    '',
    ...(report.preferenceTest === undefined
      ? []
      : [
          row('comparison', preferenceSentence(report.preferenceTest)),
          row(
            '',
            `${probability(report.preferenceTest.pValue)} (sign test, two-sided); preferred is not more accurate`,
          ),
        ]),
    ...(sealedTest === undefined ? [] : sealedTestLines(sealedTest, report, style)),
    ...(report.parity === undefined ? [] : [row('parity', parityText(report.parity))]),
    ...(report.validation.winner === undefined && report.preferenceTest !== undefined
      ? []
      : [row('validation', validationLine(report))]),
    row('candidates', candidatesLine(report)),
    ...topCandidates(report).map((line) => row('', style.dim(line))),
    ...frontLines(report, style),
    row('answers', usageLine(report.usage)),
    ...report.notices.map((notice) => row('note', oneLine(notice, 600))),
  ];
  if (files !== undefined) {
    lines.push(
      '',
      row(bestLabel(verdict), files.best),
      row('report', files.html),
      row('figures', files.json),
      ...(files.sealedRows === undefined ? [] : [row('sealed rows', files.sealedRows)]),
    );
  }
  if (next.length > 0) lines.push('', ...nextLines(next, style));
  return lines.join('\n');
}

/** The commands to run next, the first with the label. */
export function nextLines(steps: readonly NextStep[], style: Style): readonly string[] {
  return steps.flatMap(({ command, purpose }, index) => [
    row(index === 0 ? 'next' : '', style.accent(command)),
    row('', style.dim(purpose)),
  ]);
}

function sealedTestLines(test: SealedTest, report: OptimizationReport, style: Style): readonly string[] {
  const change = `${score(test.seed)} → ${score(test.winner)}`;
  const lines = [
    row(
      'sealed test',
      `${style.bold(change)}  ${style.bold(signed(test.difference))}  95 % interval ${differenceInterval(test.interval)}  ${probability(test.pValue)} (${testName(test.test)})`,
    ),
    row('', testedRows(test)),
  ];
  for (const { name, mean } of test.controls) lines.push(row('', `${score(mean)} with the ${name}`));
  lines.push(row('rows', `${count(report.fixed.length)} fixed, ${count(report.broken.length)} broken`));
  if (test.note !== undefined) lines.push(row('note', oneLine(test.note, 600)));
  return lines;
}

function validationLine({ validation }: OptimizationReport): string {
  return `${score(validation.seed)} → ${score(validation.winner)} on ${counted(validation.rows, 'row')} (selection: the best of many looks too good)`;
}

function candidatesLine(report: OptimizationReport): string {
  const eliminated = report.candidates.filter((candidate) => candidate.eliminated).length;
  const early = eliminated === 0 ? '' : `, ${count(eliminated)} dropped early`;
  return `${count(report.candidates.length)} scored${early}; ended because ${stopLabel(report)}`;
}

/** What no other candidate beats, where more than the score counts. */
function frontLines(report: OptimizationReport, style: Style): readonly string[] {
  const rows = frontRows(report) ?? [];
  if (rows.length === 0) return [];
  const titles = report.objectives.map(objectiveTitle);
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map(({ values }) => values[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ');
  return [
    row('front', style.dim(line(titles))),
    ...rows
      .slice(0, shownOfFront)
      .map(({ values, hash, marks }) => row('', `${line(values)}  ${hash.slice(0, 8)}  ${marks.join(', ')}`)),
    ...(rows.length > shownOfFront ? [row('', `… and ${count(rows.length - shownOfFront)} more`)] : []),
  ];
}

function topCandidates(report: OptimizationReport): readonly string[] {
  return [...report.candidates]
    .filter((candidate) => !candidate.eliminated && candidate.mean !== undefined)
    .sort((a, b) => (b.mean ?? -1) - (a.mean ?? -1))
    .slice(0, shownCandidates)
    .map(
      ({ mean, rows, origin, hash }) =>
        `${score(mean)} on ${String(rows).padStart(3)}  ${hash.slice(0, 8)}  ${oneLine(origin, 60)}`,
    );
}

/** A label of fixed width and its text. */
export function row(label: string, text: string): string {
  return `  ${label.padEnd(labelWidth)} ${text}`.trimEnd();
}

const labelWidth = 20;
