import type { JsonObject } from '../base/json.ts';
import { collectExamples } from '../dataset/collect.ts';
import type { Dataset, Example } from '../dataset/dataset.ts';
import type { Model } from '../model/model.ts';
import { priceOfModel } from '../model/pricing.ts';
import { createRunBudget } from '../optimizer/driver/budget.ts';
import { estimateOf } from '../optimizer/driver/check-optimizer.ts';
import { fitPlan } from '../optimizer/driver/fit-plan.ts';
import type { OptimizationBudget, OptimizeOptions } from '../optimizer/driver/optimize-options.ts';
import { createRunCosts, planRun, taskSize } from '../optimizer/driver/plan-run.ts';
import { prepareTask, withOptimizer } from '../optimizer/driver/prepare.ts';
import type { CallEstimate, TaskSize } from '../optimizer/optimizer.ts';
import type { Program } from '../program/program.ts';
import type { Candidate } from '../prompt/candidate.ts';
import { measureRequests } from './measure-requests.ts';
import type { ColumnNote } from './task.ts';

/** What a run would do and cost. JSON. */
export interface RunEstimate {
  readonly command: 'eval' | 'headroom' | 'optimize';
  readonly name: string;
  readonly model: string;
  readonly optimizer?: string | undefined;
  readonly rows: number;
  /** Of an optimization that proves on held-out rows. */
  readonly split?: { readonly train: number; readonly validation: number; readonly test: number } | undefined;
  /** Most calls of the task model, by part. */
  readonly calls: readonly { readonly part: string; readonly calls: number }[];
  readonly reflectionCalls?: number | undefined;
  /** Of all calls of the task model, at the length of the seed's prompt. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** US dollars of the task model; undefined when its price is unknown. */
  readonly costUsd?: number | undefined;
  readonly budget: OptimizationBudget;
  /** What every column was taken for. */
  readonly columns?: readonly ColumnNote[] | undefined;
  readonly notes: readonly string[];
}

/** What an evaluation is made of. */
export interface EstimatedEvaluation {
  readonly task: {
    readonly name: string;
    readonly program: Program;
    readonly dataset: Dataset;
    readonly columns?: readonly ColumnNote[] | undefined;
  };
  readonly model: Model;
  readonly budget: OptimizationBudget;
  readonly trials: number;
  /** @default the seed of the program */
  readonly candidate?: Candidate | undefined;
}

/** Rows that are rendered to measure the length of a prompt. */
const measuredRows = 50;
/** Candidates that are scored on all of validation before one is chosen, and the seed before them. */
const scoredOnValidation = 4;

/** What an evaluation would take. Reads the rows, calls nothing. */
export async function estimateEvaluation({
  task,
  model,
  budget,
  trials,
  candidate,
}: EstimatedEvaluation): Promise<RunEstimate> {
  const { examples, rows, notices } = await collectExamples(task.dataset, { limit: measuredRows });
  const calls = rows * trials * task.program.calls({ ...task.program.seed, ...candidate }).typical;
  return {
    command: 'eval',
    name: task.name,
    model: model.id,
    rows,
    calls: [{ part: 'rows', calls }],
    ...(await tokensAndCost({ program: task.program, model, examples, calls })),
    budget: { usd: budget.usd, calls: budget.calls, tokens: budget.tokens, minutes: budget.minutes },
    columns: task.columns,
    notes: notices.filter((notice) => !notice.includes('a seeded sample of')),
  };
}

/** What a look at the headroom would take at most. Reads the rows, calls nothing. */
export async function estimateHeadroom({
  task,
  model,
  budget,
  calls,
}: Omit<EstimatedEvaluation, 'trials' | 'candidate'> & { readonly calls: number }): Promise<RunEstimate> {
  const { examples, rows, notices } = await collectExamples(task.dataset, { limit: measuredRows });
  return {
    command: 'headroom',
    name: task.name,
    model: model.id,
    rows,
    calls: [{ part: 'rows', calls }],
    ...(await tokensAndCost({ program: task.program, model, examples, calls })),
    budget,
    columns: task.columns,
    notes: notices.filter((notice) => !notice.includes('a seeded sample of')),
  };
}

/** What an optimization would take at most. Reads and checks the rows, calls nothing. */
export async function estimateOptimization(
  options: OptimizeOptions<JsonObject, JsonObject>,
  columns?: readonly ColumnNote[],
): Promise<RunEstimate> {
  const given = withOptimizer(options);
  const { program, model, optimizer, budget = {} } = given;
  const prepared = await prepareTask(given);
  const planned = planRun(prepared, given);
  const plan = fitPlan(planned, {
    seed: program.seed,
    left: createRunBudget(budget).left(),
    costs: createRunCosts(given, planned.split.train),
    randomSeed: given.randomSeed ?? 1,
  });
  const size = taskSize(plan.split, given);
  const search = estimateOf(optimizer, size);
  const searches = plan.method === 'cross-fit' ? 6 : 1;
  const parts = [
    { part: 'search', calls: searches * search.task },
    {
      part: 'seed and best candidates on validation',
      calls: searches * scoredOnValidation * size.validation * size.callsPerRow,
    },
    { part: 'sealed test', calls: plan.proofRows * testedCalls(size, search) },
  ];
  const calls = parts.reduce((sum, part) => sum + part.calls, 0);
  return {
    command: 'optimize',
    name: options.name ?? program.shape.name,
    model: model.id,
    optimizer: optimizer.name,
    rows: prepared.examples.length,
    ...(plan.method === 'held-out' && {
      split: { train: size.train, validation: size.validation, test: size.test },
    }),
    calls: parts,
    reflectionCalls: searches * search.reflection,
    ...(await tokensAndCost({ program, model, examples: prepared.examples.slice(0, measuredRows), calls })),
    budget,
    columns,
    notes: [
      ...plan.notices,
      'Tokens and cost are at the length of the seed prompt; prompts with demos are longer.',
    ],
  };
}

/** Calls of one test row: of the seed, of the dearest that may win, and of the control where choices are scored. */
function testedCalls(
  { callsPerRow, choiceScores, program }: TaskSize,
  { winnerCallsPerRow = callsPerRow }: CallEstimate,
): number {
  const isControlled = choiceScores && program.steps.some(({ choice }) => choice !== undefined);
  return (isControlled ? 2 : 1) * callsPerRow + winnerCallsPerRow;
}

async function tokensAndCost({
  program,
  model,
  examples,
  calls,
}: {
  readonly program: Program;
  readonly model: Model;
  readonly examples: readonly Example[];
  readonly calls: number;
}): Promise<Pick<RunEstimate, 'inputTokens' | 'outputTokens' | 'costUsd'>> {
  const call = await measureRequests(program, examples, model);
  const inputTokens = Math.round(calls * call.inputTokens);
  const outputTokens = Math.round(calls * call.outputTokens);
  const price = priceOfModel(model);
  return {
    inputTokens,
    outputTokens,
    ...(price !== undefined && { costUsd: (inputTokens * price.input + outputTokens * price.output) / 1e6 }),
  };
}
