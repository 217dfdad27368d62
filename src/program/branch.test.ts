import { describe, expect, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import { signature } from '../signature/shorthand.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { branch } from './branch.ts';
import { majority } from './majority.ts';
import { pipeline } from './pipeline.ts';
import { predict } from './predict.ts';

const route = predict(signature('ticket -> queue: "refund" | "other"'), { name: 'route' });
const refund = predict(signature('ticket, order -> reply'), { name: 'refund' });
const other = predict(signature('ticket, queue -> reply, link?'), { name: 'other' });
const desk = branch({ name: 'desk', by: route, to: { refund, other } });

const model = (queue: string) =>
  scriptedModel({
    respond: ({ messages }) => {
      const text = JSON.stringify(messages);
      if (text.includes('one of: refund, other')) return queue;
      return text.includes('Order: ') ? 'Refunded.' : '<reply>Hello.</reply>';
    },
  });

describe('a branch', () => {
  test('sends a row where the chosen name says, and tells the branch what was chosen', async () => {
    const row = { ticket: 'Where?', order: '7' };
    const refunded = await desk.forward(row, { model: model('refund') });
    expect(refunded).toMatchObject({
      status: 'completed',
      outputs: { reply: 'Refunded.' },
      trace: [{ id: 'route' }, { id: 'refund', from: 'route', inputs: row }],
    });
    const answered = await desk.forward(row, { model: model('other') });
    expect(answered.trace).toMatchObject([{ id: 'route' }, { id: 'other', inputs: { queue: 'other' } }]);
  });

  test('needs what every branch needs; what one alone needs may be absent, and is then named', async () => {
    const needs = desk.shape.inputs.map(({ name, optional }) => [name, optional ?? false]);
    expect(needs).toEqual([
      ['ticket', false],
      ['order', true],
    ]);
    expect(desk.shape.outputs.map(({ name, optional }) => [name, optional ?? false])).toEqual([
      ['reply', false],
      ['link', true],
    ]);
    const row = { ticket: 'Where?' } as { ticket: string; order: string };
    await expect(desk.forward(row, { model: model('refund') })).rejects.toMatchObject({
      code: 'HONE_FIELD_MISSING',
      message: 'The input "order" is missing.',
    });
    await expect(desk.run(row, { model: model('other') })).resolves.toEqual({ reply: 'Hello.' });
  });

  test('is counted as asking the choice and the branch that asks most', () => {
    const often = branch({ by: route, to: { refund: majority(refund, { samples: 4 }), other } });
    expect(often.calls(often.seed)).toEqual({ typical: 5, most: 10 });
    const sets = { 'other.demos': { kind: 'demos', sets: Array(9).fill({ demos: [] }) } } as const;
    expect(often.calls(sets)).toEqual({ typical: 10, most: 20 });
  });

  test('may choose by code, whose text is part of the version and whose errors fail the row', async () => {
    const byLength = branch({
      by: ({ ticket }) => (ticket.length > 9 ? 'long' : 'short'),
      to: { long: predict(signature('ticket -> reply'), { name: 'long' }) },
      otherwise: predict(signature('ticket -> reply'), { name: 'rest' }),
    });
    const { trace } = await byLength.forward({ ticket: 'Hi' }, { model: model('') });
    expect(trace).toMatchObject([{ id: 'rest' }]);
    const broken = branch({
      by: () => {
        throw new TypeError('no such queue');
      },
      to: { other },
    });
    expect(await broken.forward({ ticket: 'x', queue: 'y' })).toMatchObject({
      status: 'failed',
      reason: 'no such queue',
    });
    const down = branch({
      by: () => {
        throw new HoneError('The router is down.', { code: 'HONE_SERVICE_UNAVAILABLE' });
      },
      to: { other },
    });
    await expect(down.forward({ ticket: 'x', queue: 'y' })).rejects.toMatchObject({
      code: 'HONE_SERVICE_UNAVAILABLE',
    });
    expect(down.shape.version).not.toBe(broken.shape.version);
  });

  test('by code in a pipeline is given what it takes, of the steps before it too', async () => {
    const urgency = predict(signature('ticket -> urgency: "high" | "low"'), { name: 'urgency' });
    const urgent = predict(signature('ticket -> reply'), { name: 'urgent' });
    const calm = predict(signature('ticket -> reply'), { name: 'calm' });
    const split = branch({
      by: ({ urgency: how }) => how,
      takes: { urgency: 'string' },
      to: { high: urgent, low: calm },
    });
    expect(split.shape.inputs.map(({ name }) => name)).toEqual(['urgency', 'ticket']);
    const whole = pipeline([urgency, split]);
    const { trace } = await whole.forward(
      { ticket: 'Help' },
      { model: scriptedModel({ replies: ['low', 'Hi.'] }) },
    );
    expect(trace.map(({ id }) => id)).toEqual(['urgency', 'calm']);
    expect(() => branch({ by: () => 'x', takes: { a: 'strin' }, to: { x: calm } })).toThrow(/unknown type/);
  });

  test('that leads nowhere fails the row; one that must lead nowhere is refused', async () => {
    const open = branch({ by: predict(signature('ticket -> queue'), { name: 'route' }), to: { other } });
    expect(
      await open.forward({ ticket: 'x' }, { model: scriptedModel({ replies: ['moon'] }) }),
    ).toMatchObject({
      status: 'failed',
      reason: 'The row was sent to "moon", which is none of other.',
    });
    expect(() => branch({ by: route, to: { refund } })).toThrow(/"other", and there is no such branch/);
    expect(() => branch({ by: route, to: {} })).toThrow(/has no branch/);
  });
});
