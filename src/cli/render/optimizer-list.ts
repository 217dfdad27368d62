import { countedWords, exampleRows, type ListedOptimizer, namesIn } from '../../config/list-optimizers.ts';
import type { NamedPrompts, OptimizerPrompt, PromptField } from '../../config/optimizer-prompts.ts';
import { counted } from '../../report/numbers.ts';
import type { Style } from './style.ts';
import { wrapText } from './wrap-text.ts';

export interface ListStyle {
  readonly style: Style;
  /** Columns of the terminal. */
  readonly width: number;
}

/** What there is to choose from, a paragraph for each. */
export function renderOptimizerList(
  optimizers: readonly ListedOptimizer[],
  { style, width }: ListStyle,
): string {
  const part = (label: string, text: string) => hanging(label, text, width);
  const paragraphs = optimizers.map(({ flag, does = '', when = '', needs, cost, defaults, example }) => {
    const named = Object.entries(defaults).map(([name, value]) => `${name} = ${value ?? 'not set'}`);
    return [
      style.bold(flag),
      ...wrapText(does, { width, indent: '  ' }),
      ...part('take it when', when),
      ...part('needs', needs.join(', ')),
      ...(cost === undefined
        ? []
        : [
            ...part('task calls', cost.task),
            ...part('reflection', cost.reflection),
            ...Object.entries(cost.where ?? {}).flatMap(([name, formula]) =>
              part('', `${name} = ${formula}`),
            ),
            ...(named.length === 0 ? [] : part('defaults', named.join(', '))),
          ]),
      ...part('example', exampleText(example)),
    ].join('\n');
  });
  return [...paragraphs, legend(optimizers, width)].join('\n\n');
}

/** What an optimizer with its defaults takes of calls on the example. */
export function exampleText({ task, reflection }: ListedOptimizer['example']): string {
  const asked = reflection === 0 ? '' : `, and ${counted(reflection, 'reflection call')}`;
  return task === 0 ? 'no search' : `at most ${counted(task, 'task call')}${asked}`;
}

function legend(optimizers: readonly ListedOptimizer[], width: number): string {
  const read = new Set(optimizers.flatMap(({ cost }) => (cost === undefined ? [] : namesIn({ cost }))));
  const words = Object.entries(countedWords).filter(([name]) => read.has(name));
  return [
    ...wrapText(
      `Calls are those of the search, at most; the proof comes on top, and \`hone optimize … --dry-run\` counts both for a task. Task calls are runs of the program, each of one call for each of its steps. The example is ${exampleRows} rows and one prompt.`,
      { width },
    ),
    ...words.flatMap(([name, meaning]) => hanging(name, meaning, width)),
  ].join('\n');
}

/** The prompts that optimizers send themselves. */
export function renderPrompts(optimizers: readonly NamedPrompts[], { style, width }: ListStyle): string {
  const silent = optimizers.filter(({ prompts }) => prompts.length === 0).map(({ flag }) => flag);
  const speaking = optimizers.filter(({ prompts }) => prompts.length > 0);
  const [first] = speaking;
  return [
    ...speaking.flatMap(({ flag, prompts }) =>
      prompts.map((prompt) => promptText(`${flag}: ${prompt.name}`, prompt, { style, width })),
    ),
    ...(silent.length === 0 ? [] : [`No prompt of its own: ${silent.join(', ')}.`]),
    ...(first === undefined ? [] : [howToReplace(first)]),
  ].join('\n\n');
}

function promptText(title: string, prompt: OptimizerPrompt, { style, width }: ListStyle): string {
  const field = ({ name, value, description }: PromptField) =>
    hanging(name, description === undefined ? value : `${description} (${value})`, width);
  return [
    style.bold(title),
    ...wrapText(prompt.instructions, { width, indent: '  ' }),
    style.dim('  It is shown'),
    ...prompt.inputs.flatMap(field),
    style.dim('  It answers'),
    ...prompt.outputs.flatMap(field),
  ].join('\n');
}

function howToReplace({ flag, prompts }: NamedPrompts): string {
  return `Other instructions: --optimizer '${flag}: {prompts: {${prompts[0]?.name}: "…"}}', or the same as \`optimizer\` in the config file. What a prompt is shown and answers stays as it is.`;
}

const labelWidth = 14;

/** A label with a text beside it, in as many lines as it takes. */
function hanging(label: string, text: string, width: number): readonly string[] {
  const indent = ' '.repeat(labelWidth + 3);
  const [first = '', ...rest] = wrapText(text, { width, indent });
  return [`  ${label.padEnd(labelWidth)} ${first.trimStart()}`.trimEnd(), ...rest];
}
