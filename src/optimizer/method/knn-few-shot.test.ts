import { describe, expect, test } from 'vitest';
import { contentText } from '../../model/content.ts';
import { parameterOf } from '../../prompt/candidate.ts';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishTriage } from '../../testing/triage-run.ts';
import { knnFewShot } from './knn-few-shot.ts';

describeOptimizer('knnFewShot', () => knnFewShot());

describe('knnFewShot', () => {
  test('shows every row demos of its own, never itself, and keeps all of them in the candidate', async () => {
    const { report, calls } = await finishTriage({
      optimizer: knnFewShot({ nearest: [3] }),
      choiceScores: false,
    });
    const [set] = parameterOf(report.best.candidate, 'answer.demos', 'demos')?.sets ?? [];
    expect(set?.nearest).toBe(3);
    expect(set?.demos.length).toBeGreaterThan(20);
    const shown = calls
      .filter(({ phase }) => phase === 'sealed test')
      .map(({ request }) => request.messages.map(({ content }) => contentText(content)).join('\n'));
    expect(new Set(shown.map((text) => text.slice(0, text.length / 2))).size).toBeGreaterThan(5);
  });

  test('chooses how many by a race', async () => {
    const { report } = await finishTriage({ optimizer: knnFewShot({ nearest: [1, 2, 4, 8] }) });
    expect(report.candidates.filter(({ origin }) => origin.startsWith('the nearest'))).toHaveLength(4);
  });

  test('makes the demos of inner steps once, from rows that were answered', async () => {
    const { report } = await finishTriage({
      optimizer: knnFewShot({ nearest: [4] }),
      task: 'two steps',
      choiceScores: false,
    });
    const demos = Object.entries(report.best.candidate).flatMap(([, value]) =>
      value.kind === 'demos' ? value.sets : [],
    );
    expect(demos.every(({ nearest }) => nearest === 4)).toBe(true);
  });
});
