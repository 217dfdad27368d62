import { expect, test } from 'vitest';
import type { Example } from '../dataset/dataset.ts';
import type { EmbeddingModel } from '../model/embedding-model.ts';
import { predict } from '../program/predict.ts';
import { embeddingSimilarity } from '../scorer/embedding-similarity.ts';
import { judge } from '../scorer/judge.ts';
import { withinLimit } from '../scorer/within-limit.ts';
import { signature } from '../signature/shorthand.ts';
import { openMemoryStore } from '../store/open-store.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { evaluate } from './evaluate.ts';
import { readSnapshot } from './snapshot.ts';

const program = predict(signature('text -> reply'));
const rows: readonly Example[] = Array.from({ length: 40 }, (_, index) => ({
  id: `row-${index}`,
  inputs: { text: `ticket ${index}` },
  expected: { reply: 'sorry' },
}));
const polite = judge('polite', { question: 'Is it polite?', choices: { yes: 1, no: 0 } });
const task = () => scriptedModel({ id: 'scripted/task', respond: () => ({ text: 'sorry', costUsd: 0.001 }) });

test('a judge is counted with the row, in every total and in no measure of the candidate', async () => {
  await using store = await openMemoryStore();
  const judging = scriptedModel({
    id: 'scripted/judge',
    respond: () => ({ text: '<evidence>fine</evidence><verdict>yes</verdict>', costUsd: 0.01 }),
  });
  const run = evaluate({
    program,
    dataset: rows,
    scorer: [polite, withinLimit('cost', 0.002)],
    model: task(),
    models: { judge: judging },
    store,
  });
  const { summaries, usage, objectives } = await run.result();
  expect(summaries.map(({ name, mean }) => [name, mean])).toEqual([
    ['polite', 1],
    ['within-limit(cost)', 1],
  ]);
  expect(usage).toMatchObject({ calls: 80, costUsd: expect.closeTo(0.44, 9) });
  expect(objectives.find(({ name }) => name === 'cost')?.mean).toBeCloseTo(0.001, 9);
});

test('a judge that contradicts itself loses its rows, and the others keep their scores', async () => {
  await using store = await openMemoryStore();
  const judging = scriptedModel({
    respond: ({ messages }) =>
      messages.some(({ content }) => String(content).includes('ticket 7'))
        ? '<evidence>hm</evidence><verdict>yes</verdict><verdict>no</verdict>'
        : '<evidence>fine</evidence><verdict>no</verdict>',
  });
  const run = evaluate({
    program,
    dataset: rows,
    scorer: polite,
    model: task(),
    models: { judge: judging },
    store,
  });
  const { summaries } = await run.result();
  expect(summaries[0]).toMatchObject({ mean: 0, rows: 39, failed: 0, infrastructureErrors: 1 });
});

test('vectors are counted with the row that needed them, as a judge’s calls', async () => {
  await using store = await openMemoryStore();
  const model: EmbeddingModel = {
    id: 'test/embedder',
    inProcess: true,
    async embed(texts, { observe } = {}) {
      if (texts.length > 0)
        observe?.({ usage: { inputTokens: 3, outputTokens: 0 }, costUsd: 0.1, latencyMs: 1 });
      return texts.map((text) => Float32Array.from([text.length, 1]));
    },
  };
  const dataset = rows.slice(0, 2).map((row) => ({ ...row, expected: { reply: 'apologies' } }));
  const run = evaluate({
    program,
    dataset,
    scorer: embeddingSimilarity('reply', { model }),
    model: task(),
    store,
    concurrency: 1,
  });
  const { usage, objectives } = await run.result();
  // The second row has the same two texts, whose vectors are known.
  expect(usage).toMatchObject({ calls: 3, costUsd: expect.closeTo(0.102, 9) });
  expect(objectives.find(({ name }) => name === 'cost')?.mean).toBeCloseTo(0.001, 9);
});

test('another judge, by its question or its model, is another measure', async () => {
  await using store = await openMemoryStore();
  const versions = async (scorer: typeof polite, id: string) => {
    const judging = scriptedModel({ id, respond: () => '<evidence>x</evidence><verdict>yes</verdict>' });
    const run = evaluate({
      program,
      dataset: rows.slice(0, 3),
      scorer,
      model: task(),
      models: { judge: judging },
      store,
    });
    const { runId } = await run.result();
    const snapshot = readSnapshot((await store.runs.read(runId))?.snapshot);
    return [snapshot?.scorers[0]?.version, snapshot?.models.judge];
  };
  const first = await versions(polite, 'scripted/one');
  expect(await versions(polite, 'scripted/one')).toEqual(first);
  expect(await versions(polite, 'scripted/two')).not.toEqual(first);
  const other = judge('polite', { question: 'Is it kind?', choices: { yes: 1, no: 0 } });
  expect((await versions(other, 'scripted/one'))[0]).not.toBe(first[0]);
});
