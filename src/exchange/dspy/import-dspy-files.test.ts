import { expect, test } from 'vitest';
import { importDspyFiles } from './import-dspy-files.ts';

const predictor = (...fields: readonly string[]) => ({
  traces: [],
  train: [],
  demos: [],
  lm: null,
  signature: {
    instructions: 'Do.',
    fields: fields.map((name) => ({ prefix: `${name}:`, description: `\${${name}}` })),
  },
});
const metadata = { dependency_versions: { python: '3.11', dspy: '3.4.1', cloudpickle: '3' } };

test.each([
  [
    'react()',
    {
      react: predictor('question', 'trajectory', 'next_thought', 'next_tool_name', 'next_tool_args'),
      'extract.predict': predictor('question', 'trajectory', 'reasoning', 'answer'),
      metadata,
    },
  ],
  [
    'programOfThought()',
    {
      'code_generate.predict': predictor('question', 'reasoning', 'generated_code'),
      'generate_output.predict': predictor('question', 'code_output', 'reasoning', 'answer'),
      metadata,
    },
  ],
])('a program that does more than its predictors say names %s', (named, file) => {
  const { notes } = importDspyFiles(JSON.stringify(file), { file: 'program.json' });
  expect(notes).toContainEqual(expect.stringContaining(named));
});
