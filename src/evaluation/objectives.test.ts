import { expect, test } from 'vitest';
import type { CandidateHash } from '../prompt/candidate.ts';
import type { Outcome, RowResult } from './evaluation.ts';
import { createObjectives } from './objectives.ts';

const usage = { calls: 1, failedCalls: 0, cachedCalls: 0, latencyMs: 5, retries: 0, requests: [] };
const row = (outcome: Outcome, others?: Readonly<Record<string, Outcome>>): RowResult => ({
  candidate: 'c' as CandidateHash,
  exampleId: 'row',
  trial: 0,
  outcome,
  ...(others !== undefined && { others }),
  usage,
});
const scored = (raw: number): Outcome => ({ status: 'scored', value: raw, objectives: { raw } });
const failed: Outcome = { status: 'failed', value: 0, feedback: 'unreadable', text: 'x' };
const lost: Outcome = { status: 'infrastructure-error', code: 'HONE_MODEL_SERVER', reason: 'away' };

function measured(rows: readonly (readonly RowResult[])[]) {
  const objectives = createObjectives();
  for (const trials of rows) objectives.add(trials);
  return Object.fromEntries(
    objectives
      .summaries()
      .slice(3)
      .map(({ name, rows: count, mean }) => [name, { rows: count, mean }]),
  );
}

test('a row that failed counts with its fail value in every measure, whenever it comes', () => {
  expect(measured([[row(failed)], [row(scored(1))], [row(scored(1))], [row(failed)]])).toEqual({
    raw: { rows: 4, mean: 0.5 },
  });
});

test('failed trials count in the mean of their row, lost and not applicable ones do not', () => {
  expect(measured([[row(scored(1)), row(failed), row(lost)]])).toEqual({ raw: { rows: 1, mean: 0.5 } });
  expect(measured([[row(lost)], [row({ status: 'unscored', reason: 'none' })], [row(scored(1))]])).toEqual({
    raw: { rows: 1, mean: 1 },
  });
});

test('what further scorers measure stands under their names', () => {
  expect(measured([[row(scored(1), { rates: scored(0) })]])).toEqual({
    raw: { rows: 1, mean: 1 },
    'rates.raw': { rows: 1, mean: 0 },
  });
});
