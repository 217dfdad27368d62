import type { Dataset, Example } from '../dataset/dataset.ts';
import type { Delimiter } from '../dataset/sniff-table.ts';
import type { ModelReference } from '../model/resolve-model.ts';
import type { OptimizationBudget } from '../optimizer/driver/optimize-options.ts';
import type { Objective, Optimizer } from '../optimizer/optimizer.ts';
import type { StopCondition } from '../optimizer/stop-condition.ts';
import type { Program } from '../program/program.ts';
import type { Scorer } from '../scorer/scorer.ts';
import type { CacheMode } from './environment.ts';
import type { RoleFiles } from './open-rows.ts';

/** Rows in a file, named from the folder of the config file. */
export interface DatasetFile {
  /** One file, or a file for each role, from the folder of the config file. */
  readonly file: string | RoleFiles;
  /** Columns with the right answer. */
  readonly expected: readonly string[];
  /** Columns that the prompt sees. @default all others */
  readonly inputs?: readonly string[] | undefined;
  /** Column that identifies a row. @default the row's content */
  readonly id?: string | undefined;
  /** Column of what a row belongs to: rows of one group stay together. @default none */
  readonly groupBy?: string | undefined;
  /** Column that says train, validation or test. @default Hone divides the rows */
  readonly splitColumn?: string | undefined;
  /** Whether the test may hold copies of rows that the search sees. @default false */
  readonly allowLeaks?: boolean | undefined;
  /** What stands between the values of a CSV or TSV file. @default what the file looks like */
  readonly delimiter?: Delimiter | undefined;
  /** Whether an input that a row lacks is an empty text. @default false */
  readonly missingAsEmpty?: boolean | undefined;
}

/** A budget with `usd: 'none'` for no dollar limit. */
export type ConfiguredBudget = Omit<OptimizationBudget, 'usd'> & {
  readonly usd?: number | 'none' | undefined;
};

/** What may be said for one target and for all of them. */
export interface Defaults {
  /** A name such as 'openai/gpt-5-mini', or an AI SDK model. @default the embedded local model */
  readonly model?: ModelReference | undefined;
  /** Answers optimizers that ask one. @default none */
  readonly reflectionModel?: ModelReference | undefined;
  /** Models of further roles: `judge`, `teacher`, and those that the program names. @default none */
  readonly models?: Readonly<Record<string, ModelReference>> | undefined;
  /** What counts, the first most; a `bound` is a hard limit. @default the score alone */
  readonly objectives?: readonly Objective[] | undefined;
  /** Ends a search when one of these holds, such as `patience(20)`. @default none */
  readonly stopWhen?: readonly StopCondition[] | undefined;
  /** @default on a paid model 1 USD, 2,000 calls, 200 reflection calls and 30 minutes; else none */
  readonly budget?: ConfiguredBudget | undefined;
  /** Most rows at once. @default 8 */
  readonly concurrency?: number | undefined;
  /** Decides splits, samples and every random choice. @default 1 */
  readonly seed?: number | undefined;
  readonly optimizer?: Optimizer | string | undefined;
}

/** One task: what runs, on which rows, judged how. Give `program` or `prompt`. */
export interface Target extends Defaults {
  // A program takes any rows here: its types matter where it is written, not where it is listed.
  readonly program?: Program<unknown, unknown> | undefined;
  /** A prompt file, named from the folder of the config file. */
  readonly prompt?: string | undefined;
  readonly dataset: Dataset | Iterable<Example> | DatasetFile | (() => Dataset | Promise<Dataset>);
  /** @default exact match of the expected fields, numbers by value */
  readonly scorer?: Scorer | readonly Scorer[] | string | undefined;
  /** Independent answers for each row in `hone eval`. @default 1 */
  readonly trials?: number | undefined;
}

/** The content of `hone.config.ts`. */
export interface HoneConfig extends Defaults {
  /** @default 'on' */
  readonly cache?: CacheMode | undefined;
  /** Tasks by name, for `hone eval <name>` and `hone optimize <name>`. */
  readonly targets?: Readonly<Record<string, Target>> | undefined;
}

/**
 * Types the config while it is written; returns it as it is.
 *
 * @example
 * export default defineConfig({ targets: { triage: { prompt: 'prompt.md', dataset: { file: 'tickets.csv', expected: ['category'] } } } });
 */
export function defineConfig<const Config extends HoneConfig>(config: Config): Config {
  return config;
}
