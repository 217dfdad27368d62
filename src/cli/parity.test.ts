import { expect, test } from 'vitest';
import type { OptimizationReport } from '../optimizer/driver/report.ts';
import { chatCompletion, openLoopbackServer } from '../testing/loopback-server.ts';
import { rowsText, scriptedProject } from './scripted-project.ts';

/** A server whose model `old` knows every answer; the new one needs demos. */
async function project() {
  const asked: string[] = [];
  let isRetired = false;
  const hone = await scriptedProject((answer) =>
    openLoopbackServer(({ body }, index) => {
      asked.push(String(body.model));
      if (body.model !== 'old') return { body: chatCompletion(answer(body, index)) };
      if (isRetired) return { status: 404, body: { error: { message: 'The model old does not exist.' } } };
      const question = JSON.stringify((body.messages as readonly unknown[]).at(-1));
      return { body: chatCompletion(question.includes('carrot') ? 'vegetable' : 'fruit') };
    }),
  );
  hone.write('rows.csv', rowsText(800));
  hone.write('winner.md', `---\nmodel: openai-compatible:${hone.server.baseUrl}#old\n---\nSay what it is.\n`);
  const line = `optimize winner.md --data rows.csv --expected kind --model openai-compatible:${hone.server.baseUrl}#new --optimizer labeled-few-shot:{demos:6}`;
  const report = () => JSON.parse(hone.read('.hone/reports/latest.json')) as OptimizationReport;
  return Object.assign(hone, {
    line,
    report,
    calls: (model: string) => asked.filter((each) => each === model).length,
    retire: () => {
      isRetired = true;
    },
  });
}

test('a prompt of another model is compared with that model: parity is shown, and told beforehand', async () => {
  await using hone = await project();
  const { code, output, errors } = await hone.hone(`${hone.line} --fail-on-inconclusive`);
  expect(code).toBe(0);
  expect(errors()).toContain('the search is followed by a look at parity');
  expect(output()).toMatch(
    / {2}parity +Parity shown: 1\.00 with openai-compatible\/old and its prompt, 1\.00 with openai-compatible\/new on 200 sealed rows; at most 0\.0\d\d worse/,
  );
  expect(hone.report().parity).toMatchObject({ verdict: 'parity', margin: 0.05, use: 2 });
  expect(hone.calls('old')).toBe(200);
  const shown = await hone.hone('report --format md');
  expect(shown.output()).toContain('Parity shown: 1.00');
  // The same again asks nobody.
  const calls = hone.server.count;
  await hone.hone(hone.line);
  expect(hone.server.count).toBe(calls);
});

test('a margin that the rows cannot show says how many would', async () => {
  await using hone = await project();
  const { output } = await hone.hone(`${hone.line} --parity-margin 0.01`);
  expect(output()).toMatch(/Parity not shown: [\s\S]*About \d+ test rows/);
});

test('a retired model is a note, and the search is worth the same', async () => {
  await using hone = await project();
  hone.retire();
  const { code, output } = await hone.hone(hone.line);
  expect(code).toBe(0);
  expect(hone.report().verdict).toBe('improved');
  expect(hone.report().parity).toBeUndefined();
  expect(output()).toMatch(/note +Parity with openai-compatible:\S+#old could not be looked at: /);
});

test('what the old model has answered before it was retired is enough', async () => {
  await using hone = await project();
  await hone.hone(hone.line);
  hone.retire();
  const { output } = await hone.hone(hone.line);
  expect(output()).toContain('Parity shown');
});

test('--no-parity leaves it out, --parity names the model, and a budget bounds it', async () => {
  await using hone = await project();
  const { errors } = await hone.hone(`${hone.line} --no-parity`);
  expect(errors()).not.toContain('parity');
  expect(hone.calls('old')).toBe(0);
  hone.write('plain.md', 'Say what it is.\n');
  const named = hone.line.replace('winner.md', 'plain.md');
  const old = `openai-compatible:${hone.server.baseUrl}#old`;
  const bounded = await hone.hone(`${named} --parity ${old} --max-calls 650`);
  expect(bounded.output()).toContain('does not hold the test rows');
  expect(hone.calls('old')).toBe(0);
  expect((await hone.hone(`${named} --parity ${old}`)).output()).toContain('Parity shown');
});

test.each([
  ['--parity-margin 3', 'It is not a score from 0 to 1'],
  ['--model other --parity old', '--parity old is replaced by one'],
  ['--no-parity --parity-margin 0.1', 'no model is replaced'],
])('%s is refused', async (flags, message) => {
  await using hone = await project();
  const { code, errors } = await hone.hone(`${hone.line} ${flags}`);
  expect(code).toBe(2);
  expect(errors()).toContain(message);
  expect(hone.server.count).toBe(0);
});

test('a model that would replace itself is refused', async () => {
  await using hone = await project();
  const model = `openai-compatible:${hone.server.baseUrl}#new`;
  const { code, errors } = await hone.hone(`${hone.line} --parity ${model}`);
  expect(code).toBe(2);
  expect(errors()).toContain('cannot replace itself');
  expect(hone.server.count).toBe(0);
});

test('--dry-run tells of it and asks nobody', async () => {
  await using hone = await project();
  const { output } = await hone.hone(`${hone.line} --dry-run`);
  expect(output()).toContain('followed by a look at parity');
  expect(hone.server.count).toBe(0);
});
