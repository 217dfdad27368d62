import { readFileSync } from 'node:fs';
import { evaluate, loadDataset } from 'hone-ai';
import { exactMatch } from 'hone-ai/scorers';
import { scriptedModel } from 'hone-ai/testing';
import { describe, expect, test } from 'vitest';
import { helpDesk } from '../../examples/ai-sdk-app/app.ts';
import { collectExamples } from '../../src/dataset/collect.ts';
import { openMemoryStore } from '../../src/store/open-store.ts';
import { scriptedAiSdkModel } from '../../src/testing/scripted-ai-sdk-model.ts';

/** Sorts by the first word that it knows. */
const team = (asked: string) =>
  /refund|money back|return/iu.test(asked)
    ? 'Refunds: refunds'
    : /pass ?word|log ?in|account/iu.test(asked)
      ? 'account_access'
      : 'billing';

const own = () => scriptedAiSdkModel({ respond: ({ prompt }) => team(JSON.stringify(prompt.slice(1))) });

describe('the app of the example', () => {
  test('answers as before', async () => {
    const { teamFor } = helpDesk(own() as never);
    expect(await teamFor('I forgot my password.')).toBe('account_access');
  });

  test.each([
    { who: 'the app’s own model', model: undefined },
    {
      who: 'another one',
      model: scriptedModel({ respond: ({ messages }) => team(JSON.stringify(messages.slice(1))) }),
    },
  ])('is evaluated on eight rows with $who, both of its prompts seen', async ({ model }) => {
    await using store = await openMemoryStore();
    const base = own();
    const tickets = await loadDataset('examples/support-tickets/tickets.csv', { expected: ['category'] });
    const { examples } = await collectExamples(tickets);
    const evaluation = await evaluate({
      program: helpDesk(base as never).program,
      dataset: examples.slice(0, 8),
      scorer: exactMatch('category'),
      model,
      traces: true,
      store,
    }).result();
    for await (const { trace, outcome, usage } of evaluation.results()) {
      expect(outcome.status).toBe('scored');
      expect(usage.calls).toBe(2);
      expect(trace).toMatchObject([
        { step: 'summarize' },
        { step: 'sort', messages: [{ role: 'system' }, {}] },
      ]);
    }
    expect(base.calls).toHaveLength(model === undefined ? 16 : 0);
  });

  test.each(['app.ts', 'optimize.ts'])('%s has fewer than 80 lines', (file) => {
    expect(readFileSync(`examples/ai-sdk-app/${file}`, 'utf8').split('\n').length).toBeLessThan(80);
  });

  test('stands as it is in its guide', () => {
    const guide = readFileSync('docs/guides/your-ai-sdk-app.md', 'utf8');
    expect(guide).toContain(readFileSync('examples/ai-sdk-app/app.ts', 'utf8'));
  });
});
