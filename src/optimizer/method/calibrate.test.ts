import { describe, expect, test } from 'vitest';
import { normalise } from '../../program/normalise.ts';
import { predict } from '../../program/predict.ts';
import { parameterOf } from '../../prompt/candidate.ts';
import { signature } from '../../signature/shorthand.ts';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishTriage } from '../../testing/triage-run.ts';
import { triage } from '../../testing/triage-task.ts';
import { answerShares, closedStep, priorOffsets } from '../part/calibration.ts';
import { calibrate } from './calibrate.ts';

describeOptimizer('calibrate', () => calibrate());

/** Knows the answer, but prefers billing so much that it says nothing else. */
const biased = { bias: { billing: 4 }, knowledge: 2, noise: 1 };

const offsetsOf = (candidate: typeof triage.seed) =>
  parameterOf(candidate, 'answer.calibration', 'calibration')?.offsets ?? {};

describe('calibrate', () => {
  test('takes the preference of a biased model away, with no call beyond the seed’s', async () => {
    const { report, verdict, calls } = await finishTriage({ optimizer: calibrate(), ...biased });
    expect(verdict).toBe('improved');
    expect(report.sealedTest?.winner).toBe(1);
    expect(report.sealedTest?.seed).toBeLessThan(0.5);
    const { billing = 0, refunds = 0, access = 0 } = offsetsOf(report.candidate.candidate);
    expect(billing).toBeLessThan(-2);
    expect(billing + refunds + access).toBeCloseTo(0, 3);
    expect(calls.filter(({ phase }) => phase === 'search')).toEqual([]);
  });

  test('keeps the seed where nothing is gained', async () => {
    const { report } = await finishTriage({ optimizer: calibrate(), bias: {}, knowledge: 9 });
    expect(report.best.hash).toBe(report.seed.hash);
  });

  test('applies half of the correction when told to', async () => {
    const [whole, half] = await Promise.all(
      [1, 0.5].map((strength) => finishTriage({ optimizer: calibrate({ strength }), ...biased })),
    );
    const [full, halved] = [whole, half].map(
      (run) => offsetsOf(run?.report.best.candidate ?? {}).billing ?? 0,
    );
    expect(halved).toBeCloseTo((full ?? 0) / 2, 3);
  });

  test('looks at no label of a validation row', async () => {
    const { report, events } = await finishTriage({ optimizer: calibrate(), ...biased });
    const accepted = events.find(({ type }) => type === 'candidate-accepted');
    expect(accepted).toMatchObject({ candidate: report.best.hash, note: 'calibrated' });
  });

  test('refuses a program without a closed choice', async () => {
    const open = predict(signature('ticket -> queue'));
    await expect(
      finishTriage({ optimizer: calibrate(), changes: { program: open as never } }),
    ).rejects.toMatchObject({ code: 'HONE_OPTION_INVALID', message: expect.stringContaining('calibration') });
  });

  test('refuses a step that does not exist', () => {
    expect(() => closedStep(triage.shape, 'sort')).toThrow(/no step "sort"/);
  });
});

describe('the estimate of a prior', () => {
  test.each([{ target: [0.5, 0.5] }, { target: [0.9, 0.1] }])(
    'makes the mean probabilities $target',
    ({ target }) => {
      const scores = [
        [-0.1, -3],
        [-0.3, -1],
        [-2, -0.2],
        [0, -5],
      ];
      const offsets = priorOffsets(scores, target);
      const rows = scores.map((row) => normalise(row.map((value, index) => value + (offsets[index] ?? 0))));
      for (const [index, share] of target.entries()) {
        const mean = rows.reduce((sum, row) => sum + (row[index] ?? 0), 0) / rows.length;
        expect(mean).toBeCloseTo(share, 3);
      }
    },
  );

  test('is nothing without scores', () => {
    expect(priorOffsets([], [0.5, 0.5])).toEqual([0, 0]);
  });

  test('takes the shares from labelled rows, each answer counted once more than seen', () => {
    const rows = ['a', 'a', 'b'].map((label) => ({ id: label, inputs: {}, expected: { label } }));
    expect(answerShares(rows, { field: 'label', choices: ['a', 'b', 'c'] })).toEqual([3 / 6, 2 / 6, 1 / 6]);
  });
});
