// `npm run verify:answers`: made-up answers, 20,000 for each reader. None may crash, hang, take more than 50 ms for
// 100 kB, or be credited with a choice that it does not contain. `--answers N`, `--seed N`.
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { createRandom } from '../dist/base/random.js';
import { adapterOf } from '../dist/prompt/adapters.js';

const { values } = parseArgs({
  options: { answers: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' } },
});
const count = Number(values.answers);
const labels = ['billing', 'refunds', 'technical_support', 'account_access'];
const plain = (text) =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');

const fields = {
  choice: { type: 'string', enum: labels },
  'choice of numbers': { type: 'string', enum: ['1', '2', '3', '4', '5'] },
  'choice of letters': { type: 'string', enum: ['A', 'B', 'C', 'D'] },
  number: { type: 'number' },
  integer: { type: 'integer' },
  boolean: { type: 'boolean' },
  text: { type: 'string' },
  list: { type: 'array', items: { type: 'string' } },
};
const signatureOf = (...outputs) => ({
  instructions: 'Answer.',
  inputs: [{ name: 'text', schema: { type: 'string' } }],
  outputs,
});
const one = (schema) => signatureOf({ name: 'answer', schema });
const several = signatureOf(
  { name: 'reason', schema: { type: 'string' } },
  { name: 'answer', schema: fields.choice },
  { name: 'level', schema: { type: 'integer' }, optional: true },
);
const readers = [
  ...Object.entries(fields).map(([name, schema]) => ({ name, format: 'chat', signature: one(schema) })),
  { name: 'choice, JSON', format: 'json', signature: one(fields.choice) },
  { name: 'choice, completion', format: 'completion', signature: one(fields.choice) },
  { name: 'tags', format: 'chat', signature: several },
  { name: 'JSON', format: 'json', signature: several },
  { name: 'lines', format: 'completion', signature: several },
];

const pieces = [
  ...labels,
  'Billing',
  'technical support',
  'billing_',
  'A',
  'B',
  '1',
  '4.7',
  '-1',
  '12',
  '1,234',
  '½',
  '%',
  'k',
  'not ',
  'no ',
  'nicht ',
  'pas ',
  '不是',
  'yes',
  'true',
  'false',
  'or ',
  'and ',
  'The answer is ',
  'Answer: ',
  'Label: ',
  '\n',
  '\n\n',
  ' ',
  '  ',
  ': ',
  ', ',
  '. ',
  '? ',
  '! ',
  '-',
  '–',
  '=',
  '→',
  '/',
  '\\',
  '"',
  "'",
  '`',
  '```',
  '```json\n',
  '**',
  '#',
  '> ',
  '- ',
  '1. ',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '{"answer": "',
  '"}',
  '{"reason": "x", "answer": "',
  '"level": 3',
  '<answer>',
  '</answer>',
  '<reason>',
  '</reason>',
  '<level>',
  '</level>',
  '<think>',
  '</think>',
  '<|channel|>final<|message|>',
  '<|im_end|>',
  '[INST]',
  '</s>',
  '\u200b',
  '\ufeff',
  '\u0000',
  '\u202e',
  '💳',
  '❌',
  'é',
  '日本',
  'ﬁ',
  '\ud800',
  'null',
  'N/A',
  'customer ',
  'ticket ',
  'sorry ',
  'because ',
  'wait ',
  '\\boxed{',
  '$',
  '€',
  '~',
  '¬',
  '|',
  ';',
  '…',
];
// Long runs of one piece and of two are where a reader that looks twice at every place shows.
const repeated = (random) => {
  const unit = Array.from(
    { length: 1 + random.integer(3) },
    () => pieces[random.integer(pieces.length)],
  ).join('');
  return unit === '' ? 'x' : unit.repeat(Math.ceil(100_000 / unit.length)).slice(0, 100_000);
};
const made = (random) =>
  Array.from({ length: 1 + random.integer(24) }, () => pieces[random.integer(pieces.length)]).join('');

let violations = 0;
const complain = (name, what, answer) => {
  violations += 1;
  if (violations <= 20) console.log(`✗ ${name}: ${what}: ${JSON.stringify(answer.slice(0, 200))}`);
};
console.log(`${count} answers for each reader, seed ${values.seed}\n`);
console.log('reader                 read  unreadable  longest of 100 kB');
for (const { name, format, signature } of readers) {
  const random = createRandom(`${values.seed}/${name}`);
  const adapter = adapterOf(format);
  let read = 0;
  let longest = 0;
  const parse = (answer) => adapter.parse(answer, signature, { cut: random.integer(8) === 0 });
  for (let index = 0; index < count; index += 1) {
    const answer = made(random);
    try {
      const result = parse(answer);
      if (result.status !== 'parsed') continue;
      read += 1;
      const chosen = result.outputs.answer;
      const { enum: choices } = signature.outputs.find((field) => field.name === 'answer').schema;
      if (choices && !plain(answer).includes(plain(chosen))) complain(name, `credited ${chosen}`, answer);
      if (choices && !choices.includes(chosen)) complain(name, `read ${chosen}, which is no choice`, answer);
    } catch (error) {
      complain(name, String(error.stack).split('\n').slice(0, 2).join(' '), answer);
    }
  }
  for (let index = 0; index < count / 100; index += 1) {
    const answer = index % 2 === 0 ? repeated(random) : `billing${' '.repeat(99_980)}x${made(random)}`;
    // The best of three, so that another process on the machine is no fault of the reader.
    let best = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 3 && best > 50; attempt += 1) {
      const start = performance.now();
      try {
        parse(answer);
      } catch (error) {
        complain(name, String(error.stack).split('\n').slice(0, 2).join(' '), answer);
      }
      best = Math.min(best, performance.now() - start);
    }
    if (best > 50) complain(name, `${best.toFixed(0)} ms for ${answer.length} characters`, answer);
    longest = Math.max(longest, best);
  }
  console.log(
    `${name.padEnd(20)}${String(read).padStart(7)}${String(count - read).padStart(12)}${`${longest.toFixed(1)} ms`.padStart(19)}`,
  );
}
console.log(`\n${violations} violations`);
process.exitCode = violations > 0 ? 1 : 0;
