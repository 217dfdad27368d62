import { type Command, CommanderError } from 'commander';
import { HoneError } from '../base/errors.ts';
import { readEnvironment } from '../config/environment.ts';
import { type CommandIo, writeLine } from './command-io.ts';
import { declareCommands } from './declare-commands.ts';
import { exitCodes } from './exit-codes.ts';
import { renderError } from './render/error-block.ts';
import { createStyle, type Style } from './render/style.ts';
import { packageVersion } from './package-version.ts';

/**
 * Runs one command line to its end.
 *
 * @returns The exit code; nothing is thrown.
 */
export async function runCommandLine(argv: readonly string[], io: CommandIo): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const hone = declareCommands({
    io,
    argv,
    finish: (code) => {
      exitCode = code;
    },
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
    const options = { style: styleFor(io), verbose: argv.includes('--verbose') };
    writeLine(io.stderr, renderError(error, options));
    return HoneError.isInstance(error) ? error.exitCode : exitCodes.error;
  }
}

/** Colours where a terminal reads and the environment does not object. */
export function styleFor(io: CommandIo, stream = io.stderr): Style {
  return createStyle(colorSetting(io) ?? stream.isTTY === true);
}

function colorSetting(io: CommandIo): boolean | undefined {
  try {
    return readEnvironment(io.variables).color;
  } catch {
    // The variable at fault is being reported; colours are not the news.
    return undefined;
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
  return new HoneError(`${complaint.charAt(0).toUpperCase()}${complaint.slice(1)}${/[.!?]$/.test(complaint) ? '' : '.'}`, {
    code: 'HONE_OPTION_INVALID',
    hint:
      closest === undefined
        ? `Run \`hone ${isKnown ? `${command} ` : ''}--help\` to see what there is.`
        : `Did you mean ${closest}?`,
    cause: thrown,
  });
}
