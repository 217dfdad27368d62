import { systemClock } from '../../base/clock.ts';
import { HoneError } from '../../base/errors.ts';
import { createRandom } from '../../base/random.ts';
import type { Example } from '../../dataset/dataset.ts';
import { openRunHandle, type RunWork } from '../../evaluation/run-handle.ts';
import { isGone } from '../../evaluation/run-rows.ts';
import type { Model } from '../../model/model.ts';
import { priceOfModel } from '../../model/pricing.ts';
import { hashCandidate } from '../../prompt/candidate.ts';
import { isUnscored } from '../../scorer/unscored.ts';
import type { Store } from '../../store/store.ts';
import type { OptimizationEvent, Optimizer } from '../optimizer.ts';
import { calibratedOn } from '../part/calibration.ts';
import { paretoFront } from '../part/pareto-front.ts';
import { requirementOf } from '../part/requirement.ts';
import { plus, times, tooMuch } from './amounts.ts';
import { createRunBudget } from './budget.ts';
import { type Confirmed, confirm } from './confirm.ts';
import { crossFit } from './cross-fit.ts';
import { createEngine, type Engine } from './engine.ts';
import { type FittedPlan, fitPlan } from './fit-plan.ts';
import type { OptimizationResult, OptimizationRun, OptimizeOptions } from './optimize-options.ts';
import { createRunCosts, planRun } from './plan-run.ts';
import { type PreparedTask, prepareTask, withOptimizer } from './prepare.ts';
import { proofSnapshot } from './proof-snapshot.ts';
import { type Control, type Proof, proofOf, runTest } from './prove.ts';
import { provePreference } from './prove-preference.ts';
import type { FrontRecord, PreferenceTest } from './report.ts';
import type { SearchTask } from './scope.ts';
import { type SearchResult, search } from './search.ts';
import { openSession, type Session } from './session.ts';
import { enterTest } from './test-ledger.ts';
import { writeReport } from './write-report.ts';

/**
 * Searches a better candidate and proves it on rows that no search has seen. It starts at once; watching is
 * optional. A run that was cut off goes on where it was when the same call is made again: what is recorded
 * is not paid again, and the decisions are the same.
 *
 * @throws (through `result()`) {HoneError} `HONE_BUDGET_EXHAUSTED` when the budget cannot even hold a search,
 *   `HONE_DATASET_…` when the rows do not allow one, `HONE_RUN_LOCKED` when another process works on it,
 *   `HONE_RUN_DIVERGED` when it went on otherwise than before, `HONE_ABORTED` when cancelled.
 */
export function optimize<Inputs, Outputs>(options: OptimizeOptions<Inputs, Outputs>): OptimizationRun {
  const { signal, store } = options;
  return openRunHandle({ signal, cancelled, watch: (runId) => watchEvents(store, runId) }, (work) =>
    run(options, work),
  );
}

/** The course of a run of this process or another one: what is stored, then what comes, until it has ended. */
export async function* watchEvents(
  store: Store,
  runId: string,
  from = 0,
): AsyncGenerator<OptimizationEvent, void> {
  for await (const { event } of store.events.watch(runId, from)) yield event as unknown as OptimizationEvent;
}

async function run<Inputs, Outputs>(
  options: OptimizeOptions<Inputs, Outputs>,
  { stop, begin }: RunWork,
): Promise<OptimizationResult> {
  const { store, clock = systemClock, program, budget: limits = {}, randomSeed = 1 } = options;
  const given = withOptimizer(options);
  const { optimizer, fresh } = given;
  const task = await prepareTask(given);
  const planned = planRun(task, given);
  const costs = createRunCosts(options, planned.split.train);
  const budget = createRunBudget(limits, mostUsdPerCall(options.model));
  const plan = fitPlan(planned, { seed: program.seed, left: budget.left(), costs, randomSeed });

  await using session = await openSession({
    store,
    clock,
    name: options.name ?? program.shape.name,
    identity: task.identity,
    plan: options.plan ?? {},
    minutes: limits.minutes,
    proofRows: 2 * plan.proofRows,
    stop,
    abort: options.signal,
  });
  const engine = await createEngine({ options, scorers: task.scorers, session, budget, costs, clock, stop });
  begin({ runId: session.runId, progress: engine.progress });
  try {
    return await searchAndProve({ options, optimizer, fresh, task, plan, engine, session });
  } catch (thrown) {
    await session.interrupt(stop.aborted || isGone(thrown) ? 'interrupted' : 'failed');
    throw thrown;
  }
}

/** What the spend limit sets aside before a call of ordinary length: its answer may take all its tokens. */
function mostUsdPerCall(model: Model): number {
  const price = priceOfModel(model);
  return price === undefined ? 0 : (4_096 * price.input + 1_024 * price.output) / 1e6;
}

interface RunParts<Inputs, Outputs> {
  readonly options: OptimizeOptions<Inputs, Outputs>;
  readonly optimizer: Optimizer;
  readonly fresh: (() => Optimizer) | undefined;
  readonly task: PreparedTask;
  readonly plan: FittedPlan;
  readonly engine: Engine;
  readonly session: Session;
}

/** The course of a run: search, confirmation, proof, report. */
async function searchAndProve<Inputs, Outputs>(
  parts: RunParts<Inputs, Outputs>,
): Promise<OptimizationResult> {
  const { options, optimizer, plan, engine, session } = parts;
  const { seed } = options.program;
  const searchTask: SearchTask = {
    optimizer,
    seed,
    train: plan.split.train,
    validation: plan.split.validation,
    testRows: plan.proofRows,
    clusters: plan.split.clusters,
    label: 'search',
    evenIfSaturated: options.evenIfSaturated,
    judged: isJudged(parts),
  };
  for (const message of plan.notices) engine.emit({ type: 'notice', message });
  const found = await search(searchTask, engine);
  engine.beginProof();
  const confirmed = await confirm(found, searchTask, engine);
  const preferenceTest = searchTask.judged ? await judge(parts, { found, confirmed, searchTask }) : undefined;
  const proof = searchTask.judged ? undefined : await prove(parts, { found, confirmed, searchTask });
  tellWhatIsMissing(parts, { found, confirmed, proof });
  const report = writeReport({
    options,
    optimizer,
    session,
    plan,
    found,
    confirmed,
    proof,
    preferenceTest,
    objectives: engine.objectives,
    front: frontOf(found, searchTask, engine),
    usage: engine.usage(),
    notices: engine.notices(),
  });
  engine.emit({
    type: 'finished',
    verdict: report.verdict,
    candidate: report.candidate.hash,
    stopReason: report.stopReason,
  });
  await session.complete(report, proofSnapshot(report, parts));
  return { verdict: report.verdict, candidate: report.candidate.candidate, report };
}

interface Ends {
  readonly found: SearchResult;
  readonly confirmed: Confirmed;
}

async function prove<Inputs, Outputs>(
  { task, plan, engine, fresh, options, session }: RunParts<Inputs, Outputs>,
  { found, confirmed, searchTask }: Ends & { readonly searchTask: SearchTask },
): Promise<Proof | undefined> {
  if (found.stopReason === 'saturated' || plan.unaffordable !== undefined || !confirmed.isAffordable) {
    return undefined;
  }
  const proofOptions = {
    passFail: task.scorers[0]?.passFail ?? false,
    failValue: task.scorers[0]?.failValue,
    clusters: plan.split.clusters,
    random: createRandom(`${engine.randomSeed}/proof`),
  };
  const { evaluator, budget, emit } = engine;
  const evaluate: Parameters<typeof runTest>[1]['evaluate'] = (candidates, examples) =>
    evaluator.evaluateTogether(candidates, examples, { account: budget, purpose: 'proof', traces: true });
  const { seed } = searchTask;
  const winner = confirmed.winner.candidate;
  const enter = (rows: readonly Example[]) =>
    enterTest(options.store, {
      owner: session.claim,
      name: options.name ?? options.program.shape.name,
      identity: task.identity,
      rows,
    });
  try {
    switch (plan.method) {
      case 'development-only':
        return undefined;
      case 'cross-fit': {
        const earlierUses = await enter(plan.examples);
        const tested = await crossFit(plan.examples, {
          ...searchTask,
          engine,
          evaluate,
          create: fresh,
        });
        return tested && proofOf(tested, { ...proofOptions, earlierUses, method: 'cross-fit' });
      }
      case 'held-out': {
        const controls = await controlsOf({ found, confirmed }, searchTask, engine);
        // A winner that is the seed claims nothing, so its test uses nothing up.
        const isChanged = hashCandidate(winner) !== hashCandidate(seed);
        const earlierUses = isChanged ? await enter(plan.split.test) : 0;
        const tested = await runTest({ seed, winner, controls }, { test: plan.split.test, evaluate, emit });
        return proofOf([tested], { ...proofOptions, earlierUses, method: 'held-out' });
      }
    }
  } catch (thrown) {
    if (!HoneError.isInstance(thrown) || thrown.code !== 'HONE_BUDGET_EXHAUSTED') throw thrown;
    emit({ type: 'notice', message: `The sealed test could not be completed: ${thrown.message}` });
    return undefined;
  }
}

/** Whether answers are compared, because nothing has a score. */
function isJudged<Inputs, Outputs>({ task: { scorers } }: RunParts<Inputs, Outputs>): boolean {
  return scorers.every(isUnscored);
}

/** What a judge prefers on the rows that the search has not seen; undefined where there are none. */
async function judge<Inputs, Outputs>(
  { plan, engine, optimizer }: RunParts<Inputs, Outputs>,
  { confirmed, searchTask: { seed } }: Ends & { readonly searchTask: SearchTask },
): Promise<PreferenceTest | undefined> {
  const winner = confirmed.winner.candidate;
  const isChanged = hashCandidate(winner) !== hashCandidate(seed);
  if (
    !isChanged ||
    plan.split.test.length === 0 ||
    plan.unaffordable !== undefined ||
    !confirmed.isAffordable
  ) {
    return undefined;
  }
  const { requirement } = optimizer.options;
  const criterion = typeof requirement === 'string' ? requirement : requirementOf(engine.program, seed);
  try {
    return await provePreference(
      {
        seed,
        winner,
        test: plan.split.test,
        clusters: plan.split.clusters,
        ...(criterion !== '' && { criterion }),
      },
      engine,
    );
  } catch (thrown) {
    if (!HoneError.isInstance(thrown) || thrown.code !== 'HONE_BUDGET_EXHAUSTED') throw thrown;
    engine.emit({ type: 'notice', message: `The comparison could not be completed: ${thrown.message}` });
    return undefined;
  }
}

/** The seed with its answers' priors taken away, where choices are scored and the budget holds its test too. */
async function controlsOf(
  { found: { ledger }, confirmed }: Ends,
  { seed, train, validation, testRows }: SearchTask,
  { program, choiceScores, evaluator, budget, costs }: Engine,
): Promise<readonly Control[]> {
  if (!choiceScores || ledger.missing(seed) > 0) return [];
  const asker = { account: budget, purpose: 'proof' } as const;
  const evaluation = await evaluator.evaluate(seed, validation, { ...asker, traces: true });
  const candidate = calibratedOn(program, seed, { evaluation, train });
  if (candidate === undefined || hashCandidate(candidate) === hashCandidate(seed)) return [];
  const row = plus(times(costs.usual(seed), 2), costs.usual(confirmed.winner.candidate));
  const isAffordable = tooMuch(times(row, testRows), budget.left()) === undefined;
  return isAffordable ? [{ name: 'calibrated seed', candidate }] : [];
}

/** What a reader of the verdict must know beside it. */
function tellWhatIsMissing<Inputs, Outputs>(
  { engine, session }: RunParts<Inputs, Outputs>,
  { found, confirmed, proof }: Ends & { readonly proof: Proof | undefined },
): void {
  const tell = (message: string) => engine.emit({ type: 'notice', message });
  if (found.stopReason === 'saturated') {
    tell(
      'The seed gets every validation row right, so no candidate can be shown to be better on these rows. Harder rows would tell more; to search all the same, ask for it.',
    );
  }
  if (proof === undefined && found.stopReason !== 'saturated' && !confirmed.isAffordable) {
    tell(
      'What is left of the budget does not hold the test of the best candidate, so it is given without a proof.',
    );
  }
  if (proof !== undefined && proof.broken.length > 0) tell(brokenNotice(proof.broken));
  const reflected = session.events.filter((event) => event.type === 'reflected');
  const answered = reflected.reduce((sum, event) => sum + event.answered, 0);
  const asked = reflected.reduce((sum, event) => sum + event.answered + event.unreadable + event.lost, 0);
  if (asked > 0 && answered === 0) {
    tell(
      `None of the ${asked} reflections could be used, so the search proposed nothing from them: another reflection model, or one with longer answers, may help.`,
    );
  }
}

/** Rows that a notice names. */
const mostNamed = 5;

function brokenNotice(broken: Proof['broken']): string {
  const named = broken.slice(0, mostNamed).map(({ exampleId }) => exampleId);
  const more = broken.length > mostNamed ? ' …' : '';
  return `The best candidate does worse than the seed on ${broken.length} test ${broken.length === 1 ? 'row' : 'rows'}: ${named.join(', ')}${more}`;
}

/** Of all candidates that were scored on all of validation. */
function frontOf(
  { ledger }: SearchResult,
  { validation }: SearchTask,
  { evaluator, objectives }: Engine,
): readonly FrontRecord[] {
  const measured = ledger
    .ranking()
    .filter(({ candidate }) => ledger.missing(candidate) === 0)
    .map(({ candidate, hash }) => {
      const { mean, objectives: others } = evaluator.known(candidate, validation);
      return { hash, objectives: { ...others, ...(mean !== undefined && { score: mean }) } };
    });
  return paretoFront(measured, objectives);
}

function cancelled(cause: unknown): HoneError {
  return new HoneError('The optimization was cancelled.', {
    code: 'HONE_ABORTED',
    hint: 'Run it again to go on: what is recorded is not paid again.',
    cause,
  });
}
