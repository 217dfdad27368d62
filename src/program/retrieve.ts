import { HoneError } from '../base/errors.ts';
import { checkOptionNames } from '../base/option-names.ts';
import type { CallRecord } from '../model/model.ts';
import { parameterName, parameterOf } from '../prompt/candidate.ts';
import { signature } from '../signature/shorthand.ts';
import { createProgram } from './create-program.ts';
import type { PassageIndex } from './passage-index.ts';
import type { Program } from './program.ts';
import type { RetrieveTraceStep } from './trace.ts';

export interface RetrieveOptions {
  /** Names it: how many passages it gives is the parameter `<name>.count`. @default 'retrieve' */
  readonly name?: string | undefined;
  /** How many passages it gives to start with, 1 to 50. @default 3 */
  readonly count?: number | undefined;
  /** The most that a search may try, `count` to 50. @default 10 */
  readonly mostCount?: number | undefined;
  /** Told of each request that a model was asked for a search. @default nobody is told */
  readonly observe?: ((record: CallRecord) => void) | undefined;
}

export interface RetrieveInputs {
  readonly query: string;
  /** Passages that are known already: others are given instead. @default none */
  readonly known?: readonly string[] | undefined;
}

const retrieveSignature = signature('query, known?: string[] -> passages: string[]', {
  descriptions: { known: 'passages that are known already: others are given' },
});

/**
 * Looks a query up in an index, without asking a model for text: the texts of the passages that fit it best. How many is
 * a parameter. In the trace it is a `retrieve` step, whose passages have their ids.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for what is no index, or a count out of range. Running, what the index
 *   throws.
 */
export function retrieve(
  index: PassageIndex,
  options: RetrieveOptions = {},
): Program<RetrieveInputs, { readonly passages: readonly string[] }> {
  checkOptionNames(options, { name: true, count: true, mostCount: true, observe: true }, 'retrieve');
  const { name = 'retrieve', count = 3, mostCount = Math.max(10, count), observe } = options;
  if (typeof index?.search !== 'function' || typeof index.version !== 'string') {
    throw invalid(
      'retrieve takes an index of passages.',
      'Make it with keywordIndex(), embeddingIndex() or fusedIndex().',
    );
  }
  if (
    !Number.isInteger(count) ||
    count < 1 ||
    !Number.isInteger(mostCount) ||
    mostCount < count ||
    mostCount > 50
  ) {
    throw invalid(
      `${name} gives ${count} passages, ${mostCount} at most.`,
      'Give whole numbers: `count` from 1, `mostCount` from there to 50.',
    );
  }
  const parameter = parameterName(name, 'count');
  return createProgram({
    name,
    version: `retrieve-1 ${index.version}`,
    signature: retrieveSignature,
    steps: [],
    parameters: [
      {
        name: parameter,
        kind: 'number',
        step: name,
        part: 'count',
        bounds: [1, mostCount],
        description: 'how many passages are shown, as a whole number',
      },
    ],
    seed: { [parameter]: { kind: 'number', value: count } },
    calls: () => ({ typical: 0, most: 0 }),
    async forward({ query, known = [] }, { candidate, signal }) {
      const wanted = Math.round(parameterOf(candidate, parameter, 'number')?.value ?? count);
      const skipped = new Set(known);
      const all = await index.search(query, { count: wanted + skipped.size, signal, observe });
      const found = all.filter(({ passage }) => !skipped.has(passage.text)).slice(0, wanted);
      const step: RetrieveTraceStep = {
        kind: 'retrieve',
        id: name,
        query,
        passages: found.map(({ passage }) => passage),
      };
      const passages = found.map(({ passage }) => passage.text);
      return { status: 'completed', outputs: { passages }, trace: [step] };
    },
  });
}

function invalid(message: string, hint: string): HoneError {
  return new HoneError(message, { code: 'HONE_OPTION_INVALID', hint });
}
