import { spawn } from 'node:child_process';
import { userInfo } from 'node:os';
import { Writable } from 'node:stream';
import { openWorkspace } from '../../config/workspace.ts';
import type { StartCommand } from '../../server/jobs.ts';
import { openStudio } from '../../server/server.ts';
import { type CommandIo, writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { exitCodes } from '../exit-codes.ts';
import type { CommonOptions } from '../options.ts';
import { packageVersion } from '../package-version.ts';
import { variablesOf } from '../prepare-command.ts';
import { styleFor } from '../style-for.ts';

export interface StudioCommandOptions extends CommonOptions {
  readonly port?: number | undefined;
  /** False with `--no-open`. */
  readonly open: boolean;
}

/** `hone studio`: the local web page, until Ctrl-C. */
export async function runStudio(
  { port, open }: StudioCommandOptions,
  { io, rerunWith }: CommandContext,
): Promise<number> {
  await using workspace = openWorkspace({ folder: io.cwd, variables: variablesOf(io) });
  await using studio = await openStudio({
    workspace,
    port,
    startCommand: startedBy(io, rerunWith),
    actor: actorOf(io),
    version: packageVersion(),
  });
  const style = styleFor(io, io.stdout);
  writeLine(io.stdout, `Hone Studio  ${style.accent(studio.url)}`);
  writeLine(io.stderr, `It shows ${io.cwd} and answers this machine alone. Ctrl-C ends it.`);
  if (open && io.isInteractive) openInBrowser(studio.url);
  await new Promise<void>((resolve) => {
    const stop = io.onInterrupt(() => {
      stop();
      resolve();
    });
  });
  writeLine(io.stderr, 'Stopping; what was answered stays stored.');
  return exitCodes.ok;
}

/** Runs commands for the page in this process: nobody to ask, Ctrl-C by signal, lines handed on. */
function startedBy(
  io: CommandIo,
  rerun: (argv: readonly string[], io: CommandIo) => Promise<number>,
): StartCommand {
  return (argv, { onLine, signal }) => {
    const stream = lineStream(onLine);
    return rerun(argv, {
      ...io,
      stdout: stream,
      stderr: stream,
      isInteractive: false,
      ask: async () => '',
      onInterrupt: (listener) => {
        signal.addEventListener('abort', listener);
        return () => signal.removeEventListener('abort', listener);
      },
      // A second Ctrl-C would end the studio too.
      exit: () => undefined,
    });
  };
}

function lineStream(onLine: (line: string) => void): Writable {
  let rest = '';
  return new Writable({
    decodeStrings: false,
    write(chunk, _, done) {
      const lines = `${rest}${String(chunk)}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') onLine(line);
      done();
    },
  });
}

/** Best effort: the address is printed as well. */
function openInBrowser(url: string): void {
  const [command, ...words] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '']
        : ['xdg-open'];
  const child = spawn(command ?? 'xdg-open', [...words, url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

function actorOf({ variables }: CommandIo): string {
  const { GITHUB_ACTOR: onGithub } = variables;
  if (onGithub !== undefined && onGithub !== '') return onGithub;
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
