import { describe, expect, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import { contentText } from '../model/content.ts';
import { predict } from '../program/predict.ts';
import type { Program } from '../program/program.ts';
import { hashCandidate } from '../prompt/candidate.ts';
import { exactMatch } from '../scorer/exact-match.ts';
import { signature } from '../signature/shorthand.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import type { RowJob } from './answer-row.ts';
import type { RowResult } from './evaluation.ts';
import { type RunRowsOptions, runRows } from './run-rows.ts';

const program = predict(signature('text -> echo')) as unknown as Program;

function jobsFor(rows: number): RowJob[] {
  return Array.from({ length: rows }, (_, index) => ({
    candidate: program.seed,
    hash: hashCandidate(program.seed),
    example: { id: `row-${index}`, inputs: { text: String(index) }, expected: { echo: String(index) } },
    trial: 0,
  }));
}

interface Script {
  readonly rows: number;
  /** Whether the infrastructure loses the row. */
  loses?(row: number): boolean;
  onCall?(row: number): void;
  readonly options?: Partial<RunRowsOptions> | undefined;
  readonly maxConcurrency?: number | undefined;
}

async function collect(script: Script): Promise<readonly RowResult[]> {
  const { rows, loses = () => false, onCall = () => undefined, options, maxConcurrency } = script;
  const model = scriptedModel({
    respond: ({ messages }) => {
      const row = Number(contentText(messages.at(-1)?.content ?? '').split(': ')[1]);
      onCall(row);
      if (loses(row)) throw new HoneError(`Row ${row} was lost.`, { code: 'HONE_MODEL_SERVER' });
      return String(row);
    },
  });
  const task = { program, model: { ...model, maxConcurrency }, scorers: [exactMatch('echo')] };
  const results: RowResult[] = [];
  for await (const result of runRows(jobsFor(rows), task, { concurrency: 4, ...options }))
    results.push(result);
  return results;
}

const idsOf = (results: readonly RowResult[]) => results.map(({ exampleId }) => exampleId);
const lostOf = (results: readonly RowResult[]) =>
  idsOf(results.filter(({ outcome }) => outcome.status === 'infrastructure-error'));

describe('runRows', () => {
  test('yields the results in the order of the rows', async () => {
    expect(idsOf(await collect({ rows: 30 }))).toEqual(jobsFor(30).map(({ example }) => example.id));
  });

  test('keeps isolated faults with their rows', async () => {
    const results = await collect({ rows: 40, loses: (row) => row % 10 === 3 });
    expect(lostOf(results)).toEqual(['row-3', 'row-13', 'row-23', 'row-33']);
    expect(results).toHaveLength(40);
  });

  test('keeps up to 15 rows that were lost at the start, once one is answered', async () => {
    const results = await collect({ rows: 20, loses: (row) => row < 15 });
    expect(lostOf(results)).toHaveLength(15);
    expect(idsOf(results)).toEqual(jobsFor(20).map(({ example }) => example.id));
  });

  test('ends with the first fault when the first 16 rows are lost, instead of trying every row', async () => {
    let calls = 0;
    const work = collect({ rows: 1_000, loses: () => true, onCall: () => (calls += 1) });
    await expect(work).rejects.toMatchObject({
      code: 'HONE_MODEL_SERVER',
      message: 'Row 0 was lost.',
      hint: expect.stringContaining('first 16 rows'),
    });
    expect(calls).toBeLessThan(16 + 2 * 4);
  });

  test('ends with the fault when all of a few rows are lost', async () => {
    await expect(collect({ rows: 3, loses: () => true })).rejects.toMatchObject({
      code: 'HONE_MODEL_SERVER',
    });
  });

  test('keeps a few rows that are all lost when others were answered before', async () => {
    const results = await collect({ rows: 3, loses: () => true, options: { answeredBefore: true } });
    expect(lostOf(results)).toHaveLength(3);
  });

  test('keeps a candidate whose every row is refused when others were answered before', async () => {
    const results = await collect({ rows: 60, loses: () => true, options: { answeredBefore: true } });
    expect(lostOf(results)).toHaveLength(60);
  });

  test('when the provider is gone ends at once; rows lost on the way there do not count', async () => {
    const settled: string[] = [];
    const model = scriptedModel({
      respond: ({ messages }) => {
        const row = Number(String(messages.at(-1)?.content).split(': ')[1]);
        if (row < 5 || row === 6) return String(row);
        const facts = { providerGone: row >= 9 };
        throw new HoneError(`Row ${row}: connection refused.`, { code: 'HONE_MODEL_UNREACHABLE', facts });
      },
    });
    const options = {
      concurrency: 1,
      onSettled: ({ exampleId }: RowResult) => settled.push(exampleId),
    };
    const yielded: string[] = [];
    const work = async () => {
      const task = { program, model, scorers: [exactMatch('echo')] };
      for await (const { exampleId } of runRows(jobsFor(500), task, options)) yielded.push(exampleId);
    };
    await expect(work()).rejects.toMatchObject({
      code: 'HONE_MODEL_UNREACHABLE',
      message: 'Row 9: connection refused.',
      hint: expect.stringContaining('run the same command again'),
      facts: { interrupted: true },
    });
    // Row 5 is a single loss: another row was answered after it. Rows 7 and 8 are not.
    const kept = [0, 1, 2, 3, 4, 5, 6].map((row) => `row-${row}`);
    expect([settled, yielded]).toEqual([kept, kept]);
    expect(model.callCount).toBe(10);
  });

  test.each([
    { answered: 6, lost: 4, ends: 'reports the last rows as lost' },
    { answered: 3, lost: 5, ends: 'stops as interrupted' },
  ])(
    'a provider that refuses the last $lost of its rows after $answered: $ends',
    async ({ answered, lost, ends }) => {
      const settled: string[] = [];
      const model = scriptedModel({
        respond: ({ messages }) => {
          const row = Number(String(messages.at(-1)?.content).split(': ')[1]);
          if (row < answered) return String(row);
          const facts = { providerGone: row === answered + lost - 1 };
          throw new HoneError('Refused.', { code: 'HONE_MODEL_RATE_LIMITED', facts });
        },
      });
      const task = { program, model, scorers: [exactMatch('echo')] };
      const onSettled = ({ exampleId }: RowResult) => void settled.push(exampleId);
      const results: RowResult[] = [];
      const work = async () => {
        const options = { concurrency: 1, onSettled };
        for await (const row of runRows(jobsFor(answered + lost), task, options)) results.push(row);
      };
      if (ends.startsWith('reports')) {
        await work();
        expect(lostOf(results)).toHaveLength(lost);
        expect(settled).toHaveLength(answered + lost);
      } else {
        await expect(work()).rejects.toMatchObject({ facts: { interrupted: true } });
        expect(settled).toHaveLength(answered);
      }
    },
  );

  test('says that none was answered when the provider was never there', async () => {
    const model = scriptedModel({
      respond: () => {
        throw new HoneError('Refused.', { code: 'HONE_MODEL_UNREACHABLE', facts: { providerGone: true } });
      },
    });
    const task = { program, model, scorers: [exactMatch('echo')] };
    const work = async () => {
      for await (const _ of runRows(jobsFor(3), task, { concurrency: 3 }))
        throw new Error('Nothing is answered.');
    };
    await expect(work()).rejects.toMatchObject({
      hint: expect.stringContaining('None of the first 3 rows was answered'),
    });
  });

  test('settles rows as they are answered, and yields them in order', async () => {
    const settled: number[] = [];
    let release = () => {};
    const hanging = new Promise<void>((resolve) => {
      release = resolve;
    });
    const model = scriptedModel({
      respond: async ({ messages }) => {
        const row = String(messages.at(-1)?.content).split(': ')[1] ?? '';
        if (row === '0') await hanging;
        return row;
      },
    });
    const onSettled = (_: RowResult, index: number) => {
      settled.push(index);
      if (settled.length === 49) release();
    };
    const task = { program, model, scorers: [exactMatch('echo')] };
    const yielded: string[] = [];
    for await (const { exampleId } of runRows(jobsFor(50), task, { concurrency: 2, onSettled }))
      yielded.push(exampleId);
    expect([settled.length, settled.at(-1)]).toEqual([50, 0]);
    expect(yielded).toEqual(jobsFor(50).map(({ example }) => example.id));
  });

  test('after a stop starts nothing, yields what was in flight, and throws the reason', async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const results: RowResult[] = [];
    const model = scriptedModel({
      respond: ({ messages }) => {
        const row = Number(contentText(messages.at(-1)?.content ?? '').split(': ')[1]);
        seen.push(row);
        if (row === 5) stop.abort(new Error('enough'));
        return String(row);
      },
    });
    const task = { program, model, scorers: [exactMatch('echo')] };
    const work = async () => {
      const options = { concurrency: 4, stop: stop.signal };
      for await (const result of runRows(jobsFor(40), task, options)) results.push(result);
    };
    await expect(work()).rejects.toThrow('enough');
    expect(seen.length).toBeLessThanOrEqual(6 + 4);
    expect(idsOf(results)).toEqual(seen.map((row) => `row-${row}`));
  });

  test('a stop after the last row has started loses nothing', async () => {
    const stop = new AbortController();
    const results = await collect({
      rows: 4,
      onCall: (row) => row === 3 && stop.abort(),
      options: { stop: stop.signal },
    });
    expect(results).toHaveLength(4);
  });

  test.each([
    { maxConcurrency: 1, concurrency: 8, most: 1 },
    { maxConcurrency: undefined, concurrency: 3, most: 3 },
    { maxConcurrency: 5, concurrency: 2, most: 2 },
  ])('runs at most $most at once for $concurrency and a model that allows $maxConcurrency', async (row) => {
    let running = 0;
    let most = 0;
    const model = {
      ...scriptedModel({
        respond: async () => {
          running += 1;
          most = Math.max(most, running);
          await new Promise((resolve) => setImmediate(resolve));
          running -= 1;
          return 'x';
        },
      }),
      maxConcurrency: row.maxConcurrency,
    };
    const task = { program, model, scorers: [exactMatch('echo')] };
    const options = { concurrency: row.concurrency };
    for await (const _ of runRows(jobsFor(20), task, options)) void _;
    expect(most).toBe(row.most);
  });
});
