import { z } from 'zod';
import type { JsonObject } from '../../base/json.ts';
import { resolveOptions } from '../../base/resolve-options.ts';
import { field } from '../../signature/field.ts';
import { signature } from '../../signature/shorthand.ts';
import type { Decision, Draft, OptimizationContext, Optimizer } from '../optimizer.ts';
import { accepted } from '../part/decisions.ts';
import { promptsOption, withReplaced } from '../part/meta-prompts.ts';
import { itemsWith, newCandidates, reflectionCalls } from '../part/reflection.ts';
import { answeredRows, courseRecord, failuresOf } from '../part/row-records.ts';
import { soundPieces } from '../part/sound-pieces.ts';
import {
  appendRules,
  describeTarget,
  type TextTarget,
  textChange,
  textOf,
  textTargets,
} from '../part/text-parameters.ts';
import { isBetter, raceOnValidation, rowsOfValidationRace } from '../part/validation-race.ts';

const namesOfPlacement = ['row', 'step', 'class', 'description'] as const;

/** What it asks. */
export const failureTaxonomyPrompts = {
  classify: signature({
    inputs: { place: 'string', classes: 'json', failures: 'json' },
    outputs: {
      placements: field('json', {
        description:
          'one for each failure: its id, the step of its earliest error, the class and what the class is',
        jsonSchema: {
          type: 'array',
          items: {
            type: 'object',
            properties: Object.fromEntries(namesOfPlacement.map((name) => [name, { type: 'string' }])),
            required: [...namesOfPlacement],
          },
        },
      }),
    },
    instructions:
      'These rows went wrong. For each, find the earliest point at which it went wrong, not what followed from it, ' +
      'and put that error into a class. Use a class that is there where it fits; else make one, with a short name ' +
      'and one sentence that says what kind of error it is, in general words.',
  }),
  guide: signature(
    {
      inputs: { place: 'string', current: 'string', kind: 'json', failures: 'json' },
      outputs: { guidance: 'string' },
    },
    {
      instructions:
        'A language model that follows a text makes one kind of error again and again. Write guidance against it, ' +
        'in one to three sentences that will stand below the text: how to notice the case, and what to do then. ' +
        'General words, no row is named.',
      descriptions: {
        place: 'where the text is used',
        current: 'the text',
        kind: 'the kind of error',
        failures: 'some rows in which it was made',
        guidance: 'one to three sentences',
      },
    },
  ),
};

/** What the options are checked by. */
export const failureTaxonomySchema = z.strictObject({
  rounds: z.int().min(1).max(20).default(1).describe('Taxonomies, each of what the best so far gets wrong.'),
  runs: z.int().min(1).max(16).default(3).describe('Times that each row of train is answered.'),
  batch: z.int().min(1).max(500).default(12).describe('Failures that a request classifies.'),
  classes: z.int().min(1).max(50).default(6).describe('Most frequent classes that get guidance.'),
  shown: z.int().min(1).max(50).default(4).describe('Failures of a class that its guidance is written from.'),
  temperature: z.number().min(0).max(2).default(1).describe('Of the guidance; classes are asked for at 0.'),
  prompts: promptsOption(failureTaxonomyPrompts),
});

export interface FailureTaxonomyOptions {
  /** Taxonomies, each of what the best so far gets wrong. @default 1 */
  readonly rounds?: number | undefined;
  /** Times that each row of train is answered. @default 3 */
  readonly runs?: number | undefined;
  /** Failures that a request classifies. @default 12 */
  readonly batch?: number | undefined;
  /** Most frequent classes that get guidance. @default 6 */
  readonly classes?: number | undefined;
  /** Failures of a class that its guidance is written from. @default 4 */
  readonly shown?: number | undefined;
  /** Of the guidance; classes are asked for at 0. @default 1 */
  readonly temperature?: number | undefined;
  /** Instructions to send instead of its own. @default its own */
  readonly prompts?:
    | { readonly classify?: string | undefined; readonly guide?: string | undefined }
    | undefined;
}

/**
 * Answers the rows several times, puts the earliest error of each failure into a growing taxonomy, and adds
 * guidance against the most frequent classes: against the first, the first two, and so on, whichever is best.
 *
 * @see "Error-Taxonomy-Guided Prompt Optimization", arXiv 2602.00997, https://arxiv.org/abs/2602.00997. Deviation:
 *   how many classes get guidance is decided on validation.
 */
export function failureTaxonomy(options: FailureTaxonomyOptions = {}): Optimizer {
  const resolved = resolveOptions(failureTaxonomySchema, options, { of: 'failureTaxonomy' });
  const { rounds, runs, batch, classes, temperature, shown } = resolved;
  const prompts = withReplaced(failureTaxonomyPrompts, resolved.prompts);
  return {
    name: 'failureTaxonomy',
    version: 1,
    options: resolved,
    prompts,
    needs: { parameters: ['text'], labels: true, reflectionModel: true },
    guide: {
      does: 'Sorts the earliest errors of failed rows into a growing taxonomy and adds guidance against the most frequent.',
      when: 'Failures are of a few recurring kinds and many enough to be counted.',
      cost: {
        task: 'validation + rounds * (runs * train + race(classes))',
        reflection: '2 * rounds * (ceil(runs * train / batch) + classes)',
      },
    },
    fresh: () => failureTaxonomy(options),
    estimate: ({ train, validation, callsPerRow }) => ({
      task:
        (validation + rounds * (train * runs + rowsOfValidationRace(classes, { validation }))) * callsPerRow,
      reflection: reflectionCalls(rounds * (Math.ceil((train * runs) / batch) + classes)),
    }),
    async *optimize(context) {
      const { seed, program, train, validation, ask, admit, evaluate } = context;
      const targets = textTargets(program);
      let best = await evaluate(seed, validation);
      for (let round = 0; round < rounds; round += 1) {
        const answered = await Promise.all(
          Array.from({ length: runs }, (_, trial) =>
            evaluate(best.candidate, train, { traces: true, trial }),
          ),
        );
        const failures = answered
          .flatMap((evaluation) => failuresOf(answeredRows(evaluation, train)))
          .map((row) => courseRecord(row));
        const frequent = (await taxonomyOf(context, failures, { prompts, batch, targets, round })).slice(
          0,
          classes,
        );
        const guided = frequent.flatMap((kind) => {
          const target = targetOf(targets, kind.step);
          return target === undefined ? [] : [{ kind, target }];
        });
        const answers = await ask(
          guided.map(({ kind, target }, sample) => ({
            label: `round-${round}/guide`,
            sample,
            temperature,
            signature: prompts.guide,
            inputs: {
              place: describeTarget(target),
              current: textOf(best.candidate, target),
              kind: { class: kind.name, description: kind.description, failures: kind.failures.length },
              failures: kind.failures.slice(0, shown),
            },
          })),
        );
        // Each draft adds the guidance of one further class to that of the more frequent ones.
        let candidate = best.candidate;
        const notices: Decision[] = [];
        const drafts = answers.flatMap((answer, index): readonly Draft[] => {
          const entry = guided[index];
          if (answer.status !== 'answered' || entry === undefined) return [];
          const { kind, target } = entry;
          const sound = soundPieces([answer.outputs.guidance], target);
          notices.push(...sound.notices);
          if (sound.pieces.length === 0) return [];
          const changes = textChange(target, appendRules(textOf(candidate, target), sound.pieces));
          const parents = [candidate];
          candidate = { ...candidate, ...changes };
          const note = `${kind.name}: ${kind.description}`.slice(0, 500);
          const rows = kind.failures.map(({ id }) => String(id));
          const because = { reflection: answer.id, rows: [...new Set(rows)], note };
          return [{ changes, parents, origin: `guidance against ${index + 1} kinds of error`, because }];
        });
        yield* notices;
        const [first] = await raceOnValidation(context, newCandidates(admit(drafts)), {
          label: `round-${round}`,
        });
        if (!isBetter(first, best)) break;
        best = first;
        yield accepted(
          best,
          `taxonomy ${round + 1}: ${frequent.map(({ name }) => name).join(', ')}`.slice(0, 300),
        );
      }
      return best.candidate;
    },
  };
}

/** A class of errors with the failures in it. */
interface ErrorClass {
  readonly name: string;
  readonly description: string;
  /** Where the first of its failures went wrong. */
  readonly step: string;
  readonly failures: JsonObject[];
}

/** Places failures batch after batch, so that a later one sees the classes of the earlier; most frequent first. */
async function taxonomyOf(
  { ask }: OptimizationContext,
  failures: readonly JsonObject[],
  {
    prompts,
    batch,
    targets,
    round,
  }: {
    readonly prompts: typeof failureTaxonomyPrompts;
    readonly batch: number;
    readonly targets: readonly TextTarget[];
    readonly round: number;
  },
): Promise<readonly ErrorClass[]> {
  const classes = new Map<string, ErrorClass>();
  for (let from = 0; from < failures.length; from += batch) {
    const shown = failures.slice(from, from + batch);
    const [answer] = await ask([
      {
        label: `round-${round}/classify`,
        sample: from / batch,
        temperature: 0,
        signature: prompts.classify,
        inputs: {
          place: targets.map((target) => describeTarget(target)).join('\n\n'),
          classes: [...classes.values()].map(({ name, description }) => ({ class: name, description })),
          failures: shown,
        },
      },
    ]);
    if (answer?.status !== 'answered') continue;
    for (const placement of itemsWith(answer.outputs.placements, namesOfPlacement)) {
      const failure = shown.find(({ id }) => id === placement.row);
      if (failure === undefined) continue;
      const key = placement.class.trim().toLowerCase();
      const standing = classes.get(key);
      if (standing === undefined) {
        const { class: name, description, step } = placement;
        classes.set(key, { name: name.trim(), description, step, failures: [failure] });
      } else standing.failures.push(failure);
    }
  }
  return [...classes.values()].sort((a, b) => b.failures.length - a.failures.length);
}

/** The text of the step in which a class of errors arises; of one step, or of none that is known, the first. */
function targetOf(targets: readonly TextTarget[], step: string): TextTarget | undefined {
  return targets.find((target) => target.step.name === step) ?? targets[0];
}
