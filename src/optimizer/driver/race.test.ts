import { describe, expect, test } from 'vitest';
import type { Example } from '../../dataset/dataset.ts';
import type { Outcome, RowResult } from '../../evaluation/evaluation.ts';
import { type Candidate, hashCandidate } from '../../prompt/candidate.ts';
import type { CandidateEvaluation, OptimizationEvent, RacePlan } from '../optimizer.ts';
import { nestedRungs, rowsOfRace } from '../part/rungs.ts';
import { evaluationOf } from './evaluator.ts';
import { race } from './race.ts';

const usage = { calls: 1, cachedCalls: 0, latencyMs: 0, retries: 0, failedCalls: 0, requests: [] };

function examplesOf(count: number): readonly Example[] {
  return Array.from({ length: count }, (_, index) => ({ id: String(index), inputs: {} }));
}

function named(name: string): Candidate {
  return { 'answer.instructions': { kind: 'text', text: name } };
}

function nameOf(candidate: Candidate): string {
  const parameter = candidate['answer.instructions'];
  return parameter?.kind === 'text' ? parameter.text : '';
}

/** Races candidates by name; a score of undefined is a row that the infrastructure lost. */
async function runRace(
  names: readonly string[],
  plan: Omit<RacePlan, 'examples'> & { readonly rows: number },
  scoreOf: (name: string, row: number) => number | undefined,
) {
  const asked = new Set<string>();
  const events: OptimizationEvent[] = [];
  const evaluate = async (
    candidate: Candidate,
    examples: readonly Example[],
  ): Promise<CandidateEvaluation> => {
    const results = examples.map(({ id }): RowResult => {
      asked.add(`${nameOf(candidate)}/${id}`);
      const value = scoreOf(nameOf(candidate), Number(id));
      const outcome: Outcome =
        value === undefined
          ? { status: 'infrastructure-error', code: 'HONE_MODEL_SERVER', reason: 'Down.' }
          : { status: 'scored', value };
      return { candidate: hashCandidate(candidate), exampleId: id, trial: 0, outcome, usage };
    });
    return evaluationOf(candidate, results);
  };
  const { finalists, ranking } = await race(
    names.map(named),
    { ...plan, examples: examplesOf(plan.rows) },
    { evaluate, emit: (event) => events.push(event) },
  );
  const list = (evaluations: readonly CandidateEvaluation[]) =>
    evaluations.map(({ candidate, results }) => `${nameOf(candidate)} ${results.length}`);
  return { finalists: list(finalists), ranking: list(ranking), events, rows: asked.size };
}

describe('race', () => {
  const quality: Readonly<Record<string, number>> = { a: 0.1, b: 0.2, c: 0.3, d: 0.4 };

  test('lets the better half go on after each rung and ranks all by how far they came', async () => {
    const { finalists, ranking, events, rows } = await runRace(
      ['a', 'b', 'c', 'd'],
      { rows: 8, rungs: [2, 4, 8] },
      (name) => quality[name],
    );
    expect(finalists).toEqual(['d 8']);
    expect(ranking).toEqual(['d 8', 'c 4', 'b 2', 'a 2']);
    expect(events.map((event) => event.type === 'candidate-eliminated' && event.rows)).toEqual([2, 2, 4]);
    expect(rows).toBe(4 * 2 + 2 * 2 + 1 * 4);
  });

  test('keeps as many to the end as asked for', async () => {
    const plan = { rows: 8, rungs: [2, 4, 8], keep: 3 };
    const { finalists } = await runRace(['a', 'b', 'c', 'd'], plan, (name) => quality[name]);
    expect(finalists).toEqual(['d 8', 'c 8', 'b 8']);
  });

  test('keeps the earlier candidate on a tie', async () => {
    const { finalists } = await runRace(['a', 'b', 'c', 'd'], { rows: 4, rungs: [2, 4] }, () => 0.5);
    expect(finalists).toEqual(['a 4', 'b 4']);
  });

  test('counts a row that was lost for one candidate for none of them', async () => {
    // On the rows that both answered b is better; a lost only its failures.
    const scoreOf = (name: string, row: number) =>
      name === 'a' ? (row < 3 ? undefined : row < 6 ? 1 : 0) : row < 3 ? 0 : row < 7 ? 1 : 0;
    const { finalists } = await runRace(['a', 'b'], { rows: 8, rungs: [8] }, scoreOf);
    expect(finalists[0]).toBe('b 8');
  });

  test('a candidate that lost every row does not win', async () => {
    const scoreOf = (name: string) => (name === 'a' ? undefined : 0.5);
    const { finalists } = await runRace(['a', 'b'], { rows: 4, rungs: [4] }, scoreOf);
    expect(finalists[0]).toBe('b 4');
  });

  test('ranks by what it is told to', async () => {
    const plan: Omit<RacePlan, 'examples'> & { rows: number } = {
      rows: 4,
      rungs: [2, 4],
      rank: ({ mean = 0 }) => -mean,
    };
    const { finalists } = await runRace(['a', 'b', 'c', 'd'], plan, (name) => quality[name]);
    expect(finalists).toEqual(['a 4', 'b 4']);
  });

  test('of nobody has no finalist', async () => {
    expect((await runRace([], { rows: 4, rungs: [4] }, () => 0)).finalists).toEqual([]);
  });

  test.each([
    { candidates: 4, validation: 21, keep: 1 },
    { candidates: 16, validation: 60, keep: 1 },
    { candidates: 8, validation: 200, keep: 3 },
    { candidates: 3, validation: 40, keep: 5 },
    { candidates: 1, validation: 16, keep: 1 },
  ])('takes the rows that are foretold: $candidates on $validation, $keep kept', async (row) => {
    const { candidates, validation, keep } = row;
    const names = Array.from({ length: candidates }, (_, index) => `candidate ${index}`);
    const rungs = nestedRungs(validation);
    const { rows } = await runRace(names, { rows: validation, rungs, keep }, (name) => name.length);
    expect(rowsOfRace(candidates, { rungs, keep })).toBe(rows);
  });
});

test.each([
  { rows: 60, rungs: [16, 32, 60] },
  { rows: 64, rungs: [16, 32, 64] },
  { rows: 200, rungs: [16, 32, 64, 128, 200] },
  { rows: 40, rungs: [16, 40] },
  { rows: 20, rungs: [20] },
  { rows: 8, rungs: [8] },
])('the rungs of $rows rows double from 16: $rungs', ({ rows, rungs }) => {
  expect(nestedRungs(rows)).toEqual(rungs);
});
