import type { Json, JsonObject } from '../base/json.ts';
import type { Outcome, RowResult } from '../evaluation/evaluation.ts';
import type { OutcomeRecord, Store } from '../store/store.ts';
import type { RowStatus } from './views.ts';

/** A row of a run with what tables sort, filter and show: some hundred bytes, however long its texts are. */
export interface IndexedRow {
  readonly id: string;
  status: RowStatus;
  /** By the first scorer, one a trial; null where there is none. */
  readonly trials: (number | null)[];
  /** By each scorer, one list a scorer. */
  readonly scores: (number | null)[][];
  readonly input: string;
  readonly output: string;
  readonly expected: string;
  /** What a search looks through, in small letters. */
  readonly text: string;
  /** Short values of fields, for slices. */
  readonly fields: Readonly<Record<string, string>>;
  latencyMs: number;
  costUsd: number | undefined;
  isCached: boolean;
}

/** The rows of one run and candidate, in the order of storing. */
export interface RowIndex {
  readonly rows: readonly IndexedRow[];
  /** Of the further scorers, in their order; the first one has no name in a row. */
  readonly others: readonly string[];
  /** Which candidate and which scorers the rows are keyed by. */
  readonly candidate: string;
  readonly scorer: string;
  /** Answers that it was made from: it has changed where there are more. */
  readonly answers: number;
  byId(id: string): IndexedRow | undefined;
}

export interface RowIndexes {
  /** Read once; of a run under way what has come since is added. */
  open(runId: string, candidate?: string): Promise<RowIndex | undefined>;
}

/** Runs whose rows are held in memory at once. */
const mostIndexes = 6;
/** Characters of a text that a table shows and searches. */
export const previewLength = 400;
const longestFieldValue = 60;

interface Growing {
  index: {
    rows: IndexedRow[];
    others: string[];
    candidate: string;
    scorer: string;
    answers: number;
    byId: RowIndex['byId'];
  };
  read: number;
  byId: Map<string, IndexedRow>;
}

export function createRowIndexes(store: Store): RowIndexes {
  const kept = new Map<string, Growing>();
  const waiting = new Map<string, Promise<unknown>>();

  const grow = async (runId: string, candidate: string | undefined): Promise<RowIndex | undefined> => {
    const key = `${runId} ${candidate ?? ''}`;
    const growing = kept.get(key) ?? emptyIndex();
    const filter = { effect: 'row', ...(candidate !== undefined && { candidate }) } as const;
    for await (const record of store.outcomes.read(runId, { ...filter, from: growing.read })) {
      add(growing, record);
      growing.read += 1;
    }
    kept.delete(key);
    kept.set(key, growing);
    for (const old of kept.keys()) {
      if (kept.size <= mostIndexes) break;
      kept.delete(old);
    }
    return growing.read === 0 ? undefined : growing.index;
  };

  return {
    async open(runId, candidate) {
      const key = `${runId} ${candidate ?? ''}`;
      // Two readers at once must not add the same rows twice.
      const next = (waiting.get(key) ?? Promise.resolve())
        .catch(() => undefined)
        .then(() => grow(runId, candidate));
      waiting.set(key, next);
      try {
        return await next;
      } finally {
        if (waiting.get(key) === next) waiting.delete(key);
      }
    },
  };
}

function emptyIndex(): Growing {
  const byId = new Map<string, IndexedRow>();
  return {
    index: { rows: [], others: [], candidate: '', scorer: '', answers: 0, byId: (id) => byId.get(id) },
    read: 0,
    byId,
  };
}

function add({ index, byId }: Growing, record: OutcomeRecord): void {
  // The store holds what this program wrote into it.
  const stored = JSON.parse(record.outcome) as StoredRow;
  const { outcome, others = {}, usage } = stored;
  index.answers += 1;
  index.candidate = record.candidate;
  index.scorer = record.scorer;
  for (const name of Object.keys(others)) if (!index.others.includes(name)) index.others.push(name);
  const known = byId.get(record.example);
  const row = known ?? newRow(record.example, stored);
  if (known === undefined) {
    byId.set(record.example, row);
    index.rows.push(row);
  } else {
    row.latencyMs += usage.latencyMs;
    row.costUsd = sumKnown(row.costUsd, usage.costUsd);
    row.isCached &&= usage.calls > 0 && usage.cachedCalls === usage.calls;
  }
  row.trials[record.trial] = scoreOf(outcome);
  row.status = statusOf(row, outcome, known === undefined ? undefined : row.status);
  const all = [outcome, ...index.others.map((name) => others[name])];
  for (const [place, one] of all.entries()) {
    row.scores[place] ??= [];
    (row.scores[place] as (number | null)[])[record.trial] = one === undefined ? null : scoreOf(one);
  }
}

export type StoredRow = Omit<RowResult, 'candidate' | 'exampleId' | 'trial'>;

function newRow(id: string, { inputs = {}, outputs, expected = {}, outcome, usage }: StoredRow): IndexedRow {
  const raw = outcome.status === 'failed' ? outcome.text : '';
  const input = preview(inputs);
  const output = outputs === undefined ? clip(raw) : preview(outputs);
  const wanted = preview(expected);
  return {
    id,
    status: 'unscored',
    trials: [],
    scores: [],
    input,
    output,
    expected: wanted,
    text: `${id}\n${input}\n${output}\n${wanted}`.toLowerCase(),
    fields: shortFields({ ...inputs, ...expected }),
    latencyMs: usage.latencyMs,
    costUsd: usage.costUsd,
    isCached: usage.calls > 0 && usage.cachedCalls === usage.calls,
  };
}

/** @param before What earlier trials of the row came to. */
export function statusOf(
  row: Pick<IndexedRow, 'trials'>,
  outcome: Outcome,
  before?: RowStatus | undefined,
): RowStatus {
  // One unusable or lost trial is what a reader must see first.
  if (outcome.status === 'infrastructure-error' || before === 'lost') return 'lost';
  if (outcome.status === 'failed' || before === 'failed') return 'failed';
  const values = row.trials.filter((value): value is number => typeof value === 'number');
  if (values.length === 0) return 'unscored';
  if (values.every((value) => value === 1)) return 'right';
  return values.every((value) => value === 0) ? 'wrong' : 'partial';
}

export function scoreOf(outcome: Outcome): number | null {
  return outcome.status === 'scored' || outcome.status === 'failed' ? outcome.value : null;
}

function shortFields(values: JsonObject): Readonly<Record<string, string>> {
  const short: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    const text = textOf(value);
    if (text.length <= longestFieldValue) short[name] = text;
  }
  return short;
}

/** Values as one line: a single field without its name. */
function preview(values: JsonObject): string {
  const fields = Object.entries(values);
  if (fields.length === 1) return clip(textOf(fields[0]?.[1]));
  return clip(fields.map(([name, value]) => `${name}: ${textOf(value)}`).join(' · '));
}

export function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function clip(text: string): string {
  const flat = text.slice(0, previewLength * 2).replaceAll(/\s+/gu, ' ');
  return flat.length <= previewLength ? flat : `${flat.slice(0, previewLength - 1)}…`;
}

function sumKnown(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}
