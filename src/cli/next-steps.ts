import { withoutCredentials } from '../model/without-credentials.ts';
import type { OptimizationReport } from '../optimizer/driver/report.ts';
import { calledAs } from './called-as.ts';
import type { CommandIo } from './command-io.ts';
import type { OptimizeCommandOptions } from './options.ts';
import type { PreparedCommand } from './prepare-command.ts';
import type { NextStep, ReportFiles } from './render/report-terminal.ts';
import { shellCommand } from './render/shell-command.ts';

export interface FinishedOptimization {
  readonly prepared: PreparedCommand;
  readonly options: OptimizeCommandOptions;
  readonly io: CommandIo;
  /** The prompt file or target, as it was named. */
  readonly subject: string | undefined;
  readonly argv: readonly string[];
  readonly report: OptimizationReport;
}

/** What to do with the result: see it on the rows of the proof, and take it where it is needed. */
export function nextSteps(
  { best, sealedRows }: ReportFiles,
  { prepared: { task }, options, io, subject, argv, report }: FinishedOptimization,
): readonly NextStep[] {
  const { id, config, model, baseUrl } = options;
  const isPrompt = task.promptText !== undefined;
  // A program in code is named by its target, and its parameters by a file.
  const named = isPrompt
    ? [best]
    : [...(subject === undefined ? [] : [subject]), '--candidate', best, ...flag('--config', config)];
  // A server has no place in a prompt file, and neither has the name that a model has there.
  const server =
    baseUrl === undefined ? [] : [...flag('--model', model), '--base-url', withoutCredentials(baseUrl)];
  // What decides the requests and their scores beside the prompt itself.
  const asked = [
    ...flag('--scorer', options.scorer),
    ...flag('--server-lacks', options.serverLacks?.join(',')),
    ...flag('--max-output-tokens', options.maxOutputTokens?.toString()),
    ...(isPrompt || baseUrl !== undefined ? [] : flag('--model', model)),
  ];
  const steps: NextStep[] = [];
  if (report.stopReason === 'saturated') {
    const words = ['hone', ...argv, '--search-anyway'];
    steps.push({ command: shellCommand(words), purpose: 'search all the same; harder rows would tell more' });
  }
  if (sealedRows !== undefined) {
    const words = ['hone', 'eval', ...named, '--data', sealedRows, ...flag('--id', id), ...asked, ...server];
    steps.push({ command: shellCommand(words), purpose: 'the rows of the proof, from the stored answers' });
  }
  const words = ['hone', 'export', ...named, '--as', 'typescript'];
  steps.push({ command: shellCommand(words), purpose: 'the prompt for your code; --help lists other forms' });
  return steps.map(({ command, purpose }) => ({ command: calledAs(command, io.variables), purpose }));
}

function flag(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [name, value];
}
