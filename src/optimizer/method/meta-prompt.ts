import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import { signature } from '../../signature/shorthand.ts';
import type { Optimizer } from '../optimizer.ts';
import { accepted } from '../part/decisions.ts';
import { promptsOption, withReplaced } from '../part/meta-prompts.ts';
import { minibatches } from '../part/minibatch.ts';
import { newCandidates, reflectionCalls, rewrites } from '../part/reflection.ts';
import { answeredRows, failuresOf, rowRecord } from '../part/row-records.ts';
import { describeTarget, textOf, textTargets } from '../part/text-parameters.ts';
import { isBetter, raceOnValidation, rowsOfValidationRace } from '../part/validation-race.ts';

/** What it asks. */
export const metaPromptPrompts = {
  improve: signature(
    {
      inputs: { place: 'string', current: 'string', failures: 'json', count: 'integer' },
      outputs: { texts: 'string[]' },
    },
    {
      instructions:
        'You improve a text that tells a language model how to do a task. It is given as data: do not do the task ' +
        'itself. Write as many new texts as asked for, each whole and ready for use, and different from each other ' +
        'in length and in approach: a short one, a thorough one, one that works in steps, one that warns of the ' +
        'hard cases. A good text says what the goal is, what the reader needs to know, how to proceed, what to do ' +
        'in unclear cases, and what a good answer is. Where failures are shown, find out what they have in common ' +
        'and prevent it in general words, without quoting them. Keep every {{slot}}; do not speak of scores, of ' +
        'rows, or of this rewriting.',
      descriptions: {
        place: 'where the text is used',
        current: 'the text as it is',
        failures: 'rows that were answered wrongly with it; may be empty',
        count: 'how many texts to write',
        texts: 'one whole text each',
      },
    },
  ),
};

/** What the options are checked by. */
export const metaPromptSchema = z.strictObject({
  rounds: z.int().min(1).max(100).default(2).describe('Rounds of rewriting, each from the best so far.'),
  drafts: z.int().min(1).max(32).default(4).describe('Texts of a request.'),
  failures: z
    .int()
    .min(0)
    .max(64)
    .default(5)
    .describe('Wrongly answered rows that a request sees; 0 rewrites from the text alone.'),
  rows: z.int().min(1).max(1_000).default(24).describe('Rows of train in which failures are looked for.'),
  temperature: z.number().min(0).max(2).default(1).describe('Of the requests.'),
  prompts: promptsOption(metaPromptPrompts),
});

export interface MetaPromptOptions {
  /** Rounds of rewriting, each from the best so far. @default 2 */
  readonly rounds?: number | undefined;
  /** Texts of a request. @default 4 */
  readonly drafts?: number | undefined;
  /** Wrongly answered rows that a request sees; 0 rewrites from the text alone. @default 5 */
  readonly failures?: number | undefined;
  /** Rows of train in which failures are looked for. @default 24 */
  readonly rows?: number | undefined;
  /** Of the requests. @default 1 */
  readonly temperature?: number | undefined;
  /** Instructions to send instead of its own. @default its own */
  readonly prompts?: { readonly improve?: string | undefined } | undefined;
}

/**
 * A model improves the prompt: every text of the program is rewritten several ways at once, with or without rows
 * that went wrong, and the best is kept. Few requests, and none is accepted without being scored.
 *
 * @see Reynolds & McDonell 2021, "Prompt Programming for Large Language Models", https://arxiv.org/abs/2102.07350;
 *   Ye et al. 2023, "Prompt Engineering a Prompt Engineer", https://arxiv.org/abs/2311.05661.
 */
export function metaPrompt(options: MetaPromptOptions = {}): Optimizer {
  const resolved = resolveOptions(metaPromptSchema, options, { of: 'metaPrompt' });
  const { rounds, drafts, failures, rows, temperature } = resolved;
  const prompts = withReplaced(metaPromptPrompts, resolved.prompts);
  return {
    name: 'metaPrompt',
    version: 1,
    options: resolved,
    prompts,
    needs: { parameters: ['text'], labels: failures > 0, reflectionModel: true },
    guide: {
      does: 'A model improves the prompt in a few drafts, with or without rows that went wrong.',
      when: 'A quick try with few calls of the reflection model. With `failures: 0` it is shown no row.',
      cost: {
        task: 'validation + (failures == 0 ? 0 : rounds * min(rows, train)) + rounds * texts * race(drafts)',
        reflection: '2 * rounds * texts',
      },
    },
    fresh: () => metaPrompt(options),
    estimate: ({ train, validation, callsPerRow, program }) => {
      const requests = rounds * textTargets(program).length;
      const looked = failures === 0 ? 0 : rounds * Math.min(rows, train);
      return {
        task: (validation + looked + requests * rowsOfValidationRace(drafts, { validation })) * callsPerRow,
        reflection: reflectionCalls(requests),
      };
    },
    async *optimize(context) {
      const { seed, program, train, validation, random, ask, admit, evaluate } = context;
      const batches = minibatches(train, { size: rows, random: random.fork('failures') });
      let best = await evaluate(seed, validation);
      for (let round = 0; round < rounds; round += 1) {
        const batch = failures === 0 ? [] : batches.next();
        const seen = await evaluate(best.candidate, batch, { traces: true });
        const wrong = failuresOf(answeredRows(seen, batch)).slice(0, failures);
        const targets = textTargets(program);
        const answers = await ask(
          targets.map((target) => ({
            label: `round-${round}/${target.parameter.name}`,
            temperature,
            signature: prompts.improve,
            inputs: {
              place: describeTarget(target),
              current: textOf(best.candidate, target),
              failures: wrong.map((row) => rowRecord(row, target.step)),
              count: drafts,
            },
          })),
        );
        const proposed = targets.flatMap((target, index) =>
          rewrites(answers.slice(index, index + 1), {
            target,
            parent: best.candidate,
            origin: failures === 0 ? 'rewritten' : `rewritten from ${wrong.length} failures`,
            textsOf: ({ texts }) => texts.slice(0, drafts),
            rows: wrong.map(({ example }) => example.id),
          }),
        );
        const [first] = await raceOnValidation(context, newCandidates(admit(proposed)), {
          label: `round-${round}`,
        });
        if (!isBetter(first, best)) continue;
        best = first;
        yield accepted(best, `round ${round + 1}`);
      }
      return best.candidate;
    },
  };
}
