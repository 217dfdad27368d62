import { type Command, CommanderError } from 'commander';
import { HoneError } from '../base/errors.ts';
import { withoutCredentials } from '../model/without-credentials.ts';
import { calledAs } from './called-as.ts';
import { type CommandIo, writeLine } from './command-io.ts';
import { declareCommands } from './declare-commands.ts';
import { exitCodes } from './exit-codes.ts';
import { packageVersion } from './package-version.ts';
import { renderError } from './render/error-block.ts';
import { styleFor } from './style-for.ts';

/**
 * Runs one command line to its end.
 *
 * @returns The exit code; nothing is thrown.
 */
export async function runCommandLine(
  argv: readonly string[],
  io: CommandIo,
  { resumes }: { readonly resumes?: string | undefined } = {},
): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const hone = declareCommands({
    io,
    // What is stored and shown again; the credentials in an address are for the server alone.
    argv: argv.map(withoutCredentials),
    finish: (code) => {
      exitCode = code;
    },
    rerun: (command, cwd, run) => runCommandLine(command, { ...io, cwd }, { resumes: run }),
    rerunWith: (command, other) => runCommandLine(command, other),
    resumes,
  });
  hone.version(packageVersion(), '-V, --version', 'show the version');
  silence(hone, io);
  try {
    if (argv.length === 0) hone.outputHelp();
    else await hone.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return exitCodes.ok;
    const error = thrown instanceof CommanderError ? usageError(thrown, argv) : thrown;
    const options = { style: styleFor(io, io.stderr), verbose: argv.includes('--verbose') };
    writeLine(io.stderr, calledAs(renderError(error, options), io.variables));
    return HoneError.isInstance(error) ? error.exitCode : exitCodes.error;
  }
}

/** Commander throws instead of exiting, and its complaints are printed as ours. */
function silence(command: Command, io: CommandIo): void {
  command.exitOverride();
  command.configureOutput({
    writeOut: (text) => io.stdout.write(text),
    writeErr: (text) => io.stderr.write(text),
    outputError: () => undefined,
    getOutHelpWidth: () => io.stdout.columns ?? 100,
    getErrHelpWidth: () => io.stderr.columns ?? 100,
  });
  for (const child of command.commands) silence(child, io);
}

function usageError(thrown: CommanderError, argv: readonly string[]): HoneError {
  const [complaint = '', suggestion] = thrown.message.replace(/^error: /, '').split('\n');
  const closest = suggestion?.match(/\(Did you mean (?:one of )?(.+?)\?\)/)?.[1];
  const command = argv.find((argument) => !argument.startsWith('-'));
  const isKnown = thrown.code !== 'commander.unknownCommand' && command !== undefined;
  return new HoneError(
    `${complaint.charAt(0).toUpperCase()}${complaint.slice(1)}${/[.!?]$/.test(complaint) ? '' : '.'}`,
    {
      code: 'HONE_OPTION_INVALID',
      hint:
        closest === undefined
          ? `Run \`hone ${isKnown ? `${command} ` : ''}--help\` to see what there is.`
          : `Did you mean ${closest}?`,
      cause: thrown,
    },
  );
}
