import type { TransferCell, TransferReport, TransferRow } from '../transfer/transfer-report.ts';
import { differenceInterval, score, signed } from './numbers.ts';
import { verdictTitle } from './verdict.ts';

/** A transfer as rows of texts, the names of the columns first. */
export function transferTable({ models, matrix }: TransferReport): readonly (readonly string[])[] {
  if (matrix.length === 0) return [];
  return [
    ['prompt', ...models.map(({ model }) => `on ${model}`)],
    ...matrix.map((row) => [rowName(row), ...row.cells.map(cellText)]),
  ];
}

function rowName({ winnerOf, isSeed }: TransferRow): string {
  if (winnerOf === undefined) return 'seed';
  return isSeed ? `for ${winnerOf}: the seed` : `for ${winnerOf}`;
}

function cellText({ mean, difference, interval }: TransferCell): string {
  if (mean === undefined) return '–';
  if (difference === undefined || interval === undefined) return score(mean);
  return `${score(mean)} (${signed(difference)}, ${differenceInterval(interval)})`;
}

/** What came of each model, in a line. */
export function modelLines({ models }: TransferReport): readonly string[] {
  return models.map(({ model, verdict, sealedTest, runId }) => {
    const change =
      sealedTest === undefined
        ? ''
        : `, ${score(sealedTest.seed)} → ${score(sealedTest.winner)} on the sealed test`;
    const use = (sealedTest?.use ?? 1) > 1 ? `, its use ${sealedTest?.use}` : '';
    return `${model}: ${verdictTitle({ verdict }).toLowerCase()}${change}${use} (${runId})`;
  });
}

/** What a reader must know beside the table. */
export const transferNote =
  'Beside each mean stands the difference from the seed on the same model with its 95 % interval. Only a prompt on its own model has a verdict; every other answer of it was a further use of the test, which later comparisons on these rows pay for.';

/** A transfer as a Markdown page. */
export function renderTransferAsMarkdown(report: TransferReport): string {
  const table = transferTable(report);
  const [head = [], ...rows] = table.map((cells) => cells.map((cell) => cell.replaceAll('|', '\\|')));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return `${[
    `# ${report.name}: every winner on every model`,
    modelLines(report)
      .map((each) => `- ${each}`)
      .join('\n'),
    ...(table.length === 0
      ? []
      : [
          `On ${report.test?.rows ?? 0} rows that no search has seen:`,
          [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n'),
          transferNote,
        ]),
    ...report.notices,
  ].join('\n\n')}\n`;
}
