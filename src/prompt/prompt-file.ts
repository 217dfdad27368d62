import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import type { ColumnSpec } from '../signature/shorthand.ts';
import {
  type Candidate,
  type DemoSet,
  defaultStep,
  type Parameter,
  type ParameterKind,
  parameterName,
  parameterOf,
} from './candidate.ts';
import { demosBlock, readDemos } from './demos-block.ts';
import { frontMatterText, readFrontMatter } from './front-matter.ts';
import type { PromptFormat } from './prompt-format.ts';
import { linesOfText, type PlacedText, splitSections } from './prompt-sections.ts';
import { checkSlots, slotsOf } from './template.ts';

/**
 * A prompt that a person keeps in a file: text with slots, and what goes with it. See
 * `docs/decisions/prompt-file.md`.
 */
export interface PromptFile {
  /** Which model answers, such as `openai/gpt-5-mini`. */
  readonly model?: string | undefined;
  /** The columns that it sees, in the order in which they are shown, where the file names them. */
  readonly inputs?: readonly string[] | undefined;
  /** The expected columns, where the file names them. */
  readonly outputs?: readonly ColumnSpec[] | undefined;
  readonly scorer?: PromptFileScorer | undefined;
  /** The `system:` section, or the whole text where it has no slots. Absent in an empty file. */
  readonly instructions?: string | undefined;
  /** The `user:` section, or the whole text where it has slots. */
  readonly user?: string | undefined;
  readonly demos: readonly DemoSet[];
  readonly format?: PromptFormat | undefined;
  /** Added to the log-probability of each answer, in nats. */
  readonly calibration?: Readonly<Record<string, number>> | undefined;
}

/** A scorer by its name, with its options. */
export interface PromptFileScorer {
  readonly name: string;
  readonly options: JsonObject;
}

export interface ParsePromptFileOptions {
  /** The path, for messages. */
  readonly file: string;
  /** The names that slots may use. Left out: slots are not checked. */
  readonly columns?: readonly string[] | undefined;
}

/**
 * Reads a prompt file. An empty one is valid: a prompt of which nothing is said yet.
 *
 * @throws {HoneError} `HONE_PROMPT_INVALID` with line and column for a file that breaks the form;
 * `HONE_PROMPT_UNKNOWN_SLOT` for a slot that names no column.
 */
export function parsePromptFile(text: string, { file, columns }: ParsePromptFileOptions): PromptFile {
  const lines = linesOf(text);
  const frontMatterEnd = endOfFrontMatter(lines, file);
  const place = (offset: number) => ({ file, firstLine: offset + 1 });
  const settings =
    frontMatterEnd === 0 ? {} : readFrontMatter(lines.slice(1, frontMatterEnd - 1).join('\n'), place(1));
  const demosStart = startOfDemos(lines, { from: frontMatterEnd, file });
  const demos =
    demosStart === undefined
      ? []
      : readDemos(lines.slice(demosStart.open + 1, demosStart.close).join('\n'), place(demosStart.open + 1));
  const sections = splitSections(lines.slice(frontMatterEnd, demosStart?.open), frontMatterEnd + 1);
  if ('problem' in sections) {
    throw invalid(
      `${file}, line ${sections.line}: ${sections.problem}.`,
      'Write each of `system:` and `user:` once, with all text below them; put a backslash before a line that is text.',
    );
  }
  const { system = sections.whole, user } = sections;
  for (const part of [system, user]) {
    if (part && columns) checkSlots(part.text, columns, { file, firstLine: part.line });
  }
  return { ...settings, ...textsOf({ whole: sections.whole, system, user }), demos };
}

/** The whole text is the user section where it has slots, because it then says where the row goes. */
function textsOf({ whole, system, user }: Record<'whole' | 'system' | 'user', PlacedText | undefined>) {
  if (whole === undefined) return { instructions: system?.text ?? '', ...(user && { user: user.text }) };
  if (whole.text === '') return {};
  return slotsOf(whole.text).length > 0
    ? { instructions: '', user: whole.text }
    : { instructions: whole.text };
}

/** Lines without a byte order mark; a file with Windows line ends throughout loses them. */
function linesOf(text: string): readonly string[] {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  const isWindows = lines.length > 1 && lines.slice(0, -1).every((line) => line.endsWith('\r'));
  return isWindows ? lines.map((line) => line.replace(/\r$/, '')) : lines;
}

/** How many lines the front matter takes, its two `---` lines included; 0 where there is none. */
function endOfFrontMatter(lines: readonly string[], file: string): number {
  const isFence = (line: string) => /^---[ \t]*$/.test(line);
  if (!isFence(lines[0] ?? '')) return 0;
  const end = lines.findIndex((line, index) => index > 0 && isFence(line));
  if (end !== -1) return end + 1;
  throw invalid(`${file}, line 1: the front matter has no end.`, 'End it with a line of three dashes.');
}

/** The lines of the fence around the demos, which nothing but blank lines follows. */
function startOfDemos(
  lines: readonly string[],
  { from, file }: { readonly from: number; readonly file: string },
): { readonly open: number; readonly close: number } | undefined {
  const open = lines.findIndex((line, index) => index >= from && /^`{3,}demos[ \t]*$/.test(line));
  if (open === -1) return undefined;
  const fence = /^`+/.exec(lines[open] ?? '')?.[0] ?? '';
  const close = lines.findIndex((line, index) => index > open && line.trimEnd() === fence);
  if (close === -1) {
    throw invalid(`${file}, line ${open + 1}: the demos have no end.`, `End them with a line ${fence}.`);
  }
  const after = lines.findIndex((line, index) => index > close && line.trim() !== '');
  if (after === -1) return { open, close };
  throw invalid(`${file}, line ${after + 1}: there is text after the demos.`, 'Move it above the demos.');
}

function invalid(message: string, hint: string): HoneError {
  return new HoneError(message, { code: 'HONE_PROMPT_INVALID', hint });
}

/** Writes a prompt file: `parsePromptFile` gives back the same prompt, whatever its text. */
export function formatPromptFile(promptFile: PromptFile): string {
  const { instructions, user, demos } = promptFile;
  const parts = [frontMatterText(promptFile)];
  const whole = wholeText(promptFile);
  if (whole !== undefined) parts.push(linesOfText(whole).join('\n'));
  else {
    if (instructions !== undefined) parts.push(['system:', ...linesOfText(instructions)].join('\n'));
    if (user !== undefined) parts.push(['user:', ...linesOfText(user)].join('\n'));
  }
  if (demos.length > 0) parts.push(demosBlock(demos));
  const present = parts.filter((part) => part !== '');
  return present.length === 0 ? '' : `${present.join('\n\n')}\n`;
}

/** The one text that stands for both sections, where reading it back gives both again. */
function wholeText({ instructions = '', user }: PromptFile): string | undefined {
  const isUser = user !== undefined && instructions === '' && slotsOf(user).length > 0;
  const isSystem = user === undefined && slotsOf(instructions).length === 0 && instructions !== '';
  const text = isUser ? user : isSystem ? instructions : undefined;
  // At the top of a file these would be taken for the file's own: dashes, a byte order mark, Windows line ends.
  return text !== undefined && !/^(?:---|\uFEFF)|\r/.test(text) ? text : undefined;
}

const names = {
  instructions: parameterName(defaultStep, 'instructions'),
  user: parameterName(defaultStep, 'user'),
  demos: parameterName(defaultStep, 'demos'),
  format: parameterName(defaultStep, 'format'),
  calibration: parameterName(defaultStep, 'calibration'),
};
const kinds: ReadonlyMap<string, ParameterKind> = new Map([
  [names.instructions, 'text'],
  [names.user, 'text'],
  [names.demos, 'demos'],
  [names.format, 'choice'],
  [names.calibration, 'calibration'],
]);

/** The parameters of the program of a prompt file, its one step called `answer`. */
export function promptFileCandidate(promptFile: PromptFile): Candidate {
  const { instructions, user, demos, format, calibration } = promptFile;
  const parameters: Record<string, Parameter> = {};
  if (instructions !== undefined) parameters[names.instructions] = { kind: 'text', text: instructions };
  if (user !== undefined) parameters[names.user] = { kind: 'text', text: user };
  parameters[names.demos] = { kind: 'demos', sets: demos };
  if (format !== undefined) parameters[names.format] = { kind: 'choice', value: format };
  if (calibration !== undefined) {
    parameters[names.calibration] = { kind: 'calibration', offsets: calibration };
  }
  return parameters;
}

/**
 * The prompt file with the parameters of a candidate; what the candidate leaves out stays.
 *
 * @throws {HoneError} `HONE_CANDIDATE_INVALID` for a parameter that a prompt file has no place for.
 */
export function withCandidate(promptFile: PromptFile, candidate: Candidate): PromptFile {
  for (const [name, { kind }] of Object.entries(candidate)) {
    if (kinds.get(name) === kind) continue;
    throw new HoneError(`A prompt file has no place for the parameter ${name} (${kind}).`, {
      code: 'HONE_CANDIDATE_INVALID',
      hint: `Save the candidate as JSON instead; a prompt file has ${[...kinds.keys()].join(', ')}.`,
    });
  }
  const text = (name: string) => parameterOf(candidate, name, 'text')?.text;
  const format = parameterOf(candidate, names.format, 'choice')?.value as PromptFormat | undefined;
  return {
    ...promptFile,
    instructions: text(names.instructions) ?? promptFile.instructions,
    user: text(names.user) ?? promptFile.user,
    demos: parameterOf(candidate, names.demos, 'demos')?.sets ?? promptFile.demos,
    format: format ?? promptFile.format,
    calibration: parameterOf(candidate, names.calibration, 'calibration')?.offsets ?? promptFile.calibration,
  };
}
