import { describe, expect, test } from 'vitest';
import type { Example } from '../../dataset/dataset.ts';
import type { Outcome, RowResult } from '../../evaluation/evaluation.ts';
import { type Candidate, hashCandidate } from '../../prompt/candidate.ts';
import type { CandidateEvaluation, OptimizationEvent } from '../optimizer.ts';
import { nothing } from './amounts.ts';
import { createRunBudget } from './budget.ts';
import { confirm } from './confirm.ts';
import { evaluationOf } from './evaluator.ts';
import { createLedger } from './ledger.ts';
import type { OptimizationBudget } from './optimize-options.ts';
import { createRowCosts } from './row-costs.ts';
import type { SearchEngine } from './scope.ts';
import type { SearchResult } from './search.ts';

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
  return evaluationOf(candidate, results);
}

/** What each candidate was scored on when the search ended, and what it would give on all rows. */
async function confirmed(
  chosen: string,
  marks: Readonly<Record<string, string>>,
  {
    budget: limits = {},
    testRows = 0,
    scored = rows,
    stopReason = 'done',
    callsOf = () => 1,
  }: {
    readonly budget?: OptimizationBudget;
    readonly testRows?: number;
    readonly scored?: number;
    readonly stopReason?: SearchResult['stopReason'];
    readonly callsOf?: (name: string) => number;
  } = {},
) {
  const all = new Map(Object.entries(marks).map(([name, each]) => [name, scoring(name, each)]));
  const events: OptimizationEvent[] = [];
  const emit = (event: OptimizationEvent) => void events.push(event);
  const seed = named('seed');
  const ledger = createLedger({ seed, train: [], validation, originOf: () => undefined, emit });
  const known = new Map<string, CandidateEvaluation>();
  for (const [name, { candidate, results }] of all) {
    const part = results.slice(0, name === 'seed' ? rows : scored);
    ledger.add(candidate, part);
    known.set(hashCandidate(candidate), evaluationOf(candidate, part));
  }
  const budget = createRunBudget(limits);
  const engine = {
    evaluator: {
      evaluate: async (candidate: Candidate, _: unknown, { account }: { account: typeof budget }) => {
        const whole = all.get(nameOf(candidate)) ?? scoring(nameOf(candidate), '0'.repeat(rows));
        const missing = ledger.missing(candidate);
        account.charge({ ...nothing, calls: missing * callsOf(nameOf(candidate)) });
        known.set(whole.hash, whole);
        return whole;
      },
      isAnswered: (candidate: Candidate, { id }: Example) =>
        known.get(hashCandidate(candidate))?.results.some(({ exampleId }) => exampleId === id) ?? false,
      known: (candidate: Candidate) => known.get(hashCandidate(candidate)) ?? evaluationOf(candidate, []),
    },
    budget,
    objectives: [],
    costs: createRowCosts({
      program: { steps: [] } as never,
      calls: (candidate) => {
        const calls = callsOf(nameOf(candidate));
        return { typical: calls, most: calls };
      },
      examples: [],
    }),
    emit,
  } as unknown as SearchEngine;
  const { winner, isAffordable } = await confirm(
    { chosen: named(chosen), stopReason, ledger } as unknown as SearchResult,
    { seed, validation, testRows },
    engine,
  );
  return { winner: nameOf(winner.candidate), isAffordable, events, used: budget.used };
}

function nameOf(candidate: Candidate): string {
  const parameter = candidate['answer.instructions'];
  return parameter?.kind === 'text' ? parameter.text : '';
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

  const better = { seed: '0'.repeat(rows), dear: '1'.repeat(rows), cheap: '1'.repeat(18).padEnd(rows, '0') };

  test('is one whose test fits into what is left, not the dearer one that does not', async () => {
    const dearly = {
      callsOf: (name: string) => (name === 'dear' ? 5 : 1),
      testRows: 10,
      budget: { calls: 30 },
    };
    expect(await confirmed('dear', better, dearly)).toMatchObject({ winner: 'cheap', isAffordable: true });
  });

  test('is the best, without a test, when the test of none fits', async () => {
    const broke = { testRows: 10, budget: { calls: 15 } };
    expect(await confirmed('dear', better, broke)).toMatchObject({ winner: 'dear', isAffordable: false });
  });

  test('costs only the rows that it was not scored on', async () => {
    const { used } = await confirmed('dear', better, { scored: 15 });
    expect(used.calls).toBe(2 * 5);
  });
});
