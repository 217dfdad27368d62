import { describe, expect, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import type { Model } from '../model/model.ts';
import { signature } from '../signature/shorthand.ts';
import { type ScriptedReply, scriptedModel } from '../testing/scripted-model.ts';
import { chainOfThought } from './chain-of-thought.ts';
import { program } from './custom-program.ts';
import { ensemble } from './ensemble.ts';
import { fieldReader } from './field-reader.ts';
import { majority } from './majority.ts';
import { pipeline } from './pipeline.ts';
import { predict } from './predict.ts';
import { renameSteps } from './rename-steps.ts';
import type { ProgramStream, StreamedText } from './stream-program.ts';

const draft = predict(signature('question -> notes'), { name: 'draft' });
const answer = predict(signature('question, notes -> title, answer'), { name: 'answer' });
const both = pipeline([draft, answer]);
const row = { question: 'Why?' };
const replying = (replies: readonly ScriptedReply[]) => scriptedModel({ replies });

async function read(stream: ProgramStream<unknown>) {
  const events: StreamedText[] = [];
  for await (const event of stream) events.push(event);
  const text = events.reduce((said, event) => (event.type === 'reset' ? '' : said + event.text), '');
  return { events, text };
}

describe('a stream', () => {
  test('says the chosen output of the chosen step alone, while it is written', async () => {
    const model = replying(['Some notes.', '<title>On why</title>\n<answer>\nBecause it is so.\n</answer>']);
    const stream = both.stream(row, { model, field: 'answer' });
    const { events, text } = await read(stream);
    expect(text).toBe('Because it is so.');
    expect(events.length).toBeGreaterThan(2);
    expect(new Set(events.map(({ step }) => step))).toEqual(new Set(['answer']));
    expect(await stream.result()).toMatchObject({
      status: 'completed',
      outputs: { answer: 'Because it is so.' },
    });
  });

  test.each([
    ['a bare value', 'Because it is so.', 'Because it is so.'],
    ['a value behind thoughts', '<think>Hm. So?</think>\nBecause it is so.', 'Because it is so.'],
    ['its own tag', '<answer>Because\nso.</answer>', 'Because\nso.'],
    ['an answer with a tag of its own', '<b>Because</b> it is so.', '<b>Because</b> it is so.'],
    ['nothing but a number', '42', '42'],
  ])('ends at the value for %s', async (_, reply, value) => {
    const one = predict(signature('question -> answer'));
    const { text } = await read(one.stream(row, { model: replying([reply]), field: 'answer' }));
    expect(text).toBe(value);
  });

  test('reads the key of a JSON answer, escapes and all', async () => {
    const json = predict(signature('question -> title, answer'), { format: 'json' });
    const value = 'Say "so" — ü\nand\\more';
    const reply = JSON.stringify({ title: 'the answer', answer: value });
    const { events, text } = await read(json.stream(row, { model: replying([reply]), field: 'answer' }));
    expect(text).toBe(value);
    expect(events.filter(({ type }) => type === 'reset')).toEqual([]);
  });

  test('starts anew when the step is asked again', async () => {
    const late = predict(signature('question -> answer, count: integer'));
    const model = replying(['<answer>First.</answer><count>many</count>', '<count>3</count>']);
    const { text, events } = await read(late.stream(row, { model, field: 'answer' }));
    expect(text).toBe('First.');
    expect(events.some(({ type }) => type === 'reset')).toBe(true);
  });

  test('of several answers at once ends at the one that was chosen', async () => {
    const vote = majority(chainOfThought(signature('question -> answer')), { samples: 5 });
    const model = scriptedModel({
      respond: (_, { draw }) =>
        `<reasoning>r</reasoning><answer>${draw.endsWith('2') ? 'rare' : 'usual'}</answer>`,
    });
    const { text } = await read(vote.stream(row, { model, field: 'answer' }));
    expect(text).toBe('usual');
  });

  test('follows steps under their new names', async () => {
    const one = predict(signature('question -> answer'));
    const pair = ensemble([renameSteps(one, 'a'), renameSteps(one, 'b')]);
    const { events, text } = await read(
      pair.stream(row, { model: replying(['x y z']), field: 'answer', step: 'a-answer' }),
    );
    expect(text).toBe('x y z');
    expect(events[0]).toMatchObject({ step: 'a-answer' });
  });

  test('of a model that cannot stream says the value at once', async () => {
    const { stream: _, ...deaf } = replying(['Because.']);
    const one = predict(signature('question -> answer'));
    const { events } = await read(one.stream(row, { model: deaf, field: 'answer' }));
    expect(events).toEqual([{ type: 'text', text: 'Because.', step: 'answer' }]);
  });

  test('ends with a failed row, and throws where the row does', async () => {
    const closed = predict(signature('question -> kind: "a" | "b"'));
    const stream = closed.stream(row, { model: replying(['?']), field: 'kind' });
    await read(stream);
    expect(await stream.result()).toMatchObject({ status: 'failed' });
    const down = scriptedModel({
      replies: ['x'],
      failures: [new HoneError('down', { code: 'HONE_MODEL_SERVER' })],
    });
    const broken = closed.stream(row, { model: down, field: 'kind' });
    await expect(read(broken)).rejects.toMatchObject({ code: 'HONE_MODEL_SERVER' });
    await expect(broken.result()).rejects.toMatchObject({ code: 'HONE_MODEL_SERVER' });
  });

  test('whose reader leaves ends the row', async () => {
    const endless: Model = {
      ...replying(['never']),
      async *stream(_, call) {
        yield { type: 'text-delta', text: 'a b c' };
        await new Promise((_resolve, reject) => {
          call?.signal?.addEventListener('abort', () => reject(call.signal?.reason));
        });
      },
    };
    const early = predict(signature('question -> answer')).stream(row, { model: endless, field: 'answer' });
    for await (const event of early) {
      expect(event).toEqual({ type: 'text', text: 'a b c', step: 'answer' });
      break;
    }
    await expect(early.result()).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('of what is no output, or what no step writes, is refused', () => {
    expect(() => both.stream(row, { field: 'anwser' as 'answer' })).toThrow(/no output "anwser"/);
    const own = program(
      'own',
      { signature: signature('question -> verdict'), steps: { draft } },
      async () => ({
        verdict: 'x',
      }),
    );
    expect(() => own.stream(row, { field: 'verdict' })).toThrow(/No step of "own" writes "verdict"/);
  });
});

test('a field is never said beyond its end, however the answer is cut into pieces', () => {
  const whole = '<title>A</title>\n<answer>One </answ er two.</answer>\n<note>n</note>';
  for (let size = 1; size <= whole.length; size += 1) {
    const reader = fieldReader('answer', { isOnly: false });
    let said = '';
    for (let at = 0; at < whole.length; at += size) said += reader.push(whole.slice(at, at + size));
    expect(said).toBe('One </answ er two.');
  }
});
