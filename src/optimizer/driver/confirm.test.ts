import { describe, expect, test } from 'vitest';
import type { Example } from '../../dataset/dataset.ts';
import type { Outcome, RowResult } from '../../evaluation/evaluation.ts';
import { type Candidate, hashCandidate } from '../../prompt/candidate.ts';
import type { CandidateEvaluation, OptimizationEvent } from '../optimizer.ts';
import { confirm } from './confirm.ts';
import { meanOf } from './evaluator.ts';

const rows = 20;
const validation: readonly Example[] = Array.from({ length: rows }, (_, index) => ({
  id: String(index),
  inputs: {},
}));

function named(name: string): Candidate {
  return { 'answer.instructions': { kind: 'text', text: name } };
}

/** One character a row: `1` right, `0` wrong, `x` lost. */
function scoring(name: string, marks: string): CandidateEvaluation {
  const candidate = named(name);
  const hash = hashCandidate(candidate);
  const results = [...marks].map((mark, index): RowResult => {
    const outcome: Outcome =
      mark === 'x'
        ? { status: 'infrastructure-error', code: 'HONE_MODEL_SERVER', reason: 'Down.' }
        : { status: 'scored', value: Number(mark) };
    const usage = { calls: 1, cachedCalls: 0, latencyMs: 0, retries: 0, failedCalls: 0, requests: [] };
    return { candidate: hash, exampleId: String(index), trial: 0, outcome, usage };
  });
  return { candidate, hash, mean: meanOf(results), results };
}

async function confirmed(chosen: string, marks: Readonly<Record<string, string>>) {
  const all = new Map(Object.entries(marks).map(([name, each]) => [name, scoring(name, each)]));
  const of = (name: string) => all.get(name) ?? scoring(name, '0'.repeat(rows));
  const leaderboard = [...all.values()].sort((a, b) => b.mean - a.mean);
  const events: OptimizationEvent[] = [];
  const winner = await confirm(
    {
      chosen: named(chosen),
      stopReason: 'done',
      leaderboard,
      baseline: of('seed'),
      candidates: [],
      curve: [],
    },
    {
      validation,
      evaluator: {
        evaluate: async (candidate, _, purpose) => {
          expect(purpose).toBe('proof');
          return [...all.values()].find(({ hash }) => hash === hashCandidate(candidate)) ?? of('seed');
        },
      },
      emit: (event) => events.push(event),
    },
  );
  const parameter = winner.candidate['answer.instructions'];
  return { winner: parameter?.kind === 'text' ? parameter.text : '', events };
}

describe('the candidate that goes to the test', () => {
  test.each<{ what: string; marks: Readonly<Record<string, string>>; winner: string }>([
    {
      what: 'is the optimizer’s choice when another is better within one standard error',
      marks: {
        seed: '00000000000000000000',
        mine: '11111111110000000000',
        // Better on 3 rows, worse on 2: a difference of 0.05 with a standard error of 0.11.
        other: '11111111001110000000',
      },
      winner: 'mine',
    },
    {
      what: 'is another that is better by more than one standard error',
      marks: {
        seed: '00000000000000000000',
        mine: '11111111110000000000',
        other: '11111111111111110000',
      },
      winner: 'other',
    },
    {
      what: 'is the seed when the choice is clearly worse than it',
      marks: { seed: '11111111111111110000', mine: '11110000000000000000' },
      winner: 'seed',
    },
    {
      what: 'is the choice on an exact tie',
      marks: { seed: '11110000000000000000', mine: '00001111000000000000' },
      winner: 'mine',
    },
    {
      what: 'is compared on the rows that both answered',
      marks: {
        seed: '00000000000000000000',
        mine: '11111111100000000000',
        // Looks better only because the infrastructure lost its wrong rows.
        other: '111111111xxxxxxxxxxx',
      },
      winner: 'mine',
    },
  ])('$what', async ({ marks, winner }) => {
    expect((await confirmed('mine', marks)).winner).toBe(winner);
  });

  test('is one of the three best, the choice and the seed', async () => {
    const better = (count: number) => '1'.repeat(count).padEnd(rows, '0');
    const { events } = await confirmed('mine', {
      seed: better(1),
      mine: better(2),
      a: better(5),
      b: better(4),
      c: better(3),
    });
    const event = events.find(({ type }) => type === 'confirmation');
    expect(event).toMatchObject({
      candidates: [{ mean: 0.1 }, { mean: 0.25 }, { mean: 0.2 }, { mean: 0.05 }],
    });
  });
});
