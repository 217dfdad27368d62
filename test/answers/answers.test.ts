import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { predict } from '../../src/program/predict.ts';
import { chatAdapter } from '../../src/prompt/chat-adapter.ts';
import { jsonAdapter } from '../../src/prompt/json-adapter.ts';
import { contains } from '../../src/scorer/contains.ts';
import { editSimilarity } from '../../src/scorer/edit-similarity.ts';
import { exactMatch } from '../../src/scorer/exact-match.ts';
import { fieldF1 } from '../../src/scorer/field-f1.ts';
import { jsonDiff } from '../../src/scorer/json-diff.ts';
import { judge } from '../../src/scorer/judge.ts';
import { listOverlap } from '../../src/scorer/list-overlap.ts';
import type { Scorer } from '../../src/scorer/scorer.ts';
import { tokenF1 } from '../../src/scorer/token-f1.ts';
import type { Field, Signature } from '../../src/signature/signature.ts';
import { scriptedModel } from '../../src/testing/scripted-model.ts';
import { answersPage } from './answers-page.ts';
import { choiceCases } from './choice-answers.ts';
import { type ScorerName, scoredCases, scorerNames } from './scorer-answers.ts';
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

const scorers: Readonly<Record<ScorerName, Scorer>> = {
  exactMatch: exactMatch('answer'),
  contains: contains('answer'),
  tokenF1: tokenF1('answer', { atLeast: 0.9 }),
  editSimilarity: editSimilarity('answer', { atLeast: 0.9 }),
  fieldF1: fieldF1('answer'),
  jsonDiff: jsonDiff('answer'),
  listOverlap: listOverlap('answer'),
};

describe.each(scorerNames)('%s', (name) => {
  test.each(scoredCases.map((one) => ({ ...one })))('$kind: $answer for $expected', async (one) => {
    const { expected, answer, right, mistaken = [] } = one;
    const example = { id: 'row', inputs: {}, expected: { answer: expected } };
    const score = await scorers[name].score({ example, outputs: { answer }, trace: [] });
    const isCredited = score.status === 'scored' && score.value === 1;
    expect(isCredited).toBe(mistaken.includes(name) ? !right : right);
  });
});

describe('a judge', () => {
  // Every reply that is no answer to a closed choice is no verdict either: the row is lost, never scored.
  test.each(choiceCases.filter(({ cut }) => !cut).map((one) => ({ ...one })))(
    '$kind: $answer',
    async (one) => {
      const { labels, answer, reads } = one;
      const program = predict({
        instructions: 'Judge.',
        inputs: [{ name: 'text', schema: { type: 'string' } }],
        outputs: [{ name: 'category', schema: { type: 'string', enum: [...labels] } }],
      } as Signature<JsonObject, JsonObject>);
      const choices = Object.fromEntries(labels.map((label, index) => [label, index / labels.length]));
      const model = scriptedModel({ respond: () => answer });
      const sample = {
        example: { id: 'row', inputs: { text: 'x' } },
        outputs: {},
        trace: [],
        runtime: { models: { judge: model }, draw: '0' },
      };
      const asked = Promise.resolve(judge('judge', { program, choices }).score(sample));
      if (reads === undefined) await expect(asked).rejects.toMatchObject({ code: 'HONE_MODEL_BAD_REPLY' });
      else expect(await asked).toMatchObject({ status: 'scored', value: choices[reads] });
    },
  );
});

test('the page of answers is what these tests say', async () => {
  await expect(answersPage()).toMatchFileSnapshot('../../docs/reference/answers.md');
});
