import { describe, expect, test } from 'vitest';
import { openMemoryStore } from '../../store/open-store.ts';
import { finishRules } from '../../testing/rule-run.ts';
import { courseOf, finishTriage } from '../../testing/triage-run.ts';
import { auto } from '../method/auto.ts';
import { gepa } from '../method/gepa.ts';
import { hierarchicalReflective } from '../method/hierarchical-reflective.ts';
import { metaPrompt } from '../method/meta-prompt.ts';

import {
  allOf,
  type CourseCandidate,
  convergence,
  patience,
  plateau,
  targetScore,
} from '../stop-condition.ts';

const whole = (...means: readonly number[]): readonly CourseCandidate[] =>
  means.map((mean) => ({ mean, isWhole: true }));

describe('a condition', () => {
  test.each([
    ['a target that is reached', targetScore(0.8), whole(0.2, 0.8), 1, true],
    ['a target that is not', targetScore(0.8), whole(0.2, 0.79), 1, false],
    ['a target on some of the rows', targetScore(0.8), [{ mean: 1, isWhole: false }], 0, false],
    ['patience that is at its end', patience(2), whole(0.5, 0.4, 0.4), 0, true],
    ['patience after a new leader', patience(2), whole(0.5, 0.4, 0.6), 2, false],
    ['patience while the seed leads', patience(2), whole(0.1, 0.1), -1, true],
    ['a plateau', plateau({ candidates: 2, gain: 0.05 }), whole(0.5, 0.52, 0.54), 2, true],
    ['a rise', plateau({ candidates: 2, gain: 0.05 }), whole(0.5, 0.52, 0.56), 2, false],
    ['too few for a plateau', plateau({ candidates: 2, gain: 0.05 }), whole(0.5, 0.5), 0, false],
    [
      'results that lie together',
      convergence({ candidates: 3, width: 0.02 }),
      whole(0.1, 0.5, 0.51, 0.52),
      3,
      true,
    ],
    ['results that do not', convergence({ candidates: 3, width: 0.02 }), whole(0.5, 0.51, 0.53), 2, false],
    ['all of two', allOf(targetScore(0.5), patience(1)), whole(0.5, 0.4), 0, true],
    ['one of two', allOf(targetScore(0.5), patience(1)), whole(0.4, 0.4), 0, false],
    ['all of none', allOf(), whole(1), 0, false],
  ])('of %s', (...[, condition, candidates, leader, holds]) => {
    expect(condition.holds({ candidates, leader })).toBe(holds);
  });

  test.each([
    () => targetScore(1.5),
    () => targetScore(Number.NaN),
    () => patience(0),
    () => plateau({ candidates: 1.5, gain: 0 }),
    () => convergence({ candidates: 1, width: 0 }),
  ])('out of range is refused: %s', (make) => {
    expect(make).toThrow(/HONE_OPTION_INVALID|must|expected/i);
  });
});

const methods = [
  { name: 'gepa', create: () => gepa({ rounds: 30, patience: 30 }) },
  { name: 'hierarchicalReflective', create: () => hierarchicalReflective() },
  { name: 'metaPrompt', create: () => metaPrompt({ rounds: 20 }) },
];

describe.each(methods)('a search by $name', ({ create }) => {
  test('ends at a target, and its best candidate is tested', async () => {
    const free = await finishRules({ optimizer: create() });
    const seed = free.report.validation.seed ?? 1;
    // The first whole candidate that beats the seed has reached it.
    const target = free.report.curve.find(({ mean }) => mean > seed)?.mean ?? 1;
    const { report, events, taskCalls } = await finishRules({
      optimizer: create(),
      changes: { stopWhen: [targetScore(target)] },
    });
    expect(report.stopReason).toBe('target');
    expect(report.validation.winner).toBeGreaterThanOrEqual(target);
    expect(report.sealedTest).toBeDefined();
    expect(events).toContainEqual({ type: 'budget-exhausted', reason: 'target' });
    expect(taskCalls.length).toBeLessThan(free.taskCalls.length);
  });

  test('ends when patience is at its end', async () => {
    const { report } = await finishRules({ optimizer: create(), changes: { stopWhen: [patience(1)] } });
    expect(report.stopReason).toBe('plateau');
    expect(report.sealedTest).toBeDefined();
  });
});

test('a nested search ends the whole one, and a run that goes on ends at the same place', async () => {
  const stopWhen = [patience(1)];
  const run = () => ({ optimizer: auto({ sets: 8 }), changes: { stopWhen } });
  await using store = await openMemoryStore();
  const first = await finishTriage({ ...run(), store });
  expect(first.report.stopReason).toBe('plateau');
  await using other = await openMemoryStore();
  const again = await finishTriage({ ...run(), store: other });
  expect(courseOf(again)).toEqual(courseOf(first));
  const without = await finishTriage({ optimizer: auto({ sets: 8 }) });
  expect(without.calls.length).toBeGreaterThan(first.calls.length);
});
