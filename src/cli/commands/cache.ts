import { HoneError } from '../../base/errors.ts';
import { openWorkspace } from '../../config/workspace.ts';
import { count, counted, fileSize } from '../../report/numbers.ts';
import { writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { exitCodes } from '../exit-codes.ts';
import type { CommonOptions } from '../options.ts';
import { variablesOf } from '../prepare-command.ts';

interface CacheOptions extends CommonOptions {
  readonly json?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly input: boolean;
}

/** `hone cache`: what is stored, and deleting it. */
export async function runCache(
  action: 'stats' | 'clear',
  options: CacheOptions,
  { io }: CommandContext,
): Promise<number> {
  await using workspace = openWorkspace({ folder: io.cwd, variables: variablesOf(io) });
  const { store } = workspace;
  // Looking must not make a database.
  const counts = store.exists() ? await store.answers.count() : { answers: 0, bytes: 0, byModel: [] };
  if (action === 'stats') {
    if (options.json)
      writeLine(io.stdout, JSON.stringify({ schemaVersion: 1, location: store.location, ...counts }));
    else {
      writeLine(
        io.stdout,
        `${counted(counts.answers, 'stored answer')}, ${fileSize(counts.bytes)} in ${store.location}`,
      );
      for (const { modelId, answers } of counts.byModel)
        writeLine(io.stdout, `  ${count(answers).padStart(9)}  ${modelId}`);
    }
    return exitCodes.ok;
  }
  if (counts.answers > 0 && !options.yes) {
    if (!options.input || !io.isInteractive) {
      throw new HoneError(`Deleting ${counted(counts.answers, 'stored answer')} needs a confirmation.`, {
        code: 'HONE_OPTION_INVALID',
        hint: 'Add --yes. Paid answers will have to be paid again.',
      });
    }
    const reply = await io.ask(
      `Delete ${counted(counts.answers, 'stored answer')}? They would have to be paid again. [y/N] `,
    );
    if (!/^y(es)?$/i.test(reply.trim())) {
      writeLine(io.stderr, 'Nothing was deleted.');
      return exitCodes.ok;
    }
  }
  const deleted = counts.answers === 0 ? 0 : await store.answers.clear();
  if (options.json) writeLine(io.stdout, JSON.stringify({ schemaVersion: 1, deleted }));
  else writeLine(io.stdout, `Deleted ${counted(deleted, 'stored answer')}.`);
  return exitCodes.ok;
}
