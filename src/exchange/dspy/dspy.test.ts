import { describe, expect, test } from 'vitest';
import { chainOfThought } from '../../program/chain-of-thought.ts';
import { pipeline } from '../../program/pipeline.ts';
import { predict } from '../../program/predict.ts';
import type { Program } from '../../program/program.ts';
import { stepPromptsOf } from '../../prompt/step-prompts.ts';
import { signature, signatureOfColumns } from '../../signature/shorthand.ts';
import { scriptedModel } from '../../testing/scripted-model.ts';
import { candidateFromDspy } from './dspy-candidate.ts';
import { exportDspy } from './export-dspy.ts';
import { importDspy } from './import-dspy.ts';

/** What DSPy saves as the description of a field that has none. */
const unsaid = (name: string) => ['$', '{', name, '}'].join('');

/** As DSPy 3.4.1 saves a ChainOfThought `gist` and a Predict `sort`; bench/interop makes such files with DSPy itself. */
const saved = {
  'gist.predict': {
    traces: [],
    train: [],
    demos: [{ augmented: true, text: 'long', reasoning: 'it is long', gist: 'short' }],
    signature: {
      instructions: 'Given the fields `text`, produce the fields `gist`.',
      fields: [
        { prefix: 'Text:', description: unsaid('text') },
        { prefix: 'Reasoning:', description: unsaid('reasoning') },
        { prefix: 'Gist:', description: unsaid('gist') },
      ],
    },
    lm: null,
  },
  sort: {
    traces: [],
    train: [],
    demos: [
      { ticketText: 'a', tier: 1, category: 'billing', confidence: 0.5 },
      { ticketText: 'b', category: 'refunds' },
      { ticketText: 'only an input' },
    ],
    signature: {
      instructions: 'Sort the ticket. Never write {{tier}}.',
      fields: [
        { prefix: 'Ticket Text:', description: unsaid('ticketText') },
        { prefix: 'Tier:', description: 'support tier' },
        { prefix: 'Category:', description: unsaid('category') },
        { prefix: 'Confidence:', description: unsaid('confidence') },
      ],
    },
    lm: { model: 'openai/gpt-5-mini', temperature: 0.7, max_tokens: 400, api_base: 'http://inside' },
  },
  metadata: { dependency_versions: { python: '3.11', dspy: '3.4.1', cloudpickle: '3.1' } },
};
const text = JSON.stringify(saved);

/** The messages that a step sends for a row. */
async function sent(program: Program, inputs: Readonly<Record<string, string | number>>) {
  const model = scriptedModel({ respond: () => 'x' });
  await program.forward(inputs, { model, reask: false });
  return model.calls[0]?.request.messages ?? [];
}

describe('a program that DSPy saved', () => {
  test('becomes a step for each predictor, and says what it had to guess', () => {
    const { steps, notes } = importDspy(text, {
      file: 'two.json',
      outputs: ['gist', 'category', 'confidence'],
    });
    expect(steps.map(({ path, step, reasons }) => ({ path, step, reasons }))).toEqual([
      { path: 'gist.predict', step: 'gist', reasons: true },
      { path: 'sort', step: 'sort', reasons: false },
    ]);
    const [gist, sort] = steps;
    expect(gist?.program.shape.outputs.map(({ name }) => name)).toEqual(['reasoning', 'gist']);
    expect(sort?.signature.inputs).toEqual([
      { name: 'ticketText', schema: { type: 'string' } },
      { name: 'tier', schema: { type: 'integer' }, description: 'support tier' },
    ]);
    expect(sort?.signature.outputs.map(({ schema }) => schema.type)).toEqual(['string', 'number']);
    expect(sort?.options).toMatchObject({
      model: 'openai/gpt-5-mini',
      temperature: 0.7,
      maxOutputTokens: 400,
    });
    expect(notes.join('\n')).toContain('sort: 1 of 3 demos have no input or no output');
    expect(notes.join('\n')).toContain('sort: api_base of its model: left out');
  });

  test('shows the same instructions and demos in the order in which DSPy shows them', async () => {
    const [, sort] = importDspy(text, { outputs: ['category', 'confidence'] }).steps;
    const messages = await sent(sort?.program as Program, { ticketText: 'x', tier: 2 });
    const contents = messages.map(({ content }) => String(content));
    expect(contents[0]).toContain('Sort the ticket. Never write {{tier}}.');
    expect(contents[1]).toBe('Ticket text: b');
    expect(contents[2]).toContain('refunds');
    expect(contents[3]).toBe('Ticket text: a\nTier: 1');
    expect(contents.at(-1)).toBe('Ticket text: x\nTier: 2');
    expect(contents.join()).not.toContain('only an input');
  });

  test('has its outputs by the sentence that DSPy writes, by its reasoning, and else by a guess that is said', () => {
    const bare = (instructions: string) =>
      JSON.stringify({ ...saved.sort, signature: { ...saved.sort.signature, instructions } });
    const said = importDspy(
      bare('Given the fields `ticketText`, `tier`, produce the fields `category`, `confidence`.'),
    );
    expect(said.steps[0]?.path).toBe('self');
    expect(said.steps[0]?.signature.outputs.map(({ name }) => name)).toEqual(['category', 'confidence']);
    const guessed = importDspy(bare('Sort it.'));
    expect(guessed.steps[0]?.signature.outputs.map(({ name }) => name)).toEqual(['confidence']);
    expect(guessed.notes.join()).toContain('self: DSPy does not save which fields are outputs');
  });

  test('gives its candidate to a program of the same steps', () => {
    const program = pipeline([
      chainOfThought(signature('text -> gist'), { name: 'gist' }),
      predict(signature("ticketText, tier: integer -> category: 'billing' | 'refunds', confidence: number"), {
        name: 'sort',
      }),
    ]);
    const { candidate, notes } = candidateFromDspy(text, program);
    expect(notes.join('\n')).toContain('sort: its model openai/gpt-5-mini is no parameter of a candidate');
    expect(candidate['sort.instructions']).toEqual({
      kind: 'text',
      text: 'Sort the ticket. Never write \\{{tier}}.',
    });
    expect(stepPromptsOf(candidate, 'gist').sets[0]?.demos).toEqual([
      { inputs: { text: 'long' }, outputs: { reasoning: 'it is long', gist: 'short' } },
    ]);
  });

  test.each<[string, Program, RegExp]>([
    [
      'a step that it lacks',
      predict(signature('text -> answer'), { name: 'other' }) as never,
      /no predictor for other\.instructions/,
    ],
    [
      'other fields',
      pipeline([
        predict(signature('text -> gist'), { name: 'gist' }),
        predict(signature('gist -> category'), { name: 'sort' }),
      ]) as never,
      /"gist\.predict" has the fields Text, Reasoning, Gist, and gist\.demos is of text, gist/,
    ],
    [
      'a step fewer',
      chainOfThought(signature('text -> gist'), { name: 'gist' }) as never,
      /the predictor "sort", for which the program "gist" has no step/,
    ],
    [
      'answers that are not allowed',
      pipeline([
        chainOfThought(signature('text -> gist'), { name: 'gist' }),
        predict(signature("ticketText, tier: integer -> category: 'billing' | 'fees', confidence: number"), {
          name: 'sort',
        }),
      ]) as never,
      /sort\.demos.*"refunds" for category/,
    ],
  ])('is refused by a program with %s, naming the parameter', (_, program, message) => {
    expect(() => candidateFromDspy(text, program, { file: 'two.json' })).toThrow(message);
  });

  test.each<[string, string, RegExp]>([
    ['no JSON', 'import dspy', /f\.json is no JSON/],
    ['another file', '{"messages": []}', /f\.json has no predictor/],
    [
      'a broken predictor',
      '{"a": {"signature": {"fields": []}}}',
      /f\.json: a\.signature\.instructions is wrong/,
    ],
    ['an old version', '{"a": {"extended_signature_instructions": "x"}}', /DSPy 2\.5 or older/],
    ['not a number', '{"a": {"demos": [{"x": NaN}]}}', /f\.json is no JSON/],
  ])('is refused with the place when it is %s', (_, broken, message) => {
    expect(() => importDspy(broken, { file: 'f.json' })).toThrow(
      expect.objectContaining({ code: 'HONE_IMPORT_INVALID', message: expect.stringMatching(message) }),
    );
  });
});

describe('a program that Hone writes for DSPy', () => {
  const columns = signatureOfColumns({
    inputs: [{ name: 'Ticket text' }, { name: '2nd line', type: 'integer' }],
    outputs: [{ name: 'category', choices: ['billing', 'refunds'], description: 'where it goes' }],
  });
  const demo = {
    inputs: { 'Ticket text': 'a', '2nd line': 1 },
    outputs: { category: 'billing' },
    source: 'row-7',
  };
  const program = pipeline([
    predict(
      { ...columns, instructions: 'Sort {{Ticket text}}, not \\{{this}}.' },
      { name: 'sort', demos: [demo] },
    ),
    chainOfThought(signature('category -> reply'), { name: 'write' }),
  ]);

  test('has what DSPy needs, and comes back as it was', () => {
    const { text: written, notes } = exportDspy(program);
    const file = JSON.parse(written);
    expect(Object.keys(file)).toEqual(['sort', 'write.predict', 'metadata', 'hone']);
    expect(file.metadata).toEqual({ dependency_versions: {} });
    expect(file.sort.demos).toEqual([{ Ticket_text: 'a', field_2nd_line: 1, category: 'billing' }]);
    expect(file.sort.signature.instructions).toBe('Sort {{Ticket text}}, not {{this}}.');
    expect(notes.join('\n')).toContain('sort: its instructions have the slots {{Ticket text}}');
    expect(notes.join('\n')).toContain('"Ticket text" is called Ticket_text');
    const back = importDspy(written);
    expect(back.notes).toEqual([]);
    const seeds = Object.assign({}, ...back.steps.map((step) => step.program.seed));
    expect(seeds).toEqual(program.seed);
    expect(candidateFromDspy(written, program).candidate).toEqual(program.seed);
  });

  test('takes what was changed in DSPy’s part since', () => {
    const file = JSON.parse(exportDspy(program).text);
    file.sort.signature.instructions = 'Sort with {{care}}.';
    file.sort.demos.push({ Ticket_text: 'b', field_2nd_line: 2, category: 'refunds' });
    const { candidate } = candidateFromDspy(JSON.stringify(file), program);
    expect(candidate['sort.instructions']).toEqual({ kind: 'text', text: 'Sort with \\{{care}}.' });
    expect(stepPromptsOf(candidate, 'sort').sets[0]?.demos.map(({ source }) => source)).toEqual([
      'row-7',
      undefined,
    ]);
  });

  test('is a bare predictor where it is one step, and lies where it is told to', () => {
    const one = predict(signature('a -> b'));
    expect(Object.keys(JSON.parse(exportDspy(one).text))).toContain('signature');
    const placed = JSON.parse(exportDspy(one, { paths: { answer: 'flow.ask' } }).text);
    expect(Object.keys(placed)).toEqual(['flow.ask', 'metadata', 'hone']);
    expect(Object.keys(JSON.parse(exportDspy(chainOfThought(signature('a -> b'))).text))[0]).toBe('predict');
  });

  test('is refused where the answers of several prompts are weighed', () => {
    const candidate = { 'sort.demos': { kind: 'demos', sets: [{ demos: [demo] }, { demos: [] }] } } as const;
    expect(() => exportDspy(program, { candidate })).toThrow(/"sort" asks 2 prompts/);
  });
});
