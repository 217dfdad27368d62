import { type Command, Option } from 'commander';
import { HoneError } from '../base/errors.ts';
import type { Delimiter } from '../dataset/sniff-table.ts';
import { type ServerLack, serverLacks } from '../model/provider/server-dialect.ts';
import type { Objective } from '../optimizer/optimizer.ts';
import {
  delimiterSign,
  dollarLimit,
  dollars,
  files,
  lacks,
  modelIds,
  names,
  positiveNumber,
  roleModels,
  seconds,
  wholeNumber,
} from './option-values.ts';

/** Flags of every command. */
export interface CommonOptions {
  readonly verbose?: boolean | undefined;
}

/** Flags that say what the task is, what it may cost and what comes out. */
export interface TaskOptions extends CommonOptions {
  readonly config?: string | undefined;
  readonly data?: string | undefined;
  readonly expected?: readonly string[] | undefined;
  readonly inputs?: readonly string[] | undefined;
  readonly id?: string | undefined;
  readonly train?: string | undefined;
  readonly validation?: string | undefined;
  readonly test?: string | undefined;
  readonly splitColumn?: string | undefined;
  readonly allowLeaks?: boolean | undefined;
  readonly groupBy?: string | undefined;
  readonly delimiter?: Delimiter | undefined;
  readonly missingAsEmpty?: boolean | undefined;
  readonly model?: string | undefined;
  readonly roleModel?: Readonly<Record<string, string>> | undefined;
  readonly baseUrl?: string | undefined;
  readonly timeout?: number | undefined;
  readonly serverLacks?: readonly ServerLack[] | undefined;
  readonly scorer?: string | undefined;
  readonly seed?: number | undefined;
  readonly first?: number | undefined;
  readonly sample?: number | undefined;
  readonly concurrency?: number | undefined;
  readonly budgetUsd?: number | 'none' | undefined;
  readonly maxCalls?: number | undefined;
  readonly maxTokens?: number | undefined;
  readonly maxMinutes?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  readonly priceInput?: number | undefined;
  readonly priceOutput?: number | undefined;
  /** False with `--no-cache`. */
  readonly cache: boolean;
  readonly replay?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly output?: readonly string[] | undefined;
  readonly dryRun?: boolean | undefined;
  readonly yes?: boolean | undefined;
  /** False with `--no-input`. */
  readonly input: boolean;
  readonly quiet?: boolean | undefined;
}

export interface EvalOptions extends TaskOptions {
  readonly candidate?: string | undefined;
  readonly trials?: number | undefined;
  readonly by?: string | undefined;
  readonly failing?: string | undefined;
  readonly watch?: boolean | undefined;
}

export interface OptimizeCommandOptions extends TaskOptions {
  readonly reflectionModel?: string | undefined;
  readonly handoffWait?: number | undefined;
  readonly optimizer?: string | undefined;
  readonly maxReflectionCalls?: number | undefined;
  readonly maxCandidates?: number | undefined;
  readonly objectives?: readonly Objective[] | undefined;
  readonly stopAt?: number | undefined;
  readonly patience?: number | undefined;
  readonly searchAnyway?: boolean | undefined;
  readonly failOnInconclusive?: boolean | undefined;
  /** The model that is replaced; false with `--no-parity`. */
  readonly parity?: string | false | undefined;
  readonly parityMargin?: number | undefined;
  readonly list?: boolean | undefined;
  readonly showPrompts?: boolean | undefined;
}

/** The options as the flags give them: `--model` may stand several times. */
export type WithModels<Options> = Omit<Options, 'model'> & {
  readonly model?: string | readonly string[] | undefined;
};

/**
 * The options of a command that asks one model.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for several.
 */
export function withOneModel<Options extends { readonly model?: string | undefined }>(
  options: WithModels<Options>,
): Options {
  const { model } = options;
  if (typeof model !== 'object') return options as unknown as Options;
  throw new HoneError(`One model can be asked here, and --model names ${model.length}.`, {
    code: 'HONE_OPTION_INVALID',
    hint: `Run the command once for each: --model ${model[0]}. \`hone optimize\` takes several.`,
  });
}

/** Adds the flag that every command has. */
export function addCommonOptions(command: Command): Command {
  return command.option('--verbose', 'show more, and where an error comes from');
}

/** Adds the flags that ask a person, or rather not. */
export function addConsentOptions(command: Command): Command {
  return command
    .option('-y, --yes', 'answer every question with yes')
    .option('--no-input', 'ask nothing; fail where an answer is needed');
}

/** Adds the flags that `eval` and `optimize` share. */
export function addTaskOptions(command: Command): Command {
  command
    .optionsGroup('The task:')
    .option('-d, --data <file>', 'rows: csv, tsv, json, jsonl or yaml')
    .option('-e, --expected <columns>', 'columns with the right answer, separated by commas', names)
    .option('--inputs <columns>', 'columns that the prompt sees (default: all others)', names)
    .option('--id <column>', 'column that identifies a row (default: its content)')
    .option('--group-by <column>', 'column of what a row belongs to: rows of one group stay together')
    .option('--train <file>', 'rows that the search learns from; with the next two, instead of --data')
    .option('--validation <file>', 'rows that the search selects on')
    .option('--test <file>', 'rows of the sealed test')
    .option('--split-column <column>', 'column that says train, validation or test, instead of three files')
    .option('--allow-leaks', 'the test may hold copies of rows that the search sees')
    .option(
      '--delimiter <sign>',
      'between values of a table: , ; | or tab (default: what it looks like)',
      delimiterSign,
    )
    .option('--missing-as-empty', 'an input that a row lacks is an empty text')
    .option('-s, --scorer <name>', 'how an answer is judged, such as exact-match or numeric')
    .option('--first <n>', 'only the first n rows', wholeNumber(1))
    .option('--sample <n>', 'only n rows, drawn by the seed', wholeNumber(1))
    .option('-c, --config <file>', 'config file (default: hone.config.ts, if there is one)')
    .optionsGroup('Models:')
    .option(
      '-m, --model <id>',
      'openai/…, anthropic/…, google/…, local/… or a .gguf file (default: local)',
      modelIds,
    )
    .option('--role-model <role=id>', 'the model of a further role, such as judge (repeatable)', roleModels)
    .option('--base-url <url>', 'an OpenAI-compatible server that answers for the model')
    .option('--timeout <seconds>', 'longest time of one attempt; 0 for no limit (default: 120)', seconds)
    .option(
      '--server-lacks <names>',
      `what a server does not take: ${serverLacks.join(', ')} (default: learned when it refuses)`,
      lacks,
    )
    .option('--max-output-tokens <n>', 'longest answer, in tokens', wholeNumber(1))
    .option('--price-input <usd>', 'US dollars per million input tokens', dollars)
    .option('--price-output <usd>', 'US dollars per million output tokens', dollars);
  return command;
}

/** Adds the limits, the cache and the output, in the order of the help. */
export function addRunOptions(
  command: Command,
  { usualCalls = '2000 on a paid model' }: { readonly usualCalls?: string | undefined } = {},
): Command {
  command
    .optionsGroup('Limits:')
    .option(
      '--budget-usd <usd>',
      'most US dollars to spend, or none (default: 1 on a paid model)',
      dollarLimit,
    )
    .option('--max-calls <n>', `most calls of the model (default: ${usualCalls})`, wholeNumber(1))
    .option('--max-tokens <n>', 'most tokens of all calls, in and out', wholeNumber(1))
    .option('--max-minutes <n>', 'most minutes (default: 30 on a paid model)', positiveNumber)
    .option('-j, --concurrency <n>', 'most rows at once (default: 8)', wholeNumber(1))
    .option('--seed <n>', 'decides splits, samples and every random choice (default: 1)', wholeNumber(0))
    .optionsGroup('Stored answers:')
    .option('--no-cache', 'neither read nor store answers')
    .addOption(new Option('--replay', 'only stored answers; a missing one is an error').conflicts('cache'))
    .optionsGroup('Output:')
    .option('-o, --output <file>', 'write a file too; its extension decides the format (repeatable)', files)
    .option('--json', 'one JSON document on stdout, everything else on stderr')
    .option('--dry-run', 'print the plan with calls, tokens and cost, and call nothing')
    .option('-q, --quiet', 'no progress, only the result');
  return addConsentOptions(addCommonOptions(command));
}
