import { HoneError } from '../../base/errors.ts';
import { openWorkspace } from '../../config/workspace.ts';
import type { RunRecord, Store } from '../../store/store.ts';
import { calledAs } from '../called-as.ts';
import { type CommandIo, writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { exitCodes } from '../exit-codes.ts';
import { changedInputs } from '../input-files.ts';
import type { CommonOptions } from '../options.ts';
import { variablesOf } from '../prepare-command.ts';
import { shellCommand } from '../render/shell-command.ts';

interface ResumeOptions extends CommonOptions {
  readonly yes?: boolean | undefined;
  readonly input: boolean;
}

/** `hone resume`: runs the recorded command again, which goes on where the run was. */
export async function runResume(
  id: string | undefined,
  options: ResumeOptions,
  { io, rerun }: CommandContext,
): Promise<number> {
  const run = await findRun(id, { folder: io.cwd, variables: variablesOf(io) });
  if (run.status === 'completed') {
    if (run.kind === 'optimization') return rerun(['report', run.id], io.cwd);
    writeLine(io.stdout, `The evaluation ${run.id} is finished; nothing is left to do.`);
    return exitCodes.ok;
  }
  const command = commandOf(run);
  const { argv, cwd } = command;
  const changed = await changedInputs(run.plan.files, cwd);
  if (changed.length > 0 && !(await agreesToNewRun({ run, command, changed }, options, io))) {
    writeLine(io.stderr, 'Nothing was run.');
    return exitCodes.ok;
  }
  const added = [
    ...(options.yes && !argv.includes('--yes') && !argv.includes('-y') ? ['--yes'] : []),
    ...(!options.input && !argv.includes('--no-input') ? ['--no-input'] : []),
  ];
  const verb = changed.length > 0 ? 'running again' : `resuming ${run.id}`;
  writeLine(io.stderr, calledAs(`${verb}: ${shellCommand(['hone', ...argv])}`, io.variables));
  // Only an optimization has a course to go on with; the others ask for what is missing.
  const goesOn = changed.length === 0 && run.kind === 'optimization';
  return rerun([...argv, ...added], cwd, goesOn ? run.id : undefined);
}

interface ChangedRun {
  readonly run: RunRecord;
  readonly command: RecordedCommand;
  readonly changed: readonly string[];
}

/**
 * Other rows are another run, with another split and maybe another verdict: that must not pass for the old one.
 *
 * @throws {HoneError} `HONE_RUN_CHANGED` when nobody can be asked.
 */
async function agreesToNewRun(
  { run, command, changed }: ChangedRun,
  { yes = false, input }: ResumeOptions,
  io: CommandIo,
): Promise<boolean> {
  const what = `${changed.join(', ')} ${changed.length === 1 ? 'has' : 'have'} changed since ${run.id} was started`;
  if (yes) {
    writeLine(io.stderr, `${what}: this is a new run.`);
    return true;
  }
  if (!input || !io.isInteractive) {
    throw new HoneError(`${what}, so it cannot go on.`, {
      code: 'HONE_RUN_CHANGED',
      hint: `Put back what was there; or start a new run on what is there now, which pays for no stored answer again: ${shellCommand(['hone', ...command.argv])}`,
      facts: { run: run.id, files: [...changed] },
    });
  }
  const reply = await io.ask(
    `${what}. Start a new run on what is there now? Stored answers that still fit are used. [y/N] `,
  );
  return /^y(es)?$/i.test(reply.trim());
}

async function findRun(id: string | undefined, place: WorkspacePlace): Promise<RunRecord> {
  await using workspace = openWorkspace(place);
  const { store } = workspace;
  // Looking must not make a database.
  const isThere = store.exists();
  const run = !isThere
    ? undefined
    : id === undefined
      ? await newestUnfinished(store)
      : await store.runs.read(id);
  if (run !== undefined) return run;
  throw new HoneError(id === undefined ? 'There is no run to resume.' : `There is no run ${id}.`, {
    code: 'HONE_RUN_NOT_FOUND',
    hint: id === undefined ? 'Start one: hone optimize --help' : 'Leave the id out for the newest run.',
  });
}

type WorkspacePlace = Parameters<typeof openWorkspace>[0];

/**
 * The newest run that is not finished, else the newest. A run whose very command has come to its end since, in
 * another run, has nothing left to do.
 */
async function newestUnfinished(store: Store): Promise<RunRecord | undefined> {
  // A part of another run goes on with that one.
  const runs = (await store.runs.list()).filter(({ plan }) => plan.partOf === undefined);
  const done = new Set<string>();
  for (const run of runs) {
    const command = JSON.stringify([run.plan.argv, run.plan.cwd]);
    if (run.status === 'completed') done.add(command);
    else if (!done.has(command)) return run;
  }
  return runs[0];
}

interface RecordedCommand {
  readonly argv: readonly string[];
  readonly cwd: string;
}

function commandOf({ id, plan }: RunRecord): RecordedCommand {
  const { argv, cwd } = plan;
  if (Array.isArray(argv) && argv.every((part) => typeof part === 'string') && typeof cwd === 'string') {
    return { argv: argv as readonly string[], cwd };
  }
  throw new HoneError(`The run ${id} was not started on the command line.`, {
    code: 'HONE_RUN_NOT_FOUND',
    hint: 'Make the same call in code again: it goes on where the run was.',
  });
}
