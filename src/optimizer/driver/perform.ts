import { mapConcurrently } from '../../base/concurrency.ts';
import { HoneError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import type { RowJob, RowTask } from '../../evaluation/answer-row.ts';
import type { RowResult, RowUsage } from '../../evaluation/evaluation.ts';
import { createJobOrder } from '../../evaluation/job-order.ts';
import { runRows } from '../../evaluation/run-rows.ts';
import type { Model } from '../../model/model.ts';
import type { CandidateHash } from '../../prompt/candidate.ts';
import type { Store } from '../../store/store.ts';
import { type Amounts, nothing, plus } from './amounts.ts';
import { type AskUnit, modelOf, performAsk } from './ask.ts';
import type { Due, Unit } from './effects.ts';
import type { RowUnit } from './evaluator.ts';
import { type EffectRecord, type Settled, usageOf } from './record.ts';
import type { RowCosts } from './row-costs.ts';

/** The temperature of further answers to a row: at 0 they would all be like the first. */
const samplesAt = 1;

/** Whatever a search may have done. */
export type RunUnit = RowUnit | AskUnit;

export interface PerformOptions {
  readonly task: RowTask;
  /** By role, for the requests of the search. */
  readonly models: Readonly<Record<string, Model>>;
  readonly store: Store;
  readonly record: EffectRecord;
  readonly concurrency: number;
  /** Starts nothing new. */
  readonly stop: AbortSignal;
  /** Aborts what is under way. */
  readonly flight: () => AbortSignal;
  /** Called for each effect that is done. */
  readonly onSettled: (settled: Settled) => void;
}

/** Runs units at once, rows and requests side by side, and puts what comes of each into the record. */
export function createPerformer(options: PerformOptions) {
  const { record, concurrency, stop, store } = options;

  const runRowUnits = async (due: readonly Due<RowUnit>[], isOver: () => boolean) => {
    if (due.length === 0) return;
    const written = new Set<string>();
    for (const { unit } of due) {
      if (written.has(unit.hash)) continue;
      written.add(unit.hash);
      await store.candidates.write(unit.hash, unit.candidate as unknown as JsonObject);
    }
    const order = createJobOrder<RowResult>();
    // Recorded as it comes, so that a row that hangs holds nothing back; told in order, so that sums are the same.
    const onSettled = (row: RowResult, index: number) => {
      const unit = due[index]?.unit;
      if (unit === undefined) throw new TypeError('More rows came back than were asked for.');
      if (row.outcome.status === 'infrastructure-error') record.addLost(unit.key, row);
      else record.addRow(unit.key, row);
      tell(order.take(row, index));
    };
    const tell = (rows: readonly RowResult[]) => {
      for (const row of rows) options.onSettled({ kind: 'row', row });
    };
    function* jobs(): Generator<RowJob, void, void> {
      for (const { unit, reask } of due) {
        if (isOver()) return;
        const { candidate, hash, example, trial } = unit;
        const samplingTemperature = trial === 0 ? undefined : samplesAt;
        yield { candidate, hash, example, trial, reask, samplingTemperature };
      }
    }
    const task = { ...options.task, signal: options.flight() };
    const answeredBefore = record.size > 0;
    try {
      for await (const _ of runRows(jobs(), task, { concurrency, stop, answeredBefore, onSettled })) {
        // Each is recorded as it comes.
      }
    } finally {
      tell(order.rest());
    }
  };
  const runAskUnits = async (due: readonly Due<AskUnit>[], isOver: () => boolean) => {
    function* untilOver() {
      for (const each of due) {
        if (stop.aborted || isOver()) return;
        yield each;
      }
    }
    // Whoever answers by hand is handed all requests of a round at once.
    const isByHand = due.every(({ unit }) => modelOf(unit.ask, options.models).byHand !== undefined);
    const limit = isByHand ? Math.max(concurrency, due.length) : concurrency;
    let waiting: unknown;
    // A stop lets calls under way end; one that waits for a person would end never.
    const signal = () => (isByHand ? AbortSignal.any([stop, options.flight()]) : options.flight());
    const perform = async ({ unit, reask }: Due<AskUnit>) => {
      try {
        const ask = await performAsk(unit, { models: options.models, signal: signal(), reask });
        record.addAsk(unit.key, ask);
        options.onSettled({ kind: 'ask', ask });
      } catch (thrown) {
        if (!HoneError.isInstance(thrown) || thrown.code !== 'HONE_HANDOFF_WAITING') throw thrown;
        waiting = thrown;
      }
    };
    for await (const _ of mapConcurrently(untilOver(), perform, { limit })) {
      // Each is recorded as it comes.
    }
    // The last one knows of all.
    if (waiting !== undefined) throw waiting;
  };

  return async (due: readonly Due<RunUnit>[], isOver: () => boolean): Promise<void> => {
    const rows = due.filter((each): each is Due<RowUnit> => each.unit.kind === 'row');
    const asks = due.filter((each): each is Due<AskUnit> => each.unit.kind === 'ask');
    const ends = await Promise.allSettled([runRowUnits(rows, isOver), runAskUnits(asks, isOver)]);
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  };
}

/**
 * What units took, as the budget counts it: each distinct request of the run once, so that a step whose answer
 * another candidate has already asked for is not counted again. Where no answers are kept each call counts.
 */
export function createCharges({
  record,
  costs,
  seed,
}: {
  readonly record: EffectRecord;
  readonly costs: RowCosts;
  readonly seed: CandidateHash;
}) {
  const counted = new Set<string>();
  const ofSeed = new Map<string, ReadonlySet<string | undefined>>();
  /** Calls of a row that the seed had made on it; undefined where the seed has not answered it. */
  const sharedWithSeed = ({ exampleId, trial, candidate, usage }: RowResult): number | undefined => {
    const place = `${trial}/${exampleId}`;
    if (candidate === seed) {
      ofSeed.set(place, new Set(usage.requests.map((request) => request.key)));
      return undefined;
    }
    const known = ofSeed.get(place);
    return known && usage.requests.filter(({ key }) => key !== undefined && known.has(key)).length;
  };
  return ({
    key,
    kind,
    typical,
  }: Pick<Unit, 'key' | 'typical'> & { readonly kind: RunUnit['kind'] }): Amounts => {
    const settled = record.get(key);
    if (settled === undefined) return nothing;
    const usage = usageOf(settled);
    const tokensOfCall = typical.tokens / Math.max(1, typical.calls + typical.reflectionCalls);
    const amountsOf = (requests: RowUsage['requests']): Amounts =>
      requests.reduce<Amounts>((sum, { costUsd = 0, tokens = tokensOfCall }) => {
        const one = kind === 'row' ? { calls: 1, reflectionCalls: 0 } : { calls: 0, reflectionCalls: 1 };
        return plus(sum, { ...one, tokens, usd: costUsd });
      }, nothing);
    const all = amountsOf(usage.requests);
    if (settled.kind === 'row') costs.observeRow(settled.row.candidate, all, sharedWithSeed(settled.row));
    else costs.observeAsk(all);
    const distinct = usage.requests.filter((request) => {
      const isNew = request.key === undefined || !counted.has(request.key);
      if (request.key !== undefined) counted.add(request.key);
      return isNew;
    });
    return amountsOf(distinct);
  };
}
