import { describe, expect, test } from 'vitest';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishRules, textOfCall } from '../../testing/rule-run.ts';
import { ruleReflection } from '../../testing/rule-task.ts';
import { copro } from './copro.ts';

describeOptimizer('copro', () => copro({ breadth: 3, depth: 2 }), { reflectionModel: ruleReflection });

describe('copro', () => {
  test('drafts from the text alone first, then from the attempts with their scores', async () => {
    const { reflections } = await finishRules({ optimizer: copro({ breadth: 4, depth: 2 }) });
    const withScores = reflections.map((call) => textOfCall(call).includes('"score"'));
    expect(withScores).toEqual([false, false, false, true, true, true, true]);
  });

  test('finds the rules that a reflection model happens to know', async () => {
    const { taught } = await finishRules({
      optimizer: copro({ depth: 2 }),
      reflection: {
        onCall: (_, draw) =>
          JSON.stringify({ text: `Say what to do with the parcel. ${known[draw.length % known.length]}` }),
      },
    });
    expect(taught).toBeGreaterThanOrEqual(1);
  });
});

const known = ['«brock» means hold. «calder» means ship.', '«elfin» means scrap.'];
