import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { checkOptionNames } from '../base/option-names.ts';
import type { Model } from '../model/model.ts';
import type { Field, Signature } from '../signature/signature.ts';
import { program, type StepCall } from './custom-program.ts';
import type { PassageIndex } from './passage-index.ts';
import { type PredictOptions, predict } from './predict.ts';
import type { AnyProgram, Program } from './program.ts';
import { type RetrieveOptions, retrieve } from './retrieve.ts';

export interface MultiHopOptions extends Pick<RetrieveOptions, 'count' | 'mostCount' | 'observe'> {
  readonly index: PassageIndex;
  /** Queries before the answer, 1 to 5: each has a text and demos of its own. @default 2 */
  readonly hops?: number | undefined;
  /** @default 'multi-hop' */
  readonly name?: string | undefined;
  /** What the first query writer is told to start with. @default a sentence that asks for what to look up first */
  readonly firstQuery?: string | undefined;
  /** What the later ones are told to start with. @default a sentence that asks for what is still missing */
  readonly nextQuery?: string | undefined;
  /** Of every step that asks a model. @default those of predict() */
  readonly predict?:
    | Pick<PredictOptions, 'format' | 'models' | 'temperature' | 'maxOutputTokens'>
    | undefined;
  /** The model that answers when the caller names none. @default the embedded local model */
  readonly model?: Model | string | undefined;
}

const firstHop =
  'Write what to look up first in order to answer the question: a few words that the passage is likely to hold.';
const nextHop =
  'The passages that were found may not suffice. Write what to look up next in order to answer the question: name what they have made known.';

const queryField: Field = {
  name: 'query',
  schema: { type: 'string' },
  description: 'a few words to look up',
};
const passagesField: Field = {
  name: 'passages',
  schema: { type: 'array', items: { type: 'string' } },
  description: 'what was found',
};

/**
 * Looks up more than once before it answers: a query, the passages that it finds, a query that knows them, and so on,
 * then the answer from all of them. Its steps are `query1`, `query2` and so on, and `answer`; all are optimized
 * jointly, so that the writers of queries learn what the index needs. Each query finds
 * passages that are not known yet.
 *
 * @throws {HoneError} `HONE_SIGNATURE_INVALID` when the signature has a field called `query` or `passages` already;
 *   `HONE_OPTION_INVALID` for a number of hops that is none, or what is no index.
 * @see Khattab et al. 2021, "Baleen: Robust Multi-Hop Reasoning at Scale via Condensed Retrieval",
 *   https://arxiv.org/abs/2101.00436; passages are shown whole instead of condensed.
 */
export function multiHop<Inputs, Outputs>(
  task: Signature<Inputs, Outputs>,
  options: MultiHopOptions,
): Program<Inputs, Outputs> {
  checkOptionNames(
    options,
    {
      index: true,
      hops: true,
      name: true,
      firstQuery: true,
      nextQuery: true,
      predict: true,
      model: true,
      count: true,
      mostCount: true,
      observe: true,
    },
    'multiHop',
  );
  const { index, hops = 2, name = 'multi-hop', firstQuery = firstHop, nextQuery = nextHop, model } = options;
  checkTask(task as Signature, { name, hops });
  const { '~types': _, ...plain } = task;
  const settings = { ...options.predict, model };
  const queries = Array.from({ length: hops }, (_unused, hop) => {
    const inputs = hop === 0 ? plain.inputs : [...plain.inputs, passagesField];
    const instructions = hop === 0 ? firstQuery : nextQuery;
    return predict({ instructions, inputs, outputs: [queryField] }, { ...settings, name: `query${hop + 1}` });
  });
  const answer = predict(
    { ...plain, inputs: [...plain.inputs, passagesField] },
    { ...settings, name: 'answer' },
  );
  const { count, mostCount, observe } = options;
  const lookUp = retrieve(index, { count, mostCount, observe });
  const steps: Readonly<Record<string, AnyProgram>> = {
    ...Object.fromEntries(queries.map((query) => [query.shape.name, query])),
    retrieve: lookUp,
    answer,
  };
  return program(
    name,
    { signature: task, steps, version: `multi-hop-1 ${hops}`, times: { retrieve: hops } },
    async ({ inputs, steps: calls }) => {
      const found = new Set<string>();
      const call = (step: string) => calls[step] as StepCall<Program<JsonObject, JsonObject>>;
      for (const [hop, query] of queries.entries()) {
        const known = hop === 0 ? {} : { passages: [...found] };
        const written = await call(query.shape.name)({ ...(inputs as JsonObject), ...known });
        const { passages } = await call('retrieve')({ query: written.query, known: [...found] });
        for (const passage of passages as readonly string[]) found.add(passage);
      }
      return (await call('answer')({ ...(inputs as JsonObject), passages: [...found] })) as Outputs;
    },
  );
}

function checkTask(task: Signature, { name, hops }: { readonly name: string; readonly hops: number }): void {
  const taken = [...task.inputs, ...task.outputs].find(
    (field) => field.name === 'query' || field.name === 'passages',
  );
  if (taken !== undefined) {
    throw new HoneError(`The signature of "${name}" has a field called "${taken.name}" already.`, {
      code: 'HONE_SIGNATURE_INVALID',
      hint: 'Rename the field: multiHop uses `query` and `passages` itself.',
    });
  }
  if (Number.isInteger(hops) && hops >= 1 && hops <= 5) return;
  throw new HoneError(`"${name}" cannot look up ${hops} times.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'Give `hops` from 1 to 5.',
  });
}
