import type { Clock } from '../base/clock.ts';
import { hashJson } from '../base/hash.ts';
import type { JsonObject } from '../base/json.ts';
import { createRandom } from '../base/random.ts';
import type { Example } from '../dataset/dataset.ts';
import { compareScores, type ScorePair } from '../evaluation/compare.ts';
import { type EvaluationBudget, evaluate } from '../evaluation/evaluate.ts';
import type { AnswerCacheMode } from '../model/middleware/call-path.ts';
import type { Model } from '../model/model.ts';
import type { OptimizationReport } from '../optimizer/driver/report.ts';
import { enterTest } from '../optimizer/driver/test-ledger.ts';
import type { Program } from '../program/program.ts';
import type { Candidate, CandidateHash } from '../prompt/candidate.ts';
import type { Scorer } from '../scorer/scorer.ts';
import type { RunClaim, Store } from '../store/store.ts';
import { recordedScores, sideOf, type TestScores } from './test-scores.ts';
import type { TransferCell, TransferRow } from './transfer-report.ts';

export interface TransferMatrixOptions<Inputs, Outputs> {
  readonly name: string;
  readonly program: Program<Inputs, Outputs>;
  readonly taskModels: readonly Model[];
  readonly models?: Readonly<Record<string, Model>> | undefined;
  readonly scorers: readonly Scorer[];
  /** One for each model, in their order. */
  readonly reports: readonly OptimizationReport[];
  /** The rows that no search has seen. */
  readonly test: readonly Example[];
  /** Id of a row → what it counts once with. */
  readonly clusters: ReadonlyMap<string, string>;
  readonly store: Store;
  /** Of the transfer that this belongs to. */
  readonly claim: RunClaim;
  /** Of the task: the same transfer made again is no further use of the test. */
  readonly identity: string;
  /** What is left; undefined when nothing is. */
  readonly budget: EvaluationBudget | undefined;
  readonly concurrency?: number | undefined;
  readonly cache?: AnswerCacheMode | undefined;
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly stop: AbortSignal;
  readonly onNotice: (notice: string) => void;
}

interface Tested {
  readonly scores: TestScores;
  readonly use?: number | undefined;
}

/**
 * The seed and each model's winner on every model. What the runs themselves have tested is read from their records;
 * every other answer of a winner is entered in the ledger as a use of the test before it is made.
 */
export async function transferMatrix<Inputs, Outputs>(
  options: TransferMatrixOptions<Inputs, Outputs>,
): Promise<readonly TransferRow[]> {
  const { taskModels, reports } = options;
  const [first] = reports;
  if (first === undefined) return [];
  const tester = createTester(options);
  const seeds: (Tested | undefined)[] = [];
  for (const column of taskModels.keys()) seeds.push(await tester.test(first.seed, column));
  const rows: TransferRow[] = [
    {
      candidate: first.seed.hash,
      isSeed: true,
      cells: taskModels.map((model, column) => seedCell(model, seeds[column], options)),
    },
  ];
  for (const { model: winnerOf, candidate } of reports) {
    const isSeed = candidate.hash === first.seed.hash;
    const cells: TransferCell[] = [];
    for (const [column, model] of taskModels.entries()) {
      const seed = seeds[column];
      if (isSeed) cells.push(seedCell(model, seed, options));
      else cells.push(cellOf(model, { seed, winner: await tester.test(candidate, column) }, options));
    }
    rows.push({ winnerOf, candidate: candidate.hash, isSeed, cells });
  }
  if (tester.leftOut > 0) {
    const what = tester.leftOut === 1 ? 'One transfer' : `${tester.leftOut} transfers`;
    options.onNotice(`${what} could not be answered on every row within what is left of the budget.`);
  }
  return rows;
}

interface TestedCandidate {
  readonly hash: CandidateHash;
  readonly candidate: Candidate;
}

function createTester<Inputs, Outputs>(options: TransferMatrixOptions<Inputs, Outputs>) {
  const { program, taskModels, models, scorers, reports, test, store, claim, identity, stop } = options;
  const known = new Map<string, Promise<Tested | undefined>>();
  let budget = options.budget;
  let leftOut = 0;

  const answer = async (
    { hash, candidate }: TestedCandidate,
    column: number,
  ): Promise<Tested | undefined> => {
    const model = taskModels[column] as Model;
    const isSeed = hash === reports[0]?.seed.hash;
    if (budget === undefined) {
      leftOut += 1;
      return undefined;
    }
    stop.throwIfAborted();
    const name = `${options.name} on ${model.id}`;
    const own = hashJson([identity, 'transfer', hash, model.endpoint, model.id]);
    const plan = { partOf: claim.runId };
    await using cell = await store.runs.open({ kind: 'evaluation', name, identity: own, plan });
    // The seed claims nothing.
    const earlier = isSeed
      ? undefined
      : await enterTest(store, { owner: cell, name, identity: own, rows: test });
    const { cache, concurrency, clock, signal } = options;
    const run = evaluate({
      program: program as unknown as Program,
      dataset: test,
      scorer: scorers,
      model,
      models,
      store,
      candidate,
      concurrency,
      cache,
      clock,
      signal,
      budget,
      name,
      plan,
    });
    const cancel = () => run.cancel(stop.reason);
    stop.addEventListener('abort', cancel, { once: true });
    try {
      const evaluation = await run.result();
      const scores = new Map<string, ReturnType<typeof sideOf>>();
      for await (const row of evaluation.results()) scores.set(row.exampleId, sideOf(row));
      budget = less(budget, evaluation.usage);
      if (scores.size < test.length) leftOut += 1;
      await store.runs.update(cell, { status: 'completed', result: {} as JsonObject });
      return { scores, ...(earlier !== undefined && { use: earlier + 1 }) };
    } finally {
      stop.removeEventListener('abort', cancel);
    }
  };

  return {
    get leftOut() {
      return leftOut;
    },
    test(tested: TestedCandidate, column: number): Promise<Tested | undefined> {
      const key = `${tested.hash}/${column}`;
      const before = known.get(key);
      if (before !== undefined) return before;
      const made = (async () => {
        const runId = reports[column]?.runId ?? '';
        const scores = await recordedScores(store, { runId, candidate: tested.hash, rows: test });
        return scores === undefined ? answer(tested, column) : { scores };
      })();
      known.set(key, made);
      return made;
    },
  };
}

function less(
  budget: EvaluationBudget,
  usage: { readonly calls: number; readonly spentUsd?: number | undefined; readonly wallMs: number } & {
    readonly inputTokens?: number | undefined;
    readonly outputTokens?: number | undefined;
  },
): EvaluationBudget | undefined {
  const tokens = (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0);
  const left = {
    usd: budget.usd && budget.usd - (usage.spentUsd ?? 0),
    calls: budget.calls && budget.calls - usage.calls,
    tokens: budget.tokens && budget.tokens - tokens,
    minutes: budget.minutes && budget.minutes - usage.wallMs / 60_000,
  };
  return Object.values(left).some((limit) => limit !== undefined && limit <= 0) ? undefined : left;
}

type CellSetting = Pick<TransferMatrixOptions<unknown, unknown>, 'test' | 'clusters' | 'scorers' | 'name'>;

function seedCell(model: Model, seed: Tested | undefined, setting: CellSetting): TransferCell {
  const { mean, rows, lost } = cellOf(model, { seed, winner: seed }, setting);
  return { model: model.id, mean, rows, lost };
}

function cellOf(
  model: Model,
  { seed, winner }: { readonly seed: Tested | undefined; readonly winner: Tested | undefined },
  { test, clusters, scorers, name }: CellSetting,
): TransferCell {
  const pairs = test.map(
    (example): ScorePair => ({
      exampleId: example.id,
      cluster: clusters.get(example.id) ?? example.group,
      seed: seed?.scores.get(example.id) ?? 'lost',
      winner: winner?.scores.get(example.id) ?? 'lost',
    }),
  );
  const use = winner?.use;
  if (!pairs.some((pair) => typeof pair.seed === 'number' && typeof pair.winner === 'number')) {
    return { model: model.id, rows: 0, lost: pairs.length, use };
  }
  const { winnerMean, rows, lost, difference, interval } = compareScores({
    pairs,
    passFail: scorers[0]?.passFail ?? false,
    failValue: scorers[0]?.failValue,
    random: createRandom(`transfer/${name}/${model.id}`),
  });
  return { model: model.id, mean: winnerMean, rows, lost, difference, interval, use };
}
