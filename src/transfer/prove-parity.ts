import { systemClock } from '../base/clock.ts';
import { HoneError } from '../base/errors.ts';
import { hashJson } from '../base/hash.ts';
import type { JsonObject } from '../base/json.ts';
import { createRandom } from '../base/random.ts';
import type { ScorePair } from '../evaluation/compare.ts';
import { type EvaluationBudget, evaluate } from '../evaluation/evaluate.ts';
import { compareParity } from '../evaluation/parity.ts';
import { openRunHandle, type RunHandle, type RunWork } from '../evaluation/run-handle.ts';
import type { Model } from '../model/model.ts';
import type { OptimizeOptions } from '../optimizer/driver/optimize-options.ts';
import { planRun } from '../optimizer/driver/plan-run.ts';
import { prepareTask, withOptimizer } from '../optimizer/driver/prepare.ts';
import type { OptimizationReport, Parity } from '../optimizer/driver/report.ts';
import { enterTest } from '../optimizer/driver/test-ledger.ts';
import type { Program } from '../program/program.ts';
import type { Candidate } from '../prompt/candidate.ts';
import { recordedScores, sideOf, type TestScores } from './test-scores.ts';

/** What an optimization for the successor was given, and what it ended with. */
export interface ProveParityOptions<Inputs, Outputs> extends OptimizeOptions<Inputs, Outputs> {
  /** What the look itself may take, beside what the optimization took. @default no limit */
  readonly parityBudget?: EvaluationBudget | undefined;
  /** The model that is replaced; it answers with the program's seed. */
  readonly predecessor: Model;
  readonly report: OptimizationReport;
  /** The largest loss that still is parity, above 0, at most 1. @default 0.05 */
  readonly margin?: number | undefined;
}

/** A look at parity at work; its watchers see nothing but its progress. */
export type ParityRun = RunHandle<never, Parity>;

export const usualMargin = 0.05;

/**
 * Compares the successor, with the prompt that its optimization returned, to the model that it replaces, with the
 * prompt that the optimization began from, on the rows of the sealed test: is it at least as good, but for a margin?
 * What the predecessor has answered before is read from the store. It is a further use of the test.
 *
 * @throws (through `result()`) {HoneError} `HONE_EMPTY_SAMPLE` when no rows were kept apart, or none was answered by
 *   both, `HONE_BUDGET_EXHAUSTED` when nothing is left to ask the predecessor with, `HONE_MODEL_…` when it cannot be
 *   asked, `HONE_OPTION_INVALID` for a margin out of range or a model that replaces itself.
 */
export function proveParity<Inputs, Outputs>(options: ProveParityOptions<Inputs, Outputs>): ParityRun {
  return openRunHandle({ signal: options.signal, cancelled, watch: nothing }, (work) => look(options, work));
}

async function* nothing(): AsyncGenerator<never, void> {
  // Its answers are in the store; there is no course of decisions to watch.
}

async function look<Inputs, Outputs>(
  options: ProveParityOptions<Inputs, Outputs>,
  { stop, begin }: RunWork,
): Promise<Parity> {
  const { predecessor, model, report, margin = usualMargin, store, program, clock = systemClock } = options;
  checkRequest(options, margin);
  const given = withOptimizer(options);
  const task = await prepareTask(given);
  const plan = planRun(task, given);
  const { test, clusters = new Map<string, string>() } = plan.split;
  if (plan.method !== 'held-out') throw nothingApart(task.examples.length);
  const name = `${options.name ?? program.shape.name}: parity with ${predecessor.id}`;
  const identity = hashJson([task.identity, 'parity', predecessor.endpoint, predecessor.id]);
  await using claim = await store.runs.open({
    kind: 'evaluation',
    name,
    identity,
    plan: options.plan ?? {},
  });
  const startedAt = clock.monotonic();
  let progress = () => ({ phase: 'parity', done: 0, calls: 0, cachedCalls: 0, elapsedMs: 0 });
  begin({
    runId: claim.runId,
    progress: () => ({ ...progress(), phase: 'parity', elapsedMs: clock.monotonic() - startedAt }),
  });
  const answer = async (asked: Model, candidate: Candidate): Promise<TestScores> => {
    const { parityBudget: budget } = options;
    const needed = test.length * program.calls(candidate).typical;
    if ((budget?.calls ?? needed) < needed) throw nothingLeft(asked);
    const { models, cache, concurrency, signal } = options;
    const run = evaluate({
      program: program as unknown as Program,
      dataset: test,
      scorer: task.scorers,
      model: asked,
      models,
      store,
      candidate,
      cache,
      concurrency,
      signal,
      clock,
      budget,
      name,
      plan: { partOf: claim.runId },
    });
    progress = run.progress;
    const cancel = () => run.cancel(stop.reason);
    stop.addEventListener('abort', cancel, { once: true });
    try {
      const evaluation = await run.result();
      const scores = new Map<string, ScorePair['seed']>();
      for await (const row of evaluation.results()) scores.set(row.exampleId, sideOf(row));
      return scores;
    } finally {
      stop.removeEventListener('abort', cancel);
    }
  };
  try {
    const { hash, candidate } = report.candidate;
    const earlierUses = await enterTest(store, { owner: claim, name, identity, rows: test });
    const before = await answer(predecessor, program.seed);
    const after =
      (await recordedScores(store, { runId: report.runId, candidate: hash, rows: test })) ??
      (await answer(model, candidate));
    const pairs = test.map(
      (example): ScorePair => ({
        exampleId: example.id,
        cluster: clusters.get(example.id) ?? example.group,
        seed: before.get(example.id) ?? 'lost',
        winner: after.get(example.id) ?? 'lost',
      }),
    );
    const comparison = compareParity({
      pairs,
      margin,
      passFail: task.scorers[0]?.passFail ?? false,
      failValue: task.scorers[0]?.failValue,
      earlierUses,
      random: createRandom(`${options.randomSeed ?? 1}/parity`),
    });
    const parity: Parity = {
      ...comparison,
      predecessorModel: predecessor.id,
      successorModel: model.id,
      candidate: hash,
      use: earlierUses + 1,
    };
    await store.runs.update(claim, { status: 'completed', result: parity as unknown as JsonObject });
    return parity;
  } catch (thrown) {
    const status = stop.aborted ? 'interrupted' : 'failed';
    await store.runs.update(claim, { status }).catch(() => undefined);
    throw thrown;
  }
}

function checkRequest(
  { predecessor, model }: Pick<ProveParityOptions<unknown, unknown>, 'predecessor' | 'model'>,
  margin: number,
): void {
  if (!(margin > 0 && margin <= 1)) {
    throw new HoneError(`A margin of ${margin} is no loss that could be told.`, {
      code: 'HONE_OPTION_INVALID',
      hint: `Give a number above 0, at most 1; ${usualMargin} is usual.`,
    });
  }
  if (predecessor.endpoint !== model.endpoint || predecessor.id !== model.id) return;
  throw new HoneError(`The model ${model.id} cannot replace itself.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'Name another model to compare with, or none.',
  });
}

function nothingApart(rows: number): HoneError {
  return new HoneError(`Of ${rows} rows none were kept apart for a test, so parity cannot be looked at.`, {
    code: 'HONE_EMPTY_SAMPLE',
    hint: 'Give 120 independent rows or more, or say which rows are the test.',
  });
}

function nothingLeft({ id }: Model): HoneError {
  return new HoneError(`What is left of the budget does not hold the test rows of ${id}.`, {
    code: 'HONE_BUDGET_EXHAUSTED',
    hint: 'Raise --max-calls, --max-tokens, --budget-usd or --max-minutes; what was answered is not paid again.',
  });
}

function cancelled(cause: unknown): HoneError {
  return new HoneError('The look at parity was stopped.', {
    code: 'HONE_ABORTED',
    hint: 'Run it again to go on: what was answered is not asked again.',
    cause,
  });
}
