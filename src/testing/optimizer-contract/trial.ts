import type { DatasetSplit, Example } from '../../dataset/dataset.ts';
import type { Model } from '../../model/model.ts';
import type { Optimizer, TaskSize } from '../../optimizer/optimizer.ts';
import type { AnyProgram } from '../../program/program.ts';
import { openMemoryStore } from '../../store/open-store.ts';
import type { Store } from '../../store/store.ts';
import type { ScriptedModel } from '../scripted-model.ts';
import { callsOfSteps, triageInSteps } from '../steps-task.ts';
import {
  type FinishedTriageRun,
  finishTriage,
  type StartedTriageRun,
  startTriage,
  type TriageRunOptions,
} from '../triage-run.ts';
import { queues, triage, triageExamples, triageRoles, triageWithTemperature } from '../triage-task.ts';

export interface DescribeOptimizerOptions {
  /** Whether the task model scores closed choices or writes its answers. @default true */
  readonly choiceScores?: boolean | undefined;
  /** Answers `context.ask`: a new one at each call, deterministic. */
  readonly reflectionModel?: (() => ScriptedModel) | undefined;
  /** Answers `context.prefer`: a new one at each call, deterministic. @default the reflection model */
  readonly judge?: (() => ScriptedModel) | undefined;
  /** Tests that cannot hold for this optimizer, each with its reason. */
  readonly skip?: readonly { readonly test: string; readonly reason: string }[] | undefined;
}

type TaskName = NonNullable<TriageRunOptions['task']>;

/** What a check does differently from an undisturbed run. */
export type Disturbance = Partial<TriageRunOptions>;

/** A run with what it left in its store. */
export interface StoredTriageRun extends FinishedTriageRun {
  readonly store: Store;
}

/** An optimizer on its two tasks: what every check works with. */
export interface Trial {
  readonly create: () => Optimizer;
  readonly needs: Optimizer['needs'];
  readonly choiceScores: boolean;
  /** Whether there is a model that answers `context.ask`. */
  readonly reflects: boolean;
  readonly examples: readonly Example[];
  readonly split: DatasetSplit;
  /** Most calls of one row: direct, and one for each answer. */
  readonly mostCallsPerRow: number;
  programOf(task: TaskName): AnyProgram;
  sizeOf(task: TaskName): TaskSize;
  start(options: Disturbance & { readonly store: Store }): StartedTriageRun;
  finish(options?: Disturbance): Promise<FinishedTriageRun>;
  /** The run that others are compared with, once for all checks. */
  undisturbed(task?: TaskName): Promise<StoredTriageRun>;
  /** Why the task in two steps is nothing for this optimizer; undefined when it is. */
  readonly noSteps: string | undefined;
}

export function createTrial(
  create: () => Optimizer,
  { choiceScores = true, reflectionModel, judge }: DescribeOptimizerOptions,
): Trial {
  const examples = triageExamples();
  const split = triageRoles();
  const { needs } = create();
  const oneStep = needs.parameters.includes('number') ? triageWithTemperature : triage;
  const programOf = (task: TaskName): AnyProgram => (task === 'two steps' ? triageInSteps : oneStep);
  const settings = (): TriageRunOptions => ({
    optimizer: create(),
    choiceScores,
    reflectionModel: reflectionModel?.(),
    changes: {
      ...(judge !== undefined && { models: { judge: judge() } }),
      ...(oneStep !== triage && { program: oneStep }),
    },
  });
  const withOwn = (options: Disturbance): TriageRunOptions => {
    const own = settings();
    return { ...own, ...options, changes: { ...own.changes, ...options.changes } };
  };
  const finish = (options: Disturbance = {}) => finishTriage(withOwn(options));
  const known = new Map<TaskName, Promise<StoredTriageRun>>();
  // In memory, and open as long as the checks read it.
  const finishStored = async (task: TaskName): Promise<StoredTriageRun> => {
    const store = await openMemoryStore();
    return { ...(await finish({ task, store })), store };
  };
  const lacking = needs.parameters.find(
    (kind) => !triageInSteps.shape.parameters.some((parameter) => parameter.kind === kind),
  );
  return {
    create,
    needs,
    choiceScores,
    reflects: reflectionModel !== undefined,
    examples,
    split,
    mostCallsPerRow: 1 + queues.length,
    programOf,
    sizeOf: (task) => ({
      train: split.train.length,
      validation: split.validation.length,
      test: split.test.length,
      callsPerRow: task === 'two steps' ? callsOfSteps : 1,
      program: programOf(task).shape,
      choiceScores,
      reflects: reflectionModel !== undefined,
    }),
    start: (options) => startTriage({ ...withOwn(options), store: options.store }),
    finish,
    undisturbed: (task = 'one step') => {
      const run = known.get(task) ?? finishStored(task);
      known.set(task, run);
      return run;
    },
    noSteps: lacking && `the program of several steps has no ${lacking} parameters`,
  };
}

/** Lets each model call wait for others, as many turns as `turnsOf` says of the n-th call. */
export function outOfOrder(turnsOf: (call: number) => number): (model: Model) => Model {
  return (model) => {
    let count = 0;
    const wait = async () => {
      const turns = turnsOf(count);
      count += 1;
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    };
    const { scoreChoices } = model;
    return {
      ...model,
      generate: async (request, options) => {
        await wait();
        return model.generate(request, options);
      },
      ...(scoreChoices && {
        scoreChoices: async (request, choices, options) => {
          await wait();
          return scoreChoices(request, choices, options);
        },
      }),
    };
  };
}
