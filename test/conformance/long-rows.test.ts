import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import type { Example } from '../../src/dataset/dataset.ts';
import { splitDataset } from '../../src/dataset/split.ts';
import { contentText } from '../../src/model/content.ts';
import type { ModelRequest } from '../../src/model/model.ts';
import * as optimizers from '../../src/public/optimizers.ts';
import { finishRules } from '../../src/testing/rule-run.ts';
import { ruleExamples, ruleReflection } from '../../src/testing/rule-task.ts';
import { finishTriage } from '../../src/testing/triage-run.ts';
import { triageExamples, triageWithTemperature } from '../../src/testing/triage-task.ts';
import { everyOptimizer } from './every-optimizer.ts';

/** Rows with so many characters of words of their own behind their text. */
function lengthened(rows: readonly Example[], name: string, length: number) {
  const random = createRandom('long rows');
  return rows.map((row) => {
    const words: string[] = [String(row.inputs[name])];
    for (let characters = 0; characters < length; characters += 9) {
      words.push(Array.from({ length: 8 }, () => String.fromCharCode(97 + random.integer(26))).join(''));
    }
    return { ...row, inputs: { [name]: words.join(' ') } };
  });
}

const length = 4_000;
const parcels = splitDataset(lengthened(ruleExamples(36), 'note', length), { seed: 1 });
const tickets = splitDataset(lengthened(triageExamples(36), 'ticket', length), { seed: 1 });
/** Of which 16 are more than a prompt may show. */
const longTickets = splitDataset(lengthened(triageExamples(36), 'ticket', 30_000), { seed: 1 });
const textOf = ({ messages }: ModelRequest) => messages.map(({ content }) => contentText(content)).join('\n');

/** What the demos of a prompt may take, and all else beside the row. */
const longestPrompt = 200_000 + 20_000;
/** A value in a request of the search, and what is said around it. */
const longestValue = 2_200;
/** A judge compares answers to one row, which it must see as whoever answered did. */
const isJudgement = (text: string) => text.includes('Two assistants did the same task');

describe.each(everyOptimizer)('$name', ({ create }) => {
  test('grows no prompt without bound on rows of very long texts', async () => {
    const optimizer = create();
    const { choiceScores = false, parameters } = optimizer.needs;
    const hasNumber = parameters.includes('number');
    const finish = async () => {
      if (!choiceScores && !hasNumber) {
        const { taskCalls, reflections } = await finishRules({ optimizer, changes: { dataset: parcels } });
        const requests = (calls: typeof taskCalls) => calls.map(({ request }) => textOf(request));
        return { asked: requests(taskCalls), searched: requests(reflections) };
      }
      const { calls, reflections } = await finishTriage({
        optimizer,
        choiceScores,
        reflectionModel: ruleReflection(),
        changes: { dataset: tickets, ...(hasNumber && { program: triageWithTemperature }) },
      });
      return { asked: calls.map(({ request }) => textOf(request)), searched: reflections.map(textOf) };
    };
    const { asked, searched } = await finish();
    expect(Math.max(...asked.map((text) => text.length)) - length).toBeLessThanOrEqual(longestPrompt);
    const whole = searched.filter(
      (text) => !isJudgement(text) && new RegExp(`[a-z0-9# ]{${longestValue}}`).test(text),
    );
    expect(whole.map((text) => text.slice(0, 200))).toEqual([]);
  });
});

test.each([
  ['labeledFewShot', optimizers.labeledFewShot()],
  ['bootstrapFewShot', optimizers.bootstrapFewShot()],
  ['bootstrapRandomSearch', optimizers.bootstrapRandomSearch({ candidates: 2 })],
  ['demoSetRace', optimizers.demoSetRace({ demos: 16, sets: 2 })],
  ['layoutChoice', optimizers.layoutChoice({ demos: 16 })],
])('%s shows fewer demos where so many of the rows are too long, and says so', async (_, optimizer) => {
  const { events } = await finishTriage({
    optimizer,
    choiceScores: false,
    changes: { dataset: longTickets },
  });
  const refused = events.filter(({ type }) => type === 'candidate-rejected');
  expect(refused).not.toEqual([]);
  expect(events.filter(({ type }) => type === 'candidate-proposed')).not.toEqual([]);
});

test('fewShotBudget says that every demo is longer than the tokens that it may show', async () => {
  const { report } = await finishTriage({
    optimizer: optimizers.fewShotBudget({ tokens: 100 }),
    choiceScores: false,
    changes: { dataset: longTickets },
  });
  expect(report.notices.join(' ')).toContain('more than the 100 tokens');
});
