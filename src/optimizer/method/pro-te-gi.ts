import { z } from 'zod';
import type { Json } from '../../base/json.ts';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import { signature } from '../../signature/shorthand.ts';
import type { CandidateEvaluation, OptimizationContext, Optimizer } from '../optimizer.ts';
import { accepted } from '../part/decisions.ts';
import { promptsOption, withReplaced } from '../part/meta-prompts.ts';
import { minibatches } from '../part/minibatch.ts';
import { newCandidates, reflectionCalls, rewrites } from '../part/reflection.ts';
import { answeredRows, failuresOf, rowRecord } from '../part/row-records.ts';
import { describeTarget, type TextTarget, textOf, textTargets } from '../part/text-parameters.ts';
import { isBetter, raceOnValidation, rowsOfValidationRace } from '../part/validation-race.ts';

/** What it asks. */
export const proTeGiPrompts = {
  criticize: signature(
    {
      inputs: { place: 'string', current: 'string', errors: 'json', count: 'integer' },
      outputs: { reasons: 'string[]' },
    },
    {
      instructions:
        'A language model followed a text and got these rows wrong. Give distinct reasons, as many as asked for, ' +
        'why the text led it astray: what it leaves out, says unclearly or gets wrong. Speak of the text, not of ' +
        'single rows.',
      descriptions: {
        place: 'where the text is used',
        current: 'the text',
        errors: 'rows that were answered wrongly',
        count: 'how many reasons to give',
        reasons: 'one reason each',
      },
    },
  ),
  edit: signature(
    {
      inputs: { place: 'string', current: 'string', errors: 'json', reason: 'string', count: 'integer' },
      outputs: { texts: 'string[]' },
    },
    {
      instructions:
        'A language model followed a text and got these rows wrong, for the reason that is given. Write improved ' +
        'texts, as many as asked for, each mending that fault in another way. Each must be whole, general, without ' +
        'quotes from the rows, and keep every {{slot}}.',
      descriptions: {
        place: 'where the text is used',
        current: 'the text',
        errors: 'rows that were answered wrongly',
        reason: 'why',
        count: 'how many texts to write',
        texts: 'one whole text each',
      },
    },
  ),
  vary: signature(
    { inputs: { place: 'string', current: 'string' }, outputs: { text: 'string' } },
    {
      instructions: 'Say the same in other words. The meaning and every {{slot}} stay.',
      descriptions: {
        place: 'where the text is used',
        current: 'the text',
        text: 'the same in other words',
      },
    },
  ),
};

/** What the options are checked by. */
export const proTeGiSchema = z.strictObject({
  rounds: z.int().min(1).max(100).default(6).describe('Rounds of criticism and edits.'),
  beam: z.int().min(1).max(64).default(4).describe('Texts that go on after a round.'),
  minibatch: z.int().min(1).max(1_000).default(32).describe('Rows in which a round looks for errors.'),
  gradients: z.int().min(1).max(64).default(4).describe('Criticisms of each text, from other errors.'),
  errors: z.int().min(1).max(64).default(4).describe('Errors that a criticism sees.'),
  reasons: z.int().min(1).max(16).default(1).describe('Reasons in a criticism.'),
  edits: z.int().min(1).max(16).default(1).describe('Edited texts for each reason.'),
  variations: z.int().min(0).max(16).default(1).describe('Rewordings of each edited text.'),
  successors: z.int().min(1).max(256).default(8).describe('Most new texts of one text that are scored.'),
  temperature: z.number().min(0).max(2).default(0.7).describe('Of criticisms, edits and rewordings.'),
  patience: z.int().min(1).max(100).default(3).describe('Rounds without a new best before it stops.'),
  prompts: promptsOption(proTeGiPrompts),
});

export interface ProTeGiOptions {
  /** Rounds of criticism and edits. @default 6 */
  readonly rounds?: number | undefined;
  /** Texts that go on after a round. @default 4 */
  readonly beam?: number | undefined;
  /** Rows in which a round looks for errors. @default 32 */
  readonly minibatch?: number | undefined;
  /** Criticisms of each text, from other errors. @default 4 */
  readonly gradients?: number | undefined;
  /** Errors that a criticism sees. @default 4 */
  readonly errors?: number | undefined;
  /** Reasons in a criticism. @default 1 */
  readonly reasons?: number | undefined;
  /** Edited texts for each reason. @default 1 */
  readonly edits?: number | undefined;
  /** Rewordings of each edited text. @default 1 */
  readonly variations?: number | undefined;
  /** Most new texts of one text that are scored. @default 8 */
  readonly successors?: number | undefined;
  /** Of criticisms, edits and rewordings. @default 0.7 */
  readonly temperature?: number | undefined;
  /** Rounds without a new best before it stops. @default 3 */
  readonly patience?: number | undefined;
  /** Instructions to send instead of its own. @default its own */
  readonly prompts?:
    | {
        readonly criticize?: string | undefined;
        readonly edit?: string | undefined;
        readonly vary?: string | undefined;
      }
    | undefined;
}

/**
 * Gradient descent in words: criticizes each text of a beam by its errors, edits it against each criticism,
 * rewords the edits, and races them for the next beam.
 *
 * @see Pryzant et al. 2023, "Automatic Prompt Optimization with 'Gradient Descent' and Beam Search",
 *   https://arxiv.org/abs/2305.03495. Deviations: successors race on nested prefixes of validation instead of a
 *   bandit on train; errors come from train; 32 instead of 64 rows a round, one instead of two rewordings; a text
 *   without errors in the minibatch is not criticized.
 */
export function proTeGi(options: ProTeGiOptions = {}): Optimizer {
  const resolved = resolveOptions(proTeGiSchema, options, { of: 'proTeGi' });
  const { rounds, beam, minibatch, gradients, reasons, edits, variations, successors, patience } = resolved;
  const prompts = withReplaced(proTeGiPrompts, resolved.prompts);
  return {
    name: 'proTeGi',
    version: 1,
    options: resolved,
    prompts,
    needs: { parameters: ['text'], labels: true, reflectionModel: true },
    guide: {
      does: 'Gradient descent in words: criticizes texts by their errors, edits them against each criticism, races the edits.',
      when: 'Classification with a clear right and wrong, and calls enough for a beam.',
      cost: {
        task: 'validation + rounds * (beam * min(train, minibatch) + race(beam * (successors + 1), beam))',
        reflection:
          '2 * rounds * beam * (gradients + gradients * reasons + (gradients * reasons * edits + 1) * variations)',
      },
    },
    fresh: () => proTeGi(options),
    estimate: ({ train, validation, callsPerRow }) => {
      const race = rowsOfValidationRace(beam * (successors + 1), { validation, keep: beam });
      const made = gradients * reasons * edits;
      return {
        task: (validation + rounds * (beam * Math.min(train, minibatch) + race)) * callsPerRow,
        reflection: reflectionCalls(
          rounds * beam * (gradients + gradients * reasons + (made + 1) * variations),
        ),
      };
    },
    async *optimize(context) {
      const { seed, program, train, validation, random, evaluate } = context;
      const targets = textTargets(program);
      const batches = minibatches(train, { size: minibatch, random: random.fork('minibatches') });
      let best = await evaluate(seed, validation);
      let standing: readonly CandidateEvaluation[] = [best];
      for (let round = 0, stale = 0; round < rounds && stale < patience; round += 1, stale += 1) {
        const target = targets[round % targets.length];
        if (target === undefined) break;
        const batch = batches.next();
        const answered = await Promise.all(
          standing.map(({ candidate }) => evaluate(candidate, batch, { traces: true })),
        );
        const parents = answered.map((evaluation) => ({
          candidate: evaluation.candidate,
          errors: failuresOf(answeredRows(evaluation, batch)).map((row) => rowRecord(row, target.step)),
        }));
        const expanded = await expand(context, parents, { options: resolved, prompts, target, round });
        if (expanded.length === 0) {
          yield { type: 'notice', message: `Round ${round + 1} found nothing new to try.` };
          continue;
        }
        const contenders = [...expanded, ...standing.map(({ candidate }) => candidate)];
        const finalists = await raceOnValidation(context, contenders, {
          label: `round-${round}`,
          keep: beam,
        });
        standing = finalists.slice(0, beam);
        const [first] = standing;
        if (!isBetter(first, best)) continue;
        best = first;
        stale = -1;
        yield accepted(best, `round ${round + 1}`);
      }
      return best.candidate;
    },
  };
}

interface Parent {
  readonly candidate: Candidate;
  readonly errors: readonly Json[];
}

interface Expansion {
  readonly options: z.output<typeof proTeGiSchema>;
  readonly prompts: typeof proTeGiPrompts;
  readonly target: TextTarget;
  readonly round: number;
}

/** Criticism, edit and rewording of every parent: three rounds of requests, whatever the size of the beam. */
async function expand(
  { ask, admit, random }: OptimizationContext,
  parents: readonly Parent[],
  { options, prompts, target, round }: Expansion,
): Promise<readonly Candidate[]> {
  const { gradients, reasons, edits, variations, successors, temperature } = options;
  const place = describeTarget(target);
  const label = (name: string, index: number) => `round-${round}/${name}/${index}`;

  const critiques = parents.flatMap((parent, index) =>
    parent.errors.length === 0
      ? []
      : Array.from({ length: gradients }, (_, draw) => ({
          parent,
          errors: random
            .fork(label('errors', index * gradients + draw))
            .sample(parent.errors, options.errors),
        })),
  );
  const criticized = await ask(
    critiques.map(({ parent, errors }, sample) => ({
      label: label('criticize', 0),
      sample,
      temperature,
      signature: prompts.criticize,
      inputs: { place, current: textOf(parent.candidate, target), errors, count: reasons },
    })),
  );
  const found = criticized.flatMap((answer, index) => {
    const critique = critiques[index];
    if (answer.status !== 'answered' || critique === undefined) return [];
    return answer.outputs.reasons.slice(0, reasons).map((reason) => ({ ...critique, reason }));
  });
  const edited = await ask(
    found.map(({ parent, errors, reason }, sample) => ({
      label: label('edit', 0),
      sample,
      temperature,
      signature: prompts.edit,
      inputs: { place, current: textOf(parent.candidate, target), errors, reason, count: edits },
    })),
  );
  const editedOf = (parent: Parent) => {
    const answers = edited.filter((_, index) => found[index]?.parent === parent);
    const origin = `edited against a criticism in round ${round + 1}`;
    const textsOf = ({ texts }: { readonly texts: readonly string[] }) => texts.slice(0, edits);
    return newCandidates(admit(rewrites(answers, { target, parent: parent.candidate, origin, textsOf })));
  };
  const byParent = parents.map((parent) => ({ parent, texts: editedOf(parent) }));

  const sources = byParent.flatMap(({ parent, texts }) =>
    [...texts, parent.candidate].flatMap((source) =>
      Array.from({ length: variations }, () => ({ parent, source })),
    ),
  );
  const varied = await ask(
    sources.map(({ source }, sample) => ({
      label: label('vary', 0),
      sample,
      temperature,
      signature: prompts.vary,
      inputs: { place, current: textOf(source, target) },
    })),
  );
  return byParent.flatMap(({ parent, texts }, index) => {
    const reworded = sources.flatMap(({ parent: own, source }, at) => {
      const answer = varied[at];
      if (own !== parent || answer === undefined) return [];
      const origin = `reworded in round ${round + 1}`;
      const textsOf = ({ text }: { readonly text: string }) => [text];
      return newCandidates(admit(rewrites([answer], { target, parent: source, origin, textsOf })));
    });
    return random.fork(label('successors', index)).sample([...texts, ...reworded], successors);
  });
}
