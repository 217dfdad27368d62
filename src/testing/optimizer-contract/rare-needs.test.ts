import type { Optimizer } from '../../optimizer/optimizer.ts';
import { describeOptimizer } from '../describe-optimizer.ts';
import { scriptedModel } from '../scripted-model.ts';

/** Lets a judge choose between two instructions, row after row. */
const judged: Optimizer = {
  name: 'judged',
  version: 1,
  options: {},
  needs: { parameters: ['text'], labels: false, preference: true },
  estimate: () => ({ task: 24, reflection: 48 }),
  async *optimize({ program, seed, train, prefer, admit }) {
    const texts = program.parameters.filter(({ part }) => part === 'instructions');
    const changes = Object.fromEntries(
      texts.map(({ name }) => [name, { kind: 'text', text: 'Look at the telling words.' } as const]),
    );
    const [admission] = admit([{ changes, origin: 'other words' }]);
    if (admission === undefined || admission.status === 'rejected') return seed;
    const { candidate, hash } = admission;
    const pairs = train.slice(0, 4).map((example) => ({ example, first: seed, second: candidate }));
    const preferences = await prefer(pairs);
    const won = preferences.filter((each) => each.status === 'judged' && each.better === 'second').length;
    if (2 * won <= preferences.length) return seed;
    yield { type: 'candidate-accepted', candidate: hash, mean: undefined, note: `${won} rows preferred` };
    return candidate;
  },
};

describeOptimizer('an optimizer that has pairs judged', () => judged, {
  judge: () =>
    scriptedModel({
      respond: ({ messages }) =>
        JSON.stringify({
          better: JSON.stringify(messages).length % 2 === 0 ? 'a' : 'neither',
          reason: 'It reads better.',
        }),
    }),
});

/** Tries three temperatures. */
const tempered: Optimizer = {
  name: 'tempered',
  version: 1,
  options: {},
  needs: { parameters: ['number'], labels: true },
  estimate: ({ validation, callsPerRow }) => ({ task: 3 * validation * callsPerRow, reflection: 0 }),
  async *optimize({ seed, validation, evaluate, admit }) {
    let best = await evaluate(seed, validation);
    const drafts = [0.3, 0.7, 1.2].map((value) => ({
      changes: { 'answer.temperature': { kind: 'number', value } as const },
      origin: `temperature ${value}`,
    }));
    for (const admission of admit(drafts)) {
      if (admission.status !== 'admitted') continue;
      const next = await evaluate(admission.candidate, validation);
      if ((next.mean ?? 0) <= (best.mean ?? 0)) continue;
      best = next;
      yield { type: 'candidate-accepted', candidate: best.hash, mean: best.mean, note: admission.hash };
    }
    return best.candidate;
  },
};

describeOptimizer('an optimizer of numbers', () => tempered, { choiceScores: false });
