import { splitDataset } from '../dataset/split.ts';
import type { Model } from '../model/model.ts';
import type { Optimizer } from '../optimizer/optimizer.ts';
import type { Candidate } from '../prompt/candidate.ts';
import { openMemoryStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import type { ScriptedModel } from './scripted-model.ts';
import { describe, expect, it } from './test-runner.ts';
import {
  courseOf,
  type FinishedTriageRun,
  finishTriage,
  serverError,
  startTriage,
  type TriageRunOptions,
} from './triage-run.ts';
import { queues, triage, triageExamples, triageModel } from './triage-task.ts';

export interface DescribeOptimizerOptions {
  /** Whether the task model scores closed choices or writes its answers. @default true */
  readonly choiceScores?: boolean | undefined;
  /** Answers `context.ask`: a new one at each call, deterministic. */
  readonly reflectionModel?: (() => ScriptedModel) | undefined;
}

/**
 * Tests of what every optimizer promises, for Vitest: run by the real driver on a small classification task
 * with a scripted model and a store in memory.
 *
 * @param create A new optimizer at each call, always with the same options.
 */
export function describeOptimizer(
  name: string,
  create: () => Optimizer,
  { choiceScores = true, reflectionModel }: DescribeOptimizerOptions = {},
): void {
  const examples = triageExamples();
  const split = splitDataset(examples, { seed: 1 });
  const size = {
    train: split.train.length,
    validation: split.validation.length,
    test: split.test.length,
    callsPerRow: 1,
    program: triage.shape,
    choiceScores,
  };
  /** Where the seed is tested with calibrated answers too, it is tested twice. */
  const proofCalls = 3 * size.validation + (choiceScores ? 3 : 2) * size.test;
  /** Calls of a row by the largest ensemble: direct and one for each answer. */
  const mostCallsPerRow = 1 + queues.length;

  const settings = () => ({ optimizer: create(), choiceScores, reflectionModel: reflectionModel?.() });
  const start = (options: Omit<TriageRunOptions, 'optimizer'> & { readonly store: Store }) =>
    startTriage({ ...settings(), ...options });
  const finish = (options: Omit<TriageRunOptions, 'optimizer'> = {}) =>
    finishTriage({ ...settings(), ...options });
  let first: Promise<FinishedTriageRun> | undefined;
  const undisturbed = () => {
    first ??= finish();
    return first;
  };

  describe(`${name} as an Optimizer`, () => {
    it('decides the same with the same seed, also beside another run of its kind', async () => {
      const [one, two] = await Promise.all([finish(), undisturbed()]);
      expect(courseOf(one)).toEqual(courseOf(two));
    });

    it('decides the same whatever the concurrency and whichever answer is first', async () => {
      const other = await finish({ changes: { concurrency: 3 }, around: answersOutOfOrder });
      expect(courseOf(other)).toEqual(courseOf(await undisturbed()));
    });

    it('stays within a budget of calls and leaves enough for the proof', async () => {
      const calls = size.validation + proofCalls + 25;
      const { calls: taskCalls, report } = await finish({ changes: { budget: { calls } } });
      expect(taskCalls.length).toBeLessThanOrEqual(calls);
      expect(report.sealedTest?.rows).toBe(size.test);
    });

    it('makes no more calls than it estimates', async () => {
      const { calls, asked } = await undisturbed();
      const estimate = create().estimate(size);
      const ofProof = ['baseline', 'confirmation', 'sealed test'];
      expect(calls.filter(({ phase }) => !ofProof.includes(phase)).length).toBeLessThanOrEqual(estimate.task);
      expect(asked.length - calls.length).toBeLessThanOrEqual(estimate.reflection);
    });

    it('keeps the names and kinds of all parameters', async () => {
      const { report } = await undisturbed();
      expect(kindsOf(report.best.candidate)).toEqual(kindsOf(triage.seed));
    });

    it('refuses to start without what it says that it needs, before anything is asked', async () => {
      await using store = await openMemoryStore();
      const { needs } = create();
      const unlabelled = examples.map(({ id, inputs }) => ({ id, inputs }));
      const lacking = [
        ...(needs.labels ? [{ dataset: unlabelled }] : []),
        ...(needs.reflectionModel ? [{ reflectionModel: undefined }] : []),
        ...(needs.choiceScores ? [{ model: triageModel({ choiceScores: false }) }] : []),
      ];
      for (const changes of lacking) {
        const { run, asked } = start({ store, changes });
        await expect(run.result()).rejects.toMatchObject({ exitCode: 2 });
        expect(asked()).toEqual([]);
      }
    });

    it('finishes without what it does not say that it needs', async () => {
      const { needs } = create();
      const { report } = await finish({
        choiceScores: needs.choiceScores === true,
        ...(!needs.reflectionModel && { reflectionModel: undefined }),
      });
      expect(report.stopReason).toBe('done');
      expect(report.sealedTest?.rows).toBe(size.test);
    });

    it('starts nothing after a cancel, and goes on to the same result without asking anything twice', async () => {
      await using store = await openMemoryStore();
      const whole = await undisturbed();
      const cut = Math.ceil(whole.calls.length / 2);
      const cancelled = start({
        store,
        changes: { concurrency: 4 },
        onCall: ({ count, cancel }) => count === cut && cancel(),
      });
      await expect(cancelled.run.result()).rejects.toMatchObject({ code: 'HONE_ABORTED' });
      expect(cancelled.calls.length).toBeLessThanOrEqual(cut + 4 * mostCallsPerRow);
      const resumed = await finish({ store });
      expect(courseOf(resumed)).toEqual(courseOf(whole));
      expect([...cancelled.asked(), ...resumed.asked].sort()).toEqual([...whole.asked].sort());
    });

    it('stops when its signal aborts, and goes on to the same result', async () => {
      await using store = await openMemoryStore();
      const controller = new AbortController();
      const whole = await undisturbed();
      const cut = Math.ceil(whole.calls.length / 3);
      const { run, calls } = start({
        store,
        changes: { signal: controller.signal, concurrency: 4 },
        onCall: ({ count }) => count === cut && controller.abort(),
      });
      await expect(run.result()).rejects.toMatchObject({ code: 'HONE_ABORTED' });
      expect(calls.length).toBeLessThanOrEqual(cut + 4);
      expect(courseOf(await finish({ store }))).toEqual(courseOf(whole));
    });

    it('replays from the stored answers without one model call, event for event', async () => {
      await using store = await openMemoryStore();
      const paid = await finish({ store });
      const replayed = await finish({ store });
      expect(replayed.events).toEqual(paid.events);
      expect(replayed.candidate).toEqual(paid.candidate);
      expect(replayed.asked).toEqual([]);
    });

    it('leaves rows that the infrastructure lost out in pairs, and never counts them as 0', async () => {
      await using store = await openMemoryStore();
      const lost = [split.train[0]?.id, split.validation[1]?.id, split.test[2]?.id];
      const { report } = await finish({
        store,
        onCall: ({ rowId }) => {
          if (lost.includes(rowId)) throw serverError();
        },
      });
      expect(report.sealedTest).toMatchObject({ rows: size.test - 1, lost: 1 });
      for await (const { example, outcome } of store.outcomes.read(report.runId)) {
        if (lost.includes(example)) expect(JSON.parse(outcome).outcome.status).toBe('infrastructure-error');
      }
    });

    it('ends with the error of the model when every row is lost', async () => {
      await using store = await openMemoryStore();
      const { run } = start({
        store,
        onCall: () => {
          throw serverError();
        },
      });
      await expect(run.result()).rejects.toMatchObject({ code: 'HONE_MODEL_SERVER' });
      expect((await store.runs.read(await run.id))?.status).toBe('interrupted');
    });

    it('asks about no test row before the sealed test', async () => {
      const { calls } = await undisturbed();
      const test = new Set(split.test.map(({ id }) => id));
      const phases = new Set(calls.filter(({ rowId }) => test.has(rowId)).map(({ phase }) => phase));
      expect([...phases]).toEqual(['sealed test']);
    });
  });
}

function kindsOf(candidate: Candidate): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(candidate).map(([parameter, { kind }]) => [parameter, kind]));
}

/** Lets two of three calls wait for others. */
function answersOutOfOrder(model: Model): Model {
  let count = 0;
  const wait = async () => {
    count += 1;
    for (let turn = 0; turn < (count % 3) * 2; turn += 1)
      await new Promise((resolve) => setImmediate(resolve));
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
}
