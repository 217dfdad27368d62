import { HoneError } from '../../base/errors.ts';
import { openWorkspace } from '../../config/workspace.ts';
import type { RunRecord } from '../../store/store.ts';
import { calledAs } from '../called-as.ts';
import { writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { exitCodes } from '../exit-codes.ts';
import type { CommonOptions } from '../options.ts';

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
  const run = await findRun(id, { folder: io.cwd, variables: io.variables });
  if (run.status === 'completed') {
    if (run.kind === 'optimization') return rerun(['report', run.id], io.cwd);
    writeLine(io.stdout, `The evaluation ${run.id} is finished; nothing is left to do.`);
    return exitCodes.ok;
  }
  const { argv, cwd } = commandOf(run);
  const added = [
    ...(options.yes && !argv.includes('--yes') && !argv.includes('-y') ? ['--yes'] : []),
    ...(!options.input && !argv.includes('--no-input') ? ['--no-input'] : []),
  ];
  writeLine(io.stderr, calledAs(`resuming ${run.id}: hone ${argv.join(' ')}`, io.variables));
  return rerun([...argv, ...added], cwd);
}

async function findRun(
  id: string | undefined,
  place: Parameters<typeof openWorkspace>[0],
): Promise<RunRecord> {
  await using workspace = openWorkspace(place);
  const run =
    id === undefined ? (await workspace.store.listRuns({ limit: 1 }))[0] : await workspace.store.readRun(id);
  if (run !== undefined) return run;
  throw new HoneError(id === undefined ? 'There is no run to resume.' : `There is no run ${id}.`, {
    code: 'HONE_RUN_NOT_FOUND',
    hint: id === undefined ? 'Start one: hone optimize --help' : 'Leave the id out for the newest run.',
  });
}

function commandOf({ id, plan }: RunRecord): { readonly argv: readonly string[]; readonly cwd: string } {
  const { argv, cwd } = plan;
  if (Array.isArray(argv) && argv.every((part) => typeof part === 'string') && typeof cwd === 'string') {
    return { argv: argv as readonly string[], cwd };
  }
  throw new HoneError(`The run ${id} was not started on the command line.`, {
    code: 'HONE_RUN_NOT_FOUND',
    hint: 'Make the same call in code again: it goes on where the run was.',
  });
}
