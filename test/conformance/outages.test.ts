import { describe, expect, test } from 'vitest';
import { HoneError } from '../../src/base/errors.ts';
import { targetScore } from '../../src/optimizer/stop-condition.ts';
import { metaPrompt } from '../../src/public/optimizers.ts';
import { finishRules } from '../../src/testing/rule-run.ts';
import { ruleExamples } from '../../src/testing/rule-task.ts';
import { scriptedModel } from '../../src/testing/scripted-model.ts';
import { everyOptimizer, type SmallOptimizer } from './every-optimizer.ts';

const rows = ruleExamples();

/**
 * Right on three rows of four whatever it is told, and never answered on the fourth once the prompt differs from the
 * seed: whoever leaves lost rows out of one mean alone takes any change for a better prompt.
 */
function failingWhereItIsWrong() {
  return scriptedModel({
    respond: (request) => {
      const text = request.messages.map(({ content }) => String(content)).join('\n');
      const numbers = [...text.matchAll(/#(\d{3}) /g)].map(([, number]) => Number(number));
      const number = numbers.at(-1) ?? 0;
      const right = String(rows[number]?.expected?.action);
      const isHard = number % 4 === 1;
      const isSeed = numbers.length === 1 && text.startsWith('Say what to do with the parcel.\n\nAnswer');
      if (isHard && !isSeed) throw new HoneError('Overloaded.', { code: 'HONE_MODEL_SERVER' });
      const answer = !isHard ? right : right === 'hold' ? 'ship' : 'hold';
      return request.responseSchema === undefined ? answer : JSON.stringify({ action: answer });
    },
  });
}

/** Why it does not apply. */
function exemption({ create }: SmallOptimizer): string | undefined {
  const { needs } = create();
  if (needs.preference) return 'answers are compared and have no score';
  if (needs.choiceScores) return 'the model scores no choices';
  if (needs.parameters.includes('number')) return 'the program has no number to set';
  return undefined;
}

/** They choose among layouts with demos first, as a start for what comes after; that choice is no claim. */
const choosesStart = new Set(['layoutChoice', 'auto']);

describe.each(everyOptimizer)('$name', (optimizer) => {
  test('takes no candidate for better because an outage took the rows that it would get wrong', async (context) => {
    const reason = exemption(optimizer);
    if (reason !== undefined) return context.skip(reason);
    const { events, report } = await finishRules({
      optimizer: optimizer.create(),
      changes: { model: failingWhereItIsWrong() },
    });
    const accepted = events.flatMap((event) =>
      event.type === 'candidate-accepted' ? [`${event.note}: ${event.mean}`] : [],
    );
    if (!choosesStart.has(optimizer.name)) expect(accepted).toEqual([]);
    expect(report.verdict).not.toBe('improved');
  });
});

test('no target is reached by a mean without the rows that an outage took', async () => {
  const { report } = await finishRules({
    optimizer: metaPrompt({ rounds: 1 }),
    changes: { model: failingWhereItIsWrong(), stopWhen: [targetScore(0.9)] },
  });
  expect(report.stopReason).toBe('done');
});
