import { settledLater } from '../../base/settled-later.ts';
import type { Outcome, RowResult, RowUsage } from '../../evaluation/evaluation.ts';
import type { CandidateHash } from '../../prompt/candidate.ts';
import type { OutcomeRecord, RunOwner, Store } from '../../store/store.ts';
import type { AskResult } from '../optimizer.ts';

/** What names an effect within its run: a row with candidate and trial, or a request with its draw and content. */
export interface EffectKey {
  readonly effect: 'row' | 'reflection';
  /** Hash of the candidate; of a request, of its content. */
  readonly candidate: string;
  /** Id of the row; of a request, its draw. */
  readonly example: string;
  readonly trial: number;
}

/** A request of the search and what came of it. */
export interface AskRecord {
  readonly result: AskResult;
  readonly usage: RowUsage;
}

/** What became of one effect, in memory for the whole run: of a row, its figures alone. */
export type Settled =
  | { readonly kind: 'row'; readonly row: RowResult }
  | { readonly kind: 'ask'; readonly ask: AskRecord };

/** Everything that a run has answered, by this process and by earlier ones: what is in it is not asked again. */
export interface EffectRecord {
  get(key: EffectKey): Settled | undefined;
  /** Effects known, lost rows among them. */
  readonly size: number;
  /** Dollars that earlier processes paid for what they recorded. */
  readonly spentUsd: number;
  /** Rows of earlier processes, for the totals of the run. */
  readonly earlier: readonly Settled[];
  /** Keeps an answered row: its figures here, its text in the store alone. */
  addRow(key: EffectKey, result: RowResult): void;
  addAsk(key: EffectKey, ask: AskRecord): void;
  /** A row that was lost, for this process only: until it is kept, the next process asks again. */
  addLost(key: EffectKey, result: RowResult): void;
  /** Keeps the rows that were lost so far: from here on a replay loses them too. */
  keepLost(): void;
  /** The whole results of rows, from the store. Rows that were lost and not kept are missing. */
  read(keys: readonly EffectKey[]): Promise<ReadonlyMap<string, RowResult>>;
  /** Resolves when all that was added is committed. */
  committed(): Promise<void>;
}

/** A row with one candidate. */
export function rowKey(candidate: string, exampleId: string, trial = 0): EffectKey {
  return { effect: 'row', candidate, example: exampleId, trial };
}

/** One text for each key. */
export function textOf({ effect, candidate, example, trial }: EffectKey): string {
  return `${effect} ${candidate} ${trial} ${example}`;
}

export interface EffectRecordOptions {
  readonly store: Store;
  readonly owner: RunOwner;
  /** Hash of the scorers. */
  readonly scorer: string;
}

/** Opens what earlier processes have recorded, read once and without its text. */
export async function openEffectRecord({ store, owner, scorer }: EffectRecordOptions): Promise<EffectRecord> {
  const known = new Map<string, Settled>();
  const lost = new Map<string, { readonly key: EffectKey; readonly result: RowResult }>();
  let spentUsd = 0;
  for await (const outcome of store.outcomes.read(owner.runId)) {
    const settled = toFigures(readSettled(outcome));
    known.set(textOf(outcome as EffectKey), settled);
    spentUsd += usageOf(settled).spentUsd ?? 0;
  }
  let writes: Promise<void>[] = [];
  const write = (key: EffectKey, value: object) => {
    const outcome = JSON.stringify(value);
    writes.push(settledLater(store.outcomes.write(owner, { ...key, scorer, outcome })));
  };
  const committed = async () => {
    const waiting = writes;
    writes = [];
    await Promise.all(waiting);
  };

  return {
    spentUsd,
    earlier: [...known.values()],
    get: (key) => known.get(textOf(key)),
    get size() {
      return known.size;
    },
    addRow: (key, result) => {
      write(key, stored(result));
      known.set(textOf(key), toFigures({ kind: 'row', row: result }));
    },
    addAsk: (key, ask) => {
      write(key, ask);
      known.set(textOf(key), { kind: 'ask', ask });
    },
    addLost: (key, result) => {
      lost.set(textOf(key), { key, result });
      known.set(textOf(key), { kind: 'row', row: result });
    },
    keepLost: () => {
      for (const { key, result } of lost.values()) write(key, stored(result));
      lost.clear();
    },
    read: async (keys) => {
      await committed();
      const rows = new Map<string, RowResult>();
      const wanted = keys.map((key) => ({ ...key, scorer }));
      for (const outcome of await store.outcomes.get(owner.runId, wanted)) {
        if (outcome === undefined) continue;
        const settled = readSettled(outcome);
        if (settled.kind === 'row') rows.set(textOf(outcome as EffectKey), settled.row);
      }
      return rows;
    },
    committed,
  };
}

export function usageOf(settled: Settled): RowUsage {
  return settled.kind === 'row' ? settled.row.usage : settled.ask.usage;
}

function stored({ candidate: _, exampleId: __, trial: ___, ...rest }: RowResult): object {
  return rest;
}

function readSettled({ effect, candidate, example, trial, outcome }: OutcomeRecord): Settled {
  const value = JSON.parse(outcome);
  if (effect === 'reflection') return { kind: 'ask', ask: value as AskRecord };
  const row = { candidate: candidate as CandidateHash, exampleId: example, trial, ...value } as RowResult;
  return { kind: 'row', row };
}

/** A row without its text: what a search of any length can hold in memory. */
function toFigures(settled: Settled): Settled {
  if (settled.kind === 'ask') return settled;
  const { candidate, exampleId, trial, outcome, usage } = settled.row;
  return { kind: 'row', row: { candidate, exampleId, trial, outcome: withoutText(outcome), usage } };
}

function withoutText(outcome: Outcome): Outcome {
  switch (outcome.status) {
    case 'scored': {
      const { status, value, objectives } = outcome;
      return { status, value, ...(objectives !== undefined && { objectives }) };
    }
    case 'failed':
      return { ...outcome, feedback: '', text: '' };
    default:
      return outcome;
  }
}
