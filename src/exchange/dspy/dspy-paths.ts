import { defaultStep } from '../../prompt/candidate.ts';
import { barePath } from './dspy-state.ts';

/** The step that a DSPy path stands for: `gist.predict` is `gist`, a bare predictor or a lone `predict` is `answer`. */
export function stepOfPath(path: string): string {
  if (path === barePath || path === 'predict' || path === 'self') return defaultStep;
  const plain = path.replace(/\.predict$/, '').replaceAll(/[^\p{L}\p{N}_-]+/gu, '_');
  return plain.replaceAll(/^_+|_+$/g, '') || defaultStep;
}

/** Each path with a step name of its own. */
export function stepsOfPaths(paths: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  return new Map(
    paths.map((path) => {
      const wanted = stepOfPath(path);
      let name = wanted;
      for (let count = 2; taken.has(name); count += 1) name = `${wanted}_${count}`;
      taken.add(name);
      return [path, name];
    }),
  );
}
