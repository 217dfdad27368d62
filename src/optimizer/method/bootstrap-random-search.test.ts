import { describe, expect, test } from 'vitest';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishTriage } from '../../testing/triage-run.ts';
import { triageExamples } from '../../testing/triage-task.ts';
import { bootstrapRandomSearch } from './bootstrap-random-search.ts';

describeOptimizer('bootstrapRandomSearch', () => bootstrapRandomSearch({ candidates: 4, demos: 6 }));

describe('bootstrapRandomSearch', () => {
  test('races a labelled set against bootstrapped sets of other rows, as many as asked for', async () => {
    const optimizer = bootstrapRandomSearch({ candidates: 5, bootstrapped: 3, demos: 6 });
    const { events } = await finishTriage({ optimizer });
    const origins = events.flatMap((event) => (event.type === 'candidate-proposed' ? [event.origin] : []));
    expect(origins).toHaveLength(5);
    expect(origins[0]).toBe('set 0: 6 labelled demos');
    expect(origins[1]).toBe('set 1: 3 bootstrapped demos');
    for (const origin of origins.slice(1)) expect(origin).toMatch(/^set \d: [123] bootstrapped demos$/);
    expect(events).toContainEqual({ type: 'phase-started', phase: 'race', note: '5 demo sets' });
  });

  test('drops the worse half after the first rung, on few rows', async () => {
    const { events, report } = await finishTriage({
      optimizer: bootstrapRandomSearch({ candidates: 4, demos: 4 }),
      changes: { dataset: triageExamples(120) },
    });
    const eliminated = events.filter(({ type }) => type === 'candidate-eliminated');
    expect(eliminated).toMatchObject([{ rows: 16 }, { rows: 16 }]);
    expect(report.candidates.filter((candidate) => candidate.eliminated)).toHaveLength(2);
  });

  test('answers a training row once, however many sets are bootstrapped from it', async () => {
    const optimizer = bootstrapRandomSearch({ candidates: 8, demos: 4 });
    const { asked } = await finishTriage({ optimizer, noise: 3 });
    expect(new Set(asked).size).toBe(asked.length);
  });
});
