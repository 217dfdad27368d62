import { HoneError, messageOf } from '../base/errors.ts';
import type { RunRecord } from '../store/store.ts';

/** Runs a command line of `hone` in this process; what it prints comes line by line. */
export type StartCommand = (
  argv: readonly string[],
  options: { readonly onLine: (line: string) => void; readonly signal: AbortSignal },
) => Promise<number>;

/** A command that the studio started. JSON. */
export interface Job {
  readonly id: string;
  /** As it could be typed. */
  readonly command: readonly string[];
  readonly kind: 'evaluation' | 'optimization';
  readonly status: 'running' | 'stopping' | 'ended' | 'failed';
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Known once the run is in the store. */
  readonly runId?: string | undefined;
  /** The last lines that it printed. */
  readonly lines: readonly string[];
  readonly exitCode?: number | undefined;
}

/** Commands under way; they end with this process, and what was answered stays stored. */
export interface Jobs {
  start(kind: Job['kind'], argv: readonly string[]): Job;
  list(): readonly Job[];
  read(id: string): Job | undefined;
  /**
   * Lets what is in flight finish and ends the run, as Ctrl-C does.
   *
   * @throws {HoneError} `HONE_RUN_NOT_FOUND` for a run that this process does not work on.
   */
  stop(runId: string): void;
  /** Tells which run a job works on, once it is in the store: the one with its command line. */
  assign(runs: readonly Pick<RunRecord, 'id' | 'createdAt' | 'plan'>[]): void;
  /** Stops everything and waits for it. */
  close(): Promise<void>;
}

const keptLines = 40;
const keptJobs = 50;

export function createJobs({
  startCommand,
  now,
}: {
  readonly startCommand: StartCommand;
  readonly now: () => number;
}): Jobs {
  interface Kept {
    job: Job;
    readonly controller: AbortController;
    readonly ended: Promise<void>;
  }
  const jobs = new Map<string, Kept>();
  let count = 0;
  const change = (id: string, changes: Partial<Job>) => {
    const kept = jobs.get(id);
    if (kept !== undefined) kept.job = { ...kept.job, ...changes };
  };

  return {
    start(kind, argv) {
      count += 1;
      const id = `job-${count}`;
      const controller = new AbortController();
      const job: Job = { id, command: argv, kind, status: 'running', startedAt: now(), lines: [] };
      const onLine = (line: string) => {
        const { lines = [] } = jobs.get(id)?.job ?? {};
        change(id, { lines: [...lines, line].slice(-keptLines) });
      };
      // Its first lines must find the job.
      const ended = Promise.resolve()
        .then(() => startCommand(argv, { onLine, signal: controller.signal }))
        .then(
          (exitCode) =>
            change(id, { status: exitCode === 1 || exitCode === 2 ? 'failed' : 'ended', exitCode }),
          (thrown) => {
            onLine(messageOf(thrown));
            change(id, { status: 'failed', exitCode: 1 });
          },
        );
      jobs.set(id, { job, controller, ended });
      for (const [old, { job: of }] of jobs) {
        if (jobs.size <= keptJobs) break;
        if (of.status === 'ended' || of.status === 'failed') jobs.delete(old);
      }
      return job;
    },
    list: () => [...jobs.values()].map(({ job }) => job).reverse(),
    read: (id) => jobs.get(id)?.job,
    stop(runId) {
      const found = [...jobs.values()].find(({ job }) => job.runId === runId && isAtWork(job));
      if (found === undefined) {
        throw new HoneError(`The studio does not work on the run ${runId}, so it cannot stop it.`, {
          code: 'HONE_RUN_NOT_FOUND',
          hint: 'Press Ctrl-C where it was started; what was answered stays stored.',
        });
      }
      change(found.job.id, { status: 'stopping' });
      found.controller.abort();
    },
    assign(runs) {
      const taken = new Set([...jobs.values()].map(({ job }) => job.runId));
      for (const { job } of jobs.values()) {
        if (job.runId !== undefined) continue;
        const run = runs
          .filter(
            ({ id, createdAt, plan }) =>
              createdAt >= job.startedAt && !taken.has(id) && sameCommand(plan, job),
          )
          .sort((a, b) => a.createdAt - b.createdAt)[0];
        if (run === undefined) continue;
        taken.add(run.id);
        change(job.id, { runId: run.id });
      }
    },
    async close() {
      for (const { controller } of jobs.values()) controller.abort();
      await Promise.all([...jobs.values()].map(({ ended }) => ended));
    },
  };
}

function isAtWork({ status }: Job): boolean {
  return status === 'running' || status === 'stopping';
}

function sameCommand({ argv }: RunRecord['plan'], { command }: Job): boolean {
  return (
    Array.isArray(argv) && argv.length === command.length && argv.every((word, at) => word === command[at])
  );
}
