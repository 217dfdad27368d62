import type { JsonObject } from '../../base/json.ts';
import { ownOf, setOwn } from '../../base/own-property.ts';
import type { Example } from '../../dataset/dataset.ts';
import type { RowResult } from '../../evaluation/evaluation.ts';
import type { ProgramShape, StepShape } from '../../program/program.ts';
import { predictStepsOf } from '../../program/trace.ts';
import type { Candidate, Demo } from '../../prompt/candidate.ts';
import type { OptimizationContext } from '../optimizer.ts';
import { labelledDemos } from './demo-sets.ts';

/** A training row with how it was answered. */
export interface TracedRow {
  readonly example: Example;
  readonly result: RowResult;
}

/** The demos that each step may be shown, by its name. */
export type DemoPools = ReadonlyMap<string, readonly Demo[]>;

/** Rows answered for each demo wanted: so many that demo sets differ. */
const rowsPerDemo = 3;
/** Least share of what is left to spend that stays for the search itself: three quarters. */
const keptBack = 4;

/**
 * Whether rows alone make no demos of a step: it takes what other steps give, or gives what only they take.
 */
export function isInner(step: StepShape, program: ProgramShape): boolean {
  const taken = new Set(program.inputs.map(({ name }) => name));
  const given = new Set(program.outputs.map(({ name }) => name));
  return (
    step.inputs.some(({ name, optional }) => !optional && !taken.has(name)) ||
    !step.outputs.some(({ name }) => given.has(name))
  );
}

/** Most training rows that are answered to make the demos of inner steps; 0 where there are none. */
export function rowsForPools(
  program: ProgramShape,
  { train, demos }: { readonly train: number; readonly demos: number },
): number {
  return program.steps.some((step) => isInner(step, program)) ? Math.min(train, rowsPerDemo * demos) : 0;
}

/**
 * The demos of every step. Where rows alone make none, the seed answers some training rows, and what a step took
 * there with the row's label, or what it gave where the answer was right, makes them.
 */
export async function demoPools(context: OptimizationContext, demos: number): Promise<DemoPools> {
  const { program, train } = context;
  const pools = new Map(program.steps.map((step) => [step.name, labelledDemos(train, step)]));
  const inner = program.steps.filter((step) => pools.get(step.name)?.length === 0 && isInner(step, program));
  if (inner.length === 0) return pools;
  const traced = await tracedRows(context, demos);
  for (const step of inner) pools.set(step.name, demosOfTraced(traced, step));
  return pools;
}

async function tracedRows(
  { program, seed, train, random, evaluate, budget }: OptimizationContext,
  demos: number,
): Promise<readonly TracedRow[]> {
  const most = rowsForPools(program, { train: train.length, demos });
  let rows = random.fork('rows for demos').shuffle(train).slice(0, most);
  while (rows.length > 0 && !budget.allows(keptBack * rows.length, seed)) rows = rows.slice(0, -1);
  if (rows.length === 0) return [];
  const { results } = await evaluate(seed, rows, { traces: true });
  return results.flatMap((result, index) => {
    const example = rows[index];
    return example === undefined ? [] : [{ example, result }];
  });
}

/** Demos of an inner step: by label where the rows have one for it, else of the rows that were answered right. */
export function demosOfTraced(traced: readonly TracedRow[], step: StepShape): readonly Demo[] {
  return traced.flatMap((row) => labelledTrace(row, step) ?? rightTrace(row, step) ?? []);
}

/** What the step took on this row, with the row's own label as its answer. */
export function labelledTrace({ example, result }: TracedRow, step: StepShape): Demo | undefined {
  const inputs = lastRun(result, step)?.inputs;
  const outputs: Record<string, JsonObject[string]> = {};
  for (const { name, optional } of step.outputs) {
    const value = ownOf(example.expected ?? {}, name);
    if (value === undefined || value === null || value === '') {
      if (optional) continue;
      return undefined;
    }
    setOwn(outputs, name, value);
  }
  return inputs === undefined ? undefined : { inputs, outputs, source: example.id };
}

/** What the step took and gave on a row that was answered without a fault. */
function rightTrace({ example, result }: TracedRow, step: StepShape): Demo | undefined {
  if (result.outcome.status !== 'scored' || result.outcome.value < 1) return undefined;
  const run = lastRun(result, step);
  return run?.outputs === undefined
    ? undefined
    : { inputs: run.inputs, outputs: run.outputs, source: example.id };
}

function lastRun({ trace = [] }: RowResult, step: StepShape) {
  return predictStepsOf(trace, step.name).at(-1);
}

/** Whether a proposal changes nothing: no row could become a demo. */
export function isEmpty(changes: Candidate): boolean {
  return Object.keys(changes).length === 0;
}

/** What a person is told then. */
export const noDemos =
  'No training row could become a demo of any step: none has the inputs and the expected outputs of one.';

/** The same where demos of inner steps were looked for in answered rows. */
export const noTracedDemos =
  'No demo could be made: the budget holds no training rows to be answered for them, or none was answered in a way that makes one.';
