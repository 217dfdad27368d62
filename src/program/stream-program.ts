import { followSignal } from '../base/abort.ts';
import { HoneError } from '../base/errors.ts';
import type { Model, ModelResponse } from '../model/model.ts';
import { valueText } from '../prompt/template.ts';
import { fieldReader } from './field-reader.ts';
import { withAround } from './model-of-role.ts';
import type { Prediction, ProgramShape, Runtime, StepShape } from './program.ts';

/** What a stream says of the chosen output. */
export type StreamedText =
  /** This follows what was said since the last `reset`. */
  | { readonly type: 'text'; readonly text: string; readonly step: string }
  /** What was said so far counts no more: the step is asked again, or the whole answer reads otherwise. */
  | { readonly type: 'reset'; readonly step: string };

/**
 * A row that is being answered. The texts since the last `reset`, joined, are the output's value when the stream has
 * ended well. Whoever stops reading early ends the row.
 */
export interface ProgramStream<Outputs> extends AsyncIterable<StreamedText> {
  /** How the row ended: what `forward` gives. Rejects as `forward` does. */
  result(): Promise<Prediction<Outputs>>;
}

export interface StreamOptions<Outputs> extends Runtime {
  /** The output that is said while it is written. */
  readonly field: keyof Outputs & string;
  /** The step whose answer it is. @default the last one with an output of that name */
  readonly step?: string | undefined;
}

/** What is needed to stream a program. */
interface Streamed<Inputs, Outputs> {
  readonly shape: ProgramShape;
  forward(inputs: Inputs, runtime?: Runtime): Promise<Prediction<Outputs>>;
}

/**
 * Answers one row and says one output while a model writes it. Where the model cannot stream, or the answer comes
 * from the cache, it is said at once.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` when the program has no such output, or no step to take it from.
 */
export function streamProgram<Inputs, Outputs>(
  program: Streamed<Inputs, Outputs>,
  inputs: Inputs,
  options: StreamOptions<Outputs>,
): ProgramStream<Outputs> {
  const { field, step: named, ...runtime } = options;
  const step = streamedStep(program.shape, field, named);
  const output = step.outputs.find(({ name }) => name === field) ?? step.outputs[0];
  const run = followSignal(runtime.signal);
  const waiting: StreamedText[] = [];
  let wake: () => void = () => undefined;
  let ended = false;
  let said = '';
  let attempt = 0;
  const tell = (event: StreamedText) => {
    said = event.type === 'reset' ? '' : said + event.text;
    waiting.push(event);
    wake();
  };
  const reset = () => {
    if (said !== '') tell({ type: 'reset', step: step.name });
  };

  const listened = (model: Model): Model => {
    const { stream } = model;
    if (stream === undefined) return model;
    return {
      ...model,
      generate: async (request, call): Promise<ModelResponse> => {
        attempt += 1;
        const own = attempt;
        reset();
        const reader = fieldReader(output?.name ?? field, { isOnly: step.outputs.length === 1 });
        for await (const delta of stream.call(model, request, call)) {
          if (delta.type === 'finish') return delta.response;
          const text = reader.push(delta.text);
          // Of answers that are written at the same time the last one begun is said.
          if (text !== '' && own === attempt) tell({ type: 'text', text, step: step.name });
        }
        throw new HoneError(`The stream of ${model.id} ended without an answer.`, {
          code: 'HONE_MODEL_BAD_REPLY',
          hint: 'Ask again.',
          facts: { retryable: true },
        });
      },
    };
  };

  const result = program
    .forward(
      inputs,
      withAround({ ...runtime, signal: run.signal }, (model, asked) =>
        asked.step === step.name ? listened(model) : model,
      ),
    )
    .then((prediction) => {
      if (prediction.status === 'completed') {
        const value = valueText((prediction.outputs as Readonly<Record<string, never>>)[field]);
        if (!value.startsWith(said)) reset();
        if (value !== said) tell({ type: 'text', text: value.slice(said.length), step: step.name });
      }
      return prediction;
    })
    .finally(() => {
      ended = true;
      run.release();
      wake();
    });
  // Whoever reads the texts or asks for the result is told.
  result.catch(() => undefined);

  async function* texts(): AsyncGenerator<StreamedText, void, void> {
    try {
      while (!ended || waiting.length > 0) {
        const event = waiting.shift();
        if (event !== undefined) yield event;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
            if (ended || waiting.length > 0) resolve();
          });
        }
      }
      await result;
    } finally {
      if (!ended) run.abort(new DOMException('The reader of the stream left.', 'AbortError'));
    }
  }
  return { result: () => result, [Symbol.asyncIterator]: texts };
}

function streamedStep(shape: ProgramShape, field: string, named: string | undefined): StepShape {
  const isOutput = shape.outputs.some(({ name }) => name === field);
  if (!isOutput) {
    throw new HoneError(`The program "${shape.name}" has no output "${field}" to stream.`, {
      code: 'HONE_OPTION_INVALID',
      hint: `Choose among ${shape.outputs.map(({ name }) => name).join(', ')}.`,
    });
  }
  const gives = ({ outputs }: StepShape) => outputs.some(({ name }) => name === field);
  const step =
    named === undefined ? shape.steps.findLast(gives) : shape.steps.find(({ name }) => name === named);
  if (step !== undefined && (gives(step) || (named !== undefined && step.outputs.length === 1))) return step;
  throw new HoneError(
    `No step of "${shape.name}"${named === undefined ? '' : ` called "${named}"`} writes "${field}".`,
    {
      code: 'HONE_OPTION_INVALID',
      hint: `Name the step in \`step\`: ${shape.steps.map(({ name }) => name).join(', ')}.`,
    },
  );
}
