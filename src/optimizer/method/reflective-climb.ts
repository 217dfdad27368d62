import { z } from 'zod';
import type { JsonObject } from '../../base/json.ts';
import type { Random } from '../../base/random.ts';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Example } from '../../dataset/dataset.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import type { CandidateEvaluation, Draft, OptimizationContext, Optimizer } from '../optimizer.ts';
import { accepted } from '../part/decisions.ts';
import { failureKinds } from '../part/failure-kinds.ts';
import { promptsOption, withReplaced } from '../part/meta-prompts.ts';
import { minibatches } from '../part/minibatch.ts';
import { pairedDifference } from '../part/paired-difference.ts';
import { newCandidates, reflectionCalls } from '../part/reflection.ts';
import {
  type AnsweredRow,
  answeredRows,
  failuresOf,
  labelledRecord,
  rowRecord,
  scoreOf,
} from '../part/row-records.ts';
import { tellingOrder } from '../part/telling-rows.ts';
import { describeTarget, type TextTarget, textChange, textOf, textTargets } from '../part/text-parameters.ts';
import { reflectiveClimbPrompts } from './reflective-climb-prompts.ts';

/** What the options are checked by. */
export const reflectiveClimbSchema = z.strictObject({
  rounds: z.int().min(1).max(1_000).default(12).describe('Rounds of reflection.'),
  rows: z
    .int()
    .min(4)
    .max(10_000)
    .default(24)
    .describe('Validation rows on which a text must be better than the one that stands.'),
  batch: z
    .int()
    .min(1)
    .max(1_000)
    .default(20)
    .describe('Training rows of a round, whose failures are shown.'),
  proposals: z
    .int()
    .min(1)
    .max(32)
    .default(5)
    .describe('Revisions in a round, each building on the one before, from other failures.'),
  starts: z
    .int()
    .min(0)
    .max(32)
    .default(1)
    .describe('Texts written from rows alone, in the first round and after each standstill.'),
  patience: z.int().min(1).max(100).default(3).describe('Rounds without a better text before a standstill.'),
  restarts: z.int().min(0).max(100).default(1).describe('Standstills after which it starts anew.'),
  remembered: z.int().min(0).max(64).default(5).describe('Rejected attempts that a request sees.'),
  shown: z.int().min(1).max(100).default(12).describe('Failures that a request sees.'),
  temperature: z.number().min(0).max(2).default(1).describe('Of the requests.'),
  prompts: promptsOption(reflectiveClimbPrompts),
});

export interface ReflectiveClimbOptions {
  /** Rounds of reflection. @default 12 */
  readonly rounds?: number | undefined;
  /** Validation rows on which a text must be better than the one that stands. @default 24 */
  readonly rows?: number | undefined;
  /** Training rows of a round, whose failures are shown. @default 20 */
  readonly batch?: number | undefined;
  /** Revisions in a round, each building on the one before, from other failures. @default 5 */
  readonly proposals?: number | undefined;
  /** Texts written from rows alone, in the first round and after each standstill. @default 1 */
  readonly starts?: number | undefined;
  /** Rounds without a better text before a standstill. @default 3 */
  readonly patience?: number | undefined;
  /** Standstills after which it starts anew. @default 1 */
  readonly restarts?: number | undefined;
  /** Rejected attempts that a request sees. @default 5 */
  readonly remembered?: number | undefined;
  /** Failures that a request sees. @default 12 */
  readonly shown?: number | undefined;
  /** Of the requests. @default 1 */
  readonly temperature?: number | undefined;
  /** Instructions to send instead of its own. @default its own */
  readonly prompts?:
    | { readonly revise?: string | undefined; readonly start?: string | undefined }
    | undefined;
}

/** Task calls of the budget for each row of the gate, and its fewest rows. */
const callsOfGate = 10;
const fewestRows = 16;

type Resolved = z.output<typeof reflectiveClimbSchema>;

/** What is known at a point of the climb. */
interface Climb {
  readonly standing: CandidateEvaluation;
  /** By parameter: attempts that were not better, newest last. */
  readonly rejected: Map<string, { readonly text: string; readonly gain: number }[]>;
  /** What was scored on the gate's rows, for the order of the next race. */
  readonly scored: CandidateEvaluation[];
}

/**
 * A hill climb by reflection: in each round several revisions, each building on the one before from another kind of
 * failures and with the rejected attempts in sight, race on the rows that tell candidates apart, and the best replaces
 * what stands when it is better on the same rows. Because a climb polishes whatever it starts from, texts written from the rows alone
 * race along in the first round and after a standstill.
 *
 * @see Agrawal et al. 2025, "GEPA", https://arxiv.org/abs/2507.19457, for reflection on failures; arXiv 2604.11328
 *   for few rows well chosen; arXiv 2603.18388 for restarts instead of polishing a defective seed.
 */
export function reflectiveClimb(options: ReflectiveClimbOptions = {}): Optimizer {
  const resolved = resolveOptions(reflectiveClimbSchema, options, { of: 'reflectiveClimb' });
  const { rounds, rows, batch, proposals, starts, patience, restarts } = resolved;
  const prompts = withReplaced(reflectiveClimbPrompts, resolved.prompts);
  return {
    name: 'reflectiveClimb',
    version: 2,
    options: resolved,
    prompts,
    needs: { parameters: ['text'], labels: true, reflectionModel: true },
    guide: {
      does: 'Climbs by reflection: revisions from different kinds of failures race on telling rows, the best replaces what stands.',
      when: 'There is a reflection model and few calls: the cheapest way to better instructions.',
      cost: {
        task: 'gate + rounds * min(batch, train) + rounds * (contenders * third + 2 * (gate - third)) + restarts * (gate - third)',
        reflection: '2 * (rounds * (texts + proposals - 1) + (1 + restarts) * starts * texts)',
        where: {
          gate: 'min(rows, validation)',
          third: 'min(gate, max(4, ceil(gate / 3)))',
          contenders: 'proposals + (texts > 1 ? texts : 0) + starts',
        },
      },
    },
    fresh: () => reflectiveClimb(options),
    estimate: ({ train, validation, callsPerRow, program }) => {
      const texts = textTargets(program).length;
      const gate = Math.min(rows, validation);
      const [third = gate] = rungsOf(gate);
      const contenders = proposals + (texts > 1 ? texts : 0) + starts;
      const race = contenders * third + 2 * (gate - third);
      return {
        task:
          (gate + rounds * Math.min(batch, train) + rounds * race + restarts * (gate - third)) * callsPerRow,
        reflection: reflectionCalls(rounds * (texts + proposals - 1) + (1 + restarts) * starts * texts),
      };
    },
    async *optimize(context) {
      const { seed, train, validation, random, evaluate } = context;
      // A small budget holds fewer rows of a race, so that it holds several rounds.
      const affordable = Math.max(fewestRows, Math.floor(context.budget.calls() / callsOfGate));
      const gate = random.fork('gate').sample(validation, Math.min(rows, affordable));
      const batches = minibatches(train, { size: batch, random: random.fork('minibatches') });
      const first = await evaluate(seed, gate);
      let climb: Climb = { standing: first, rejected: new Map(), scored: [first] };
      let best = first;
      let stale = 0;
      let standstills = 0;
      for (let round = 0; round < rounds; round += 1) {
        const seen = batches.next();
        const settings = { ...resolved, prompts, round, random: random.fork(`round-${round}`) };
        const answered = answeredRows(await evaluate(climb.standing.candidate, seen, { traces: true }), seen);
        const isStart = round === 0 || stale === patience;
        const drafts = await Promise.all([
          revisions(context, { climb, answered, settings }),
          isStart && starts > 0 ? fromRows(context, { climb, rows: seen, settings }) : [],
        ]);
        const isRestart = stale === patience && standstills < restarts;
        const better = await gated(context, { climb, gate, drafts: drafts.flat(), settings, isRestart });
        // A new start replaces what stands also where it is not better yet: from there the climb goes on.
        const fresh = stale === patience ? better.start : undefined;
        const next = better.winner ?? fresh;
        stale = next === undefined ? stale + 1 : 0;
        if (fresh !== undefined && better.winner === undefined) standstills += 1;
        if (next !== undefined) climb = { ...climb, standing: next };
        if (next !== undefined && pairedDifference(best, next).meanWithLost > 0) {
          best = next;
          yield accepted(best, `round ${round + 1}`);
        }
        if (isPerfect(best) && failuresOf(answered).length === 0) break;
        if (stale > patience || standstills > restarts) break;
      }
      return best.candidate;
    },
  };
}

interface RoundSettings extends Resolved {
  readonly round: number;
  readonly random: Random;
}

interface Asked {
  readonly climb: Climb;
  readonly settings: Omit<RoundSettings, 'prompts'> & { readonly prompts: typeof reflectiveClimbPrompts };
}

/**
 * Revisions that build on each other, each from another view of the failures: what one learns the next keeps, and the
 * race tells how far to go along. Where there are several texts, the first view is shown for all of them, and each of
 * these revisions also races alone, since the step at fault is not known for sure.
 */
async function revisions(
  { program, ask }: OptimizationContext,
  { climb, answered, settings }: Asked & { readonly answered: readonly AnsweredRow[] },
): Promise<readonly Draft[]> {
  const { prompts, proposals, shown, round, temperature, random } = settings;
  const { candidate } = climb.standing;
  const kinds = failureKinds(failuresOf(answered));
  if (kinds.length === 0) return [];
  const right = answered.filter(({ result }) => (scoreOf(result) ?? 0) >= 1);
  const targets = textTargets(program);
  const drafts: Draft[] = [];
  let changes: Candidate = {};
  for (let view = 0; view < proposals; view += 1) {
    const failures = viewOf(kinds, view).slice(0, shown);
    const due = targets.filter((_, place) => view === 0 || place === (view + round) % targets.length);
    const current = { ...candidate, ...changes };
    const answers = await ask(
      due.map((target) => ({
        label: `round-${round}/revise/${target.parameter.name}`,
        sample: view,
        temperature,
        signature: prompts.revise,
        inputs: {
          place: describeTarget(target),
          current: textOf(current, target),
          failures: failures.map((row) => rowRecord(row, target.step)),
          successes: random
            .fork(`successes-${view}`)
            .sample(right, Math.min(3, right.length))
            .map((row) => rowRecord(row, target.step)),
          rejected: rejectedOf(climb, target, settings.remembered),
        },
      })),
    );
    const texts = due.flatMap((target, index) => {
      const answer = answers[index];
      return answer?.status === 'answered' ? [{ target, id: answer.id, ...answer.outputs }] : [];
    });
    const [first] = texts;
    if (first === undefined) continue;
    const draftOf = (of: Candidate): Draft => ({
      changes: of,
      parents: [candidate],
      origin: `round ${round + 1}, revised from ${failures.length} failures`,
      because: {
        reflection: first.id,
        rows: failures.map(({ example }) => example.id),
        note: first.diagnosis.slice(0, 500),
      },
    });
    const revised = texts.map(({ target, text }) => textChange(target, text.trim()));
    if (revised.length > 1) drafts.push(...revised.map(draftOf));
    changes = Object.assign({}, changes, ...revised);
    drafts.push(draftOf(changes));
  }
  return drafts;
}

/** The first view shows some of every kind, each further one a kind of its own before the others. */
function viewOf(kinds: readonly (readonly AnsweredRow[])[], view: number): readonly AnsweredRow[] {
  if (view > 0) {
    const [own = [], ...others] = [...kinds.slice((view - 1) % kinds.length), ...kinds];
    return [...new Set([...own, ...others.flat()])];
  }
  const most = Math.max(...kinds.map((kind) => kind.length));
  return Array.from({ length: most }, (_, place) => kinds.flatMap((kind) => kind[place] ?? [])).flat();
}

/** Texts written from labelled rows, without what stands. */
async function fromRows(
  { program, ask }: OptimizationContext,
  { climb, rows, settings }: Asked & { readonly rows: readonly Example[] },
): Promise<readonly Draft[]> {
  const { prompts, starts, round, temperature, remembered } = settings;
  const targets = textTargets(program);
  const tasks = Array.from({ length: starts }, (_, start) =>
    targets.map((target) => ({ start, target })),
  ).flat();
  const answers = await ask(
    tasks.map(({ start, target }) => ({
      label: `round-${round}/start/${target.parameter.name}`,
      sample: start,
      temperature,
      signature: prompts.start,
      inputs: {
        place: describeTarget(target, textOf(climb.standing.candidate, target)),
        rows: rows.map((row): JsonObject => labelledRecord(row)),
        rejected: rejectedOf(climb, target, remembered),
      },
    })),
  );
  return Array.from({ length: starts }, (_, start): Draft | undefined => {
    const changes: Record<string, Candidate[string]> = {};
    let reflection: string | undefined;
    for (const [index, task] of tasks.entries()) {
      const answer = answers[index];
      if (task.start !== start || answer?.status !== 'answered') continue;
      reflection ??= answer.id;
      Object.assign(changes, textChange(task.target, answer.outputs.text.trim()));
    }
    return reflection === undefined
      ? undefined
      : {
          changes,
          origin: `round ${round + 1}, written from ${rows.length} rows`,
          because: { reflection, rows: rows.map(({ id }) => id) },
        };
  }).filter((draft) => draft !== undefined);
}

interface Gated {
  /** The best contender, where it is better than what stands. */
  readonly winner?: CandidateEvaluation | undefined;
  /** The best of those written from rows alone, better or not. */
  readonly start?: CandidateEvaluation | undefined;
}

/** Races the drafts and holds the best against what stands, on the same rows; the others are remembered. */
async function gated(
  { admit, race, evaluate, program }: OptimizationContext,
  {
    climb,
    gate,
    drafts,
    isRestart,
    settings: { random },
  }: Asked & {
    readonly gate: readonly Example[];
    readonly drafts: readonly Draft[];
    readonly isRestart: boolean;
  },
): Promise<Gated> {
  const admissions = admit(drafts);
  const candidates = newCandidates(admissions);
  if (candidates.length === 0) return {};
  const { standing, scored, rejected } = climb;
  const { finalists, ranking } = await race(candidates, {
    examples: tellingOrder(gate, scored, random.fork('order')),
    rungs: rungsOf(gate.length),
    eta: Math.max(2, candidates.length),
    keep: Math.min(2, candidates.length),
  });
  scored.push(...ranking);
  const gains = new Map(ranking.map((each) => [each.hash, pairedDifference(standing, each).meanWithLost]));
  const [top] = [...finalists].sort((a, b) => (gains.get(b.hash) ?? 0) - (gains.get(a.hash) ?? 0));
  const winner = top !== undefined && (gains.get(top.hash) ?? 0) > 0 ? top : undefined;
  for (const each of ranking) {
    if (each === winner) continue;
    for (const target of textTargets(program)) {
      const text = textOf(each.candidate, target);
      if (text === textOf(standing.candidate, target)) continue;
      const before = rejected.get(target.parameter.name) ?? [];
      rejected.set(target.parameter.name, [...before, { text, gain: gains.get(each.hash) ?? 0 }]);
    }
  }
  const isStart = (evaluation: CandidateEvaluation) =>
    admissions.some(
      (admission, index) =>
        'hash' in admission && admission.hash === evaluation.hash && drafts[index]?.parents === undefined,
    );
  // The race is against revisions of a text that was polished: a restart that is out of it goes on all the same.
  const start = isRestart ? ranking.find(isStart) : finalists.find(isStart);
  return { winner, start: start && (await evaluate(start.candidate, gate)) };
}

function rungsOf(gate: number): readonly number[] {
  const third = Math.min(gate, Math.max(4, Math.ceil(gate / 3)));
  return third === gate ? [gate] : [third, gate];
}

function rejectedOf({ rejected }: Climb, { parameter }: TextTarget, most: number) {
  if (most === 0) return [];
  return (rejected.get(parameter.name) ?? [])
    .slice(-most)
    .map(({ text, gain }) => ({ text, gain: Math.round(100 * gain) }));
}

function isPerfect({ mean = 0, scored, results }: CandidateEvaluation): boolean {
  return mean >= 1 && scored === results.length;
}
