import { describe, expect, test } from 'vitest';
import { contentText } from '../../model/content.ts';
import { type Candidate, parameterOf } from '../../prompt/candidate.ts';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishTriage } from '../../testing/triage-run.ts';
import { queues, triageRoles } from '../../testing/triage-task.ts';
import { choiceEnsemble } from './choice-ensemble.ts';

describeOptimizer('choiceEnsemble', () => choiceEnsemble({ channelDemos: 4, words: 20 }));

const setsOf = (candidate: Candidate) => parameterOf(candidate, 'answer.demos', 'demos')?.sets ?? [];

describe('choiceEnsemble', () => {
  test('tells a choice by words that the model goes on with', async () => {
    const { report, verdict } = await finishTriage({
      optimizer: choiceEnsemble({ words: 40, channelDemos: 0 }),
      association: 6,
    });
    expect(verdict).toBe('improved');
    const told = setsOf(report.best.candidate).find(({ verbalizer }) => verbalizer !== undefined);
    expect(told?.verbalizer?.words).toContain('billing');
    expect(Object.keys(told?.verbalizer?.weights ?? {})).toEqual([...queues]);
    expect(report.sealedTest?.winner).toBeGreaterThan(0.9);
  });

  test('keeps words out where they say nothing', async () => {
    const { report } = await finishTriage({ optimizer: choiceEnsemble({ words: 40 }) });
    expect(setsOf(report.best.candidate).every(({ verbalizer }) => verbalizer === undefined)).toBe(true);
  });

  test('asks training rows for the words, and validation rows never before the words are weighed', async () => {
    const split = triageRoles();
    const asked: string[] = [];
    await finishTriage({
      optimizer: choiceEnsemble({ words: 40, channelDemos: 0 }),
      association: 6,
      onCall: ({ rowId, request: { messages } }) => {
        if (contentText(messages.at(-1)?.content ?? '').endsWith('this is about')) asked.push(rowId);
      },
    });
    const first = asked.slice(0, split.train.length);
    expect(new Set(first)).toEqual(new Set(split.train.map(({ id }) => id)));
  });

  test('says that the budget holds no words, and goes on without them', async () => {
    const { events } = await finishTriage({
      optimizer: choiceEnsemble({ words: 40 }),
      changes: { budget: { calls: 90 } },
    });
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'notice', message: expect.stringContaining('no words were weighed') }),
    );
  });
});
