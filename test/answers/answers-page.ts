import { choiceCases } from './choice-answers.ts';
import { type ScoredCase, scoredCases, scorerNames } from './scorer-answers.ts';
import { type ValueCase, valueCases } from './value-answers.ts';

/** `docs/reference/answers.md`, made from the cases that the tests run. */
export function answersPage(): string {
  return `# What is read from an answer

<!-- Made from the cases in test/answers. \`npx vitest run --project unit test/answers -u\` writes it again. -->

A value is read where the answer states it, and never guessed: an answer in doubt is asked for once more and then
counts as failed, with its reason. Thoughts and marks of turns are taken off first; thoughts without an end are no
answer. Of an answer that was cut off at its limit only a closed value counts. Why, and what the rules are:
[decisions/answers.md](../decisions/answers.md).

## Choices

${sections(choiceCases, ({ labels, answer, reads, cut }) => [code(`${answer}${cut ? ' ✂' : ''}`), reads === undefined ? 'nothing' : code(reads), labels.map(code).join(' ')], ['Answer', 'Read', 'Of'])}

## Numbers, yes or no, lists

${sections(valueCases, ({ answer, reads, schema }) => [code(answer), reads === undefined ? 'nothing' : code(JSON.stringify(reads)), typeName(schema)], ['Answer', 'Read', 'Asked for'])}

## What scorers credit

An answer as it was read, beside the expected one. \`tokenF1\` and \`editSimilarity\` credit here what they find at least
0.9 alike, the others what scores 1. **Bold** is a mistake that the scorer makes by what it is: likeness and containment
know no negation, exact comparison knows no sentence. Where that matters, let the program answer a closed choice, which is
read by the rules above, or put \`twoStage\` in front.

${sections(scoredCases, scoredCells, ['Expected', 'Answer', 'Right', ...scorerNames.map(code)])}
`;
}

function sections<Case extends { readonly kind: string }>(
  cases: readonly Case[],
  cellsOf: (one: Case) => readonly string[],
  head: readonly string[],
): string {
  const kinds = [...new Set(cases.map(({ kind }) => kind))];
  return kinds
    .map((kind) => {
      const rows = cases.filter((one) => one.kind === kind).map((one) => `| ${cellsOf(one).join(' | ')} |`);
      const title = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
      return `### ${title}\n\n| ${head.join(' | ')} |\n|${head.map(() => ' --- |').join('')}\n${rows.join('\n')}`;
    })
    .join('\n\n');
}

function typeName({ type, maximum, items }: ValueCase['schema']): string {
  if (items !== undefined) return 'list of texts';
  return maximum === undefined ? String(type) : `${type} to ${maximum}`;
}

/** Whether each scorer credits the answer; its known mistakes in bold. */
function scoredCells({ expected, answer, right, mistaken = [] }: ScoredCase): readonly string[] {
  const shown = (value: unknown) => code(typeof value === 'string' ? value : JSON.stringify(value));
  const credits = scorerNames.map((name) => {
    const isMistaken = mistaken.includes(name);
    const word = right === isMistaken ? 'no' : 'yes';
    return isMistaken ? `**${word}**` : word;
  });
  return [shown(expected), shown(answer), right ? 'yes' : 'no', ...credits];
}

/** A text as code in a table: line ends shown, bars escaped. */
function code(text: string): string {
  const shown = text
    .replaceAll('\n', '⏎')
    .replaceAll('|', '\\|')
    .replace(/[\u200b\u00a0]/g, '␣');
  if (shown.trim() === '') return '(empty)';
  return shown.includes('`') ? `\`\` ${shown} \`\`` : `\`${shown}\``;
}
