import { compareExperiments } from '../experiment/compare-experiments.ts';
import type { ExperimentComparison } from '../experiment/experiment.ts';
import { openExperiment } from '../experiment/stored-experiment.ts';
import { readRun } from './experiment-view.ts';
import type { Setting } from './setting.ts';

/** Comparisons that are held: finished experiments do not change. */
const mostComparisons = 60;

export interface ComparisonRequest {
  /** Ids, the baseline first. */
  readonly baseline: string;
  readonly challengers: readonly string[];
  /** A field whose values are slices. */
  readonly by?: string | undefined;
}

/** Compares finished experiments, each question once. */
export interface Comparisons {
  compare(request: ComparisonRequest): Promise<readonly ExperimentComparison[]>;
}

export function createComparisons(setting: Pick<Setting, 'workspace'>): Comparisons {
  const kept = new Map<string, Promise<readonly ExperimentComparison[]>>();
  const work = async ({ baseline, challengers, by }: ComparisonRequest) => {
    const { store } = setting.workspace;
    const open = async (id: string) => openExperiment(store, await readRun(setting, id));
    const experiments = [];
    for (const id of challengers) experiments.push(await open(id));
    return compareExperiments({ baseline: await open(baseline), challengers: experiments, by });
  };
  return {
    compare(request) {
      const key = JSON.stringify(request);
      const known = kept.get(key);
      if (known !== undefined) return known;
      const made = work(request);
      kept.set(key, made);
      // What failed may succeed later: an evaluation may have ended meanwhile.
      made.catch(() => kept.delete(key));
      for (const old of kept.keys()) {
        if (kept.size <= mostComparisons) break;
        kept.delete(old);
      }
      return made;
    },
  };
}
