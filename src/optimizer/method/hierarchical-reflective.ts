import { z } from 'zod';
import type { Json } from '../../base/json.ts';
import { resolveOptions } from '../../base/resolve-options.ts';
import { field } from '../../signature/field.ts';
import { signature } from '../../signature/shorthand.ts';
import type { CandidateEvaluation, OptimizationContext, Optimizer } from '../optimizer.ts';
import { accepted } from '../part/decisions.ts';
import { promptsOption, withReplaced } from '../part/meta-prompts.ts';
import { itemsWith, newCandidates, reflectionCalls, rewrites } from '../part/reflection.ts';
import { answeredRows, failuresOf, rowRecord } from '../part/row-records.ts';
import { describeTarget, type TextTarget, textOf, textTargets } from '../part/text-parameters.ts';
import { isBetter } from '../part/validation-race.ts';

const namesOfMode = ['name', 'description', 'cause'] as const;

/** A way in which answers go wrong. */
type FailureMode = Readonly<Record<(typeof namesOfMode)[number], string>>;

const modes = field('json', {
  description: 'one failure mode each, the most frequent first',
  jsonSchema: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        name: { type: 'string' },
        description: { type: 'string' },
        cause: { type: 'string' },
      },
      required: [...namesOfMode],
    },
  },
});

/** What it asks. */
export const hierarchicalReflectivePrompts = {
  analyse: signature({
    inputs: { place: 'string', current: 'string', failures: 'json' },
    outputs: { modes },
    instructions:
      'A language model followed a text, and these rows went wrong. Group them into failure modes: a name, what ' +
      'happens, and what in the text, or missing from it, is the cause. Only what the rows show.',
  }),
  merge: signature({
    inputs: { found: 'json', most: 'integer' },
    outputs: { modes },
    instructions:
      'These failure modes were found in separate batches of rows. Merge those that are the same, and put the most ' +
      'frequent first. Keep to the number that is allowed, and invent none.',
  }),
  edit: signature(
    {
      inputs: { place: 'string', current: 'string', mode: 'json', tried: 'json' },
      outputs: { text: 'string' },
    },
    {
      instructions:
        'Mend one failure mode of a text that tells a language model how to do a task, with the smallest edit that ' +
        'does it: add, sharpen or correct the words concerned, and leave every other word and every {{slot}} as it ' +
        'is. Edits that were tried for this failure mode and did not help are shown: take another way.',
      descriptions: {
        place: 'where the text is used',
        current: 'the text as it is',
        mode: 'the failure mode',
        tried: 'texts that were tried and did not help',
        text: 'the edited text, whole',
      },
    },
  ),
};

/** What the options are checked by. */
export const hierarchicalReflectiveSchema = z.strictObject({
  rounds: z.int().min(1).max(100).default(3).describe('Analyses, each of what the best so far gets wrong.'),
  batch: z.int().min(1).max(1_000).default(25).describe('Failures that one analysis sees.'),
  modes: z.int().min(1).max(100).default(5).describe('Most failure modes of a round that are mended.'),
  retries: z
    .int()
    .min(0)
    .max(20)
    .default(2)
    .describe('Further edits for a failure mode that was not mended.'),
  temperature: z.number().min(0).max(2).default(1).describe('Of the requests.'),
  prompts: promptsOption(hierarchicalReflectivePrompts),
});

export interface HierarchicalReflectiveOptions {
  /** Analyses, each of what the best so far gets wrong. @default 3 */
  readonly rounds?: number | undefined;
  /** Failures that one analysis sees. @default 25 */
  readonly batch?: number | undefined;
  /** Most failure modes of a round that are mended. @default 5 */
  readonly modes?: number | undefined;
  /** Further edits for a failure mode that was not mended. @default 2 */
  readonly retries?: number | undefined;
  /** Of the requests. @default 1 */
  readonly temperature?: number | undefined;
  /** Instructions to send instead of its own. @default its own */
  readonly prompts?:
    | {
        readonly analyse?: string | undefined;
        readonly merge?: string | undefined;
        readonly edit?: string | undefined;
      }
    | undefined;
}

/**
 * Finds out first how answers go wrong, over all rows of train at once, then mends one failure mode after another
 * with a small edit that must win on validation.
 *
 * @see Comet 2025, Opik Agent Optimizer, "Hierarchical Reflective Optimizer". Deviations: the analysis sees what
 *   was asked and answered; a retry sees the edits that did not help; one batch is not merged with itself.
 */
export function hierarchicalReflective(options: HierarchicalReflectiveOptions = {}): Optimizer {
  const resolved = resolveOptions(hierarchicalReflectiveSchema, options, { of: 'hierarchicalReflective' });
  const { rounds, batch, modes: mostModes, retries, temperature } = resolved;
  const prompts = withReplaced(hierarchicalReflectivePrompts, resolved.prompts);
  return {
    name: 'hierarchicalReflective',
    version: 1,
    options: resolved,
    prompts,
    needs: { parameters: ['text'], labels: true, feedback: true, reflectionModel: true },
    guide: {
      does: 'Finds the failure modes over all training rows at once, then mends one after another with a small edit.',
      when: 'The prompt is long and mostly right, and must change little; the scorer says why a score is what it is.',
      cost: {
        task: 'validation + rounds * (train + texts * modes * (1 + retries) * validation)',
        reflection: '2 * rounds * texts * (ceil(train / batch) + 1 + modes * (1 + retries))',
      },
    },
    fresh: () => hierarchicalReflective(options),
    estimate: ({ train, validation, callsPerRow, program }) => {
      const targets = textTargets(program).length;
      const edits = mostModes * (1 + retries);
      return {
        task: (validation + rounds * (train + targets * edits * validation)) * callsPerRow,
        reflection: reflectionCalls(rounds * targets * (Math.ceil(train / batch) + 1 + edits)),
      };
    },
    async *optimize(context) {
      const { seed, program, train, validation, ask, admit, evaluate } = context;
      let best = await evaluate(seed, validation);
      for (let round = 0; round < rounds; round += 1) {
        const before = best;
        const analysed = await evaluate(best.candidate, train, { traces: true });
        for (const target of textTargets(program)) {
          const label = `round-${round}/${target.parameter.name}`;
          const failures = failuresOf(answeredRows(analysed, train)).map((row) =>
            rowRecord(row, target.step),
          );
          const found = await findModes(context, {
            prompts,
            failures,
            target,
            best,
            label,
            options: resolved,
          });
          for (const [index, mode] of found.entries()) {
            const tried: string[] = [];
            for (let attempt = 0; attempt <= retries; attempt += 1) {
              const [answer] = await ask([
                {
                  label: `${label}/mode-${index}`,
                  sample: attempt,
                  temperature,
                  signature: prompts.edit,
                  inputs: {
                    place: describeTarget(target),
                    current: textOf(best.candidate, target),
                    mode: { ...mode },
                    tried,
                  },
                },
              ]);
              if (answer === undefined) break;
              const [candidate] = newCandidates(
                admit(
                  rewrites([answer], {
                    target,
                    parent: best.candidate,
                    origin: `mends “${mode.name.slice(0, 60)}”`,
                    textsOf: ({ text }) => [text],
                  }),
                ),
              );
              if (candidate === undefined) continue;
              const edited = await evaluate(candidate, validation);
              if (isBetter(edited, best)) {
                best = edited;
                yield accepted(best, `mended “${mode.name.slice(0, 60)}”`);
                break;
              }
              tried.push(textOf(candidate, target));
            }
          }
        }
        if (best === before) break;
      }
      return best.candidate;
    },
  };
}

interface Analysis {
  readonly prompts: typeof hierarchicalReflectivePrompts;
  readonly failures: readonly Json[];
  readonly target: TextTarget;
  readonly best: CandidateEvaluation;
  readonly label: string;
  readonly options: z.output<typeof hierarchicalReflectiveSchema>;
}

/** The failure modes of all rows: batches are analysed at once, and what they found is merged. */
async function findModes(
  { ask }: OptimizationContext,
  { prompts, failures, target, best, label, options }: Analysis,
): Promise<readonly FailureMode[]> {
  const { batch, modes: most, temperature } = options;
  const batches = Array.from({ length: Math.ceil(failures.length / batch) }, (_, index) =>
    failures.slice(index * batch, (index + 1) * batch),
  );
  const answers = await ask(
    batches.map((shown, sample) => ({
      label: `${label}/analysis`,
      sample,
      temperature,
      signature: prompts.analyse,
      inputs: { place: describeTarget(target), current: textOf(best.candidate, target), failures: shown },
    })),
  );
  const found = answers.flatMap((answer) =>
    answer.status === 'answered' ? [itemsWith(answer.outputs.modes, namesOfMode)] : [],
  );
  const [only] = found;
  if (only === undefined || found.length === 1) return (only ?? []).slice(0, most);
  const [merged] = await ask([
    {
      label: `${label}/merge`,
      temperature,
      signature: prompts.merge,
      inputs: { found: found.flat().map((mode) => ({ ...mode })), most },
    },
  ]);
  const all = merged?.status === 'answered' ? itemsWith(merged.outputs.modes, namesOfMode) : found.flat();
  return all.slice(0, most);
}
