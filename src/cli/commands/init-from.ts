import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { HoneError, messageOf } from '../../base/errors.ts';
import { isJsonObject } from '../../base/json.ts';
import { importUserModule } from '../../config/import-user-module.ts';
import { importChatFile } from '../../exchange/chat-file.ts';
import { importDspyFiles } from '../../exchange/dspy/import-dspy-files.ts';
import type { ImportPlan } from '../../exchange/import-plan.ts';
import { importPromptfoo } from '../../exchange/promptfoo/import-promptfoo.ts';
import { readYaml } from '../../exchange/promptfoo/promptfoo-files.ts';
import { calledAs } from '../called-as.ts';
import { type CommandIo, writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { exitCodes } from '../exit-codes.ts';
import { styleFor } from '../style-for.ts';
import { writeWholeFile } from '../write-file.ts';

export interface InitFromOptions {
  /** A file of another tool. */
  readonly from: string;
  /** The folder that is written to. @default the working folder */
  readonly into?: string | undefined;
  /** Names of outputs, for a DSPy program. */
  readonly expected?: readonly string[] | undefined;
}

/** `hone init --from`: the first files of a task, from what another tool has. */
export async function runInitFrom(
  { from, into = '.', expected }: InitFromOptions,
  { io }: Pick<CommandContext, 'io'>,
): Promise<number> {
  const plan = await planOf(from, { io, expected });
  const folder = resolve(io.cwd, into);
  const shown = (name: string) => relative(io.cwd, join(folder, name)) || name;
  const taken = plan.files.filter(({ name }) => existsSync(join(folder, name)));
  if (taken.length > 0) {
    throw new HoneError(`${taken.map(({ name }) => shown(name)).join(', ')} would be overwritten.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Choose another folder with --into, or move them away.',
    });
  }
  mkdirSync(folder, { recursive: true });
  for (const { name, text } of plan.files) {
    writeWholeFile(join(folder, name), text);
    writeLine(io.stdout, `wrote   ${shown(name)}`);
  }
  if (plan.notes.length > 0) {
    const name = 'hone-import.md';
    const lines = plan.notes.map((note) => `- ${note}\n`).join('');
    const title = `# What was not taken over from ${from} as it is\n\n`;
    if (!existsSync(join(folder, name))) {
      writeWholeFile(join(folder, name), `${title}${lines}`);
      writeLine(io.stdout, `wrote   ${shown(name)}`);
    }
    writeLine(io.stdout);
    writeLine(io.stdout, 'Not as it was there:');
    for (const note of plan.notes) writeLine(io.stdout, `  - ${note}`);
  }
  const style = styleFor(io, io.stdout);
  writeLine(io.stdout);
  writeLine(io.stdout, into === '.' ? 'Then:' : `Then, in ${into}:`);
  for (const command of plan.next) writeLine(io.stdout, `  ${style.accent(calledAs(command, io.variables))}`);
  return exitCodes.ok;
}

interface PlanSetting {
  readonly io: CommandIo;
  readonly expected: readonly string[] | undefined;
}

/** Which tool a file is of shows in its name and in its content. */
async function planOf(from: string, { io, expected }: PlanSetting): Promise<ImportPlan> {
  const path = resolve(io.cwd, from);
  if (!existsSync(path) || statSync(path).isDirectory()) {
    throw new HoneError(`There is no file ${from}.`, {
      code: 'HONE_FILE_NOT_FOUND',
      hint: 'Check the path after --from.',
      facts: { file: path },
    });
  }
  const place = { file: from, folder: dirname(path) };
  const extension = extname(path).toLowerCase();
  if (/^\.[cm]?[jt]s$/.test(extension)) return importPromptfoo(await moduleValue(path, from), place);
  const text = readFileSync(path, 'utf8');
  if (extension === '.jsonl' || extension === '.ndjson') return importChatFile(text, place);
  const value = readValue(text, { from, extension });
  if (isPromptfoo(value)) return importPromptfoo(value, place);
  if (extension === '.json' && isJsonObject(value))
    return importDspyFiles(text, { file: from, outputs: expected });
  throw new HoneError(`${from} is of no tool that Hone knows.`, {
    code: 'HONE_IMPORT_INVALID',
    hint: Array.isArray(value)
      ? 'GEPA’s candidates.json is read in code, for a program of yours: importGepaCandidates of hone-ai/programs.'
      : 'Name a promptfoo config, a chat file (.jsonl with "messages"), or a saved DSPy program (.json).',
    facts: { file: path },
  });
}

function isPromptfoo(value: unknown): boolean {
  return (
    isJsonObject(value) &&
    ['prompts', 'providers', 'targets', 'tests', 'defaultTest'].some((key) => key in value)
  );
}

/** A config in code runs as it does there; one that is a function is called. */
async function moduleValue(path: string, from: string): Promise<unknown> {
  try {
    const value = await importUserModule(path);
    return typeof value === 'function' ? await value() : value;
  } catch (cause) {
    throw new HoneError(`${from} cannot be loaded: ${messageOf(cause).split('\n')[0]}`, {
      code: 'HONE_IMPORT_INVALID',
      hint: 'Correct the file; --verbose shows where it fails.',
      cause,
      facts: { file: path },
    });
  }
}

function readValue(
  text: string,
  { from, extension }: { readonly from: string; readonly extension: string },
): unknown {
  try {
    return extension === '.json' ? JSON.parse(text.replace(/^\uFEFF/, '')) : readYaml(text);
  } catch (cause) {
    throw new HoneError(`${from} cannot be read: ${messageOf(cause).split('\n')[0]}.`, {
      code: 'HONE_IMPORT_INVALID',
      hint: 'Correct the file, or save it again with the tool that wrote it.',
      cause,
      facts: { file: from },
    });
  }
}
