import { afterAll, beforeAll, expect, test } from 'vitest';
import { chatCompletion, openLoopbackServer } from '../testing/loopback-server.ts';
import { rowsText, type ScriptedProject, scriptedProject } from './scripted-project.ts';

let project: ScriptedProject;
let run: string;
let report: {
  readonly runId: string;
  readonly sealedTest: { readonly seed: number; readonly winner: number; readonly rows: number };
  readonly best: { readonly candidate: unknown };
};

beforeAll(async () => {
  project = await scriptedProject((answer) =>
    openLoopbackServer(({ body }, index) => ({ body: chatCompletion(answer(body, index)) })),
  );
  project.write('rows.csv', rowsText(200));
  const ran = await project.hone(`optimize ${project.task} --optimizer labeled-few-shot --json`);
  expect(ran.code, ran.errors()).toBe(0);
  report = JSON.parse(ran.output());
  run = String(report.runId);
});
afterAll(() => project[Symbol.asyncDispose]());

test('seed and winner of a sealed test stand beside each other as experiments, with the figures of the report', async () => {
  const asked = project.server.count;
  const ran = await project.hone(`compare ${run}:seed ${run}:winner --json`);
  expect(ran.code, ran.errors()).toBe(0);
  const [comparison] = JSON.parse(ran.output()).comparisons;
  const { seed, winner, rows } = report.sealedTest;
  expect(comparison).toMatchObject({
    baseline: { snapshot: { split: 'sealed test', dataset: { rows }, models: { task: expect.any(String) } } },
    scores: [{ comparison: { seedMean: seed, winnerMean: winner, rows } }],
    unmatched: { baseline: [], challenger: [] },
  });
  expect(comparison.prompt.length).toBeGreaterThan(0);
  const shown = await project.hone(`compare ${run}:seed ${run}:winner --limit 2`);
  expect(shown.output()).toContain('Better:');
  expect(project.server.count).toBe(asked);
});

test('the winner of a run is published with what its test showed', async () => {
  const ran = await project.hone(`prompts publish triage ${run}:winner --actor ada`);
  expect(ran.output()).toContain(`in ${run}:winner`);
  const { versions } = JSON.parse(project.read('hone/prompts/triage.json'));
  expect(versions[0]).toMatchObject({
    candidate: report.best.candidate,
    evidence: {
      experiment: `${run}:winner`,
      score: { mean: report.sealedTest.winner },
    },
  });
});

test.each([
  { words: 'compare opt-000000000000:seed latest', told: 'There is no sealed test of opt-000000000000' },
  { words: 'compare $run latest', told: '$run:seed and $run:winner' },
  { words: 'compare $run:best latest', told: 'There is no experiment $run:best' },
])('$words says what there is', async ({ words, told }) => {
  const ran = await project.hone(words.replaceAll('$run', run));
  expect([ran.code, ran.errors()]).toEqual([2, expect.stringContaining(told.replaceAll('$run', run))]);
});
