import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { HoneError } from '../../base/errors.ts';
import { calledAs } from '../called-as.ts';
import { writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { exitCodes } from '../exit-codes.ts';
import { exampleConfig, examplePrompt, exampleRows } from '../init-files.ts';
import type { CommonOptions } from '../options.ts';
import { skillText } from '../skill-file.ts';
import { styleFor } from '../style-for.ts';
import { writeWholeFile } from '../write-file.ts';

interface InitOptions extends CommonOptions {
  readonly typescript?: boolean | undefined;
  /** A file of another tool. */
  readonly from?: string | undefined;
  /** Writes the file that tells a coding agent how to use Hone. */
  readonly skill?: boolean | undefined;
  readonly into?: string | undefined;
  readonly expected?: readonly string[] | undefined;
  readonly yes?: boolean | undefined;
  readonly input: boolean;
}

/** `hone init`: the first files of a task. What exists already stays as it is. */
export async function runInit(options: InitOptions, { io }: CommandContext): Promise<number> {
  const { from, into, expected, skill } = options;
  if (skill === true) {
    if (from !== undefined) throw oneOfTwo();
    return writeSkill(into ?? join('.claude', 'skills', 'hone'), io);
  }
  if (from !== undefined) {
    const { runInitFrom } = await import('./init-from.ts');
    return runInitFrom({ from, into, expected }, { io });
  }
  if (into !== undefined || expected !== undefined) {
    throw new HoneError('--into and --expected belong to --from.', {
      code: 'HONE_OPTION_INVALID',
      hint: 'Name the file of another tool with --from.',
    });
  }
  const typescript = options.typescript ?? (await prefersTypescript(options, io));
  const files = [
    typescript ? { name: 'hone.config.ts', text: exampleConfig } : { name: 'prompt.md', text: examplePrompt },
    { name: 'rows.csv', text: exampleRows },
  ];
  for (const { name, text } of files) {
    const path = join(io.cwd, name);
    const isThere = existsSync(path);
    if (!isThere) writeWholeFile(path, text);
    writeLine(io.stdout, `${isThere ? 'kept   ' : 'wrote  '} ${name}`);
  }
  const style = styleFor(io, io.stdout);
  const next = typescript
    ? ['hone eval message', 'hone optimize message']
    : [
        'hone eval prompt.md --data rows.csv --expected topic',
        'hone optimize prompt.md --data rows.csv --expected topic',
      ];
  writeLine(io.stdout);
  writeLine(
    io.stdout,
    'Put your own rows into rows.csv (80 or more, so that an improvement can be proven), then:',
  );
  for (const command of next) writeLine(io.stdout, `  ${style.accent(calledAs(command, io.variables))}`);
  return exitCodes.ok;
}

function oneOfTwo(): HoneError {
  return new HoneError('--skill and --from are two things to do.', {
    code: 'HONE_OPTION_INVALID',
    hint: 'Run `hone init --skill` by itself.',
  });
}

/** A file that is there already may have been changed on purpose. */
function writeSkill(folder: string, io: CommandContext['io']): number {
  const name = join(folder, 'SKILL.md');
  const path = resolve(io.cwd, name);
  const isThere = existsSync(path);
  if (!isThere) {
    mkdirSync(dirname(path), { recursive: true });
    writeWholeFile(path, skillText);
  }
  writeLine(io.stdout, `${isThere ? 'kept   ' : 'wrote  '} ${name}`);
  return exitCodes.ok;
}

async function prefersTypescript(
  { yes = false, input }: InitOptions,
  io: CommandContext['io'],
): Promise<boolean> {
  if (yes || !input || !io.isInteractive) return false;
  const reply = await io.ask('A prompt file (1), or TypeScript with hone.config.ts (2)? [1] ');
  return reply.trim() === '2';
}
