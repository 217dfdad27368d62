import { z } from 'zod';
import { HoneError } from '../base/errors.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import type { CallRecord } from '../model/model.ts';
import { callsOf } from '../program/trace.ts';
import type { Sample, SampleUsage, Scorer } from './scorer.ts';
import { scorerVersion } from './scorer-version.ts';

/** `latency` in milliseconds, `cost` in US dollars, `tokens` of input and output. */
export type LimitedMeasure = 'latency' | 'cost' | 'tokens';

const measures = ['latency', 'cost', 'tokens'] as const;

/** What the options are checked by where the scorer is named in a file or a flag. */
export const withinLimitSchema = z.strictObject({
  measure: z.enum(measures).describe('`latency` in milliseconds, `cost` in US dollars, `tokens` in and out.'),
  limit: z.number().positive().describe('The most of it that scores 1.'),
  zeroAt: z
    .number()
    .positive()
    .optional()
    .describe('From where on the score is 0; between the limit and here it falls evenly.')
    .meta({ defaultText: 'the limit itself: pass or fail' }),
});

export interface WithinLimitOptions {
  /**
   * From where on the score is 0; between the limit and here it falls evenly. @default the limit itself: pass or fail
   */
  readonly zeroAt?: number | undefined;
}

/**
 * 1 where answering a row took no more than a limit, judges excluded; else 0, or less and less up to `zeroAt`. An
 * answer from the cache counts with its original figures. Where a provider says nothing of its tokens or has no known
 * price the row stays unscored, never 0 and never free.
 *
 * @param limit Milliseconds of all calls one after another, US dollars, or tokens.
 * @throws {HoneError} `HONE_OPTION_INVALID` for a `zeroAt` that is not above the limit.
 */
export function withinLimit(measure: LimitedMeasure, limit: number, given: WithinLimitOptions = {}): Scorer {
  const { zeroAt } = resolveOptions(withinLimitSchema, { measure, limit, ...given }, { of: 'withinLimit' });
  if (zeroAt !== undefined && zeroAt <= limit) {
    throw new HoneError(`withinLimit: zeroAt is ${zeroAt}, which is not above the limit of ${limit}.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Give a zeroAt above the limit, or leave it out for pass or fail.',
    });
  }
  const name = `within-limit(${measure})`;
  return {
    name,
    version: scorerVersion(name, { limit, zeroAt }),
    passFail: zeroAt === undefined,
    givesFeedback: true,
    score(sample) {
      const taken = takenOf(sample, measure);
      if (taken === undefined) {
        return { status: 'unscored', reason: `The ${measure} of this answer is not known.` };
      }
      if (taken <= limit) return { status: 'scored', value: 1 };
      const value = zeroAt === undefined ? 0 : Math.max(0, (zeroAt - taken) / (zeroAt - limit));
      const feedback = `It took ${amount(taken, measure)}; the limit is ${amount(limit, measure)}.`;
      return { status: 'scored', value, feedback };
    },
  };
}

function takenOf({ usage, trace }: Sample, measure: LimitedMeasure): number | undefined {
  const taken = usage ?? sumOf(callsOf(trace));
  return { latency: taken.latencyMs, cost: taken.costUsd, tokens: taken.tokens }[measure];
}

/** Of the calls of a trace, where nobody counted. Nothing asked is no figure at all. */
function sumOf(calls: readonly CallRecord[]): Partial<SampleUsage> {
  if (calls.length === 0) return {};
  const known = (figures: readonly (number | undefined)[]) =>
    figures.reduce<number | undefined>(
      (sum, figure) => (sum === undefined || figure === undefined ? undefined : sum + figure),
      0,
    );
  return {
    latencyMs: known(calls.map(({ latencyMs }) => latencyMs)),
    costUsd: known(calls.map(({ costUsd }) => costUsd)),
    tokens: known(calls.flatMap(({ usage }) => [usage.inputTokens, usage.outputTokens])),
  };
}

function amount(figure: number, measure: LimitedMeasure): string {
  if (measure === 'latency') return `${Math.round(figure)} ms`;
  return measure === 'cost' ? `${Number(figure.toPrecision(3))} USD` : `${figure} tokens`;
}
