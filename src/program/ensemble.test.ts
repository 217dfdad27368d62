import { describe, expect, test } from 'vitest';
import { signature } from '../signature/shorthand.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { ensemble } from './ensemble.ts';
import { predict } from './predict.ts';
import { renameSteps } from './rename-steps.ts';

const judge = predict(signature('text -> mood: "good" | "bad"'));
const three = ['first', 'second', 'third'].map((name) => renameSteps(judge, name));

const text = (instructions: string) => ({ kind: 'text', text: instructions }) as const;
/** Each member says what its own instructions tell it to. */
const obedient = scriptedModel({
  respond: ({ messages }) => /SAY (\w+|\?+)/u.exec(String(messages[0]?.content))?.[1] ?? 'good',
});
const saying = (...words: readonly string[]) =>
  Object.fromEntries(
    words.map((word, index) => [
      `${['first', 'second', 'third'][index]}-answer.instructions`,
      text(`SAY ${word}`),
    ]),
  );

describe('an ensemble', () => {
  test('gives what most of its programs say, each with parameters of its own', async () => {
    const voting = ensemble(three);
    expect(voting.shape.steps.map(({ name }) => name)).toEqual([
      'first-answer',
      'second-answer',
      'third-answer',
    ]);
    expect(voting.calls(voting.seed)).toEqual({ typical: 3, most: 6 });
    const run = (words: readonly string[]) =>
      voting.run({ text: 'x' }, { model: obedient, candidate: saying(...words) });
    await expect(run(['good', 'bad', 'bad'])).resolves.toEqual({ mood: 'bad' });
    await expect(run(['good', '??', 'bad'])).resolves.toEqual({ mood: 'good' });
    await expect(run(['??', '??', 'bad'])).resolves.toEqual({ mood: 'bad' });
  });

  test('weighs its programs, or lets a function decide', async () => {
    const candidate = saying('good', 'bad', 'bad');
    const heavy = ensemble(three, { weights: [5, 1, 1] });
    await expect(heavy.run({ text: 'x' }, { model: obedient, candidate })).resolves.toEqual({ mood: 'good' });
    const first = ensemble(three, { reduce: ([answer = { mood: 'bad' as const }]) => answer });
    await expect(first.run({ text: 'x' }, { model: obedient, candidate })).resolves.toEqual({ mood: 'good' });
  });

  test('fails when every program does, with the first failure', async () => {
    const prediction = await ensemble(three).forward(
      { text: 'x' },
      { model: obedient, candidate: saying('??', '??', '??') },
    );
    expect(prediction).toMatchObject({ status: 'failed', step: 'first-answer' });
    expect(prediction.trace.map((step) => step.kind === 'predict' && step.step)).toEqual([
      'first-answer',
      'second-answer',
      'third-answer',
    ]);
  });

  test('refuses twins, weights that do not fit, and no program', () => {
    expect(() => ensemble([judge, judge])).toThrow(/Two steps/);
    expect(() => ensemble(three, { weights: [1, 0, 1] })).toThrow(/weights/);
    expect(() => ensemble([])).toThrow(/no program/);
  });
});

describe('renamed steps', () => {
  test('are renamed by name too, and a name that no step has is refused', () => {
    expect(renameSteps(judge, { answer: 'mood' }).shape.parameters.map(({ name }) => name)).toContain(
      'mood.instructions',
    );
    expect(() => renameSteps(judge, { anwser: 'mood' })).toThrow(/no step "anwser"/);
  });
});
