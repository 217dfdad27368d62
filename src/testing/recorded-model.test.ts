import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { recordedModel } from './recorded-model.ts';
import { scriptedModel } from './scripted-model.ts';

const ask = (text: string) => ({ messages: [{ role: 'user' as const, content: text }] });
const newFile = async () => join(await mkdtemp(join(tmpdir(), 'hone-recording-')), 'answers', 'model.json');

test('what was recorded is answered from the file, and nothing else', async () => {
  const path = await newFile();
  const source = scriptedModel({
    respond: ({ messages }, { draw }) => `${messages[0]?.content} ${draw}`,
    scoreChoices: (_, choices) => choices.map(() => -0.5),
  });
  const recorder = await recordedModel(path, { record: source });
  const answered = await recorder.generate(ask('a'), { draw: '1' });
  await recorder.generate(ask('a'), { draw: '1' });
  const scored = await recorder.scoreChoices?.(ask('b'), ['x', 'y']);
  await recorder.dispose?.();
  expect(source.callCount).toBe(2);

  const replayed = await recordedModel(path);
  expect(replayed.id).toBe(source.id);
  await expect(replayed.generate(ask('a'), { draw: '1' })).resolves.toEqual(answered);
  await expect(replayed.scoreChoices?.(ask('b'), ['x', 'y'])).resolves.toEqual(scored);
  await expect(replayed.generate(ask('a'), { draw: '2' })).rejects.toMatchObject({
    code: 'HONE_ANSWER_MISSING',
  });
});

test('a second recording adds to the first', async () => {
  const path = await newFile();
  for (const question of ['a', 'b']) {
    const recorder = await recordedModel(path, { record: scriptedModel({ replies: [`re ${question}`] }) });
    await recorder.generate(ask(question));
    await recorder.dispose?.();
  }
  expect(Object.keys(JSON.parse(await readFile(path, 'utf8')).answers)).toHaveLength(2);
});

test('a missing or a strange file is named', async () => {
  const path = await newFile();
  await expect(recordedModel(path)).rejects.toMatchObject({ code: 'HONE_FILE_NOT_FOUND' });
  const strange = join(await mkdtemp(join(tmpdir(), 'hone-recording-')), 'strange.json');
  await writeFile(strange, '{"version": 9}');
  await expect(recordedModel(strange)).rejects.toMatchObject({ code: 'HONE_FILE_UNREADABLE' });
});
