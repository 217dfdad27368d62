import type { Json, JsonObject } from '../../base/json.ts';
import { beginningOf } from '../../base/plain-text.ts';
import type { Example } from '../../dataset/dataset.ts';
import type { RowResult } from '../../evaluation/evaluation.ts';
import type { StepShape } from '../../program/program.ts';
import { predictStepsOf } from '../../program/trace.ts';
import type { CandidateEvaluation } from '../optimizer.ts';

export interface RowRecordOptions {
  /** Most characters of one value; what is cut says how much. @default 2000 */
  readonly maxCharacters?: number | undefined;
}

/** Most items of a list that a request shows. */
const mostItems = 50;

/** A row with what became of it. */
export interface AnsweredRow {
  readonly example: Example;
  readonly result: RowResult;
}

/**
 * The rows of an evaluation that were answered, with their results, in the order of `examples`. A row that the
 * infrastructure lost is neither right nor wrong, so that nobody is praised or blamed for it.
 */
export function answeredRows(
  { results }: CandidateEvaluation,
  examples: readonly Example[],
): readonly AnsweredRow[] {
  const byId = new Map(results.map((result) => [result.exampleId, result]));
  return examples.flatMap((example) => {
    const result = byId.get(example.id);
    return result === undefined || result.outcome.status === 'infrastructure-error'
      ? []
      : [{ example, result }];
  });
}

/** The value of a row: what it scored, the fail value where it failed, undefined where it has none. */
export function scoreOf({ outcome }: RowResult): number | undefined {
  return 'value' in outcome ? outcome.value : undefined;
}

/** The rows that scored less than full marks, the worst first; rows without a score teach nothing. */
export function failuresOf(rows: readonly AnsweredRow[]): readonly AnsweredRow[] {
  return rows
    .flatMap((row) => {
      const value = scoreOf(row.result);
      return value === undefined || value >= 1 ? [] : [{ row, value }];
    })
    .sort((a, b) => a.value - b.value)
    .map(({ row }) => row);
}

/**
 * A row as whoever rewrites the text of a step should see it: what the step was shown and answered in this run,
 * what the whole program was expected to give, the score and what the scorer says, of this step where it says so.
 * Every value is bounded, so that a prompt made of rows is bounded.
 */
export function rowRecord(
  { example, result }: AnsweredRow,
  step: StepShape,
  { maxCharacters = 2_000 }: RowRecordOptions = {},
): JsonObject {
  const { outcome } = result;
  const run = predictStepsOf(result.trace ?? [], step.name).at(-1);
  const outputs = run?.outputs ?? result.outputs;
  const feedback = feedbackOf(result, step);
  const record: Record<string, Json> = { inputs: run?.inputs ?? example.inputs };
  if (outputs !== undefined) record.outputs = outputs;
  else if (outcome.status === 'failed' && outcome.text !== '') record.answer = outcome.text;
  if (example.expected !== undefined) record.expected = example.expected;
  const value = scoreOf(result);
  if (value !== undefined) record.score = value;
  if (feedback !== undefined) record.feedback = feedback;
  return clipped(record, maxCharacters) as JsonObject;
}

/** A row with what every step of the program was shown and answered, in the order of running. */
export function courseRecord(
  { example, result }: AnsweredRow,
  { maxCharacters = 2_000 }: RowRecordOptions = {},
): JsonObject {
  const steps = (result.trace ?? []).flatMap((step): readonly JsonObject[] =>
    step.kind === 'predict'
      ? [
          {
            step: step.step,
            inputs: step.inputs,
            ...(step.outputs !== undefined && { outputs: step.outputs }),
          },
        ]
      : [],
  );
  const { outcome } = result;
  const value = scoreOf(result);
  const record: Record<string, Json> = { id: example.id, inputs: example.inputs };
  if (steps.length > 1) record.steps = steps;
  if (result.outputs !== undefined) record.outputs = result.outputs;
  if (example.expected !== undefined) record.expected = example.expected;
  if (value !== undefined) record.score = value;
  if ('feedback' in outcome && outcome.feedback !== undefined) record.feedback = outcome.feedback;
  return clipped(record, maxCharacters) as JsonObject;
}

function feedbackOf({ outcome }: RowResult, step: StepShape): string | undefined {
  if (outcome.status === 'failed') {
    const place =
      outcome.step === undefined || outcome.step === step.name ? '' : ` (in step ${outcome.step})`;
    return `${outcome.feedback}${place}`;
  }
  if (outcome.status !== 'scored') return undefined;
  return outcome.stepFeedback?.[step.name] ?? outcome.feedback;
}

/** A row as an example of the task: its inputs and what is expected. */
export function labelledRecord(
  { inputs, expected }: Example,
  { maxCharacters = 2_000 }: RowRecordOptions = {},
): JsonObject {
  return clipped({ inputs, ...(expected !== undefined && { expected }) }, maxCharacters) as JsonObject;
}

/**
 * Values as a request may show them: each text is cut at so many characters and each list at so many items, and says
 * how much is missing.
 */
export function bounded(values: JsonObject, { maxCharacters = 2_000 }: RowRecordOptions = {}): JsonObject {
  return clipped(values, maxCharacters) as JsonObject;
}

function clipped(value: Json, most: number): Json {
  if (typeof value === 'string') {
    const shown = beginningOf(value, most);
    return shown === value ? value : `${shown} … (${value.length - shown.length} more characters)`;
  }
  if (Array.isArray(value)) {
    const items = value.slice(0, mostItems).map((item) => clipped(item, most));
    return value.length <= mostItems ? items : [...items, `… (${value.length - mostItems} more items)`];
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, clipped(inner as Json, most)]));
}
