import type { Example } from '../../dataset/dataset.ts';
import type { RowResult } from '../../evaluation/evaluation.ts';
import { type Candidate, type CandidateHash, hashCandidate } from '../../prompt/candidate.ts';
import type { RunEvent } from '../optimizer.ts';
import { shrunkMeans } from '../part/shrunk-mean.ts';
import type { SearchCourse } from '../stop-condition.ts';
import type { CandidateRecord, CurvePoint } from './report.ts';

/** A candidate with what it was scored on so far. */
export interface Scored {
  readonly candidate: Candidate;
  readonly hash: CandidateHash;
  /** By row of validation: its score; undefined for a row that was answered without one. */
  readonly scores: ReadonlyMap<string, number | undefined>;
}

/** Everything that was scored in one search: who leads, and what the report tells. */
export interface Ledger {
  /**
   * Adds what an evaluation gave; rows that are known already change nothing.
   *
   * @param options.silently Without an event: another ledger tells it. @default false
   */
  add(
    candidate: Candidate,
    results: readonly RowResult[],
    options?: { readonly silently?: boolean | undefined },
  ): void;
  eliminate(hash: CandidateHash): void;
  /** The candidates that were scored on validation, best first; the seed is one of them. */
  ranking(): readonly Scored[];
  /** Of the candidates that were scored on train alone, the one that does best beside the seed, if not worse. */
  promising(): Candidate | undefined;
  /** Rows of validation that a candidate was not answered on. */
  missing(candidate: Candidate): number;
  candidates(): readonly CandidateRecord[];
  /** How the search went, for stop conditions. */
  course(): SearchCourse;
  readonly curve: readonly CurvePoint[];
}

export interface LedgerOptions {
  readonly seed: Candidate;
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  /** How a candidate came about. */
  readonly originOf: (
    hash: CandidateHash,
  ) => Pick<CandidateRecord, 'origin' | 'parents' | 'because'> | undefined;
  readonly emit: (event: RunEvent) => void;
}

/** Least share of a candidate's answered rows that must have a score: what is mostly lost leads nothing. */
const leastCoverage = 0.5;

interface Entry {
  readonly candidate: Candidate;
  readonly hash: CandidateHash;
  readonly scores: Map<string, number | undefined>;
  readonly trainScores: Map<string, number | undefined>;
  eliminated: boolean;
}

export function createLedger({ seed, train, validation, originOf, emit }: LedgerOptions): Ledger {
  const inTrain = new Set(train.map(({ id }) => id));
  const inValidation = new Set(validation.map(({ id }) => id));
  const seedHash = hashCandidate(seed);
  const entries = new Map<CandidateHash, Entry>();
  const curve: CurvePoint[] = [];
  let rows = 0;
  let best = Number.NEGATIVE_INFINITY;

  const entryOf = (candidate: Candidate): Entry => {
    const hash = hashCandidate(candidate);
    const known = entries.get(hash);
    if (known !== undefined) return known;
    const entry = { candidate, hash, scores: new Map(), trainScores: new Map(), eliminated: false };
    entries.set(hash, entry);
    return entry;
  };

  return {
    curve,
    add: (candidate, results, { silently = false } = {}) => {
      const entry = entryOf(candidate);
      const { hash, scores, trainScores } = entry;
      for (const { exampleId, outcome } of results) {
        const side = inValidation.has(exampleId) ? scores : trainScores;
        if (!side.has(exampleId)) rows += 1;
        side.set(exampleId, 'value' in outcome ? outcome.value : undefined);
      }
      const values = results.flatMap(({ outcome }) => ('value' in outcome ? [outcome.value] : []));
      const isTrain = results.some(({ exampleId }) => inTrain.has(exampleId) && !inValidation.has(exampleId));
      if (!silently) {
        emit({
          type: 'candidate-evaluated',
          candidate: hash,
          mean: meanOf(values),
          scored: values.length,
          rows: results.length,
          split: isTrain ? 'train' : 'validation',
        });
      }
      const mean = meanOf(known(scores));
      if (isTrain || scores.size < validation.length || mean === undefined) return;
      best = Math.max(best, mean);
      curve.push({ rows, mean, best });
    },
    eliminate: (hash) => {
      const entry = entries.get(hash);
      if (entry !== undefined) entry.eliminated = true;
    },
    ranking: () => rank([...entries.values()], referenceOf(entries, seedHash)),
    promising: () => {
      const known = entries.get(seedHash)?.trainScores;
      const unseen = [...entries.values()].filter(
        ({ hash, scores }) => hash !== seedHash && scores.size === 0,
      );
      const judged = unseen.flatMap((entry) => {
        const differences = differencesOf(entry.trainScores, known);
        return differences.length === 0 ? [] : [{ entry, ...noisyMean(differences) }];
      });
      const shrunk = shrunkMeans(judged);
      const best = shrunk.indexOf(Math.max(...shrunk));
      return (shrunk[best] ?? -1) < 0 ? undefined : judged[best]?.entry.candidate;
    },
    missing: (candidate) => validation.length - (entries.get(hashCandidate(candidate))?.scores.size ?? 0),
    course: () => {
      const scored = [...entries.values()].filter(({ hash, scores }) => hash !== seedHash && scores.size > 0);
      const [leader] = rank([...entries.values()], referenceOf(entries, seedHash));
      return {
        candidates: scored.map(({ scores }) => ({
          mean: meanOf(known(scores)),
          isWhole: scores.size >= validation.length && hasScoresOf(entries.get(seedHash)?.scores, scores),
        })),
        leader: scored.findIndex(({ hash }) => hash === leader?.hash),
      };
    },
    candidates: () =>
      [...entries.values()]
        .filter(({ scores }) => scores.size > 0)
        .map(({ hash, scores, eliminated }) => ({
          hash,
          ...(hash === seedHash ? { origin: 'seed' } : (originOf(hash) ?? { origin: 'not proposed' })),
          mean: meanOf(known(scores)),
          rows: scores.size,
          scored: known(scores).length,
          eliminated,
        })),
  };
}

/** Whether every row that the seed has a score for has one here: a mean without the lost rows reaches no target. */
function hasScoresOf(
  seed: ReadonlyMap<string, number | undefined> | undefined,
  scores: ReadonlyMap<string, number | undefined>,
): boolean {
  return [...(seed ?? [])].every(([id, value]) => value === undefined || scores.get(id) !== undefined);
}

/**
 * Best first by the shrunk mean difference to the seed on the rows that both have a score for, so that a
 * candidate is not better for having met easier rows. Ties keep the older.
 */
function rank(entries: readonly Entry[], reference: Entry | undefined): readonly Scored[] {
  const judged = entries.flatMap((entry) => {
    const scores = known(entry.scores);
    if (scores.length === 0 || scores.length < leastCoverage * entry.scores.size) return [];
    const differences = differencesOf(entry.scores, reference?.scores);
    return differences.length === 0 ? [] : [{ entry, ...noisyMean(differences) }];
  });
  const shrunk = shrunkMeans(judged);
  return judged
    .map(({ entry, mean }, index) => ({ entry, mean, shrunk: shrunk[index] ?? mean }))
    .sort((a, b) => b.shrunk - a.shrunk || b.mean - a.mean)
    .map(({ entry: { candidate, hash, scores } }) => ({ candidate, hash, scores }));
}

/** By how much the scores are better, on the rows that both have one for. */
function differencesOf(
  scores: ReadonlyMap<string, number | undefined>,
  before: ReadonlyMap<string, number | undefined> | undefined,
): readonly number[] {
  return [...scores].flatMap(([id, value]) => {
    const old = before?.get(id);
    return value === undefined || old === undefined ? [] : [value - old];
  });
}

/** The seed, else (a nested search need not score it) the candidate that was scored on most rows. */
function referenceOf(entries: ReadonlyMap<CandidateHash, Entry>, seed: CandidateHash): Entry | undefined {
  const own = entries.get(seed);
  if (own !== undefined && known(own.scores).length > 0) return own;
  return [...entries.values()].reduce<Entry | undefined>(
    (most, entry) => (entry.scores.size > (most?.scores.size ?? 0) ? entry : most),
    undefined,
  );
}

function noisyMean(values: readonly number[]) {
  const mean = meanOf(values) ?? 0;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean,
    count: values.length,
    variance: values.length < 2 ? undefined : squares / (values.length - 1),
  };
}

function known(scores: ReadonlyMap<string, number | undefined>): readonly number[] {
  return [...scores.values()].filter((value) => value !== undefined);
}

function meanOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
