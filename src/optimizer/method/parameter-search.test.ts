import { describe, expect, test } from 'vitest';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishTriage } from '../../testing/triage-run.ts';
import { parameterSearch } from './parameter-search.ts';

describeOptimizer('parameterSearch', () => parameterSearch({ trials: 4, rows: 10 }));

describe('parameterSearch', () => {
  test('tries every combination once and then ends', async () => {
    const { events } = await finishTriage({ optimizer: parameterSearch({ trials: 100 }) });
    const origins = events.flatMap((event) => (event.type === 'candidate-proposed' ? [event.origin] : []));
    expect(new Set(origins).size).toBe(origins.length);
    expect(origins.length).toBeGreaterThanOrEqual(2);
    for (const origin of origins) expect(origin).toMatch(/answer\.format \w+/);
  });
});
