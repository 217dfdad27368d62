import { z } from 'zod';
import type { JsonObject } from '../../base/json.ts';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Example } from '../../dataset/dataset.ts';
import { type Candidate, parameterName, parameterOf } from '../../prompt/candidate.ts';
import type { CandidateEvaluation, Decision, Draft, OptimizationContext, Optimizer } from '../optimizer.ts';
import { accepted } from '../part/decisions.ts';
import { demoSteps } from '../part/demo-set-pool.ts';
import { labelledDemos } from '../part/demo-sets.ts';
import { promptsOption, withReplaced } from '../part/meta-prompts.ts';
import { newCandidates, reflectionCalls, rewrites } from '../part/reflection.ts';
import {
  type AnsweredRow,
  answeredRows,
  failuresOf,
  labelledRecord,
  rowRecord,
  scoreOf,
} from '../part/row-records.ts';
import { soundPieces } from '../part/sound-pieces.ts';
import { describeTarget, type TextTarget, textChange, textOf, textTargets } from '../part/text-parameters.ts';
import { isBetter } from '../part/validation-race.ts';
import { promptWizardPrompts } from './prompt-wizard-prompts.ts';

/** What the options are checked by. */
export const promptWizardSchema = z.strictObject({
  iterations: z.int().min(1).max(100).default(3).describe('Rounds of variants and refinement of each text.'),
  rounds: z.int().min(1).max(32).default(3).describe('Requests for variants in an iteration.'),
  styles: z.int().min(1).max(32).default(5).describe('Variants of a request.'),
  passes: z
    .int()
    .min(1)
    .max(32)
    .default(3)
    .describe('Training rows that a variant must get right; it is out at the first that it does not.'),
  seen: z.int().min(1).max(1_000).default(25).describe('Training rows that the choice of examples looks at.'),
  shots: z.int().min(0).max(64).default(5).describe('Rows that the prompt shows as examples.'),
  refinements: z
    .int()
    .min(0)
    .max(100)
    .default(3)
    .describe('Steps that refine a text or the choice of examples, by chance.'),
  persona: z.boolean().default(true).describe('Whether an expert is described before the text.'),
  temperature: z.number().min(0).max(2).default(1).describe('Of the requests.'),
  prompts: promptsOption(promptWizardPrompts),
});

export interface PromptWizardOptions {
  /** Rounds of variants and refinement of each text. @default 3 */
  readonly iterations?: number | undefined;
  /** Requests for variants in an iteration. @default 3 */
  readonly rounds?: number | undefined;
  /** Variants of a request. @default 5 */
  readonly styles?: number | undefined;
  /** Training rows that a variant must get right; it is out at the first that it does not. @default 3 */
  readonly passes?: number | undefined;
  /** Training rows that the choice of examples looks at. @default 25 */
  readonly seen?: number | undefined;
  /** Rows that the prompt shows as examples. @default 5 */
  readonly shots?: number | undefined;
  /** Steps that refine a text or the choice of examples, by chance. @default 3 */
  readonly refinements?: number | undefined;
  /** Whether an expert is described before the text. @default true */
  readonly persona?: boolean | undefined;
  /** Of the requests. @default 1 */
  readonly temperature?: number | undefined;
  /** Instructions to send instead of its own. @default its own */
  readonly prompts?:
    | Readonly<Partial<Record<keyof typeof promptWizardPrompts, string | undefined>>>
    | undefined;
}

type Settings = Omit<z.output<typeof promptWizardSchema>, 'prompts'> & {
  readonly prompts: typeof promptWizardPrompts;
};

/**
 * Variants of a text in other manners of thinking, the best refined by critique; then the text and the examples that
 * the prompt shows are refined in turn, and an expert is described before it.
 *
 * @see Agarwal et al. 2024, "PromptWizard", https://arxiv.org/abs/2405.18369. Deviations: all variants meet the same
 *   rows; every change must win on validation to stay; examples are training rows that are chosen, never made up;
 *   what works is praised only where nothing failed, and the refinement is told that these rows were right.
 */
export function promptWizard(options: PromptWizardOptions = {}): Optimizer {
  const resolved = resolveOptions(promptWizardSchema, options, { of: 'promptWizard' });
  const { iterations, rounds, styles, passes, seen, shots, refinements, persona } = resolved;
  const settings: Settings = { ...resolved, prompts: withReplaced(promptWizardPrompts, resolved.prompts) };
  return {
    name: 'promptWizard',
    version: 2,
    options: resolved,
    prompts: settings.prompts,
    needs: { parameters: ['text'], labels: true, reflectionModel: true },
    guide: {
      does: 'Tries manners of thinking, refines the best by critique, and refines text and examples in turn.',
      when: 'There are few labelled rows and a strong reflection model.',
      cost: {
        task: 'validation + texts * iterations * ((rounds * styles + 2) * min(passes, train) + validation) + min(seen, train) + texts * refinements * (validation + min(seen, train)) + (persona ? texts * validation : 0)',
        reflection: '2 * texts * (iterations * (rounds + 2) + 2 * refinements + (persona ? 1 : 0))',
      },
    },
    fresh: () => promptWizard(options),
    estimate: ({ train, validation, callsPerRow, program }) => {
      const texts = textTargets(program).length;
      const variants = (rounds * styles + 2) * Math.min(passes, train);
      const last = persona ? texts * validation : 0;
      return {
        task:
          (validation +
            texts * iterations * (variants + validation) +
            Math.min(seen, train) +
            texts * refinements * (validation + Math.min(seen, train)) +
            last) *
          callsPerRow,
        reflection: reflectionCalls(
          texts * (iterations * (rounds + 2) + 2 * refinements + (persona ? 1 : 0)),
        ),
      };
    },
    async *optimize(context) {
      const { seed, train, validation, random, evaluate } = context;
      const targets = textTargets(context.program);
      let best = await evaluate(seed, validation);
      /** A change stays when it does better on validation. */
      const gate = async (candidate: Candidate | undefined): Promise<boolean> => {
        if (candidate === undefined) return false;
        const next = await evaluate(candidate, validation);
        if (!isBetter(next, best)) return false;
        best = next;
        return true;
      };
      for (const target of targets) {
        for (let iteration = 0; iteration < iterations; iteration += 1) {
          const label = `${target.parameter.name}/iteration-${iteration}`;
          const rows = random.fork(label).sample(train, passes);
          const top = await bestVariant(context, best, { target, rows, label, settings });
          const refined = admitted(context, await refine(context, top, { target, label, settings }));
          if (await gate(await betterOf(context, top, refined)))
            yield accepted(best, `iteration ${iteration + 1}`);
        }
      }
      const looked = random.fork('seen').sample(train, seen);
      let answered = answeredRows(await evaluate(best.candidate, looked, { traces: true }), looked);
      for (let step = 0; step < refinements; step += 1) {
        const isOfExamples =
          shots > 0 && demoSteps(context.program).length > 0 && random.fork(`coin-${step}`).integer(2) === 0;
        for (const target of targets) {
          const label = `${target.parameter.name}/refinement-${step}`;
          const asked = { target, label, settings };
          const draft = isOfExamples
            ? await chooseExamples(context, { standing: best, answered }, asked)
            : await refine(context, { standing: best.candidate, answered }, asked);
          if (!(await gate(admitted(context, draft)))) continue;
          yield accepted(best, isOfExamples ? 'other examples' : 'refined on its failures');
          const known = await evaluate(best.candidate, looked, { traces: true });
          answered = answeredRows(known, looked);
        }
      }
      for (const target of persona ? targets : []) {
        const asked = { target, label: target.parameter.name, settings };
        const described = yield* withPersona(context, best, asked);
        if (await gate(admitted(context, described))) yield accepted(best, 'an expert described');
      }
      return best.candidate;
    },
  };
}

interface Asked {
  readonly target: TextTarget;
  readonly label: string;
  readonly settings: Settings;
}

function admitted({ admit }: OptimizationContext, draft: Draft | undefined): Candidate | undefined {
  return draft === undefined ? undefined : newCandidates(admit([draft]))[0];
}

/** A text with the rows that it was tried on. */
interface Tried {
  readonly standing: Candidate;
  readonly answered: readonly AnsweredRow[];
}

/** Of the text as it is and its variants the one that gets most of the same rows right before its first failure. */
async function bestVariant(
  { ask, admit, evaluate }: OptimizationContext,
  { candidate: standing }: CandidateEvaluation,
  { target, rows, label, settings }: Asked & { readonly rows: readonly Example[] },
): Promise<Tried> {
  const { prompts, rounds, styles, temperature } = settings;
  const answers = await ask(
    Array.from({ length: rounds }, (_, round) => ({
      label: `${label}/mix`,
      sample: round,
      temperature,
      signature: prompts.mix,
      inputs: { place: describeTarget(target), current: textOf(standing, target), count: styles },
    })),
  );
  const drafts = rewrites(answers, {
    target,
    parent: standing,
    origin: 'another manner',
    textsOf: ({ texts }) => texts.slice(0, styles),
  });
  let running: Tried[] = [standing, ...newCandidates(admit(drafts))].map((candidate) => ({
    standing: candidate,
    answered: [],
  }));
  let best = running[0] ?? { standing, answered: [] };
  for (const row of rows) {
    const evaluations = await Promise.all(
      running.map((each) => evaluate(each.standing, [row], { traces: true })),
    );
    // A row that was lost for one counts for none.
    if (evaluations.some(({ scored }) => scored === 0)) continue;
    const tried = running.map((each, index) => {
      const evaluation = evaluations[index];
      const answered = evaluation === undefined ? [] : answeredRows(evaluation, [row]);
      return { ...each, answered: [...each.answered, ...answered] };
    });
    best = tried.find((each) => each.standing === best.standing) ?? best;
    for (const each of tried) if (rightOf(each) > rightOf(best)) best = each;
    running = tried.filter(({ answered }) => failuresOf(answered).length === 0);
    if (running.length === 0) break;
  }
  return best;
}

/** The refined text, or the one that it was made from where that gets more of the rows right on which it was tried. */
async function betterOf(
  { evaluate }: OptimizationContext,
  tried: Tried,
  refined: Candidate | undefined,
): Promise<Candidate> {
  if (refined === undefined) return tried.standing;
  const rows = tried.answered.map(({ example }) => example);
  const answered = answeredRows(await evaluate(refined, rows), rows);
  return rightOf({ answered }) < rightOf(tried) ? tried.standing : refined;
}

function rightOf({ answered }: Pick<Tried, 'answered'>): number {
  return answered.length - failuresOf(answered).length;
}

/** A text rewritten by a critique: of its failures, or of what it does well where it does better than not. */
async function refine(
  { ask }: OptimizationContext,
  { standing, answered }: Tried,
  { target, label, settings: { prompts, temperature } }: Asked,
): Promise<Draft | undefined> {
  const failed = failuresOf(answered);
  const right = answered.filter(({ result }) => (scoreOf(result) ?? 0) >= 1);
  const rows = failed.length === 0 ? right : failed;
  const changed = textOf(standing, target);
  if (rows.length === 0) return undefined;
  const shown = rows.slice(0, 8).map((row) => rowRecord(row, target.step));
  const inputs = { place: describeTarget(target), current: changed, rows: shown };
  const areRight = rows === right;
  const [critique] = await ask([
    {
      label: `${label}/critique`,
      temperature,
      signature: areRight ? prompts.praise : prompts.blame,
      inputs,
    },
  ]);
  if (critique?.status !== 'answered') return undefined;
  const [answer] = await ask([
    {
      label: `${label}/refine`,
      temperature,
      signature: prompts.refine,
      inputs: { ...inputs, were_right: areRight, critique: critique.outputs.critique },
    },
  ]);
  if (answer?.status !== 'answered') return undefined;
  return {
    changes: textChange(target, answer.outputs.text.trim()),
    parents: [standing],
    origin: areRight ? 'refined from what works' : 'refined from failures',
    because: {
      reflection: answer.id,
      rows: rows.slice(0, 8).map(({ example }) => example.id),
      note: critique.outputs.critique.slice(0, 500),
    },
  };
}

/** Other rows as examples: those that the reflection model names, of the rows that the search has looked at. */
async function chooseExamples(
  { ask, program }: OptimizationContext,
  {
    standing,
    answered,
  }: { readonly standing: CandidateEvaluation; readonly answered: readonly AnsweredRow[] },
  { target, label, settings: { prompts, temperature, shots } }: Asked,
): Promise<Draft | undefined> {
  const { step } = target;
  const parameter = parameterName(step.name, 'demos');
  if (!program.parameters.some(({ name }) => name === parameter)) return undefined;
  const sets = parameterOf(standing.candidate, parameter, 'demos')?.sets ?? [];
  const pool = answered.map(
    ({ example, result }): JsonObject => ({
      id: example.id,
      ...labelledRecord(example, { maxCharacters: 500 }),
      was_right: (scoreOf(result) ?? 0) >= 1,
    }),
  );
  const [answer] = await ask([
    {
      label: `${label}/choose`,
      temperature,
      signature: prompts.choose,
      inputs: {
        place: describeTarget(target),
        shown: sets.flatMap(({ demos }) => demos.flatMap(({ source }) => source ?? [])),
        pool,
        count: shots,
      },
    },
  ]);
  if (answer?.status !== 'answered') return undefined;
  const rows = answered.map(({ example }) => example);
  const named = [...new Set(answer.outputs.ids)].flatMap(
    (id) => rows.find((row) => row.id === id.trim()) ?? [],
  );
  // Where it names too few, rows that went wrong fill up, then the others.
  const failed = failuresOf(answered).map(({ example }) => example);
  const chosen = [...new Set([...named, ...failed, ...rows])].slice(0, shots);
  const demos = labelledDemos(chosen, step);
  if (demos.length === 0) return undefined;
  return {
    changes: { [parameter]: { kind: 'demos', sets: [{ demos }] } },
    parents: [standing.candidate],
    origin: `${demos.length} chosen examples`,
    because: { reflection: answer.id, note: answer.outputs.critique.slice(0, 500) },
  };
}

async function* withPersona(
  { ask }: OptimizationContext,
  { candidate }: CandidateEvaluation,
  { target, label, settings: { prompts, temperature } }: Asked,
): AsyncGenerator<Decision, Draft | undefined, void> {
  const current = textOf(candidate, target);
  const [answer] = await ask([
    {
      label: `${label}/persona`,
      temperature,
      signature: prompts.persona,
      inputs: { place: describeTarget(target), current },
    },
  ]);
  if (answer?.status !== 'answered') return undefined;
  const { pieces, notices } = soundPieces([answer.outputs.persona.trim()], target);
  yield* notices;
  const [persona = ''] = pieces;
  if (persona === '') return undefined;
  return {
    changes: textChange(target, `${persona}\n\n${current}`),
    parents: [candidate],
    origin: 'an expert described before the text',
    because: { reflection: answer.id },
  };
}
