import { extname, resolve } from 'node:path';
import { HoneError } from '../../base/errors.ts';
import { loadPrompt } from '../../config/load-prompt.ts';
import { loadTask } from '../../config/task.ts';
import { openWorkspace } from '../../config/workspace.ts';
import { exportDspy } from '../../exchange/dspy/export-dspy.ts';
import { exportModule } from '../../exchange/module/export-module.ts';
import type { ModuleSdk } from '../../exchange/module/sdk-source.ts';
import type { Program } from '../../program/program.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import {
  type ExportedPrompt,
  exportAnthropic,
  exportMarkdown,
  exportMessages,
  exportOpenAi,
  exportTypeScript,
} from '../../prompt/export.ts';
import type { Signature } from '../../signature/signature.ts';
import { type CommandIo, writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { exitCodes } from '../exit-codes.ts';
import type { CommonOptions } from '../options.ts';
import { checkOutputs, writtenPath } from '../output-files.ts';
import { variablesOf } from '../prepare-command.ts';
import { readCandidate } from '../read-candidate.ts';
import { resultWrites } from '../result-writes.ts';
import { writeWholeFile } from '../write-file.ts';

/** The forms that a prompt is exported in. */
type ExportForm = StepForm | ModuleSdk | 'dspy';
type StepForm = 'markdown' | 'messages' | 'openai' | 'anthropic' | 'typescript';

interface ExportOptions extends CommonOptions {
  readonly as?: ExportForm | undefined;
  readonly output?: string | undefined;
  readonly candidate?: string | undefined;
  readonly config?: string | undefined;
  readonly data?: string | undefined;
  readonly expected?: readonly string[] | undefined;
  readonly inputs?: readonly string[] | undefined;
  readonly model?: string | undefined;
  readonly step?: string | undefined;
}

const exporters: Readonly<Record<StepForm, (exported: ExportedPrompt) => string>> = {
  markdown: exportMarkdown,
  messages: exportMessages,
  openai: exportOpenAi,
  anthropic: exportAnthropic,
  typescript: exportTypeScript,
};

/** `hone export`: the final prompt in a form for other places, as it was measured. */
export async function runExport(
  subject: string,
  options: ExportOptions,
  { io }: CommandContext,
): Promise<number> {
  const { output } = options;
  const { program, model, inputFiles } = await openProgram(subject, options, io);
  if (output !== undefined) checkOutputs([output], { folder: io.cwd, inputs: inputFiles });
  const candidate =
    options.candidate === undefined ? program.seed : readCandidate(options.candidate, { program, io });
  const form = options.as ?? formOf(output);
  const named = options.model ?? model;
  const text =
    form === 'dspy'
      ? told(exportDspy(program, { candidate }), io)
      : form === 'ai-sdk' || form === 'openai-sdk' || form === 'anthropic-sdk'
        ? told(exportModule(program, { sdk: form, candidate, model: named }), io)
        : exporters[form]({ ...stepOf(program, candidate, options.step), model: named });
  if (output === undefined) {
    io.stdout.write(text);
    return exitCodes.ok;
  }
  const writes = resultWrites(io, { printsTexts: true });
  const wrote = await writes.attempt(
    () => writeWholeFile(writtenPath(resolve(io.cwd, output)), text),
    () => [text],
  );
  if (wrote) writeLine(io.stderr, `wrote ${output}`);
  await writes.finish();
  return exitCodes.ok;
}

/** The text of a whole program; what is otherwise there than here is said. */
function told(
  { text, notes }: { readonly text: string; readonly notes: readonly string[] },
  io: CommandIo,
): string {
  for (const note of notes) writeLine(io.stderr, `note: ${note}`);
  return text;
}

interface OpenedProgram {
  readonly program: Program;
  readonly model?: string | undefined;
  readonly inputFiles: readonly string[];
}

/** A prompt file says what it takes and gives, like every winner; what does not is read beside its rows. */
async function openProgram(subject: string, options: ExportOptions, io: CommandIo): Promise<OpenedProgram> {
  const { config, data, expected, inputs, candidate } = options;
  const files = candidate === undefined ? [] : [resolve(io.cwd, candidate)];
  if (extname(subject) !== '' && data === undefined && config === undefined) {
    const file = resolve(io.cwd, subject);
    const { program, model } = await loadPrompt(file, { shownAs: subject });
    return { program, model, inputFiles: [file, ...files] };
  }
  await using workspace = openWorkspace({ folder: io.cwd, variables: variablesOf(io) });
  const task = await loadTask(subject, { config, data, expected, inputs }, workspace);
  const model = typeof task.model === 'string' ? task.model : undefined;
  return { program: task.program, model, inputFiles: [...task.inputFiles, ...files] };
}

/** One step's prompt; a program of several has to be asked for one of them. */
function stepOf(
  { shape, signature }: Program,
  candidate: Candidate,
  name: string | undefined,
): Pick<ExportedPrompt, 'signature' | 'candidate' | 'step'> {
  const names = shape.steps.map((step) => step.name);
  const step =
    name === undefined && shape.steps.length === 1
      ? shape.steps[0]
      : shape.steps.find((each) => each.name === name);
  if (step !== undefined) {
    const { instructions } = signature;
    const own: Signature = { instructions, inputs: step.inputs, outputs: step.outputs };
    return { signature: own, candidate, step: step.name };
  }
  throw new HoneError(
    name === undefined
      ? `"${shape.name}" has ${names.length} steps, each with a prompt of its own.`
      : `"${shape.name}" has no step "${name}".`,
    { code: 'HONE_OPTION_INVALID', hint: `Add --step with one of: ${names.join(', ')}.` },
  );
}

/** The form that a file's extension suggests. */
function formOf(output: string | undefined): ExportForm {
  const extension = extname(output ?? '').toLowerCase();
  if (/^\.[cm]?ts$/.test(extension)) return 'typescript';
  return extension === '.json' ? 'messages' : 'markdown';
}
