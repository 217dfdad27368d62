import type { ComparedRow } from '../experiment/experiment.ts';
import { type ComparisonView, comparisonSentence } from './comparison.ts';
import { escapeHtml } from './escape-html.ts';
import { score } from './numbers.ts';

/**
 * A comparison as JUnit XML: the pair is a suite, each row a case. A regressed row is a failure, a lost one an error,
 * a row without a counterpart or a score is skipped, with why.
 */
export function renderComparisonAsJunit(views: readonly ComparisonView[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="hone">\n${views.map(suite).join('\n')}\n</testsuites>\n`;
}

function suite({ comparison, shown }: ComparisonView): string {
  const { rows, counts, unmatched, challenger, baseline } = comparison;
  const alone = [
    ...unmatched.baseline.map((id) => ({ id, where: 'baseline' })),
    ...unmatched.challenger.map((id) => ({ id, where: 'challenger' })),
  ];
  const reasons = new Map(shown.map(({ row, challenger: detail }) => [row.id, detail?.feedback ?? '']));
  const name = xml(`${challenger.name}: ${challenger.id} against ${baseline.id}`);
  const cases = [
    ...rows.map((row) => testCase(row, { name: challenger.name, reason: reasons.get(row.id) ?? '' })),
    ...alone.map(
      ({ id, where }) =>
        `    <testcase classname="${xml(challenger.name)}" name="${xml(id)}"><skipped message="only in the ${where}"/></testcase>`,
    ),
  ];
  return `  <testsuite name="${name}" tests="${rows.length + alone.length}" failures="${counts.regressed}" errors="${counts.error}" skipped="${counts.unscored + alone.length}">
    <properties><property name="verdict" value="${xml(comparisonSentence(comparison))}"/></properties>
${cases.join('\n')}
  </testsuite>`;
}

function testCase(
  { id, change, baseline, challenger }: ComparedRow,
  { name, reason }: { readonly name: string; readonly reason: string },
): string {
  const start = `    <testcase classname="${xml(name)}" name="${xml(id)}" time="${(challenger.latencyMs / 1000).toFixed(3)}"`;
  const message = `score ${score(baseline.score)} became ${score(challenger.score)}`;
  switch (change) {
    case 'regressed':
      return `${start}><failure message="${xml(message)}">${xml(reason)}</failure></testcase>`;
    case 'error':
      return `${start}><error message="lost to the infrastructure">${xml(reason)}</error></testcase>`;
    case 'unscored':
      return `${start}><skipped message="no score on one side"/></testcase>`;
    default:
      return `${start}/>`;
  }
}

/** Text in an element or an attribute; what XML cannot hold at all is replaced. */
export function xml(text: string): string {
  return escapeHtml(text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd'));
}
