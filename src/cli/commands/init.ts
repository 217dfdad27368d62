import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { calledAs } from '../called-as.ts';
import { writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { exitCodes } from '../exit-codes.ts';
import { exampleConfig, examplePrompt, exampleRows } from '../init-files.ts';
import type { CommonOptions } from '../options.ts';
import { styleFor } from '../style-for.ts';
import { writeWholeFile } from '../write-file.ts';

interface InitOptions extends CommonOptions {
  readonly typescript?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly input: boolean;
}

/** `hone init`: the first files of a task. What exists already stays as it is. */
export async function runInit(options: InitOptions, { io }: CommandContext): Promise<number> {
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

async function prefersTypescript(
  { yes = false, input }: InitOptions,
  io: CommandContext['io'],
): Promise<boolean> {
  if (yes || !input || !io.isInteractive) return false;
  const reply = await io.ask('A prompt file (1), or TypeScript with hone.config.ts (2)? [1] ');
  return reply.trim() === '2';
}
