import type { OptimizationEvent } from '../optimizer/optimizer.ts';
import type { EventRecord } from '../store/store.ts';

/** A candidate as the events of its run tell of it. */
export interface CourseCandidate {
  readonly hash: string;
  readonly number: number;
  origin: string;
  parents: readonly string[];
  because?: string | undefined;
  becauseRows: readonly string[];
  mean?: number | undefined;
  rows: number;
  isEliminated: boolean;
}

/** What the events of a run add up to. */
export interface SearchCourse {
  readonly candidates: readonly CourseCandidate[];
  readonly rejected: readonly { readonly origin: string; readonly reason: string }[];
  readonly curve: readonly {
    readonly at: number;
    readonly candidate: string;
    readonly mean: number;
    readonly rows: number;
  }[];
  readonly phase: string;
  readonly isTesting: boolean;
  readonly notices: readonly string[];
}

/** Adds up the events; what it does not know it leaves out. */
export function courseOf(records: readonly EventRecord[]): SearchCourse {
  const known = new Map<string, CourseCandidate>();
  const of = (hash: string): CourseCandidate => {
    const found = known.get(hash);
    if (found !== undefined) return found;
    const made: CourseCandidate = {
      hash,
      number: known.size,
      origin: known.size === 0 ? 'seed' : 'search',
      parents: [],
      becauseRows: [],
      rows: 0,
      isEliminated: false,
    };
    known.set(hash, made);
    return made;
  };
  const rejected: { origin: string; reason: string }[] = [];
  const curve: { at: number; candidate: string; mean: number; rows: number }[] = [];
  const notices: string[] = [];
  let phase = 'starting';
  let isTesting = false;
  let at = 0;
  for (const { event: stored } of records) {
    // The store holds what this program wrote into it.
    const event = stored as unknown as OptimizationEvent;
    switch (event.type) {
      case 'phase-started':
        phase = event.note === undefined ? event.phase : `${event.phase}: ${event.note}`;
        break;
      case 'candidate-proposed': {
        const candidate = of(event.candidate);
        candidate.origin = event.origin;
        candidate.parents = event.parents;
        candidate.because = event.because?.note;
        candidate.becauseRows = event.because?.rows ?? [];
        break;
      }
      case 'candidate-rejected':
        rejected.push({ origin: event.origin, reason: event.reason });
        break;
      case 'candidate-evaluated': {
        at += event.rows;
        const candidate = of(event.candidate);
        if (event.split !== 'validation' || event.rows < candidate.rows) break;
        candidate.mean = event.mean;
        candidate.rows = event.rows;
        if (event.mean !== undefined)
          curve.push({ at, candidate: event.candidate, mean: event.mean, rows: event.rows });
        break;
      }
      case 'candidate-eliminated':
        of(event.candidate).isEliminated = true;
        break;
      case 'test-evaluated':
        isTesting = true;
        phase = 'the sealed test';
        break;
      case 'confirmation':
        phase = 'confirming the best on all of validation';
        break;
      case 'notice':
        notices.push(event.message);
        break;
      default:
        break;
    }
  }
  return { candidates: [...known.values()], rejected, curve, phase, isTesting, notices };
}
