import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadDataset } from '../dataset/load.ts';
import { predict } from '../program/predict.ts';
import { exactMatch } from '../scorer/exact-match.ts';
import { signature } from '../signature/shorthand.ts';
import { openMemoryStore } from '../store/open-store.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { triage, triageModel, triageRoles, triageScorer } from '../testing/triage-task.ts';
import { evaluate, optimize } from './library.ts';
import { openWorkspace } from './workspace.ts';

let folder: string;
let before: string | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hone-library-'));
  before = process.env.HONE_DIR;
  process.env.HONE_DIR = join(folder, 'store');
});

afterEach(() => {
  if (before === undefined) delete process.env.HONE_DIR;
  else process.env.HONE_DIR = before;
  rmSync(folder, { recursive: true, force: true });
});

const program = predict(
  signature("text -> kind: 'fruit' | 'vegetable'", { instructions: 'Say what it is.' }),
);
const model = () => scriptedModel({ replies: ['fruit'] });
const dataset = (count: number) =>
  loadDataset(
    Array.from({ length: count }, (_, index) => ({
      text: `${String.fromCharCode(97 + (index % 26)).repeat(3)} ${index * 7919} ${index % 2}`,
      kind: index % 2 === 0 ? 'fruit' : 'vegetable',
    })),
    { expected: ['kind'] },
  );

test('an evaluation keeps its rows in the folder of HONE_DIR, and they can be read after its end', async () => {
  const run = evaluate({ program, dataset: await dataset(4), scorer: exactMatch('kind'), model: model() });
  const evaluation = await run.result();
  expect(evaluation.summaries[0]).toMatchObject({ rows: 4, mean: 0.5 });
  expect(existsSync(join(folder, 'store/hone.db'))).toBe(true);
  const values: unknown[] = [];
  for await (const { outcome } of evaluation.results()) values.push(outcome.status);
  expect(values).toEqual(['scored', 'scored', 'scored', 'scored']);
  const seen: unknown[] = [];
  for await (const row of run) seen.push(row.exampleId);
  expect(seen).toHaveLength(4);
  await using workspace = openWorkspace({ folder });
  expect(await workspace.store.runs.read(await run.id)).toMatchObject({ status: 'completed' });
});

test('a store of one’s own is used and stays open', async () => {
  await using store = await openMemoryStore();
  await evaluate({
    program,
    dataset: await dataset(2),
    scorer: exactMatch('kind'),
    model: model(),
    store,
  }).result();
  expect((await store.answers.count()).answers).toBe(2);
  expect(existsSync(join(folder, 'store'))).toBe(false);
});

test('an optimizer may be named, and its events can be watched by late comers', async () => {
  const run = optimize({
    program,
    dataset: await dataset(90),
    scorer: exactMatch('kind'),
    model: model(),
    optimizer: 'labeled-few-shot',
  });
  const { verdict, report } = await run.result();
  expect(verdict).toBe('no-reliable-improvement');
  expect(report.optimizer.name).toBe('labeledFewShot');
  const types: string[] = [];
  for await (const event of run) types.push(event.type);
  expect(types.at(-1)).toBe('finished');
});

test.each([
  ['an unknown optimizer', { optimizer: 'autoo' }, 'HONE_OPTION_INVALID'],
  ['an unknown model', { model: 'opnai/x' }, 'HONE_MODEL_UNKNOWN'],
])('%s rejects the result and the id', async (_, change, code) => {
  const run = optimize({
    program,
    dataset: await dataset(90),
    scorer: exactMatch('kind'),
    model: model(),
    ...change,
  });
  await expect(run.result()).rejects.toMatchObject({ code });
  await expect(run.id).rejects.toMatchObject({ code });
});

test('a run that is cancelled before it starts ends as cancelled', async () => {
  const run = evaluate({ program, dataset: await dataset(50), scorer: exactMatch('kind'), model: model() });
  run.cancel();
  await expect(run.result()).rejects.toMatchObject({ code: 'HONE_ABORTED' });
});

test('an optimization takes rows whose roles are given', async () => {
  const roles = triageRoles(160);
  const run = optimize({
    program: triage,
    dataset: roles,
    scorer: triageScorer,
    model: triageModel(),
    optimizer: 'labeledFewShot',
  });
  const { report } = await run.result();
  const { train, validation, test: sealed } = roles;
  expect(report.rows).toEqual({ train: train.length, validation: validation.length, test: sealed.length });
  await expect(
    optimize({
      program: triage,
      dataset: { train } as never,
      scorer: triageScorer,
      model: triageModel(),
    }).result(),
  ).rejects.toMatchObject({
    code: 'HONE_OPTION_INVALID',
    message: expect.stringContaining('{ train, validation, test }'),
  });
});
