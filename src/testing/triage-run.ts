import { HoneError } from '../base/errors.ts';
import type { Model, ModelRequest } from '../model/model.ts';
import { optimize } from '../optimizer/driver/optimize.ts';
import type {
  OptimizationResult,
  OptimizationRun,
  OptimizeOptions,
} from '../optimizer/driver/optimize-options.ts';
import type { OptimizationEvent } from '../optimizer/optimizer.ts';
import { openMemoryStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import type { ScriptedModel } from './scripted-model.ts';
import { stepsModel, stepsScorer, triageInSteps } from './steps-task.ts';
import { type TriageModelOptions, triage, triageModel, triageRoles, triageScorer } from './triage-task.ts';

/** One call of the task model. */
export interface TriageCall {
  readonly rowId: string;
  readonly request: ModelRequest;
  /** What the run was doing. */
  readonly phase: string;
  readonly draw: string;
}

export interface TriageRunOptions
  extends Pick<OptimizeOptions<unknown, unknown>, 'optimizer'>,
    Pick<TriageModelOptions, 'choiceScores' | 'bias' | 'knowledge' | 'noise' | 'association'> {
  /** Which task: in one step, or in two of three calls. @default 'one step' */
  readonly task?: 'one step' | 'two steps' | undefined;
  /** @default one of its own in memory */
  readonly store?: Store | undefined;
  /** Instead of the task's own. */
  readonly changes?: Partial<OptimizeOptions<{ readonly ticket: string }, { readonly queue: string }>>;
  readonly reflectionModel?: ScriptedModel | undefined;
  /** Called for each call of the task model, before it is answered; may throw. */
  readonly onCall?: ((call: TriageCall & { readonly count: number; cancel(): void }) => unknown) | undefined;
  /** Wraps the task model. */
  readonly around?: ((model: Model) => Model) | undefined;
  /** Wraps the reflection model. */
  readonly aroundReflection?: ((model: Model) => Model) | undefined;
}

/** A started run with what was asked so far. */
export interface StartedTriageRun {
  readonly run: OptimizationRun;
  readonly calls: readonly TriageCall[];
  /** What was asked of all models, as text. */
  asked(): readonly string[];
  /** What the search itself asked. */
  reflections(): readonly ModelRequest[];
}

export interface FinishedTriageRun extends OptimizationResult {
  readonly events: readonly OptimizationEvent[];
  readonly calls: readonly TriageCall[];
  readonly asked: readonly string[];
  readonly reflections: readonly ModelRequest[];
}

/** Starts an optimization of the triage task with the real driver. */
export function startTriage(options: TriageRunOptions & { readonly store: Store }): StartedTriageRun {
  const { optimizer, store, changes, reflectionModel, onCall, around } = options;
  const inSteps = options.task === 'two steps';
  const calls: TriageCall[] = [];
  let run: OptimizationRun | undefined;
  const model = (inSteps ? stepsModel : triageModel)({
    choiceScores: options.choiceScores,
    bias: options.bias,
    knowledge: options.knowledge,
    association: options.association,
    noise: options.noise,
    onCall: (rowId, request, { draw }) => {
      const call = { rowId, request, draw, phase: run?.progress().phase ?? '' };
      calls.push(call);
      onCall?.({ ...call, count: calls.length, cancel: () => run?.cancel() });
    },
  });
  run = optimize({
    program: inSteps ? triageInSteps : triage,
    dataset: triageRoles(),
    scorer: inSteps ? stepsScorer : triageScorer,
    optimizer,
    model: around?.(model) ?? model,
    reflectionModel: reflectionModel && (options.aroundReflection?.(reflectionModel) ?? reflectionModel),
    ...changes,
    store,
  });
  return {
    run,
    calls,
    asked: () => [...model.calls, ...(reflectionModel?.calls ?? [])].map(keyOf),
    reflections: () => (reflectionModel?.calls ?? []).map(({ request }) => request),
  };
}

/** Runs an optimization of the triage task to its end and collects what it decided. */
export async function finishTriage(options: TriageRunOptions): Promise<FinishedTriageRun> {
  if (options.store === undefined) {
    await using store = await openMemoryStore();
    return await finishTriage({ ...options, store });
  }
  const { run, calls, asked, reflections } = startTriage({ ...options, store: options.store });
  const events: OptimizationEvent[] = [];
  for await (const event of run) events.push(event);
  return { events, ...(await run.result()), calls, asked: asked(), reflections: reflections() };
}

/** Everything that two equal runs have in common. */
export function courseOf({ events, candidate, report }: FinishedTriageRun) {
  const { sealedTest, best, candidates, curve, fixed, broken, stopReason } = report;
  return { events, candidate, sealedTest, best, candidates, curve, fixed, broken, stopReason };
}

/** What a server says that cannot answer; not worth a retry. */
export function serverError(): HoneError {
  return new HoneError('The server is on fire.', { code: 'HONE_MODEL_SERVER' });
}

function keyOf(call: ScriptedModel['calls'][number]): string {
  return JSON.stringify([call.kind, call.request, call.choices, call.draw]);
}
