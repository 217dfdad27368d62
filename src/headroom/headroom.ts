import { type Clock, systemClock } from '../base/clock.ts';
import { HoneError } from '../base/errors.ts';
import { hashJson } from '../base/hash.ts';
import type { JsonObject } from '../base/json.ts';
import { createRandom } from '../base/random.ts';
import type { Dataset, Example, RowRoles } from '../dataset/dataset.ts';
import type { EvaluationBudget } from '../evaluation/evaluate.ts';
import type { ScoreSummary, UsageSummary } from '../evaluation/evaluation.ts';
import { openRunHandle, type RunHandle, type RunWork } from '../evaluation/run-handle.ts';
import type { AnswerCacheMode } from '../model/middleware/call-path.ts';
import type { Model } from '../model/model.ts';
import { planRun } from '../optimizer/driver/plan-run.ts';
import { prepareTask } from '../optimizer/driver/prepare.ts';
import type { Optimizer } from '../optimizer/optimizer.ts';
import type { Program } from '../program/program.ts';
import type { Scorer } from '../scorer/scorer.ts';
import type { Store } from '../store/store.ts';
import { armsOf } from './arms.ts';
import { figuresOf, type HeadroomFigures } from './figures.ts';
import {
  type HeadroomPower,
  type HeadroomVerdict,
  judgeHeadroom,
  totalRowsNeeded,
} from './judge-headroom.ts';
import { type LabelConflicts, labelConflicts } from './label-conflicts.ts';
import { createProbe, type Probe } from './probe.ts';

export interface HeadroomOptions<Inputs, Outputs> {
  readonly program: Program<Inputs, Outputs>;
  /** The rows that an optimization would get; those of a given test are not answered. */
  readonly dataset: Dataset | Iterable<Example> | RowRoles;
  /** One or several; the first counts. */
  readonly scorer: Scorer | readonly Scorer[];
  readonly model: Model;
  /** Models of other roles, such as `judge`. @default none */
  readonly models?: Readonly<Record<string, Model>> | undefined;
  readonly store: Store;
  /** Most calls, at least 8. @default 60 */
  readonly calls?: number | undefined;
  /** Further limits. @default none */
  readonly budget?: Omit<EvaluationBudget, 'calls'> | undefined;
  /** Decides which rows are answered. @default 1 */
  readonly randomSeed?: number | undefined;
  /** Most rows in work at once. @default 8 */
  readonly concurrency?: number | undefined;
  /** @default 'on' */
  readonly cache?: AnswerCacheMode | undefined;
  /** For people. @default the program's name */
  readonly name?: string | undefined;
  /** What to run to do this again; kept with the run. */
  readonly plan?: JsonObject | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/** A prompt that was sampled, and how it did. JSON. */
export interface SampledPrompt {
  readonly name: string;
  /** What is other than in the seed. */
  readonly what: string;
  readonly rows: number;
  readonly mean?: number | undefined;
}

/** Whether optimizing can pay, and what says so. JSON. */
export interface Headroom {
  readonly schemaVersion: 1;
  readonly kind: 'headroom';
  readonly name: string;
  readonly model: string;
  readonly verdict: HeadroomVerdict;
  readonly summary: string;
  /** Rows of the task. */
  readonly rows: number;
  /** Of the seed, two answers to a row averaged. */
  readonly seed: ScoreSummary;
  readonly prompts: readonly SampledPrompt[];
  /** Undefined where no row was answered by every prompt: at the ceiling nothing but the seed is asked. */
  readonly figures?: HeadroomFigures | undefined;
  readonly labels: LabelConflicts;
  readonly power: HeadroomPower;
  /** Rows that no sampled prompt got right, and that all answered alike: the model, or the label, is at fault. */
  readonly sameWrongAnswer: readonly string[];
  readonly usage: UsageSummary;
  readonly notes: readonly string[];
}

/** A look at work; its watchers see nothing but its progress. */
export type HeadroomRun = RunHandle<never, Headroom>;

const usualCalls = 60;
/** Fewer calls tell nothing. */
const leastCalls = 8;
/** Fewer rows tell nothing. */
const leastRows = 2;

/**
 * Says in a few calls whether optimizing can pay here: how much scores vary between repeated answers, between
 * prompts that say the same, and between rows, and how many rows any sampled prompt gets right. It chooses nothing,
 * and it answers training rows alone.
 *
 * @throws (through `result()`) {HoneError} `HONE_OPTION_INVALID` when the calls do not hold a handful of rows,
 *   `HONE_DATASET_…` for rows that cannot be optimized on, `HONE_MODEL_…` when the model cannot be asked,
 *   `HONE_ABORTED` when cancelled.
 */
export function headroom<Inputs, Outputs>(options: HeadroomOptions<Inputs, Outputs>): HeadroomRun {
  return openRunHandle({ signal: options.signal, cancelled, watch: nothing }, (work) => look(options, work));
}

async function* nothing(): AsyncGenerator<never, void> {
  // Its answers are in the store; there is no course of decisions to watch.
}

async function look<Inputs, Outputs>(
  options: HeadroomOptions<Inputs, Outputs>,
  { stop, begin }: RunWork,
): Promise<Headroom> {
  const { program, store, model, randomSeed = 1, clock = systemClock } = options;
  const planned = { ...options, budget: {}, optimizer: looker, fresh: () => looker };
  const task = await prepareTask(planned);
  const plan = planRun(task, planned);
  const calls = checkedCalls(options.calls ?? usualCalls);
  const name = options.name ?? program.shape.name;
  await using claim = await store.runs.open({
    kind: 'evaluation',
    name,
    identity: hashJson([task.identity, 'headroom', calls]),
    plan: options.plan ?? {},
    resume: false,
  });
  const probe = createProbe({
    ...options,
    program: program as unknown as Program,
    scorers: task.scorers,
    calls,
    clock,
    stop,
  });
  begin({ runId: claim.runId, progress: probe.progress });
  try {
    const random = createRandom(`${randomSeed}/headroom`);
    const pool = distinctFirst(random.fork('rows').shuffle(plan.split.train), plan.split.clusters);
    const measured = await measure({ probe, pool, program: program as unknown as Program, random, calls });
    const passFail = task.scorers[0]?.passFail ?? false;
    const labels = labelConflicts(task.examples);
    const seed = probe.summaryOf(program.seed, { passFail, name: task.scorers[0]?.name ?? 'score' });
    const { figures } = measured;
    if (seed.mean === undefined) throw noScore(seed);
    if (measured.prompts.length > 0 && figures === undefined) throw notCompared(measured.prompts);
    const difference = gainOf(figures, measured.prompts.length);
    const power: HeadroomPower = {
      difference,
      smallestDifference: plan.smallestDifference,
      rowsNeeded: totalRowsNeeded(difference, { passFail }),
    };
    const rows = task.examples.length;
    const means = measured.prompts.flatMap(({ mean }) => mean ?? []);
    const bestPrompt = means.length === 0 ? undefined : Math.max(...means);
    const judgement = judgeHeadroom({ seed, figures, labels, rows, power, bestPrompt });
    const report: Headroom = {
      schemaVersion: 1,
      kind: 'headroom',
      name,
      model: model.id,
      ...judgement,
      rows,
      seed,
      prompts: measured.prompts,
      figures,
      labels,
      power,
      sameWrongAnswer: measured.sameWrongAnswer,
      usage: probe.usage(),
      notes: [...task.notices, ...probe.notes()],
    };
    await store.runs.update(claim, {
      status: 'completed',
      elapsedMs: probe.progress().elapsedMs,
      result: report as unknown as JsonObject,
    });
    return report;
  } catch (thrown) {
    const status = stop.aborted ? 'interrupted' : 'failed';
    await store.runs.update(claim, { status, elapsedMs: probe.progress().elapsedMs }).catch(() => undefined);
    throw thrown;
  }
}

/** Rows that demos are chosen from. */
const keptForDemos = 24;

/** One row of each cluster before the others: copies tell nothing new. */
function distinctFirst(
  rows: readonly Example[],
  clusters: ReadonlyMap<string, string> | undefined,
): readonly Example[] {
  const seen = new Set<string>();
  const repeated: Example[] = [];
  const distinct = rows.filter((row) => {
    const cluster = clusters?.get(row.id) ?? row.id;
    if (!seen.has(cluster)) return seen.add(cluster);
    repeated.push(row);
    return false;
  });
  return [...distinct, ...repeated];
}

interface Measuring {
  readonly probe: Probe;
  /** Training rows in random order. */
  readonly pool: readonly Example[];
  readonly program: Program;
  readonly random: ReturnType<typeof createRandom>;
  readonly calls: number;
}

/**
 * Two answers with the seed on a few rows. Where all are right, further rows with the seed: is it the ceiling?
 * Else the same rows with every other prompt.
 */
async function measure({ probe, pool, program, random, calls }: Measuring) {
  const { seed, shape } = program;
  // Demos come from rows of their own, so that no row is answered with itself in view.
  const apart = Math.max(Math.ceil(pool.length / 2), pool.length - keptForDemos);
  const arms = armsOf({ program: shape, seed, others: pool.slice(apart), random });
  const perRow =
    2 * program.calls(seed).typical + sum(arms.map((arm) => program.calls(arm.candidate).typical));
  const fitting = Math.floor(calls / perRow);
  if (fitting < leastRows) {
    throw new HoneError(
      `A row takes ${perRow} calls with all prompts, so ${calls} calls hold ${fitting} of them.`,
      { code: 'HONE_OPTION_INVALID', hint: `Give at least ${4 * perRow} calls: --max-calls ${4 * perRow}.` },
    );
  }
  const rows = pool.slice(0, Math.min(fitting, apart));
  await probe.answer(rows.flatMap((example) => [0, 1].map((trial) => ({ candidate: seed, example, trial }))));
  const isCeiling = rows.every(({ id }) => [0, 1].every((trial) => (probe.score(seed, id, trial) ?? 1) >= 1));
  if (isCeiling) {
    const further = pool.slice(rows.length).map((example) => ({ candidate: seed, example, trial: 0 }));
    await probe.answer(further, { areSpare: true });
    return { figures: undefined, prompts: [], sameWrongAnswer: [] };
  }
  await probe.answer(
    rows.flatMap((example) => arms.map(({ candidate }) => ({ candidate, example, trial: 0 }))),
  );
  const complete = rows.flatMap(({ id }) => {
    const scores = [
      probe.score(seed, id, 0),
      probe.score(seed, id, 1),
      ...arms.map(({ candidate }) => probe.score(candidate, id, 0)),
    ].filter((score) => score !== undefined);
    const [first, again, ...others] = scores;
    if (scores.length < arms.length + 2 || first === undefined || again === undefined) return [];
    return [{ id, seed: [first, again] as const, others }];
  });
  return {
    figures: figuresOf(
      complete,
      arms.map(({ isTrivial }) => isTrivial),
    ),
    prompts: arms.map(({ name, what, candidate }) => {
      const known = rows.flatMap(({ id }) => probe.score(candidate, id, 0) ?? []);
      return { name, what, rows: known.length, ...(known.length > 0 && { mean: sum(known) / known.length }) };
    }),
    sameWrongAnswer: complete
      .filter(({ seed: [first, again], others }) => Math.max(first, again, ...others) < 1)
      .filter(({ id }) => probe.answersOf(id).size === 1 && !probe.answersOf(id).has(undefined))
      .map(({ id }) => id),
  };
}

/** What another prompt may add beyond what as many further answers with the same one would. */
function gainOf(figures: HeadroomFigures | undefined, prompts: number): number {
  if (figures === undefined) return 0;
  return Math.max(0, figures.reachable - figures.seed - prompts * figures.gain.again);
}

function noScore({ unscored, infrastructureErrors }: ScoreSummary): HoneError {
  return new HoneError(
    `None of the measured rows has a score: ${unscored} could not be scored, ${infrastructureErrors} were lost.`,
    {
      code: 'HONE_EMPTY_SAMPLE',
      hint: 'Check the scorer and the expected columns with `hone eval --first 5`.',
    },
  );
}

/** Without one row that all prompts answered, nothing can be said of what another prompt adds. */
function notCompared(prompts: readonly SampledPrompt[]): HoneError {
  const counts = prompts.map(({ name, rows }) => `${name} ${rows}`).join(', ');
  return new HoneError(`No row has a score with every prompt that was tried (rows with one: ${counts}).`, {
    code: 'HONE_EMPTY_SAMPLE',
    hint: 'Calls were lost to faults, or the scorer left rows out: run it again, what was answered is not asked again.',
  });
}

function checkedCalls(calls: number): number {
  if (Number.isSafeInteger(calls) && calls >= leastCalls) return calls;
  throw new HoneError(`${calls} calls tell nothing of the headroom.`, {
    code: 'HONE_OPTION_INVALID',
    hint: `Give a whole number from ${leastCalls} on; ${usualCalls} are usual.`,
  });
}

/** Stands where an optimization has its optimizer: the rows are divided as for one, and nothing is searched. */
const looker: Optimizer = {
  name: 'headroom',
  version: 1,
  options: {},
  needs: { parameters: [], labels: true },
  estimate: () => ({ task: 0, reflection: 0 }),
  // biome-ignore lint/correctness/useYield: it searches nothing
  async *optimize({ seed }) {
    return seed;
  },
};

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function cancelled(cause: unknown): HoneError {
  return new HoneError('The look at the headroom was stopped.', {
    code: 'HONE_ABORTED',
    hint: 'Run it again to go on: what was answered is not asked again.',
    cause,
  });
}
