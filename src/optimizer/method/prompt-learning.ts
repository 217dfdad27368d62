import { z } from 'zod';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import { signature } from '../../signature/shorthand.ts';
import type { Optimizer } from '../optimizer.ts';
import { accepted } from '../part/decisions.ts';
import { promptsOption, withReplaced } from '../part/meta-prompts.ts';
import { minibatches } from '../part/minibatch.ts';
import { reflectionCalls } from '../part/reflection.ts';
import { answeredRows, rowRecord } from '../part/row-records.ts';
import { soundPieces } from '../part/sound-pieces.ts';
import { appendRules, describeTarget, textChange, textOf, textTargets } from '../part/text-parameters.ts';
import { isBetter, raceOnValidation, rowsOfValidationRace } from '../part/validation-race.ts';

/** What it asks. */
export const promptLearningPrompts = {
  revise: signature(
    { inputs: { place: 'string', current: 'string', rows: 'json' }, outputs: { text: 'string' } },
    {
      instructions:
        'You revise a text that tells a language model how to do a task. You see rows that were answered with it ' +
        'and what was said of each answer, good or bad. Take what the feedback teaches into the text, as guidance ' +
        'in general words, and leave out what it shows to be wrong. You may add a short made-up example; quote no ' +
        'row. What works stays, and so does every {{slot}}.',
      descriptions: {
        place: 'where the text is used',
        current: 'the text as it is',
        rows: 'answered rows with feedback',
        text: 'the revised text, whole and ready for use',
      },
    },
  ),
  learn: signature(
    {
      inputs: { place: 'string', base: 'string', standing: 'json', rows: 'json', most: 'integer' },
      outputs: { rules: 'string[]' },
    },
    {
      instructions:
        'A language model works by a fixed text and by rules below it. You see rows that were answered with both ' +
        'and what was said of each answer. Give the whole list of rules anew: keep those that help, sharpen or drop ' +
        'those that do not, add what the feedback teaches. Each is one short general sentence about what to do, not ' +
        'about a single row, and none tells the model to ask a person back. Keep to the number that is allowed.',
      descriptions: {
        place: 'where the text is used',
        base: 'the fixed text',
        standing: 'the rules as they are; may be none',
        rows: 'answered rows with feedback',
        most: 'most rules that are allowed',
        rules: 'one rule each',
      },
    },
  ),
};

/** What the options are checked by. */
export const promptLearningSchema = z.strictObject({
  mode: z
    .enum(['text', 'rules'])
    .default('text')
    .describe('Whether texts are revised, or rules are kept below texts that stay as they are.'),
  loops: z.int().min(1).max(100).default(5).describe('Loops, each over new rows.'),
  rows: z.int().min(1).max(10_000).default(60).describe('Rows of train in a loop.'),
  batch: z.int().min(1).max(1_000).default(20).describe('Rows that a request sees.'),
  rules: z.int().min(1).max(200).default(25).describe('Most rules, with rules.'),
  patience: z.int().min(1).max(100).default(2).describe('Loops without a new best before it stops.'),
  temperature: z.number().min(0).max(2).default(1).describe('Of the requests.'),
  prompts: promptsOption(promptLearningPrompts),
});

export interface PromptLearningOptions {
  /** Whether texts are revised, or rules are kept below texts that stay as they are. @default 'text' */
  readonly mode?: 'text' | 'rules' | undefined;
  /** Loops, each over new rows. @default 5 */
  readonly loops?: number | undefined;
  /** Rows of train in a loop. @default 60 */
  readonly rows?: number | undefined;
  /** Rows that a request sees. @default 20 */
  readonly batch?: number | undefined;
  /** Most rules, with rules. @default 25 */
  readonly rules?: number | undefined;
  /** Loops without a new best before it stops. @default 2 */
  readonly patience?: number | undefined;
  /** Of the requests. @default 1 */
  readonly temperature?: number | undefined;
  /** Instructions to send instead of its own. @default its own */
  readonly prompts?:
    | { readonly revise?: string | undefined; readonly learn?: string | undefined }
    | undefined;
}

/** A candidate with the rules that stand below its texts, by parameter. */
interface Draft {
  readonly candidate: Candidate;
  readonly rules: Readonly<Record<string, readonly string[]>>;
}

/**
 * Learns from feedback in plain words: shows many answered rows with what the scorer says of them, batch after
 * batch, and takes what they teach into the text or into rules below it.
 *
 * @see Arize AI 2025, "Prompt Learning", https://arize.com/blog/prompt-learning. Deviations: the batches of a loop
 *   build on each other, and what stands after any of them must win on validation to stay; the seed's text is never
 *   lost in rules mode, also where there is no rule yet.
 */
export function promptLearning(options: PromptLearningOptions = {}): Optimizer {
  const resolved = resolveOptions(promptLearningSchema, options, { of: 'promptLearning' });
  const { mode, loops, rows, batch, rules: mostRules, patience, temperature } = resolved;
  const prompts = withReplaced(promptLearningPrompts, resolved.prompts);
  const batches = (train: number) => Math.ceil(Math.min(rows, train) / batch);
  return {
    name: 'promptLearning',
    version: 1,
    options: resolved,
    prompts,
    needs: { parameters: ['text'], labels: true, feedback: true, reflectionModel: true },
    guide: {
      does: 'Learns from feedback in plain words, batch after batch, into the text or into rules below it.',
      when: 'The scorer explains its scores in words, as a judge or a person does.',
      cost: {
        task: 'validation + loops * min(rows, train) + loops * race(batches)',
        reflection: '2 * loops * batches * texts',
        where: {
          batches: 'ceil(min(rows, train) / batch)',
        },
      },
    },
    fresh: () => promptLearning(options),
    estimate: ({ train, validation, callsPerRow, program }) => {
      const requests = loops * batches(train) * textTargets(program).length;
      const races = loops * rowsOfValidationRace(batches(train), { validation });
      return {
        task: (validation + loops * Math.min(rows, train) + races) * callsPerRow,
        reflection: reflectionCalls(requests),
      };
    },
    async *optimize(context) {
      const { seed, program, train, validation, random, ask, admit, evaluate } = context;
      const targets = textTargets(program);
      const epochs = minibatches(train, { size: rows, random: random.fork('rows') });
      let best = await evaluate(seed, validation);
      let standing: Draft = { candidate: seed, rules: {} };
      for (let loop = 0, stale = 0; loop < loops && stale < patience; loop += 1, stale += 1) {
        const seen = epochs.next();
        const answered = answeredRows(await evaluate(standing.candidate, seen, { traces: true }), seen);
        const drafts = new Map<string, Draft>();
        let draft = standing;
        for (let from = 0; from < answered.length; from += batch) {
          const shown = answered.slice(from, from + batch);
          const asked = (target: (typeof targets)[number]) => ({
            label: `loop-${loop}/batch-${from / batch}/${target.parameter.name}`,
            temperature,
          });
          const records = (target: (typeof targets)[number]) =>
            shown.map((row) => rowRecord(row, target.step));
          const answers =
            mode === 'text'
              ? await ask(
                  targets.map((target) => ({
                    ...asked(target),
                    signature: prompts.revise,
                    inputs: {
                      place: describeTarget(target),
                      current: textOf(draft.candidate, target),
                      rows: records(target),
                    },
                  })),
                )
              : await ask(
                  targets.map((target) => ({
                    ...asked(target),
                    signature: prompts.learn,
                    inputs: {
                      place: describeTarget(target),
                      base: textOf(seed, target),
                      standing: draft.rules[target.parameter.name] ?? [],
                      rows: records(target),
                      most: mostRules,
                    },
                  })),
                );
          const rules = { ...draft.rules };
          const changes: Record<string, Candidate[string]> = {};
          for (const [index, target] of targets.entries()) {
            const answer = answers[index];
            if (answer?.status !== 'answered') continue;
            const { outputs } = answer;
            if ('rules' in outputs) {
              const sound = soundPieces(outputs.rules.slice(0, mostRules), target);
              yield* sound.notices;
              rules[target.parameter.name] = sound.pieces;
            }
            const text =
              'rules' in outputs
                ? appendRules(textOf(seed, target), rules[target.parameter.name] ?? [])
                : outputs.text;
            Object.assign(changes, textChange(target, text.trim()));
          }
          const first = answers.find(({ status }) => status === 'answered');
          if (first === undefined) continue;
          const [admission] = admit([
            {
              changes,
              parents: [draft.candidate],
              origin: `loop ${loop + 1}, batch ${from / batch + 1}`,
              because: { reflection: first.id, rows: shown.map(({ example }) => example.id) },
            },
          ]);
          if (admission?.status !== 'admitted') continue;
          draft = { candidate: admission.candidate, rules };
          drafts.set(admission.hash, draft);
        }
        const contenders = [...drafts.values()].map(({ candidate }) => candidate);
        const [first] = await raceOnValidation(context, contenders, { label: `loop-${loop}` });
        if (!isBetter(first, best)) continue;
        best = first;
        standing = drafts.get(first.hash) ?? standing;
        stale = -1;
        yield accepted(best, `loop ${loop + 1}`);
      }
      return best.candidate;
    },
  };
}
