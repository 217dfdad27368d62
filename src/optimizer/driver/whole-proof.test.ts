import { describe, expect, test } from 'vitest';
import type { Example } from '../../dataset/dataset.ts';
import type { DemoSet } from '../../prompt/candidate.ts';
import { openMemoryStore } from '../../store/open-store.ts';
import { finishTriage } from '../../testing/triage-run.ts';
import { triageExamples, triageRoles } from '../../testing/triage-task.ts';
import { labeledFewShot } from '../method/labeled-few-shot.ts';
import type { Optimizer } from '../optimizer.ts';

const demoOf = ({ id, inputs, expected = {} }: Example): DemoSet['demos'][number] => ({
  inputs,
  outputs: expected,
  source: id,
});

/** Shows every row that it ever saw. */
function memo(seen = new Map<string, Example>()): Optimizer {
  return {
    name: 'memo',
    version: 1,
    options: {},
    needs: { parameters: ['demos'], labels: true },
    estimate: () => ({ task: 0, reflection: 0 }),
    async *optimize({ seed, train, validation, admit }) {
      yield { type: 'phase-started', phase: 'remembering' };
      for (const row of [...train, ...validation]) seen.set(row.id, row);
      const demos = [...seen.values()].map(demoOf);
      const [admission] = admit([
        { changes: { 'answer.demos': { kind: 'demos', sets: [{ demos }] } }, origin: 'memory' },
      ]);
      return admission === undefined || admission.status === 'rejected' ? seed : admission.candidate;
    },
  };
}

const noticesOf = ({ events }: Awaited<ReturnType<typeof finishTriage>>) =>
  events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));

describe('an optimizer that remembers', () => {
  test('does not cross-fit as one object, and how it could is said', async () => {
    const finished = await finishTriage({ optimizer: memo(), changes: { dataset: triageExamples(60) } });
    expect(finished.verdict).toBe('too-few-rows');
    expect(noticesOf(finished).join(' ')).toMatch(
      /"memo" cannot be made anew \(give a function that makes it\)/,
    );
  });

  test('forgets between the folds when it is given as a function', async () => {
    const finished = await finishTriage({
      optimizer: () => memo(),
      changes: { dataset: triageExamples(60) },
    });
    expect(finished.report.sealedTest).toMatchObject({ method: 'cross-fit', rows: 60 });
    expect(noticesOf(finished).join(' ')).not.toMatch(/quotes/);
  });

  test('through whatever, has its winners refused: they quote rows of the folds that test them', async () => {
    const seen = new Map<string, Example>();
    const finished = await finishTriage({
      optimizer: () => memo(seen),
      changes: { dataset: triageExamples(60) },
    });
    const refused = noticesOf(finished).filter((notice) =>
      /The winner of fold \d quotes row row-/.test(notice),
    );
    expect(refused).toHaveLength(5);
    expect(finished.report.sealedTest).toMatchObject({ difference: 0, verdict: 'no-reliable-improvement' });
    expect(finished.report.notices).toEqual(expect.arrayContaining(refused));
  });
});

describe('the smallest difference that the test finds', () => {
  test('is told before the first call, and kept in the report', async () => {
    const before: string[] = [];
    let asked = false;
    const finished = await finishTriage({
      optimizer: labeledFewShot(),
      onCall: () => {
        asked = true;
      },
      changes: { dataset: triageExamples(200) },
    });
    for (const event of finished.events) {
      if (event.type === 'phase-started') break;
      if (event.type === 'notice') before.push(event.message);
    }
    expect(asked).toBe(true);
    expect(before.join(' ')).toMatch(/A test of 50 rows finds a difference of 0\.1\d in four of five runs/);
    expect(finished.report.testPlan).toMatchObject({ method: 'held-out', clusters: 50 });
    expect(finished.report.testPlan.smallestDifference).toBeLessThan(0.2);
  });
});

describe('test rows', () => {
  test('that served another search are corrected; the same run again is no further use', async () => {
    await using store = await openMemoryStore();
    const dataset = triageRoles(160);
    const run = (demos: number) =>
      finishTriage({ optimizer: labeledFewShot({ demos }), store, changes: { dataset } });
    const first = await run(12);
    const again = await run(12);
    const other = await run(15);
    const third = await run(18);
    expect(first.report.sealedTest).toMatchObject({ use: 1 });
    expect(again.report.sealedTest).toEqual(first.report.sealedTest);
    expect(other.report.sealedTest).toMatchObject({ use: 2 });
    expect(other.report.sealedTest?.note).toMatch(/use 2 of these test rows, so p is multiplied by 3/);
    expect(third.report.sealedTest).toMatchObject({ use: 3 });
  });

  test('in another order and under other names are the same test', async () => {
    await using store = await openMemoryStore();
    const roles = triageRoles(160);
    const renamed = [...roles.test].reverse().map((row) => ({ ...row, id: `other-${row.id}` }));
    const run = (dataset: typeof roles) =>
      finishTriage({ optimizer: labeledFewShot({ demos: 12 }), store, changes: { dataset } });
    await run(roles);
    const { report } = await run({ ...roles, test: renamed });
    expect(report.sealedTest).toMatchObject({ use: 2 });
  });

  test('whose roles are given stay in them', async () => {
    const roles = triageRoles(160);
    const { report, calls } = await finishTriage({
      optimizer: labeledFewShot({ demos: 12 }),
      changes: { dataset: roles },
    });
    const { train, validation, test: tested } = roles;
    expect(report.rows).toEqual({
      train: train.length,
      validation: validation.length,
      test: tested.length,
    });
    const sealed = new Set(roles.test.map(({ id }) => id));
    const early = calls.filter(({ phase }) => phase !== 'sealed test');
    expect(early.some(({ rowId }) => sealed.has(rowId))).toBe(false);
  });

  test('that are copies count once', async () => {
    const roles = triageRoles(160);
    const copies = roles.test
      .slice(0, 10)
      .flatMap((row) => Array.from({ length: 5 }, (_, copy) => ({ ...row, id: `${row.id}-${copy}` })));
    const { report } = await finishTriage({
      optimizer: labeledFewShot({ demos: 12 }),
      changes: { dataset: { ...roles, test: copies } },
    });
    expect(report.sealedTest).toMatchObject({ rows: 50, clusters: 10 });
    expect(report.testPlan.clusters).toBe(10);
  });

  test('that the winner breaks are named', async () => {
    const finished = await finishTriage({
      optimizer: labeledFewShot({ demos: 12 }),
      noise: 4,
      changes: { dataset: triageRoles(160) },
    });
    const broken = finished.report.broken.map(({ exampleId }) => exampleId);
    expect(broken.length).toBeGreaterThan(0);
    expect(finished.report.notices.join(' ')).toContain(
      `The best candidate does worse than the seed on ${broken.length} test row`,
    );
    expect(finished.report.notices.join(' ')).toContain(broken[0]);
  });
});

test('shares that leave a role empty are refused before the first call', async () => {
  let calls = 0;
  const refused = finishTriage({
    optimizer: labeledFewShot(),
    onCall: () => {
      calls += 1;
    },
    changes: { dataset: triageExamples(200), shares: [0.5, 0.5, 0] },
  });
  await expect(refused).rejects.toMatchObject({ code: 'HONE_OPTION_INVALID' });
  expect(calls).toBe(0);
});
