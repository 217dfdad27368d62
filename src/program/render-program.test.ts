import { describe, expect, test } from 'vitest';
import { signature } from '../signature/shorthand.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { pipeline } from './pipeline.ts';
import { predict } from './predict.ts';
import { render } from './render-program.ts';

const demo = { inputs: { ticket: 'My bill' }, outputs: { queue: 'billing' } };
const route = predict(signature('ticket -> queue: "billing" | "access"', { instructions: 'Sort it.' }), {
  name: 'route',
  demos: [demo, { inputs: { ticket: 'My key' }, outputs: { queue: 'access' } }],
});
const reply = predict(signature('ticket, queue -> reply, mood'), {
  name: 'reply',
  userTemplate: 'About {{queue}}: {{ticket}}',
  parameters: ['temperature'],
});
const row = { ticket: 'Where is {{it}}?' };

describe('a rendered program', () => {
  test.each(['chat', 'json', 'completion'] as const)('is what is sent, in the layout %s', async (format) => {
    const both = pipeline([route, reply]);
    const candidate = {
      'route.format': { kind: 'choice', value: format },
      'reply.format': { kind: 'choice', value: format },
      'reply.temperature': { kind: 'number', value: 0.4 },
    } as const;
    const model = scriptedModel({
      respond: ({ messages }) =>
        JSON.stringify(messages).includes('About access')
          ? '{"reply": "r", "mood": "m"}'
          : '{"queue": "access"}',
    });
    await both.forward(row, { model, candidate, reask: false });
    const rendered = render(both, { candidate, inputs: { ...row, queue: 'access' } });
    expect(rendered.map(({ request }) => request)).toEqual(model.calls.map(({ request }) => request));
    expect(rendered.map(({ unknown }) => unknown)).toEqual([[], []]);
  });

  test('shows what a later step does not know yet by its name', () => {
    const [, second] = render(pipeline([route, reply]), { inputs: row });
    expect(second?.unknown).toEqual(['queue']);
    expect(second?.messages.at(-1)?.content).toBe('About ‹queue›: Where is {{it}}?');
  });

  test('counts the tokens of each part, which add up with the frame of the request', () => {
    const [first] = render(route, { inputs: row });
    expect(first?.parts.map(({ part, isShared }) => [part, isShared])).toEqual([
      ['system', true],
      ['demos', true],
      ['row', false],
    ]);
    const sum = (first?.parts ?? []).reduce((total, { tokens }) => total + tokens, 0);
    expect(sum + 4).toBe(first?.tokens);
  });

  test('says where a provider is told to keep it: after what rows share, where that is long enough', () => {
    expect(render(route, { inputs: row })[0]).not.toHaveProperty('cacheBreakpoint');
    const long = { 'route.instructions': { kind: 'text', text: 'Sort it well. '.repeat(500) } } as const;
    expect(render(route, { candidate: long, inputs: row })[0]?.cacheBreakpoint).toBe(4);
    const varied = {
      'route.instructions': { kind: 'text', text: `{{ticket}} ${'Sort it. '.repeat(900)}` },
    } as const;
    const [first] = render(route, { candidate: varied, inputs: row });
    expect(first).not.toHaveProperty('cacheBreakpoint');
    expect(first?.parts.some(({ isShared }) => isShared)).toBe(false);
  });

  test('has a prompt for each demo set, and can be of one step', () => {
    const sets = [{ demos: [] }, { demos: [demo] }, { demos: [demo], format: 'json' as const }];
    const rendered = render(pipeline([route, reply]), {
      candidate: { 'route.demos': { kind: 'demos', sets } },
      inputs: row,
      step: 'route',
    });
    expect(rendered.map(({ set, format, messages }) => [set, format, messages.length])).toEqual([
      [0, 'chat', 2],
      [1, 'chat', 4],
      [2, 'json', 4],
    ]);
    expect(() => render(route, { inputs: row, step: 'rout' })).toThrow(/no step "rout"/);
    expect(() => render(route, { inputs: row, candidate: reply.seed })).toThrow(/does not have/);
  });
});
