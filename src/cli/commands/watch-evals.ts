import { type FSWatcher, watch } from 'node:fs';
import { dirname, relative, sep } from 'node:path';
import { HoneError, messageOf } from '../../base/errors.ts';
import { hashJson } from '../../base/hash.ts';
import { loadTask } from '../../config/task.ts';
import { openWorkspace } from '../../config/workspace.ts';
import { createDatasetHasher } from '../../evaluation/snapshot.ts';
import type { ModelReference } from '../../model/resolve-model.ts';
import { type CommandIo, writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { type EvalRun, findEvalRuns } from '../eval-runs.ts';
import { exitCodes } from '../exit-codes.ts';
import type { EvalOptions } from '../options.ts';
import { variablesOf } from '../prepare-command.ts';
import { runEval } from './eval.ts';

/** Folders whose changes are no change of an evaluation. */
const ignored = new Set(['node_modules', '.git', '.hone', 'dist', 'coverage']);
/** An editor writes a file in several steps. */
const quietMs = 150;

/**
 * Evaluates, and evaluates again what changed whenever a file under the folder does: a task whose prompt, program, rows
 * and scorers are the same is left alone, and of one that is not, answers to the same requests come from the store.
 * Ends with Ctrl-C.
 */
export async function watchEvals(
  subject: string | undefined,
  options: EvalOptions,
  context: CommandContext,
): Promise<number> {
  const { io } = context;
  const seen = new Map<string, string>();
  const changes = openChanges(io);
  let said = '';
  try {
    while (true) {
      const before = changes.count();
      let ran = 0;
      const faults: string[] = [];
      const runs = await findEvalRuns(subject, options, io.cwd).catch((thrown: unknown) => {
        faults.push(faultText(thrown));
        return [];
      });
      for (const run of runs) {
        try {
          if (run.broken !== undefined) throw run.broken;
          const { identity, files } = await identityOf(run, io);
          changes.follow(files);
          if (seen.get(run.name) === identity) continue;
          ran += 1;
          const code = await runEval(run.subject, run.options, context);
          if (code === exitCodes.interrupted) return code;
          // Only what was evaluated to its end counts as seen.
          seen.set(run.name, identity);
        } catch (thrown) {
          faults.push(faultText(thrown));
        }
      }
      const isSame = ran === 0 && faults.length === 0;
      const text = [...faults, ...(isSame ? ['Nothing that is evaluated changed.'] : [])].join('\n');
      // Said once: a file that this very output is written to would change for ever.
      if (ran > 0 || text !== said) writeLine(io.stderr, `${text} Waiting for changes; Ctrl-C ends.`.trim());
      said = text;
      if (!(await changes.after(before))) return exitCodes.interrupted;
    }
  } finally {
    changes.close();
  }
}

function faultText(thrown: unknown): string {
  const hint = HoneError.isInstance(thrown) && thrown.hint !== undefined ? ` ${thrown.hint}` : '';
  return `${messageOf(thrown)}${hint}`;
}

/** What an evaluation depends on, and the files that it is read from. */
async function identityOf(
  { subject, options }: EvalRun,
  io: CommandIo,
): Promise<{ readonly identity: string; readonly files: readonly string[] }> {
  await using workspace = openWorkspace({ folder: io.cwd, variables: variablesOf(io) });
  const task = await loadTask(subject, options, workspace);
  const hasher = createDatasetHasher();
  for await (const example of task.dataset) hasher.add(example);
  const { program, scorers, model, trials } = task;
  const identity = hashJson([
    program.shape,
    program.seed,
    scorers.map(({ version }) => version),
    hasher.finish('rows').version,
    nameOf(model),
    Object.entries(task.models).map(([role, each]) => [role, nameOf(each)]),
    trials ?? null,
  ]);
  return { identity, files: task.inputFiles };
}

function nameOf(model: ModelReference | undefined): string | null {
  return typeof model === 'object' ? ('id' in model ? model.id : model.modelId) : (model ?? null);
}

interface Changes {
  /** Changes so far. */
  count(): number;
  /** Resolves to true once there is a change after so many and quiet since, to false at Ctrl-C. */
  after(count: number): Promise<boolean>;
  /** Watches files outside the folder too. */
  follow(files: readonly string[]): void;
  close(): void;
}

function openChanges(io: CommandIo): Changes {
  let changes = 0;
  let isOver = false;
  let wake: () => void = () => undefined;
  const note = (name: string | null) => {
    if (name?.split(sep).some((part) => ignored.has(part))) return;
    changes += 1;
    wake();
  };
  const watchers: FSWatcher[] = [];
  const folders = new Set<string>();
  const open = (folder: string, recursive: boolean) => {
    if (folders.has(folder)) return;
    folders.add(folder);
    const watcher = watch(folder, { recursive }, (_, name) => note(name));
    // A folder that goes away is a change, and no fault.
    watcher.on('error', () => note(null));
    watchers.push(watcher);
  };
  open(io.cwd, true);
  const stopListening = io.onInterrupt(() => {
    isOver = true;
    wake();
  });
  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  return {
    count: () => changes,
    async after(count) {
      while (!isOver && changes === count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (isOver || changes !== count) resolve();
        });
      }
      for (let known = -1; !isOver && known !== changes; ) {
        known = changes;
        await pause(quietMs);
      }
      return !isOver;
    },
    follow(files) {
      for (const file of files) if (relative(io.cwd, file).startsWith('..')) open(dirname(file), false);
    },
    close() {
      stopListening();
      for (const watcher of watchers) watcher.close();
    },
  };
}
