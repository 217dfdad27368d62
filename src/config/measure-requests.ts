import { HoneError } from '../base/errors.ts';
import type { Example } from '../dataset/dataset.ts';
import type { Model, ModelRequest } from '../model/model.ts';
import { estimateRequestTokens, estimateTokens } from '../model/token-count.ts';
import type { Program } from '../program/program.ts';

/** What one call takes, as far as it can be known without asking a model. */
export interface CallTokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Tokens of an answer beside its values: names of fields, quotes, brackets. */
const answerOverhead = 8;

/**
 * Renders the first request of some rows and counts its tokens; nothing is called. Further calls of a row
 * depend on answers, so they are taken to be like the first.
 *
 * @returns Tokens of one call, as means over the rows.
 */
export async function measureRequests(
  program: Program,
  examples: readonly Example[],
  model: Model,
): Promise<CallTokens> {
  let inputTokens = 0;
  let outputTokens = 0;
  for (const { inputs, expected, id } of examples) {
    const seen: ModelRequest[] = [];
    const runtime = { models: measuringModels(program, measuringModel(model, seen)), exampleId: id };
    await program.forward(inputs, runtime).catch(ignoreStop);
    const [first] = seen;
    if (first !== undefined) inputTokens += estimateRequestTokens(first);
    outputTokens += estimateTokens(JSON.stringify(expected ?? {})) + answerOverhead;
  }
  const rows = Math.max(1, examples.length);
  return { inputTokens: inputTokens / rows, outputTokens: outputTokens / rows };
}

/** Every role that a step may ask: all are taken to be as long as the task's. */
function measuringModels({ shape }: Program, model: Model): Readonly<Record<string, Model>> {
  const roles = shape.parameters.flatMap(({ part, options = [] }) => (part === 'model' ? options : []));
  return Object.fromEntries(['task', ...roles].map((role) => [role, model]));
}

/** A model that notes what it is asked and answers nothing. */
function measuringModel(model: Model, seen: ModelRequest[]): Model {
  const note = (request: ModelRequest): Promise<never> => {
    seen.push(request);
    return Promise.reject(new HoneError('Only measured.', { code: 'HONE_ANSWER_MISSING' }));
  };
  return {
    id: model.id,
    endpoint: model.endpoint,
    capabilities: model.capabilities,
    generate: note,
    ...(model.scoreChoices !== undefined && { scoreChoices: note }),
  };
}

function ignoreStop(thrown: unknown): void {
  if (!HoneError.isInstance(thrown) || thrown.code !== 'HONE_ANSWER_MISSING') throw thrown;
}
