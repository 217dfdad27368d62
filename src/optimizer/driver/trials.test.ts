import { describe, expect, test } from 'vitest';
import { openMemoryStore } from '../../store/open-store.ts';
import { finishTriage } from '../../testing/triage-run.ts';
import type { Optimizer } from '../optimizer.ts';

function optimizer(optimize: Optimizer['optimize']): Optimizer {
  return {
    name: 'trials',
    version: 1,
    options: {},
    needs: { parameters: ['text'], labels: true },
    estimate: () => ({ task: 1_000, reflection: 0 }),
    optimize,
  };
}

describe('several answers of a row', () => {
  const twice = optimizer(async function* ({ seed, train, evaluate }) {
    const rows = train.slice(0, 4);
    const answers = await Promise.all(
      [0, 1, 2].map((trial) => evaluate(seed, rows, { trial, traces: true })),
    );
    for (const { results } of answers) {
      const said = results.map(({ trial, exampleId, outputs }) => `${trial} ${exampleId} ${outputs?.queue}`);
      yield { type: 'notice', message: said.join(', ') };
    }
    return seed;
  });

  test('are independent, each asked for once, and told apart by their trial', async () => {
    const { events, calls } = await finishTriage({ optimizer: twice, choiceScores: false });
    const notices = events.flatMap((event) =>
      event.type === 'notice' && event.message.includes('row-') ? [event.message] : [],
    );
    expect(notices.map((notice) => notice[0])).toEqual(['0', '1', '2']);
    expect(calls.filter(({ phase }) => phase === 'search')).toHaveLength(12);
  });

  test('are replayed as the same answers', async () => {
    await using store = await openMemoryStore();
    const paid = await finishTriage({ optimizer: twice, store });
    const replayed = await finishTriage({ optimizer: twice, store });
    expect(replayed.events).toEqual(paid.events);
    expect(replayed.asked).toEqual([]);
  });

  test('are no further rows: a candidate is ranked by its first answers alone', async () => {
    const lucky = optimizer(async function* ({ seed, validation, admit, evaluate }) {
      const [other] = admit([
        { changes: { 'answer.instructions': { kind: 'text', text: 'Sort it.' } }, origin: 'x' },
      ]);
      if (other?.status !== 'admitted') return seed;
      await evaluate(other.candidate, validation, { trial: 3 });
      yield { type: 'notice', message: 'tried' };
      return seed;
    });
    const { report } = await finishTriage({ optimizer: lucky });
    expect(report.candidates.filter(({ origin }) => origin === 'x')).toEqual([]);
  });

  test.each([-1, 0.5, Number.NaN])('refuse %d as a trial', async (trial) => {
    const wrong = optimizer(async function* ({ seed, train, evaluate }) {
      await evaluate(seed, train.slice(0, 1), { trial });
      yield { type: 'notice', message: 'not reached' };
      return seed;
    });
    await expect(finishTriage({ optimizer: wrong })).rejects.toMatchObject({ code: 'HONE_OPTION_INVALID' });
  });
});
