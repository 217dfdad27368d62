import { HoneError } from '../../base/errors.ts';
import type { StopReason } from '../optimizer.ts';
import { type AmountName, type Amounts, nothing, plus, tooMuch } from './amounts.ts';
import type { Account } from './budget.ts';
import { type EffectKey, type EffectRecord, textOf } from './record.ts';

/** One effect: a row to be answered and scored, or a request to be asked. */
export interface Unit {
  readonly key: EffectKey;
  /** Who pays. */
  readonly account: Account;
  /** What it takes when its answer can be read at once, and when all that may be asked again is. */
  readonly typical: Amounts;
  readonly most: Amounts;
}

/** What is asked for in one call: all its units, or none. */
export interface EffectRequest<Work extends Unit = Unit> {
  readonly units: readonly Work[];
  readonly purpose: Purpose;
}

/** A unit that is due. */
export interface Due<Work extends Unit> {
  readonly unit: Work;
  /** Whether an answer that cannot be read may be asked again. */
  readonly reask: boolean;
}

/** The point at which a limit of time or dollars took effect, kept so that a replay stops there too. */
export interface StopPoint {
  /** Number of the round, from 1: from here on nothing more is asked for this purpose. */
  readonly round: number;
  readonly purpose: Purpose;
  readonly reason: StopReason;
  /** The units of that round that were not answered by then, by `textOf`; they may have been later. */
  readonly missing: readonly string[];
}

/** The search stops at its limits; the proof spends what was kept back for it. */
export type Purpose = 'search' | 'proof';

/** When a search must end, and where it did in an earlier process. */
export interface StopRecord {
  /** Whether the search must end now, so that its proof still fits. */
  isOver(): boolean;
  /** Of earlier processes. */
  readonly points: readonly StopPoint[];
  /** Resolves when the points are committed: before anything acts on them. */
  keep(points: readonly StopPoint[]): Promise<void>;
}

export interface EffectsOptions<Work extends Unit> {
  readonly record: EffectRecord;
  readonly stopRecord: StopRecord;
  /** Starts nothing new. */
  readonly stop: AbortSignal;
  /**
   * Runs units at once and puts what comes of each into the record as it comes. Starts nothing more once
   * `isOver` says so.
   */
  run(due: readonly Due<Work>[], isOver: () => boolean): Promise<void>;
  /** What a unit took, each distinct request of the run once. */
  charge(unit: Work): Amounts;
}

/**
 * The one way of every effect of a search. What is asked for before anything is awaited is one round: reserved
 * in the order of asking, run concurrently, charged and answered in that order, whoever was first. So what a
 * search sees never depends on what was faster, and a limit strikes at the same place in every replay.
 */
export interface Effects<Work extends Unit> {
  /**
   * Resolves when all units are in the record.
   *
   * @throws {HoneError} `HONE_BUDGET_EXHAUSTED` with `facts.reason` when a limit ends the search here.
   */
  request(request: EffectRequest<Work>): Promise<void>;
  /** Whether a unit was answered up to now: a record may hold more, which a replay has not come to yet. */
  isSettled(key: EffectKey): boolean;
}

interface Waiting<Work extends Unit> extends EffectRequest<Work> {
  resolve(): void;
  reject(reason: unknown): void;
}

export function createEffects<Work extends Unit>(options: EffectsOptions<Work>): Effects<Work> {
  const { record, stopRecord, stop } = options;
  const points = [...stopRecord.points];
  let waiting: Waiting<Work>[] = [];
  let round = 0;
  let working = Promise.resolve();
  let broken: { readonly reason: unknown } | undefined;

  const settled = new Set<string>();

  const isSettled = (key: EffectKey) => settled.has(textOf(key));
  const pointOf = (purpose: Purpose) =>
    points.find((point) => point.purpose === purpose && point.round <= round);

  const runRound = async () => {
    // A replay answers at once, a model takes its time: whoever can still ask does so first in both.
    await new Promise((resolve) => setImmediate(resolve));
    const requests = waiting;
    waiting = [];
    if (requests.length === 0) return;
    round += 1;
    try {
      if (broken !== undefined) throw broken.reason;
      const limits = new Map<Work, AmountName>();
      for (const purpose of ['search', 'proof'] as const) {
        await runUnits(
          requests.filter((request) => request.purpose === purpose),
          { purpose, limits },
        );
      }
      record.keepLost();
      await record.committed();
      for (const request of requests) {
        const refusal = refusalOf(request, limits);
        if (refusal === undefined) request.resolve();
        else request.reject(refusal);
      }
    } catch (thrown) {
      // Not a limit: the round is not settled, and nothing may be decided on half of it.
      broken ??= { reason: thrown };
      for (const request of requests) request.reject(thrown);
    }
  };

  const refusalOf = ({ units, purpose }: EffectRequest<Work>, limits: ReadonlyMap<Work, AmountName>) => {
    const point = pointOf(purpose);
    // A search that was stopped in this round stops here in every replay, also where all its rows were answered.
    if (point !== undefined && purpose === 'search') return exhausted(point.reason);
    const missing = units.find(({ key }) => !isSettled(key));
    if (missing === undefined) return undefined;
    return exhausted(point?.reason ?? reasonOf(limits.get(missing)));
  };

  /**
   * Settles what fits, in waves while there is room: a wave that took less than it might have leaves some. What
   * is in the record runs through the same waves, so that a limit strikes at the same unit in a replay.
   */
  const runUnits = async (
    requests: readonly Waiting<Work>[],
    { purpose, limits }: { readonly purpose: Purpose; readonly limits: Map<Work, AmountName> },
  ) => {
    const units = requests.flatMap((request) => request.units);
    const unsettled = () => units.filter(({ key }) => !isSettled(key));
    for (let queue = unsettled(); queue.length > 0; queue = unsettled()) {
      const before = pointOf(purpose);
      if (before !== undefined && before.round < round) return;
      const wave = fillWave(queue, limits);
      if (wave.length === 0) return;
      const reason = before?.reason ?? (await runWave(wave, purpose));
      const late = new Set(before?.missing);
      const answered = wave.filter(
        ({ unit }) => record.get(unit.key) !== undefined && !late.has(textOf(unit.key)),
      );
      for (const { unit } of answered) {
        settled.add(textOf(unit.key));
        unit.account.charge(options.charge(unit));
      }
      if (before === undefined && reason !== undefined) {
        points.push({ round, purpose, reason, missing: unsettled().map(({ key }) => textOf(key)) });
        await stopRecord.keep(points);
      }
      if (answered.length < wave.length) return;
    }
  };

  /** Runs what is not in the record. @returns the limit that ended it on the way, if one did. */
  const runWave = async (wave: readonly Due<Work>[], purpose: Purpose): Promise<StopReason | undefined> => {
    const due = wave.filter(({ unit }) => record.get(unit.key) === undefined);
    if (due.length === 0) return undefined;
    stop.throwIfAborted();
    // A limit that an earlier process met lies ahead; until there the record decides, not the time.
    const mayStop = purpose === 'search' && points.every((point) => point.purpose !== purpose);
    const isOver = () => mayStop && stopRecord.isOver();
    if (isOver()) return 'time';
    try {
      await options.run(due, isOver);
    } catch (thrown) {
      if (!isExhausted(thrown)) throw thrown;
      // The next answer might cost more than is left. What was paid before is not known to a later process.
      return (thrown.facts.reason ?? 'cost') as StopReason;
    } finally {
      await record.committed();
    }
    const isCut = due.some(({ unit }) => record.get(unit.key) === undefined);
    if (isCut) stop.throwIfAborted();
    return isCut ? 'time' : undefined;
  };

  return {
    request: (request) =>
      new Promise((resolve, reject) => {
        waiting.push({ ...request, resolve, reject });
        working = working.then(runRound);
      }),
    isSettled,
  };
}

/**
 * The longest prefix of the queue that fits at the most that each may take; where not even one does, at the
 * typical, and then without asking again.
 */
function fillWave<Work extends Unit>(
  queue: readonly Work[],
  limits: Map<Work, AmountName>,
): readonly Due<Work>[] {
  const careful = fill(queue, ({ most }) => most, limits);
  if (careful.length > 0) return careful.map((unit) => ({ unit, reask: true }));
  return fill(queue, ({ typical }) => typical, limits).map((unit) => ({ unit, reask: false }));
}

function fill<Work extends Unit>(
  queue: readonly Work[],
  amountsOf: (unit: Work) => Amounts,
  limits: Map<Work, AmountName>,
): readonly Work[] {
  const taken = new Map<Account, Amounts>();
  const left = new Map<Account, Amounts>();
  const kept = new Map<Account, ReadonlyMap<string, Amounts>>();
  const full = new Map<Account, AmountName>();
  const due: Work[] = [];
  const seen = new Set<string>();
  for (const unit of queue) {
    const { account, key } = unit;
    if (seen.has(textOf(key))) continue;
    if (!left.has(account)) {
      left.set(account, account.left());
      kept.set(account, account.keptFor(queue.map((each) => each.key)));
    }
    const before = taken.get(account) ?? nothing;
    const amounts = amountsOf(unit);
    const room = plus(left.get(account) ?? nothing, kept.get(account)?.get(textOf(key)) ?? nothing);
    const limit = full.get(account) ?? tooMuch(plus(before, amounts), room);
    if (limit !== undefined) {
      // Those behind it do not overtake: what runs is a prefix of what was asked for.
      full.set(account, limit);
      limits.set(unit, limit);
      continue;
    }
    seen.add(textOf(key));
    taken.set(account, plus(before, amounts));
    left.set(account, room);
    due.push(unit);
  }
  return due;
}

function reasonOf(limit: AmountName | undefined): StopReason {
  if (limit === undefined || limit === 'usd') return 'cost';
  return limit === 'tokens' ? 'tokens' : 'calls';
}

function isExhausted(thrown: unknown): thrown is HoneError {
  return HoneError.isInstance(thrown) && thrown.code === 'HONE_BUDGET_EXHAUSTED';
}

/** The end of a search by a limit: not an error to its user, but how a search is unwound. */
export function exhausted(reason: StopReason): HoneError {
  return new HoneError(`The search's budget is spent (${reason}).`, {
    code: 'HONE_BUDGET_EXHAUSTED',
    hint: 'Raise --max-calls, --max-tokens, --budget-usd or --max-minutes to search longer.',
    facts: { reason },
  });
}
