import type { Aggregates } from '../evaluation/aggregates.ts';
import { aggregateLines, sliceText } from './aggregate-lines.ts';
import { count, duration, oneLine, score, usageLine } from './numbers.ts';
import type { EvaluationView } from './report.ts';
import { markdownText } from './report-markdown.ts';
import { valuesText } from './values-text.ts';

/** An evaluation as Markdown, fit for a pull request. */
export function renderEvaluationAsMarkdown({
  name,
  model,
  evaluation,
  worst,
  notes,
}: EvaluationView): string {
  const { usage, summaries, runId } = evaluation;
  const scores = summaries.map(
    (summary) =>
      `| ${markdownText(summary.name)} | **${summary.mean === undefined ? '–' : score(summary.mean)}** | ${score(summary.interval[0])} to ${score(summary.interval[1])} | ${score(summary.standardDeviation)} | ${score(summary.minimum)} | ${score(summary.lowestTenth)} | ${count(summary.rows)} | ${count(summary.failed)} | ${count(summary.unscored)} | ${count(summary.infrastructureErrors)} |`,
  );
  const rows = worst.map(
    ({ result, example }) =>
      `| ${'value' in result.outcome ? score(result.outcome.value) : '–'} | ${markdownText(oneLine(valuesText(example?.inputs), 100))} | ${markdownText(oneLine(valuesText(result.expected), 40))} | ${markdownText(oneLine(valuesText(result.outputs), 40))} |`,
  );
  const sections = [
    `# Evaluation: ${markdownText(name)}`,
    `| Scorer | Mean | 95 % interval | Deviation | Lowest | Lowest tenth | Rows | Failed | Not applicable | Lost |\n| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n${scores.join('\n')}`,
    [
      `- Model: ${markdownText(model)}`,
      `- Answers: ${usageLine(usage)}`,
      `- Latency: median ${duration(usage.latencyP50Ms)}, 95 % below ${duration(usage.latencyP95Ms)}`,
      `- Run: \`${runId}\``,
    ].join('\n'),
    aggregateSection(evaluation.aggregates),
    [...summaries.flatMap(({ note }) => note ?? []), ...notes]
      .map((note) => `> ${markdownText(note)}`)
      .join('\n>\n'),
    rows.length === 0
      ? ''
      : `## Lowest rows\n\n| Score | Inputs | Expected | Answer |\n| ---: | --- | --- | --- |\n${rows.join('\n')}`,
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function aggregateSection(aggregates: Aggregates | undefined): string {
  if (aggregates === undefined) return '';
  const { slices, ...rest } = aggregates;
  const figures = aggregateLines(rest).map(
    ({ label, text }) => `- ${label === '' ? '' : `**${markdownText(label)}**: `}${markdownText(text)}`,
  );
  const parts = [figures.join('\n')];
  if (slices !== undefined) {
    const lines = slices.slices.map((slice) => `- ${markdownText(sliceText(slice))}`);
    parts.push(
      `By ${markdownText(slices.field)}, in brackets drawn towards the mean of all:\n\n${lines.join('\n')}`,
    );
  }
  return parts.filter((part) => part !== '').join('\n\n');
}
