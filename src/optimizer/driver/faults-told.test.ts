import { expect, test } from 'vitest';
import { HoneError } from '../../base/errors.ts';
import { contentText } from '../../model/content.ts';
import { finishTriage } from '../../testing/triage-run.ts';
import type { Optimizer } from '../optimizer.ts';
import { candidatesOf } from '../part/admitted.ts';

const inner: Optimizer = {
  name: 'faults',
  version: 1,
  options: {},
  needs: { parameters: ['text'], labels: true },
  estimate: () => ({ task: 1_000, reflection: 0 }),
  async *optimize({ seed, validation, admit, evaluate }) {
    const changes = { 'answer.instructions': { kind: 'text', text: 'Sort it by the moon.' } } as const;
    const [refused] = candidatesOf(admit([{ changes, origin: 'by the moon' }]));
    if (refused === undefined) return seed;
    const { mean, scored } = await evaluate(refused, validation.slice(0, 6));
    yield { type: 'notice', message: `mean ${mean}, scored ${scored}` };
    return seed;
  },
};

test('a candidate whose rows are mostly lost has no score, which is told once and in the report', async () => {
  const outer: Optimizer = {
    ...inner,
    async *optimize(context) {
      yield* context.nest(inner, { label: 'one' });
      yield* context.nest(inner, { label: 'two' });
      return context.seed;
    },
  };
  const { report, events } = await finishTriage({
    optimizer: outer,
    onCall: ({ request }) => {
      const isRefused = request.messages.some(({ content }) => contentText(content).includes('the moon'));
      if (isRefused) throw new HoneError('The server refused the layout.', { code: 'HONE_MODEL_REJECTED' });
    },
  });
  const told =
    /^6 of 6 rows could not be answered with by the moon \(\w{8}\), so they have no score: .*refused the layout/;
  expect(report.notices.filter((notice) => told.test(notice))).toHaveLength(1);
  expect(events).toContainEqual({ type: 'notice', message: 'mean undefined, scored 0' });
  expect(report.best.hash).toBe(report.seed.hash);
});
