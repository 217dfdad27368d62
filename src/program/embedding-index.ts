import { checkOptionNames } from '../base/option-names.ts';
import {
  checkEmbeddingModel,
  cosineSimilarity,
  type EmbeddingModel,
  requireVectors,
} from '../model/embedding-model.ts';
import type { CallRecord } from '../model/model.ts';
import {
  bestOf,
  checkPassages,
  type IndexedPassage,
  indexVersion,
  type PassageIndex,
} from './passage-index.ts';

export interface EmbeddingIndexOptions {
  readonly model: EmbeddingModel;
  /** Told of each request for the vectors of the passages: its tokens, cost and time. @default nobody is told */
  readonly observe?: ((record: CallRecord) => void) | undefined;
}

/** Texts that are sent at once; a server may be asked for fewer by the model. */
const batch = 256;

/** Queries whose vectors are kept: the rows of a search ask the same ones again and again. */
const mostQueries = 10_000;

/**
 * Finds passages by what they mean: the cosine of their vectors and the query's. The passages are embedded at the first
 * search, once; a model that cannot be asked then is asked again at the next. Vectors of queries are kept.
 *
 * @throws {HoneError} `HONE_DATASET_INVALID`, `HONE_DATASET_EMPTY` for passages that cannot be indexed;
 *   `HONE_OPTION_INVALID` for what is no embedding model. Searches throw `HONE_MODEL_…`.
 */
export function embeddingIndex(
  passages: readonly IndexedPassage[],
  options: EmbeddingIndexOptions,
): PassageIndex {
  checkOptionNames(options, { model: true, observe: true }, 'embeddingIndex');
  const { model, observe } = options;
  checkEmbeddingModel(model);
  checkPassages(passages);
  const queries = new Map<string, Promise<Float32Array>>();
  let vectors: Promise<readonly Float32Array[]> | undefined;

  const embedPassages = async (): Promise<readonly Float32Array[]> => {
    const all: Float32Array[] = [];
    for (let from = 0; from < passages.length; from += batch) {
      const texts = passages.slice(from, from + batch).map(({ text }) => text);
      all.push(...(await embed(model, texts, { observe })));
    }
    return all;
  };
  const passageVectors = () => {
    vectors ??= embedPassages().catch((fault: unknown) => {
      vectors = undefined;
      throw fault;
    });
    return vectors;
  };
  const queryVector = (query: string, told: typeof observe) => {
    const known = queries.get(query);
    if (known !== undefined) return known;
    const made = embed(model, [query], { observe: told }).then(([vector]) => vector as Float32Array);
    if (queries.size >= mostQueries) queries.delete(queries.keys().next().value ?? '');
    queries.set(query, made);
    made.catch(() => queries.delete(query));
    return made;
  };

  return {
    version: indexVersion('embeddings', passages, { model: model.id, endpoint: model.endpoint ?? model.id }),
    passages,
    async search(query, { count, signal, observe: told }) {
      signal?.throwIfAborted();
      if (query.trim() === '') return [];
      const [known, asked] = await Promise.all([passageVectors(), queryVector(query, told)]);
      signal?.throwIfAborted();
      return bestOf(
        passages,
        known.map((vector, place) => ({ place, score: cosineSimilarity(vector, asked) })),
        count,
      );
    },
  };
}

async function embed(
  model: EmbeddingModel,
  texts: readonly string[],
  { observe }: Pick<EmbeddingIndexOptions, 'observe'>,
): Promise<readonly Float32Array[]> {
  // Shared by all who wait for them, so no single caller's abort may end it.
  const vectors = await model.embed(texts, { observe });
  return requireVectors(vectors, { texts: texts.length, modelId: model.id });
}
