import { exampleText } from '../../src/cli/render/optimizer-list.ts';
import {
  countedWords,
  exampleRows,
  isInWords,
  type ListedOptimizer,
  listOptimizers,
} from '../../src/config/list-optimizers.ts';

/** `docs/reference/optimizers.md`, made from what the optimizers say of themselves. */
export function optimizersPage(): string {
  const optimizers = listOptimizers();
  return `# Optimizers

<!-- Made from the guides of the optimizers. \`npx vitest run --project unit test/optimizers -u\` writes it again. -->

\`hone optimize --list\` prints this page, \`--list --json\` the same as data, and \`hone optimize --show-prompts\` what an
optimizer asks a model itself. On the command line and in a config file an optimizer goes by its name,
\`--optimizer gepa\`, with [options](options.md) where they are wanted: \`--optimizer 'gepa: {rounds: 8}'\`. In code
\`gepa({ rounds: 8 })\` from \`hone-ai/optimizers\`.

| name | take it when | calls in the example |
|---|---|---|
${optimizers.map(({ flag, when, example }) => `| [\`${flag}\`](#${flag}) | ${when} | ${exampleText(example)} |`).join('\n')}

The example is ${exampleRows} rows and one prompt, on a model behind an API, with every option at its default. Calls are
those of the search, at most; the proof comes on top, and \`hone optimize … --dry-run\` counts both for a task.

## How calls are counted

Task calls are runs of the program, each of one call for each of its steps. Reflection calls are those of the model that
proposes; each request may be asked once more, when its answer cannot be read. A formula reads options by their names,
and beside them:

${Object.entries(countedWords)
  .map(([name, meaning]) => `- \`${name}\`: ${meaning}`)
  .join('\n')}

${optimizers.map(section).join('\n\n')}
`;
}

function section({ name, flag, does, when, needs, cost, defaults, example }: ListedOptimizer): string {
  const named = Object.entries(defaults).map(([option, value]) => `\`${option}\` ${value ?? 'not set'}`);
  const lines = [
    `- **Take it when** ${when}`,
    `- **Needs** ${needs.join(', ')}.`,
    `- **Task calls** ${formulaText(cost?.task)}`,
    `- **Reflection calls** ${formulaText(cost?.reflection)}`,
    ...Object.entries(cost?.where ?? {}).map(([word, formula]) => `  - \`${word} = ${formula}\``),
    ...(named.length === 0 ? [] : [`- **Defaults** ${named.join(', ')}`]),
    `- **In the example** ${exampleText(example)}`,
  ];
  return `## ${flag}\n\n${does} In code \`${name}()\`; its [options](options.md#${name.toLowerCase()}).\n\n${lines.join('\n')}`;
}

function formulaText(formula = ''): string {
  return isInWords(formula) ? formula : `\`${formula}\``;
}
