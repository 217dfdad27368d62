import { describe, expect, test } from 'vitest';
import { sha256 } from '../../src/base/hash.ts';
import type { Optimizer } from '../../src/optimizer/optimizer.ts';
import { type Candidate, parameterOf } from '../../src/prompt/candidate.ts';
import { finishRules } from '../../src/testing/rule-run.ts';
import { ruleExamples, ruleRoles } from '../../src/testing/rule-task.ts';
import { scriptedModel } from '../../src/testing/scripted-model.ts';

/** Right by chance, in each draw and for each prompt anew: any difference between two prompts is noise. */
function noisyModel(run: number) {
  const rows = ruleExamples();
  return scriptedModel({
    respond: (request, { draw }) => {
      const text = request.messages.map(({ content }) => String(content)).join('\n');
      const row = rows[Number([...text.matchAll(/#(\d{3}) /g)].at(-1)?.[1] ?? 0)];
      const chance = Number.parseInt(sha256(`${run} ${draw} ${text}`).slice(0, 8), 16) / 2 ** 32;
      const answer = chance < 0.6 ? String(row?.expected?.action) : chance < 0.8 ? 'hold' : 'scrap';
      return request.responseSchema === undefined ? answer : JSON.stringify({ action: answer });
    },
  });
}

/** Proposes the seed's text changed, and returns it. */
function returning(name: string, change: (text: string) => string): Optimizer {
  return {
    name,
    version: 1,
    options: {},
    needs: { parameters: ['text'], labels: true },
    estimate: ({ validation }) => ({ task: 2 * validation, reflection: 0 }),
    async *optimize({ seed, admit, evaluate, validation }) {
      const text = parameterOf(seed, 'answer.instructions', 'text')?.text ?? '';
      const changes: Candidate = { 'answer.instructions': { kind: 'text', text: change(text) } };
      const [admission] = admit([{ changes, origin: 'changed' }]);
      const candidate =
        admission === undefined || admission.status === 'rejected' ? seed : admission.candidate;
      const { hash, mean } = await evaluate(candidate, validation);
      yield { type: 'candidate-accepted', candidate: hash, mean, note: 'mine' };
      return { ...candidate, ...changes };
    },
  };
}

const changes: readonly { readonly what: string; readonly change: (text: string) => string }[] = [
  { what: 'the seed', change: (text) => text },
  { what: 'the seed with a newline', change: (text) => `${text}\n` },
  { what: 'the seed with blanks around it', change: (text) => `\n  ${text}\t\r\n` },
];

describe.each(changes)('$what on a noisy model', ({ what, change }) => {
  test('is never called better', async () => {
    for (let run = 0; run < 6; run += 1) {
      const { report } = await finishRules({
        optimizer: returning(what, change),
        changes: { dataset: ruleRoles(96), model: noisyModel(run), randomSeed: run, evenIfSaturated: true },
      });
      expect(report.verdict).not.toBe('improved');
      expect(report.best.hash).toBe(report.seed.hash);
    }
  });
});

test('another text that changes nothing is called better no more often than the test allows', async () => {
  let improved = 0;
  for (let run = 0; run < 20; run += 1) {
    const { report } = await finishRules({
      optimizer: returning('other words', (text) => `${text} Please.`),
      changes: { dataset: ruleRoles(96), model: noisyModel(run), randomSeed: run },
    });
    if (report.verdict === 'improved') improved += 1;
  }
  // One-sided 2.5 % of 20 runs: three or more happen once in three hundred times.
  expect(improved).toBeLessThanOrEqual(2);
});
