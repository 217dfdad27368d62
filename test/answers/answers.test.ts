import { describe, expect, test } from 'vitest';
import { chatAdapter } from '../../src/prompt/chat-adapter.ts';
import { jsonAdapter } from '../../src/prompt/json-adapter.ts';
import type { Field, Signature } from '../../src/signature/signature.ts';
import { answersPage } from './answers-page.ts';
import { choiceCases } from './choice-answers.ts';
import { valueCases } from './value-answers.ts';

function asking(...outputs: readonly Field[]): Signature {
  return { instructions: 'Answer.', inputs: [{ name: 'text', schema: { type: 'string' } }], outputs };
}

describe('a closed choice', () => {
  test.each(choiceCases.map((one) => ({ ...one })))('$kind: $answer', ({ labels, answer, reads, cut }) => {
    const signature = asking({ name: 'category', schema: { type: 'string', enum: [...labels] } });
    const result = chatAdapter.parse(answer, signature, { cut });
    expect(result.status === 'parsed' ? result.outputs.category : undefined).toBe(reads);
  });
});

describe('a value', () => {
  test.each(valueCases.map((one) => ({ ...one })))('$kind: $answer', ({ schema, answer, reads }) => {
    const result = chatAdapter.parse(answer, asking({ name: 'value', schema }));
    expect(result.status === 'parsed' ? result.outputs.value : undefined).toEqual(reads);
  });
});

describe('several outputs', () => {
  const team: Field = { name: 'team', schema: { type: 'string', enum: ['billing', 'refunds'] } };
  const level: Field = { name: 'level', schema: { type: 'integer' }, optional: true };
  const reason: Field = { name: 'reason', schema: { type: 'string' } };

  test.each(['', 'null', 'N/A', 'none', '-', 'None.'])(
    'what may be absent is absent as “%s”, in every layout',
    (written) => {
      const outputs = { team: 'billing' };
      const signature = asking(team, level);
      const tags = `<team>billing</team>\n<level>${written}</level>`;
      const lines = `Team: billing\nLevel: ${written}`;
      const json = JSON.stringify({ team: 'billing', level: written });
      expect(chatAdapter.parse(tags, signature)).toMatchObject({ status: 'parsed', outputs });
      expect(chatAdapter.parse(lines, signature)).toMatchObject({ status: 'parsed', outputs });
      for (const adapter of [chatAdapter, jsonAdapter]) {
        expect(adapter.parse(json, signature)).toMatchObject({ status: 'parsed', outputs });
        expect(adapter.parse('{"team": "billing", "level": null}', signature)).toMatchObject({ outputs });
      }
    },
  );

  test('an optional choice may be the word for nothing', () => {
    const kind: Field = { name: 'kind', schema: { type: 'string', enum: ['none', 'some'] }, optional: true };
    expect(chatAdapter.parse('<team>billing</team>\n<kind>none</kind>', asking(team, kind))).toMatchObject({
      outputs: { team: 'billing', kind: 'none' },
    });
  });

  test.each([
    ['tags', '<team>billing</team> <team>refunds</team> <reason>x</reason>'],
    ['lines', 'Team: billing\nReason: x\nTeam: refunds'],
    ['objects', '{"team": "billing", "reason": "x"} {"team": "refunds", "reason": "x"}'],
    ['keys', '{"team": "billing", "team": "refunds", "reason": "x"}'],
  ])('a value that is given twice with a difference is none (%s)', (_, answer) => {
    const result = chatAdapter.parse(answer, asking(team, reason));
    expect(result).toMatchObject({ status: 'unparsable', missing: ['team'], partial: { reason: 'x' } });
  });

  test.each([
    ['a tag', '<reason>x</reason>\n<team>bill', ['team']],
    ['JSON', '{"reason": "x", "team": "billing', ['team']],
    ['a text in JSON', '{"team": "billing", "reason": "half a sen', ['reason']],
    ['a line', 'Reason: x\nTeam: billing', ['team']],
  ])('what was cut off is not read: %s', (_, answer, missing) => {
    expect(chatAdapter.parse(answer, asking(reason, team), { cut: true })).toMatchObject({ missing });
  });

  test('a text keeps marks of thoughts and turns that it was given with', () => {
    const outputs = { team: 'billing', reason: 'He wrote <think> and </s> and [INST].' };
    const rendered = chatAdapter.render({
      signature: asking(team, reason),
      instructions: '',
      demos: [{ inputs: { text: 'x' }, outputs }],
      inputs: { text: 'y' },
    });
    const answer = String(rendered.messages.find(({ role }) => role === 'assistant')?.content);
    expect(chatAdapter.parse(answer, asking(team, reason))).toMatchObject({ status: 'parsed', outputs });
  });
});

test('the page of answers is what these tests say', async () => {
  await expect(answersPage()).toMatchFileSnapshot('../../docs/reference/answers.md');
});
