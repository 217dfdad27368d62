import { describe, expect, test } from 'vitest';
import { estimateTokens } from '../../model/token-count.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishTriage } from '../../testing/triage-run.ts';
import { fewShotBudget } from './few-shot-budget.ts';

describeOptimizer('fewShotBudget', () => fewShotBudget({ trials: 6 }));

const demosOf = (candidate: Candidate) =>
  Object.values(candidate).flatMap((parameter) =>
    parameter.kind === 'demos' ? parameter.sets.flatMap(({ demos }) => demos) : [],
  );
const tokensOf = (candidate: Candidate) =>
  demosOf(candidate).reduce(
    (sum, { inputs, outputs }) => sum + estimateTokens(JSON.stringify([inputs, outputs])),
    0,
  );

describe('fewShotBudget', () => {
  test.each([60, 200, 1_000])('never shows more than %i tokens of demos', async (tokens) => {
    const seen: Candidate[] = [];
    const { report } = await finishTriage({
      optimizer: fewShotBudget({ tokens }),
      choiceScores: false,
      changes: {},
    });
    seen.push(report.best.candidate);
    expect(Math.max(...seen.map(tokensOf))).toBeLessThanOrEqual(tokens);
  });

  test('shows more where more is allowed', async () => {
    const countOf = async (tokens: number) => {
      const { report } = await finishTriage({ optimizer: fewShotBudget({ tokens, trials: 8 }) });
      return demosOf(report.best.candidate).length;
    };
    expect(await countOf(600)).toBeGreaterThan(await countOf(60));
  });

  test('learns from trials: more of them do not do worse than none', async () => {
    const winnerOf = async (trials: number) => {
      const { report } = await finishTriage({
        optimizer: fewShotBudget({ trials, tokens: 400 }),
        choiceScores: false,
      });
      return report.validation.winner ?? 0;
    };
    expect(await winnerOf(24)).toBeGreaterThanOrEqual(await winnerOf(1));
  });

  test('leaves the seed where no demo fits', async () => {
    const { report, events } = await finishTriage({ optimizer: fewShotBudget({ tokens: 16 }) });
    expect(demosOf(report.best.candidate)).toEqual([]);
    expect(events.some(({ type }) => type === 'notice')).toBe(true);
  });
});
