import { describe, expect, test } from 'vitest';
import { contentOf, markFiles } from '../prompt/row-content.ts';
import type { FileValue } from '../signature/media-types.ts';
import { signature } from '../signature/shorthand.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { predict } from './predict.ts';
import { render } from './render-program.ts';

const photo = (name: string): FileValue => ({ type: 'image', data: 'aGk=', mediaType: 'image/png', name });
const invoice: FileValue = { type: 'file', data: 'https://example.com/a.pdf', mediaType: 'application/pdf' };

async function sent(program: ReturnType<typeof predict<never, unknown>>, inputs: object, candidate = {}) {
  const model = scriptedModel({ replies: ['x'] });
  await program.forward(inputs as never, { model, candidate, reask: false });
  return model.calls[0]?.request.messages ?? [];
}

describe('images and files in inputs', () => {
  const step = predict(signature('photo: image, papers: file[], question -> answer'));

  test('stand in the message where their values would, in the order of the inputs', async () => {
    const messages = await sent(step as never, {
      photo: photo('cat'),
      papers: [invoice, photo('scan')],
      question: 'What is it?',
    });
    expect(messages.at(-1)?.content).toEqual([
      { type: 'text', text: 'Photo: ' },
      photo('cat'),
      { type: 'text', text: '\nPapers: ' },
      invoice,
      { type: 'text', text: ' ' },
      photo('scan'),
      { type: 'text', text: '\nQuestion: What is it?' },
    ]);
  });

  test('fill their slot in the user section, and those of a demo its own', async () => {
    const asked = predict(signature('photo: image, question -> answer'), {
      userTemplate: '{{question}}\n{{photo}}',
      demos: [{ inputs: { photo: { ...photo('dog') }, question: 'Who?' }, outputs: { answer: 'Rex' } }],
    });
    const messages = await sent(asked as never, { photo: photo('cat'), question: 'Who?' });
    expect(messages.slice(1).map(({ content }) => content)).toEqual([
      [{ type: 'text', text: 'Who?\n' }, photo('dog')],
      'Rex',
      [{ type: 'text', text: 'Who?\n' }, photo('cat')],
    ]);
  });

  test('are refused where only text can stand', async () => {
    const row = { photo: photo('cat'), papers: [], question: '?' };
    const candidate = { 'answer.instructions': { kind: 'text', text: 'Look at {{photo}}.' } };
    await expect(sent(step as never, row, candidate)).rejects.toThrow(/cannot stand in the system section/);
    const text = predict(signature('thing: json -> answer'), { format: 'completion' });
    await expect(sent(text as never, { thing: photo('cat') })).rejects.toThrow(/layout completion/);
    const formats = step.shape.parameters.find(({ part }) => part === 'format');
    expect(formats?.options).toEqual(['chat', 'json']);
  });

  test('leave rows of text as they were, and no mark of a text for a file', () => {
    const inputs = { text: 'a \uE0020\uE003 b', list: [1, { deep: 'x' }] };
    expect(markFiles(inputs).inputs).toBe(inputs);
    expect(contentOf('a \uE0027\uE003 b', [photo('cat')])).toEqual([
      { type: 'text', text: 'a ' },
      { type: 'text', text: '\uE0027\uE003' },
      { type: 'text', text: ' b' },
    ]);
  });
});

describe('the conversation so far', () => {
  const chat = predict(signature('history: history, question -> answer', { instructions: 'Be kind.' }), {
    demos: [{ inputs: { history: [], question: 'Hi' }, outputs: { answer: 'Hello' } }],
  });
  const history = [
    { role: 'user', content: 'I am Ada.' },
    { role: 'assistant', content: 'Hello Ada.' },
  ];

  test('stands as messages between the demos and the row, outside of what rows share', async () => {
    const model = scriptedModel({ replies: ['Ada'] });
    await chat.run({ history, question: 'Who am I?' } as never, { model });
    const { messages, sharedMessages } = model.calls[0]?.request ?? { messages: [] };
    expect(messages.map(({ role, content }) => [role, content])).toEqual([
      ['system', 'Be kind.'],
      ['user', 'Question: Hi'],
      ['assistant', 'Hello'],
      ['user', 'I am Ada.'],
      ['assistant', 'Hello Ada.'],
      ['user', 'Question: Who am I?'],
    ]);
    expect(sharedMessages).toBe(3);
    const [rendered] = render(chat, { inputs: { history, question: 'Who am I?' } });
    expect(rendered?.messages).toEqual(messages);
  });

  test('may be empty, is text where it has a slot, and fails the row where it is none', async () => {
    expect(await sent(chat as never, { history: [], question: 'Hi' })).toHaveLength(4);
    const slot = predict(signature('history: history, question -> answer'), {
      userTemplate: 'So far: {{history}}\n{{question}}',
    });
    const messages = await sent(slot as never, { history, question: '?' });
    expect(messages).toHaveLength(2);
    expect(messages[1]?.content).toContain('So far: [{"role":"user"');
    await expect(
      sent(chat as never, { history: [{ role: 'system', content: 'x' }], question: '?' }),
    ).rejects.toThrow(/is no conversation/);
  });
});
