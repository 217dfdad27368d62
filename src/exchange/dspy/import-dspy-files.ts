import { formatPromptFile } from '../../prompt/prompt-file.ts';
import { kindOf } from '../../signature/json-schema.ts';
import type { ColumnSpec } from '../../signature/shorthand.ts';
import type { JsonSchema, Signature } from '../../signature/signature.ts';
import { choicesOf, type Field } from '../../signature/signature.ts';
import type { ImportPlan } from '../import-plan.ts';
import { type ImportedDspyStep, importDspy } from './import-dspy.ts';

/**
 * The files that a saved DSPy program becomes: a prompt file where it is one predictor, else a config whose program
 * has a step for each.
 */
export function importDspyFiles(
  text: string,
  { file, outputs }: { readonly file: string; readonly outputs?: readonly string[] | undefined },
): ImportPlan {
  const { steps, notes } = importDspy(text, { file, outputs });
  const [first, another] = steps;
  if (first !== undefined && another === undefined) return promptOf(first, notes);
  const asked = steps.at(-1)?.signature.outputs.map(({ name }) => name) ?? [];
  return {
    files: [{ name: 'hone.config.ts', text: configOf(steps, file) }],
    notes: [
      ...notes,
      'How the predictors are connected is Python code and not in the file: hone.config.ts hands each output on by its name, in the order of the file. Correct it there.',
      ...toolNotes(steps),
      `The rows are yours to give: rows.csv with the inputs and ${asked.join(', ')}.`,
    ],
    next: ['hone eval program', 'hone optimize program'],
  };
}

function promptOf({ signature, program, options }: ImportedDspyStep, notes: readonly string[]): ImportPlan {
  const { inputs, outputs } = program.shape;
  const answers = signature.outputs.map(({ name }) => name).join(',');
  const left = [
    ...(options.temperature ? ['its temperature'] : []),
    ...(options.maxOutputTokens === undefined ? [] : ['the length of its answers (--max-output-tokens)']),
  ];
  return {
    files: [
      {
        name: 'prompt.md',
        text: formatPromptFile({
          model: typeof options.model === 'string' ? options.model : undefined,
          inputs: inputs.map(({ name }) => name),
          outputs: outputs.map(columnOf),
          instructions: signature.instructions,
          user: options.userTemplate,
          format: options.format,
          demos: (options.demos ?? []).length === 0 ? [] : [{ demos: options.demos ?? [] }],
        }),
      },
    ],
    notes: [
      ...notes,
      ...(left.length > 0 ? [`A prompt file has no place for ${left.join(' and ')}: left out.`] : []),
      `The rows are yours to give: a table with the inputs and ${answers}.`,
    ],
    next: [
      `hone eval prompt.md --data rows.csv --expected ${answers}`,
      `hone optimize prompt.md --data rows.csv --expected ${answers}`,
    ],
  };
}

function columnOf(field: Field): ColumnSpec {
  const { name, schema, description } = field;
  const choices = choicesOf(field);
  const kind = kindOf(schema);
  return {
    name,
    ...(choices !== undefined && { choices }),
    ...(choices === undefined && kind !== 'string' && kind !== 'choice' && { type: kind }),
    ...(description !== undefined && { description }),
  };
}

function configOf(steps: readonly ImportedDspyStep[], file: string): string {
  const parts = steps.map((step) => {
    const { reasons, options, signature } = step;
    const given = JSON.stringify(options, null, 2);
    return `  ${reasons ? 'chainOfThought' : 'predict'}(\n${indented(signatureSource(signature), 4)},\n${indented(given, 4)},\n  ),`;
  });
  const used = ['predict', 'chainOfThought'].filter((name) =>
    steps.some(({ reasons }) => (name === 'predict') !== reasons),
  );
  const asked = steps
    .at(-1)
    ?.signature.outputs.map(({ name }) => JSON.stringify(name))
    .join(', ');
  return `// Written by \`hone init --from ${file.replaceAll(/[^\w./-]/g, '_')}\`.
import { ${[...used, 'defineConfig', 'pipeline', 'signature'].sort().join(', ')} } from 'hone-ai';

// The file does not say how the steps are connected: each output is handed on by its name.
const program = pipeline([
${parts.join('\n')}
]);

export default defineConfig({
  targets: {
    program: { program, dataset: { file: 'rows.csv', expected: [${asked}] } },
  },
});
`;
}

function signatureSource({ instructions, inputs, outputs }: Signature): string {
  const side = (fields: readonly Field[]) =>
    `{ ${fields.map(({ name, schema }) => `${JSON.stringify(name)}: ${JSON.stringify(typeText(schema))}`).join(', ')} }`;
  const described = [...inputs, ...outputs].filter(({ description }) => description !== undefined);
  const descriptions = Object.fromEntries(described.map(({ name, description }) => [name, description]));
  const said = {
    instructions,
    ...(described.length > 0 && { descriptions }),
  };
  return `signature(\n  { inputs: ${side(inputs)}, outputs: ${side(outputs)} },\n  ${JSON.stringify(said)},\n)`;
}

/** What a file of steps does not show, and which program here does the same. */
function toolNotes(steps: readonly ImportedDspyStep[]): readonly string[] {
  const fields = new Set(
    steps.flatMap(({ signature }) => [...signature.inputs, ...signature.outputs].map(({ name }) => name)),
  );
  return [
    ...(fields.has('next_tool_name')
      ? [
          'It is an agent (ReAct), whose tools are Python code and not in the file: write it with react() and tools.',
        ]
      : []),
    ...(fields.has('generated_code')
      ? [
          'It writes Python code and runs it (ProgramOfThought), which nothing here runs: write it with programOfThought().',
        ]
      : []),
  ];
}

/** The type as the shorthand says it. */
function typeText(schema: JsonSchema): string {
  const kind = kindOf(schema);
  if (kind === 'choice')
    return (schema.enum as readonly string[]).map((choice) => JSON.stringify(choice)).join(' | ');
  if (kind !== 'json') return kind;
  return schema.type === 'object' ? 'object' : 'json';
}

function indented(text: string, by: number): string {
  const space = ' '.repeat(by);
  return text
    .split('\n')
    .map((line) => `${space}${line}`)
    .join('\n');
}
