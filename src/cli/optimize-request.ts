import { defaultEmbeddedModelId } from '../model/embedded-models.ts';
import { withoutCredentials } from '../model/without-credentials.ts';
import type { OptimizationReport } from '../optimizer/driver/report.ts';
import { patience, type StopCondition, targetScore } from '../optimizer/stop-condition.ts';
import type { Candidate } from '../prompt/candidate.ts';
import { saveCandidate } from '../prompt/saved-candidate.ts';
import { duration } from '../report/numbers.ts';
import { provenanceOf } from '../report/provenance.ts';
import { isShown } from '../report/verdict.ts';
import type { Store } from '../store/store.ts';
import type { CommandIo } from './command-io.ts';
import { exitCodes } from './exit-codes.ts';
import { hashInputs } from './input-files.ts';
import type { OptimizeCommandOptions } from './options.ts';
import type { PreparedCommand } from './prepare-command.ts';

export interface OptimizeRequestSetting {
  readonly io: CommandIo;
  readonly argv: readonly string[];
  readonly store: Store;
}

/** What a command line asks of an optimization. */
export async function optimizeRequest(
  prepared: PreparedCommand,
  options: OptimizeCommandOptions,
  { io, argv, store }: OptimizeRequestSetting,
) {
  const { task, model, reflectionModel, models, budget, cache, concurrency } = prepared;
  return {
    program: task.program,
    dataset: task.roles ?? task.dataset,
    scorer: task.scorers,
    optimizer: task.optimizer,
    model,
    reflectionModel,
    models,
    store,
    budget,
    randomSeed: task.seed,
    concurrency,
    cache,
    maxCandidates: options.maxCandidates,
    objectives: options.objectives ?? task.defaults.find(({ objectives }) => objectives)?.objectives,
    stopWhen: stopConditions(options) ?? task.defaults.find(({ stopWhen }) => stopWhen)?.stopWhen,
    evenIfSaturated: options.searchAnyway,
    name: task.name,
    plan: { argv, cwd: io.cwd, files: await hashInputs(prepared.task.inputFiles, io.cwd) },
  };
}

/** Where a run that waits hands over what it asks: nothing else says so until it is over. */
export function handoffNote(
  { reflectionModel }: PreparedCommand,
  { handoffWait = 0 }: OptimizeCommandOptions,
): string | undefined {
  const folder = reflectionModel?.byHand?.folder;
  if (folder === undefined || handoffWait === 0) return undefined;
  return `reflection requests are written to ${folder} (README.md in it says how to answer); each waits for ${duration(handoffWait * 60_000)}`;
}

function stopConditions({
  stopAt,
  patience: candidates,
}: OptimizeCommandOptions): readonly StopCondition[] | undefined {
  if (stopAt === undefined && candidates === undefined) return undefined;
  return [
    ...(stopAt === undefined ? [] : [targetScore(stopAt)]),
    ...(candidates === undefined ? [] : [patience(candidates)]),
  ];
}

/**
 * How a candidate of a report is written: as a prompt file where the program is one prompt, else as JSON with what it
 * was made for and where it comes from. A name on a server of one's own is no name for others.
 */
export function candidateTextOf(
  { task: { promptText, program, model = defaultEmbeddedModelId } }: PreparedCommand,
  { report, baseUrl }: { readonly report: OptimizationReport; readonly baseUrl?: string | undefined },
): (candidate: Candidate) => string {
  if (promptText === undefined) {
    return (candidate) => saveCandidate(candidate, { program, provenance: provenanceOf(report, candidate) });
  }
  const name = typeof model === 'string' && baseUrl === undefined ? withoutCredentials(model) : undefined;
  return (candidate) => promptText(candidate, name);
}

/** How a run's verdict ends the process. */
export function exitCodeOf(
  { verdict, stopReason, sealedTest, parity }: OptimizationReport,
  { failOnInconclusive }: OptimizeCommandOptions,
): number {
  if (verdict === 'incomplete') {
    // Without a test the budget did not hold one, whatever ended the search.
    const isBudget = sealedTest === undefined || ['calls', 'tokens', 'cost', 'time'].includes(stopReason);
    return isBudget ? exitCodes.proofNotCompleted : exitCodes.error;
  }
  // Where a model is replaced without loss, that is what was to be shown.
  const isProven = isShown(verdict) || parity?.verdict === 'parity';
  return failOnInconclusive && !isProven ? exitCodes.inconclusive : exitCodes.ok;
}
