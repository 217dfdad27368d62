import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import { parameterName } from '../../prompt/candidate.ts';
import type { Optimizer } from '../optimizer.ts';
import { candidatesOf } from '../part/admitted.ts';
import { answerShares, calibrationOf, closedStep } from '../part/calibration.ts';
import { pairedDifference } from '../part/paired-difference.ts';

/** What the options are checked by. */
export const calibrateSchema = z.strictObject({
  step: z
    .string()
    .min(1)
    .optional()
    .describe('The step to calibrate.')
    .meta({ defaultText: 'the first step with one closed choice as its output' }),
  strength: z.number().min(0).max(1).default(1).describe('How much of the correction is applied, 0 to 1.'),
});

export interface CalibrateOptions {
  /** The step to calibrate. @default the first step with one closed choice as its output */
  readonly step?: string | undefined;
  /** How much of the correction is applied, 0 to 1. @default 1 */
  readonly strength?: number | undefined;
}

/**
 * Takes away the model's preference for some answers: adds to each answer's log-probability what makes the
 * answers, on average over the validation inputs, as frequent as they are in the training rows. Needs no
 * call beyond scoring the seed. No label of a validation row is looked at.
 *
 * @see Zhao et al. 2021, "Calibrate Before Use", https://arxiv.org/abs/2102.09690, and Zhou et al. 2023,
 *   "Batch Calibration", https://arxiv.org/abs/2309.17249, whose estimate over a batch of inputs this is.
 */
export function calibrate(options: CalibrateOptions = {}): Optimizer {
  const resolved = resolveOptions(calibrateSchema, options, { of: 'calibrate' });
  const { strength } = resolved;
  return {
    name: 'calibrate',
    version: 1,
    options: resolved,
    needs: { parameters: ['calibration'], labels: true, choiceScores: true },
    guide: {
      does: 'Takes away the preference of the model for some answers of a closed choice.',
      when: 'A small local model answers some choices far too often. It takes no more than scoring the prompt twice.',
      cost: {
        task: '2 * validation',
        reflection: '0',
      },
    },
    fresh: () => calibrate(options),
    estimate: ({ validation, callsPerRow }) => ({ task: 2 * validation * callsPerRow, reflection: 0 }),
    async *optimize({ program, seed, train, validation, evaluate, admit }) {
      const step = closedStep(program, resolved.step);
      const evaluation = await evaluate(seed, validation, { traces: true });
      const target = answerShares(train, step.choice);
      const calibration = calibrationOf(evaluation, { step, target, strength });
      const [calibrated] = candidatesOf(
        admit([
          { changes: { [parameterName(step.name, 'calibration')]: calibration }, origin: 'calibrated' },
        ]),
      );
      if (calibrated === undefined) return seed;
      const after = await evaluate(calibrated, validation);
      if (pairedDifference(evaluation, after).mean <= 0) return seed;
      yield { type: 'candidate-accepted', candidate: after.hash, mean: after.mean, note: 'calibrated' };
      return calibrated;
    },
  };
}
