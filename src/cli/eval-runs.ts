import { existsSync } from 'node:fs';
import { extname, relative, resolve } from 'node:path';
import { HoneError } from '../base/errors.ts';
import { findEvalFiles, isEvalFile, loadEvalFile } from '../config/eval-files.ts';
import { loadConfig } from '../config/load-config.ts';
import type { EvalOptions } from './options.ts';

/** One evaluation of a command line. */
export interface EvalRun {
  /** For people: the suite, or what was named. */
  readonly name: string;
  readonly subject: string | undefined;
  readonly options: EvalOptions;
  /** What its file threw: it cannot run, and says so when it is its turn. */
  readonly broken?: unknown;
}

/** What a command line asks to be evaluated; at least one. */
export async function findEvalRuns(
  subject: string | undefined,
  options: EvalOptions,
  folder: string,
): Promise<readonly EvalRun[]> {
  const named = [{ name: subject ?? 'the task', subject, options }];
  if (options.data !== undefined || options.train !== undefined) return named;
  const config = options.config;
  if (subject !== undefined && isEvalFile(subject))
    return suitesOf(resolve(folder, subject), options, folder);
  if (config !== undefined && isEvalFile(config) && subject === undefined) {
    return suitesOf(resolve(folder, config), options, folder);
  }
  const targets = Object.keys((await loadConfig({ folder, file: config }))?.config.targets ?? {});
  if (subject === undefined && (targets.length > 0 || config !== undefined)) return named;
  if (
    subject !== undefined &&
    (targets.includes(subject) || extname(subject) !== '' || existsSync(resolve(folder, subject)))
  ) {
    return named;
  }
  const all: EvalRun[] = [];
  for (const file of findEvalFiles(folder)) {
    try {
      all.push(...(await suitesOf(file, options, folder)));
    } catch (broken) {
      // One file that is at fault keeps the others from nothing.
      all.push({ name: relative(folder, file), subject, options, broken });
    }
  }
  refuseRepeated(all, folder);
  if (subject === undefined) return all.length === 0 ? named : all;
  const wanted = all.filter(({ name }) => name === subject);
  if (wanted.length > 0) return wanted;
  const broken = all.filter((run) => run.broken !== undefined);
  return broken.length > 0 ? broken : named;
}

/** Experiments, baselines and gates know a suite by its name: of two with one name the later one cannot run. */
function refuseRepeated(runs: EvalRun[], folder: string): void {
  const files = new Map<string, string>();
  for (const [index, run] of runs.entries()) {
    const file = relative(folder, run.options.config ?? '');
    const earlier = run.broken === undefined ? files.get(run.name) : undefined;
    if (earlier === undefined) {
      if (run.broken === undefined) files.set(run.name, file);
      continue;
    }
    const broken = new HoneError(`${earlier} and ${file} both have a suite called "${run.name}".`, {
      code: 'HONE_CONFIG_INVALID',
      hint: 'Give each a name of its own: experiments, baselines and gates know a suite by it.',
      facts: { file },
    });
    runs[index] = { ...run, broken };
  }
}

async function suitesOf(path: string, options: EvalOptions, folder: string): Promise<readonly EvalRun[]> {
  if (!existsSync(path)) {
    throw new HoneError(`The file ${relative(folder, path)} does not exist.`, {
      code: 'HONE_FILE_NOT_FOUND',
      hint: 'Check the path.',
      facts: { file: path },
    });
  }
  const suites = await loadEvalFile(path, folder);
  return suites.map(({ name }) => ({ name, subject: name, options: { ...options, config: path } }));
}
