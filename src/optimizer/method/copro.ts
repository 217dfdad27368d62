import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import { signature } from '../../signature/shorthand.ts';
import type { CandidateEvaluation, Optimizer } from '../optimizer.ts';
import { attemptsOf } from '../part/attempts.ts';
import { accepted } from '../part/decisions.ts';
import { promptsOption, withReplaced } from '../part/meta-prompts.ts';
import { newCandidates, reflectionCalls, rewrites } from '../part/reflection.ts';
import { describeTarget, textOf, textTargets } from '../part/text-parameters.ts';
import { isBetter, raceOnValidation, rowsOfValidationRace } from '../part/validation-race.ts';

/** What it asks. */
export const coproPrompts = {
  draft: signature(
    { inputs: { place: 'string', current: 'string' }, outputs: { text: 'string' } },
    {
      instructions:
        'You see a text that tells a language model how to do a task. Write one that would lead it to better ' +
        'answers. Be inventive: it need not look like the old one. It must serve every row of the task, and keep ' +
        'every {{slot}}.',
      descriptions: {
        place: 'where the text is used',
        current: 'the text as it is',
        text: 'the new text, whole and ready for use',
      },
    },
  ),
  propose: signature(
    { inputs: { place: 'string', attempts: 'json' }, outputs: { text: 'string' } },
    {
      instructions:
        'You see texts that tell a language model how to do a task, with the scores that they reached, the best ' +
        'last. Write another that should score higher than all. Take up what the better ones have in common. It ' +
        'must serve every row of the task, and keep every {{slot}}.',
      descriptions: {
        place: 'where the text is used',
        attempts: 'texts with scores from 0 to 100, ascending',
        text: 'the new text, whole and ready for use',
      },
    },
  ),
};

/** What the options are checked by. */
export const coproSchema = z.strictObject({
  breadth: z
    .int()
    .min(2)
    .max(100)
    .default(10)
    .describe('Texts of a step in a round, its present one among them.'),
  depth: z.int().min(1).max(50).default(3).describe('Rounds.'),
  survivors: z
    .int()
    .min(1)
    .max(100)
    .default(2)
    .describe('Texts of a round that are scored on all of validation.'),
  temperature: z.number().min(0).max(2).default(1.4).describe('Of the proposals.'),
  prompts: promptsOption(coproPrompts),
});

export interface CoproOptions {
  /** Texts of a step in a round, its present one among them. @default 10 */
  readonly breadth?: number | undefined;
  /** Rounds. @default 3 */
  readonly depth?: number | undefined;
  /** Texts of a round that are scored on all of validation. @default 2 */
  readonly survivors?: number | undefined;
  /** Of the proposals. @default 1.4 */
  readonly temperature?: number | undefined;
  /** Instructions to send instead of its own. @default its own */
  readonly prompts?:
    | { readonly draft?: string | undefined; readonly propose?: string | undefined }
    | undefined;
}

/**
 * Coordinate ascent over the texts of a program: in each round every step in turn gets new texts, first from its
 * own alone, then from the attempts so far with their scores, and keeps the best.
 *
 * @see Khattab et al. 2023, "DSPy", COPRO. https://arxiv.org/abs/2310.03714. Deviations: scored on validation, not
 *   on train; the texts of a round race; texts that an earlier step's change made stale are not scored again.
 */
export function copro(options: CoproOptions = {}): Optimizer {
  const resolved = resolveOptions(coproSchema, options, { of: 'copro' });
  const { breadth, depth, survivors, temperature } = resolved;
  const prompts = withReplaced(coproPrompts, resolved.prompts);
  return {
    name: 'copro',
    version: 1,
    options: resolved,
    prompts,
    needs: { parameters: ['text'], labels: true, reflectionModel: true },
    guide: {
      does: 'Coordinate ascent: each text in turn gets new wordings, written from the attempts so far with their scores.',
      when: 'Instructions alone are to change, step by step, and the scores say more than the failures do.',
      cost: {
        task: 'validation + depth * texts * race(breadth, survivors)',
        reflection: '2 * depth * texts * breadth',
      },
    },
    fresh: () => copro(options),
    estimate: ({ validation, callsPerRow, program }) => {
      const rounds = depth * textTargets(program).length;
      return {
        task:
          (validation + rounds * rowsOfValidationRace(breadth, { validation, keep: survivors })) *
          callsPerRow,
        reflection: reflectionCalls(rounds * breadth),
      };
    },
    async *optimize(context) {
      const { seed, program, validation, ask, admit, evaluate } = context;
      let best = await evaluate(seed, validation);
      const tried: CandidateEvaluation[] = [best];
      for (let round = 0; round < depth; round += 1) {
        for (const target of textTargets(program)) {
          const place = describeTarget(target, textOf(seed, target));
          const label = `round-${round}/${target.parameter.name}`;
          const request = (sample: number) => ({ label, sample, temperature });
          const answers =
            round === 0
              ? await ask(
                  Array.from({ length: breadth - 1 }, (_, sample) => ({
                    ...request(sample),
                    signature: prompts.draft,
                    inputs: { place, current: textOf(best.candidate, target) },
                  })),
                )
              : await ask(
                  Array.from({ length: breadth }, (_, sample) => ({
                    ...request(sample),
                    signature: prompts.propose,
                    inputs: { place, attempts: attemptsOf(tried, target).slice(-breadth) },
                  })),
                );
          const drafts = rewrites(answers, {
            target,
            parent: best.candidate,
            origin: `proposal of round ${round + 1}`,
            textsOf: ({ text }) => [text],
          });
          const finalists = await raceOnValidation(context, newCandidates(admit(drafts)), {
            label,
            keep: survivors,
          });
          tried.push(...finalists);
          const [first] = finalists;
          if (!isBetter(first, best)) continue;
          best = first;
          yield accepted(best, `round ${round + 1} of ${target.parameter.name}`);
        }
      }
      return best.candidate;
    },
  };
}
