import type { JsonObject } from '../../base/json.ts';
import type { PromptfooModel } from './promptfoo-model.ts';
import type { CodeFunction } from './source-of-code.ts';

/** One prompt with its rows, as a target of the config that is written. */
export interface ImportedTarget {
  readonly name: string;
  readonly label: string;
  readonly system: string | undefined;
  /** With slots. */
  readonly user: string;
  readonly inputs: readonly string[];
  /** The output, and the column of the checks: names that no input has. */
  readonly output: string;
  readonly column: string;
  readonly expected: readonly string[];
  /** The column of variables for code. */
  readonly varsColumn: string | undefined;
  readonly rowsFile: string;
  readonly rows: readonly JsonObject[];
}

/** What all targets share. */
export interface SharedSettings extends PromptfooModel {
  /** The file that they come from. */
  readonly source: string;
  readonly code: readonly CodeFunction[];
  readonly trials: number | undefined;
  readonly concurrency: number | undefined;
  /** Whether a check asks a judge. */
  readonly isJudged: boolean;
}

/** The text of hone.config.ts. */
export function writeConfig(targets: readonly ImportedTarget[], shared: SharedSettings): string {
  const { source, code, model, concurrency, isJudged } = shared;
  const settings = [
    ...(model === undefined ? [] : [`  model: ${quoted(model)},`]),
    ...(isJudged
      ? [
          `  // Answers the checks that are graded.`,
          `  models: { judge: ${quoted(model ?? 'openai/gpt-5-mini')} },`,
        ]
      : []),
    ...(concurrency === undefined ? [] : [`  concurrency: ${concurrency},`]),
  ];
  return `// Written by \`hone init --from ${source.replaceAll(/[^\w.-]/g, '_')}\`.
import { defineConfig, predict, signature } from 'hone-ai';
import { assertions } from 'hone-ai/scorers';
${code.length === 0 ? '' : `\n${functionsSource(code)}\n`}
export default defineConfig({
${settings.join('\n')}${settings.length > 0 ? '\n' : ''}  targets: {
${targets.map((target) => targetSource(target, shared)).join('\n')}
  },
});
`;
}

function targetSource(target: ImportedTarget, shared: SharedSettings): string {
  const { name, label, system, user, inputs, output, column, expected, varsColumn, rowsFile } = target;
  const given = [
    ...(column === 'assertions' ? [] : [`column: ${quoted(column)}`]),
    ...(varsColumn === undefined ? [] : [`variables: ${quoted(varsColumn)}`]),
    ...(shared.code.length === 0 ? [] : ['functions']),
  ];
  const options = given.length === 0 ? '' : `, { ${given.join(', ')} }`;
  const { temperature, maxOutputTokens, trials } = shared;
  const settings = [
    `userTemplate: ${quoted(user)},`,
    ...(temperature === undefined ? [] : [`temperature: ${temperature},`]),
    ...(maxOutputTokens === undefined ? [] : [`maxOutputTokens: ${maxOutputTokens},`]),
  ];
  return `    // ${label.replaceAll(/\s+/g, ' ')}
    ${quoted(name)}: {
      program: predict(
        signature(
          {
            inputs: { ${inputs.map((input) => `${quoted(input)}: 'json'`).join(', ')} },
            outputs: { ${output}: 'string' },
          },
          { instructions: ${quoted(system ?? '')} },
        ),
        {
${settings.map((line) => `          ${line}`).join('\n')}
        },
      ),
      dataset: { file: ${quoted(rowsFile)}, expected: [${expected.map(quoted).join(', ')}] },
      scorer: assertions(${quoted(output)}${options}),${trials === undefined ? '' : `\n      trials: ${trials},`}
    },`;
}

function functionsSource(code: SharedSettings['code']): string {
  const lines = code.map(({ name, source }) => `  ${name}: ${source.replaceAll('\n', '\n  ')},`);
  return `// Checks and transforms as they stood there. Read them: they run with every answer.\nconst functions = {\n${lines.join('\n')}\n};`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
