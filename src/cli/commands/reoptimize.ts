import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { HoneError } from '../../base/errors.ts';
import { sha256 } from '../../base/hash.ts';
import type { JsonObject } from '../../base/json.ts';
import { beginningOf } from '../../base/plain-text.ts';
import { loadTask } from '../../config/task.ts';
import { openWorkspace } from '../../config/workspace.ts';
import type { OptimizationReport } from '../../optimizer/driver/report.ts';
import { score } from '../../report/numbers.ts';
import { type CommandIo, writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { exitCodes } from '../exit-codes.ts';
import { memoryIo } from '../memory-io.ts';
import type { OptimizeCommandOptions } from '../options.ts';
import { variablesOf } from '../prepare-command.ts';
import { putPullRequest } from '../pull-request.ts';
import { pushBranch } from '../push-branch.ts';
import { writeWholeFile } from '../write-file.ts';

export interface ReoptimizeOptions extends OptimizeCommandOptions {
  readonly openPr?: boolean | undefined;
  readonly base?: string | undefined;
  readonly branch?: string | undefined;
  readonly anyway?: boolean | undefined;
}

/** What the last run had before it, so that the same is not searched again. */
interface LastRun {
  readonly schemaVersion: 1;
  /** Hash of the rows, the config and the flags: another model or optimizer is another search. */
  readonly setting: string;
  /** Hashes of the prompt that it began from and of what it returned. */
  readonly prompts: readonly string[];
  readonly run: string;
  readonly verdict: string;
}

/** GitHub takes at most 65,536 characters. */
const longestBody = 60_000;

/**
 * `hone reoptimize`: searches again where rows or prompt are new, and proposes what is proven better as a pull request.
 * Nothing reliable found is said, and nothing is opened then.
 */
export async function runReoptimize(
  subject: string,
  options: ReoptimizeOptions,
  { io, argv, rerunWith }: CommandContext,
): Promise<number> {
  if (options.dryRun) return rerunWith([...searchArguments(argv), ...(options.json ? ['--json'] : [])], io);
  await using workspace = openWorkspace({ folder: io.cwd, variables: variablesOf(io) });
  const tell = (text: string, value: JsonObject) =>
    writeLine(io.stdout, options.json ? JSON.stringify({ schemaVersion: 1, ...value }) : text);
  const path = resolve(io.cwd, subject);
  const target = options.openPr ? pullRequestTarget(options, io) : undefined;
  const { name, inputFiles, promptText } = await loadTask(subject, options, workspace);
  if (promptText === undefined || extname(path) === '' || !inputFiles.includes(path)) {
    throw new HoneError(`"${subject}" is no prompt file, so there is no file to change.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Name a prompt file: hone reoptimize prompt.md --data rows.csv --expected <column>',
    });
  }
  const search = searchArguments(argv);
  const others = inputFiles.filter((file) => file !== path).map((file) => sha256(readFileSync(file, 'utf8')));
  const setting = sha256(JSON.stringify([others, search]));
  const before = readFileSync(path, 'utf8');
  const statePath = join(workspace.honeFolder, 'reoptimized', `${name.replace(/[^\w.-]+/g, '-')}.json`);
  const last = readLast(statePath);
  if (!options.anyway && last?.setting === setting && last.prompts.includes(sha256(before))) {
    tell(
      `Nothing is new since ${last.run} (${last.verdict}): the same rows, prompt and flags. --anyway searches all the same.`,
      { action: 'none', run: last.run, verdict: last.verdict },
    );
    return exitCodes.ok;
  }

  const folder = mkdtempSync(join(tmpdir(), 'hone-reoptimize-'));
  try {
    const found = { winner: join(folder, 'winner.md'), report: join(folder, 'report.md') };
    const outputs = ['--json', '-o', found.winner, '-o', found.report];
    const quiet = memoryIo({ cwd: io.cwd });
    const code = await rerunWith([...search, ...outputs], { ...io, stdout: quiet.stdout });
    if (code !== exitCodes.ok) return code;
    const report = JSON.parse(quiet.output()) as OptimizationReport;
    const winner = readFileSync(found.winner, 'utf8');
    const { sealedTest: test } = report;
    const done = { run: report.runId, verdict: report.verdict };
    const prompts = [sha256(before), sha256(winner)];
    const keep = () =>
      writeWholeFile(
        statePath,
        `${JSON.stringify({ schemaVersion: 1, setting, prompts, ...done } satisfies LastRun)}\n`,
      );
    if (report.verdict !== 'improved' || test === undefined) {
      keep();
      tell(`Nothing reliably better was found (${report.verdict}, ${report.runId}): ${subject} stays.`, {
        ...done,
        action: 'none',
      });
      return exitCodes.ok;
    }
    const figures = `${score(test.seed ?? 0)} → ${score(test.winner ?? 0)} on ${test.rows} rows that no search has seen`;
    if (target === undefined) {
      keep();
      tell(`Better: ${figures}. hone report ${report.runId} shows it; --open-pr proposes it.`, {
        ...done,
        action: 'none',
      });
      return exitCodes.ok;
    }
    const title = `Better prompt for ${name}: ${figures}`;
    const branch = options.branch ?? `hone/reoptimize-${name.replace(/[^\w.-]+/g, '-')}`;
    await pushBranch({
      folder: io.cwd,
      branch,
      files: { [path]: winner },
      message: `${title}\n\nRun ${report.runId}, seed ${report.randomSeed}.`,
    });
    const { action, url } = await putPullRequest({
      ...target,
      branch,
      title,
      body: bodyOf(readFileSync(found.report, 'utf8'), search),
    });
    keep();
    tell(`Better: ${figures}. ${action} ${url}`, { ...done, action, url });
    return exitCodes.ok;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The report, and how to get the same. */
function bodyOf(report: string, search: readonly string[]): string {
  const again = `Again: \`hone ${search.join(' ').replaceAll('`', "'")}\``;
  const room = longestBody - again.length - 100;
  const shown =
    report.length <= room ? report : `${beginningOf(report, room)}\n\n… the rest is in the run's report.`;
  return `${shown.trimEnd()}\n\n${again}\n`;
}

/** The same command line as a search alone, without the forms of its output. */
function searchArguments(argv: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (word === '--open-pr' || word === '--anyway' || word === '--json' || /^--(?:base|branch)=/.test(word))
      continue;
    if (word === '--base' || word === '--branch') index += 1;
    else found.push(found.length === 0 ? 'optimize' : word);
  }
  return found;
}

/** Where a pull request goes, known before anything is spent. */
function pullRequestTarget({ base }: ReoptimizeOptions, { variables }: CommandIo) {
  const {
    GITHUB_TOKEN: token,
    GITHUB_REPOSITORY: repository,
    GITHUB_API_URL: apiUrl = 'https://api.github.com',
    GITHUB_REF_NAME: current,
  } = variables;
  if (!token || !repository) {
    throw new HoneError('A pull request needs GITHUB_TOKEN and GITHUB_REPOSITORY.', {
      code: 'HONE_OPTION_INVALID',
      hint: 'Give the step of the job GITHUB_TOKEN in its env; elsewhere set GITHUB_REPOSITORY=owner/name too.',
    });
  }
  return { token, repository, apiUrl, base: base ?? (current || 'main') };
}

function readLast(path: string): LastRun | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const last = JSON.parse(readFileSync(path, 'utf8')) as Partial<LastRun>;
    return last.schemaVersion === 1 && Array.isArray(last.prompts) ? (last as LastRun) : undefined;
  } catch {
    // Only a note: without it the search runs.
    return undefined;
  }
}
