import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import { signature } from '../../signature/shorthand.ts';
import type { Draft, Optimizer } from '../optimizer.ts';
import { accepted } from '../part/decisions.ts';
import { labelledDemo } from '../part/demo-sets.ts';
import { promptsOption, withReplaced } from '../part/meta-prompts.ts';
import { newCandidates, reflectionCalls } from '../part/reflection.ts';
import { answeredRows, labelledRecord, rowRecord } from '../part/row-records.ts';
import { soundPieces } from '../part/sound-pieces.ts';
import { appendRules, describeTarget, textChange, textOf, textTargets } from '../part/text-parameters.ts';
import { isBetter, raceOnValidation, rowsOfValidationRace } from '../part/validation-race.ts';

/** What it asks. */
export const inferRulesPrompts = {
  induce: signature(
    {
      inputs: { place: 'string', current: 'string', examples: 'json', count: 'integer' },
      outputs: { rules: 'string[]' },
    },
    {
      instructions:
        'You see a text that tells a language model how to do a task, and rows with the right answers. Write rules ' +
        'by which the right answers follow from the rows: short, concrete, without repeating each other or the ' +
        'text, in general words that serve other rows too. At most as many as asked for.',
      descriptions: {
        place: 'where the text is used',
        current: 'the text',
        examples: 'rows with the right answers',
        count: 'most rules to write',
        rules: 'one rule each',
      },
    },
  ),
};

/** What the options are checked by. */
export const inferRulesSchema = z.strictObject({
  candidates: z.int().min(1).max(100).default(10).describe('Sets of rules to try.'),
  rules: z.int().min(1).max(100).default(10).describe('Most rules in a set.'),
  examples: z.int().min(1).max(1_000).default(32).describe('Rows that a set is induced from.'),
  temperature: z.number().min(0).max(2).default(1).describe('Of the requests.'),
  prompts: promptsOption(inferRulesPrompts),
});

export interface InferRulesOptions {
  /** Sets of rules to try. @default 10 */
  readonly candidates?: number | undefined;
  /** Most rules in a set. @default 10 */
  readonly rules?: number | undefined;
  /** Rows that a set is induced from. @default 32 */
  readonly examples?: number | undefined;
  /** Of the requests. @default 1 */
  readonly temperature?: number | undefined;
  /** Instructions to send instead of its own. @default its own */
  readonly prompts?: { readonly induce?: string | undefined } | undefined;
}

/**
 * Induces rules from rows with their answers, appends each set to the texts of the program, and keeps the best.
 *
 * @see Khattab et al. 2023, "DSPy", InferRules. https://arxiv.org/abs/2310.03714. Deviations: every set is its own
 *   candidate, from its own rows; the sets race; inner steps are shown what they took and gave, not whole rows.
 */
export function inferRules(options: InferRulesOptions = {}): Optimizer {
  const resolved = resolveOptions(inferRulesSchema, options, { of: 'inferRules' });
  const { candidates, rules, examples, temperature } = resolved;
  const prompts = withReplaced(inferRulesPrompts, resolved.prompts);
  return {
    name: 'inferRules',
    version: 1,
    options: resolved,
    prompts,
    needs: { parameters: ['text'], labels: true, reflectionModel: true },
    guide: {
      does: 'Induces rules from rows with their answers and appends them to the texts.',
      when: 'The labels follow rules that can be written down, and a long prompt is no matter.',
      cost: {
        task: 'validation + min(train, candidates * examples) + race(candidates)',
        reflection: '2 * candidates * texts',
      },
    },
    fresh: () => inferRules(options),
    estimate: ({ train, validation, callsPerRow, program }) => ({
      task:
        (validation +
          Math.min(train, candidates * examples) +
          rowsOfValidationRace(candidates, { validation })) *
        callsPerRow,
      reflection: reflectionCalls(candidates * textTargets(program).length),
    }),
    async *optimize(context) {
      const { seed, program, train, validation, random, ask, admit, evaluate } = context;
      // One text for each step: rules repeated in two texts of a step teach nothing.
      const targets = textTargets(program).filter(
        ({ step }, index, all) => all.findIndex((other) => other.step === step) === index,
      );
      const best = await evaluate(seed, validation);
      const sets = Array.from({ length: candidates }, (_, set) =>
        random.fork(`set-${set}`).sample(train, examples),
      );
      const hasInnerSteps = targets.some(({ step }) =>
        train.every((row) => labelledDemo(row, step) === undefined),
      );
      const answered = hasInnerSteps
        ? await Promise.all(sets.map((rows) => evaluate(seed, rows, { traces: true })))
        : [];
      const requests = sets.flatMap((rows, set) => targets.map((target) => ({ rows, set, target })));
      const answers = await ask(
        requests.map(({ rows, set, target }) => {
          const seen = answered[set];
          return {
            label: `rules/${target.parameter.name}`,
            sample: set,
            temperature,
            signature: prompts.induce,
            inputs: {
              place: describeTarget(target),
              current: textOf(seed, target),
              examples:
                seen === undefined
                  ? rows.map((row) => labelledRecord(row))
                  : answeredRows(seen, rows).map((row) => rowRecord(row, target.step)),
              count: rules,
            },
          };
        }),
      );
      const sound = answers.map((answer, index) => {
        const target = requests[index]?.target;
        return answer.status === 'answered' && target !== undefined
          ? soundPieces(answer.outputs.rules.slice(0, rules), target)
          : undefined;
      });
      for (const one of sound) yield* one?.notices ?? [];
      const drafts = sets.flatMap((rows, set): readonly Draft[] => {
        const given = answers.flatMap((answer, index) => {
          const request = requests[index];
          const pieces = sound[index]?.pieces;
          return request?.set === set && answer.status === 'answered' && pieces !== undefined
            ? [{ answer, target: request.target, pieces }]
            : [];
        });
        const [first] = given;
        if (first === undefined) return [];
        const changes = given.map(({ target, pieces }) =>
          textChange(target, appendRules(textOf(seed, target), pieces)),
        );
        return [
          {
            changes: Object.assign({}, ...changes),
            origin: `rules of set ${set + 1}`,
            because: { reflection: first.answer.id, rows: rows.map(({ id }) => id) },
          },
        ];
      });
      const [first] = await raceOnValidation(context, newCandidates(admit(drafts)), { label: 'rules' });
      if (!isBetter(first, best)) return best.candidate;
      yield accepted(first, 'best rules');
      return first.candidate;
    },
  };
}
