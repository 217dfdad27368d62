import { HoneError } from '../../base/errors.ts';
import { createOptimizer } from '../../config/catalog.ts';
import { exampleSize, type ListedOptimizer, listed, listOptimizers } from '../../config/list-optimizers.ts';
import { loadConfig } from '../../config/load-config.ts';
import { type NamedPrompts, promptsOf } from '../../config/optimizer-prompts.ts';
import { openWorkspace } from '../../config/workspace.ts';
import type { Optimizer } from '../../optimizer/optimizer.ts';
import { type CommandIo, writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { exitCodes } from '../exit-codes.ts';
import type { OptimizeCommandOptions } from '../options.ts';
import { variablesOf } from '../prepare-command.ts';
import { type ListStyle, renderOptimizerList, renderPrompts } from '../render/optimizer-list.ts';
import { styleFor } from '../style-for.ts';

/** Flags beside `--list` and `--show-prompts` that have a meaning with them. */
const understood = ['--optimizer', '--config', '--json', '--verbose', '--quiet'];

export interface ShowRequest {
  readonly options: OptimizeCommandOptions;
  /** The flags on the command line, by their long names. */
  readonly given: readonly string[];
}

/**
 * `hone optimize --list` and `--show-prompts`. They start no run.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a flag or a prompt that would be ignored.
 */
export async function runShowOptimizers(
  target: string | undefined,
  { options, given }: ShowRequest,
  { io }: Pick<CommandContext, 'io'>,
): Promise<number> {
  const flag = options.list ? '--list' : '--show-prompts';
  const [other] = given.filter((name) => name !== flag && !understood.includes(name));
  const ignored = other ?? (options.list ? target : undefined);
  if (ignored !== undefined) {
    throw new HoneError(`${flag} shows something and runs nothing, so ${ignored} means nothing beside it.`, {
      code: 'HONE_OPTION_INVALID',
      hint: `Leave ${ignored} out, or ${flag}.`,
    });
  }
  return options.list ? listAll(options, io) : showPrompts(target, options, io);
}

/** What there is to choose from; with `--optimizer`, that one. Calls nothing. */
function listAll({ optimizer, json }: OptimizeCommandOptions, io: CommandIo): number {
  const optimizers: readonly ListedOptimizer[] =
    optimizer === undefined ? listOptimizers() : [listed(createOptimizer(optimizer))];
  const { train, validation, test } = exampleSize;
  writeLine(
    io.stdout,
    json
      ? JSON.stringify({ schemaVersion: 1, example: { train, validation, test }, optimizers })
      : renderOptimizerList(optimizers, listStyle(io)),
  );
  return exitCodes.ok;
}

/**
 * What an optimizer asks a model itself, as it will be sent. That of the flag, of
 * the target or of the config; where none says one, of all of them.
 */
async function showPrompts(
  target: string | undefined,
  options: OptimizeCommandOptions,
  io: CommandIo,
): Promise<number> {
  const chosen = await chosenOptimizer(target, options, io);
  const optimizers: readonly NamedPrompts[] =
    chosen === undefined
      ? listOptimizers().map(({ name }) => promptsOf(createOptimizer(name)))
      : [promptsOf(chosen)];
  writeLine(
    io.stdout,
    options.json
      ? JSON.stringify({ schemaVersion: 1, optimizers })
      : renderPrompts(optimizers, listStyle(io)),
  );
  return exitCodes.ok;
}

function listStyle(io: CommandIo): ListStyle {
  return { style: styleFor(io, io.stdout), width: Math.min(100, io.stdout.columns ?? 100) };
}

async function chosenOptimizer(
  target: string | undefined,
  { optimizer, config: file }: OptimizeCommandOptions,
  io: CommandIo,
): Promise<Optimizer | undefined> {
  await using workspace = openWorkspace({ folder: io.cwd, variables: variablesOf(io) });
  const { folder, environment } = workspace;
  if (optimizer !== undefined) return createOptimizer(optimizer);
  const config = (await loadConfig({ folder, file: file ?? environment.config }))?.config;
  const targets = config?.targets ?? {};
  const own = target === undefined || !Object.hasOwn(targets, target) ? undefined : targets[target];
  if (target !== undefined && own === undefined) {
    throw new HoneError(`"${target}" is no target of a config file, so it names no optimizer.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Name the optimizer: hone optimize --show-prompts --optimizer gepa',
    });
  }
  const said = own?.optimizer ?? config?.optimizer;
  return typeof said === 'string' ? createOptimizer(said) : said;
}
