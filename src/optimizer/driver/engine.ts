import type { Clock } from '../../base/clock.ts';
import type { RowTask } from '../../evaluation/answer-row.ts';
import type { Progress } from '../../evaluation/evaluate.ts';
import { usageOf as usageOfCalls } from '../../evaluation/row-usage.ts';
import { scorersHash } from '../../evaluation/snapshot.ts';
import { settledSum, sumKnown } from '../../evaluation/sum-known.ts';
import { createTally } from '../../evaluation/tally.ts';
import { callPath } from '../../model/middleware/call-path.ts';
import { createSpendLedger } from '../../model/middleware/spend-limit.ts';
import type { Model } from '../../model/model.ts';
import type { Program } from '../../program/program.ts';
import { type Candidate, type CandidateHash, hashCandidate } from '../../prompt/candidate.ts';
import type { Scorer } from '../../scorer/scorer.ts';
import type { Objective, OptimizationEvent } from '../optimizer.ts';
import type { RunBudget } from './budget.ts';
import { createEffects } from './effects.ts';
import { createEvaluator } from './evaluator.ts';
import type { OptimizeOptions } from './optimize-options.ts';
import { createCharges, createPerformer, type RunUnit } from './perform.ts';
import { openEffectRecord, type Settled, usageOf } from './record.ts';
import type { RunUsage } from './report.ts';
import type { CallsOfRow, RowCosts } from './row-costs.ts';
import type { SearchEngine } from './scope.ts';
import type { Session } from './session.ts';

/** Everything that runs, between a run's options and its searches. */
export interface Engine extends SearchEngine {
  /** What is under way belongs to the proof from here on: it has the time that was kept back for it. */
  beginProof(): void;
  progress(): Progress;
  usage(): RunUsage;
  /** What servers made known on the way. When they do depends on what was cached, so it is no event. */
  notices(): readonly string[];
}

export interface EngineOptions<Inputs, Outputs> {
  readonly options: OptimizeOptions<Inputs, Outputs>;
  readonly scorers: readonly Scorer[];
  readonly session: Session;
  readonly budget: RunBudget;
  readonly costs: RowCosts;
  readonly clock: Clock;
  readonly stop: AbortSignal;
}

export const defaultObjectives: readonly Objective[] = [{ name: 'score', direction: 'maximize' }];

/** Puts together the record, the models with one spend limit for all, and the one way of every effect. */
export async function createEngine<Inputs, Outputs>(parts: EngineOptions<Inputs, Outputs>): Promise<Engine> {
  const { options, scorers, session, budget, costs, clock, stop } = parts;
  const { store, program, concurrency = 8, budget: limits = {}, randomSeed = 1 } = options;
  const scorer = scorersHash(scorers);
  const seed = hashCandidate(program.seed);
  const record = await openEffectRecord({ store, owner: session.claim, scorer });
  const ledger =
    limits.usd === undefined
      ? undefined
      : createSpendLedger({ limitUsd: limits.usd, spentUsd: record.spentUsd });
  const notices = new Set<string>();
  const onPath = (model: Model) =>
    callPath(model, {
      log: store.answers,
      cache: options.cache ?? 'on',
      concurrency,
      clock,
      onNotice: (notice) => notices.add(notice),
      // One ledger for all models, and what earlier processes of the run paid is gone.
      ...(ledger !== undefined && { ledger }),
    });
  const { task: model, ...others } = mapValues(modelsOf(options), onPath);
  const task: RowTask = {
    program: program as unknown as Program,
    model: model ?? onPath(options.model),
    models: others,
    scorers,
    traces: true,
  };

  const tally = createTally(scorers, clock);
  const asks = createAskTally();
  const count = (settled: Settled) => {
    if (settled.kind === 'row') tally.add(settled.row);
    else asks.add(settled);
  };
  for (const settled of record.earlier) count(settled);

  let phase = 'baseline';
  let flight = session.flight.search;
  const effects = createEffects<RunUnit>({
    record,
    stopRecord: session.stopRecord,
    stop,
    run: createPerformer({
      task,
      models: { ...others, task: task.model },
      store,
      record,
      concurrency,
      stop,
      flight: () => flight,
      onSettled: (settled) => {
        count(settled);
        if (settled.kind === 'row') session.countRow();
      },
    }),
    charge: createCharges({ record, costs, seed }),
  });

  return {
    program: program.shape,
    evaluator: createEvaluator({ record, effects, costs, seed }),
    effects,
    record,
    budget,
    costs,
    models: { ...others, task: task.model },
    choiceScores: options.model.capabilities.choiceScores,
    objectives: options.objectives ?? defaultObjectives,
    stopWhen: options.stopWhen ?? [],
    randomSeed,
    maxCandidates: options.maxCandidates,
    signal: stop,
    emit: (event: OptimizationEvent) => {
      if (event.type === 'phase-started') phase = event.phase;
      session.emit(event);
    },
    toldFaults: new Set<CandidateHash>(),
    keepCandidate: (hash: string, candidate: Candidate) => session.keepCandidate(hash, candidate),
    notices: () => [...notices],
    beginProof: () => {
      flight = session.flight.proof;
    },
    progress: () => {
      const rows = tally.progress();
      return {
        ...rows,
        phase,
        spentUsd: sumKnown(rows.spentUsd, asks.spentUsd()),
        elapsedMs: session.elapsedMs(),
      };
    },
    usage: () => {
      const rows = tally.usage();
      const reflections = asks.usage();
      return {
        ...rows,
        inputTokens: sumKnown(rows.inputTokens, reflections.inputTokens),
        outputTokens: sumKnown(rows.outputTokens, reflections.outputTokens),
        // A run that goes on adds what was recorded first, whichever row that was.
        costUsd: settledSum(sumKnown(rows.costUsd, reflections.costUsd)),
        spentUsd: settledSum(sumKnown(rows.spentUsd, reflections.spentUsd)),
        retries: rows.retries + reflections.retries,
        failedCalls: rows.failedCalls + reflections.failedCalls,
        reflectionCalls: reflections.calls,
        reflectionCostUsd: settledSum(reflections.costUsd),
        wallMs: Math.round(session.elapsedMs()),
      };
    },
  };
}

/** All models by role: the run's, and what it is given beside them. */
export function modelsOf<Inputs, Outputs>({
  model,
  reflectionModel,
  models = {},
}: Pick<OptimizeOptions<Inputs, Outputs>, 'model' | 'reflectionModel' | 'models'>): Readonly<
  Record<string, Model>
> {
  return { ...models, ...(reflectionModel !== undefined && { reflection: reflectionModel }), task: model };
}

/** The calls of a row; where every step's choices are scored there is nothing to ask again. */
export function callsOf<Inputs, Outputs>({
  program,
  model,
}: Pick<OptimizeOptions<Inputs, Outputs>, 'program' | 'model'>): (candidate: Candidate) => CallsOfRow {
  const isScored =
    model.capabilities.choiceScores && program.shape.steps.every(({ choice }) => choice !== undefined);
  return (candidate) => {
    const { typical, most } = program.calls(candidate);
    return { typical, most: isScored ? typical : most };
  };
}

/** Totals of the requests of the search. */
function createAskTally() {
  let usage = usageOfCalls([]);
  return {
    add: (settled: Settled) => {
      const one = usageOf(settled);
      usage = {
        ...usage,
        calls: usage.calls + one.calls,
        failedCalls: usage.failedCalls + one.failedCalls,
        cachedCalls: usage.cachedCalls + one.cachedCalls,
        retries: usage.retries + one.retries,
        inputTokens: sumKnown(usage.inputTokens, one.inputTokens),
        outputTokens: sumKnown(usage.outputTokens, one.outputTokens),
        costUsd: sumKnown(usage.costUsd, one.costUsd),
        spentUsd: sumKnown(usage.spentUsd, one.spentUsd),
      };
    },
    usage: () => usage,
    spentUsd: () => usage.spentUsd,
  };
}

function mapValues<Value>(
  values: Readonly<Record<string, Value>>,
  change: (value: Value) => Value,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}
