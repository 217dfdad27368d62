import type { JsonObject } from '../base/json.ts';
import { choicesOf, type Field } from '../signature/signature.ts';
import { promptFormats } from './adapters.ts';
import type { DemoSet, Parameter, ParameterKind, Verbalizer } from './candidate.ts';
import { whyNoPrompt } from './no-prompt.ts';
import { slotsOf } from './template.ts';
import type { RunIndex } from './word-runs.ts';

/** One proposed parameter, and what it must fit. */
export interface DraftCheck {
  readonly name: string;
  readonly spec: {
    readonly kind: ParameterKind;
    readonly options?: readonly string[] | undefined;
    /** Least and greatest value of a number. */
    readonly bounds?: readonly [number, number] | undefined;
    readonly step: string;
  };
  /** What it would replace; absent when the parent does not have it. */
  readonly parent: Parameter | undefined;
  readonly changed: Parameter;
  readonly program: { readonly steps: readonly StepFields[] };
  /** Runs of eight words of the training rows: a proposed text may not repeat one. @default none */
  readonly rows?: RunIndex | undefined;
  /** Texts that a proposed text may repeat although a row has them, such as those of the seed. @default none */
  readonly mayRepeat?: readonly string[] | undefined;
  /** Answers of training rows: a proposed text may not be one. @default only the allowed answers */
  readonly answers?: readonly string[] | undefined;
}

/** What a step takes and gives, as far as demos and offsets must fit it. */
export interface StepFields {
  readonly name: string;
  readonly inputs: readonly Field[];
  readonly outputs: readonly Field[];
}

/** Most characters of a text, whatever its parent. */
const longestText = 20_000;
/** How much longer than its parent a text may be; short parents may always grow to `freeLength`. */
const growthLimit = 4;
const freeLength = 2_000;
const mostSets = 64;
const mostDemos = 256;
/** Where a row sees the nearest of them only. */
const mostStoredDemos = 5_000;
/** Offsets beyond this many nats decide every answer alone. */
const largestOffset = 100;
/** Most characters of the demos of one set: about 50,000 tokens. */
const longestDemos = 200_000;

/**
 * Why a proposed parameter is refused before anything is spent on it, in one sentence; undefined when it is
 * let in. A parameter that equals its parent's is always let in.
 */
export function checkDraft(check: DraftCheck): string | undefined {
  const { name, spec, parent, changed, program } = check;
  const wrong = checkValue(check);
  if (wrong !== undefined) return wrong;
  if (changed.kind === 'demos') return checkSizes(changed.sets, name);
  if (changed.kind !== 'text') return undefined;
  const step = program.steps.find((candidate) => candidate.name === spec.step);
  return checkText(changed.text, parent?.kind === 'text' ? parent.text : undefined, { ...check, step });
}

/** Why a parameter cannot have a value, whoever gives it, in one sentence; undefined when it can. */
export function checkValue({
  name,
  spec,
  changed,
  program,
}: Pick<DraftCheck, 'name' | 'spec' | 'changed' | 'program'>): string | undefined {
  if (changed.kind !== spec.kind) return `${name} is a ${spec.kind} and cannot become a ${changed.kind}.`;
  const step = program.steps.find((candidate) => candidate.name === spec.step);
  switch (changed.kind) {
    case 'text':
      return undefined;
    case 'choice':
      return spec.options === undefined || spec.options.includes(changed.value)
        ? undefined
        : `${name} cannot be “${changed.value}”, only one of ${spec.options.join(', ')}.`;
    case 'number':
      return checkNumber(changed.value, name, spec.bounds);
    case 'calibration':
      return checkOffsets(changed.offsets, name, step);
    case 'demos':
      return checkSets(changed.sets, name, step);
  }
}

function checkText(
  text: string,
  parent: string | undefined,
  { name, rows, mayRepeat = [], answers = [], step }: DraftCheck & { readonly step: StepFields | undefined },
): string | undefined {
  if (text === parent) return undefined;
  if (text.trim() === '') return `${name} is empty.`;
  const limit = Math.min(longestText, Math.max(freeLength, growthLimit * (parent ?? '').length));
  if (text.length > limit) return `${name} has ${text.length} characters, more than the ${limit} allowed.`;
  const slots = slotReason(text, parent, step);
  if (slots !== undefined) return `${name} ${slots}`;
  const choices = step?.outputs.flatMap((field) => choicesOf(field) ?? []) ?? [];
  const instead = whyNoPrompt(text, {
    parent,
    answers: [...choices, ...answers],
    outputs: step?.outputs.map((field) => field.name) ?? [],
  });
  if (instead !== undefined) return `${name} is ${instead}: “${beginningOf(text)}”.`;
  const repeated = rows?.firstShared(text, [parent ?? '', ...mayRepeat, ...choices]);
  return repeated === undefined ? undefined : `${name} repeats a training row: “${repeated}”.`;
}

/** Every slot of the parent as often as there, in any order; of a new text, the inputs of its step. */
function slotReason(
  text: string,
  parent: string | undefined,
  step: StepFields | undefined,
): string | undefined {
  const found = slotsOf(text).map((slot) => `{{${slot.name}}}`);
  if (parent === undefined) {
    const known = step?.inputs.map((field) => `{{${field.name}}}`);
    const invented = known === undefined ? undefined : found.find((slot) => !known.includes(slot));
    return invented === undefined ? undefined : `has the slot ${invented}, which the step does not have.`;
  }
  const expected = slotsOf(parent).map((slot) => `{{${slot.name}}}`);
  if ([...expected].sort().join() === [...found].sort().join()) return undefined;
  return `must keep its slots: ${expected.join(', ') || 'none'}, but has ${found.join(', ') || 'none'}.`;
}

function beginningOf(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line.length <= 60 ? line : `${line.slice(0, 59)}…`;
}

function checkNumber(value: number, name: string, bounds: readonly [number, number] | undefined) {
  if (!Number.isFinite(value)) return `${name} is ${value}, which is no number.`;
  if (bounds === undefined || (value >= bounds[0] && value <= bounds[1])) return undefined;
  return `${name} is ${value}: it must be between ${bounds[0]} and ${bounds[1]}.`;
}

function checkOffsets(
  offsets: Readonly<Record<string, number>>,
  name: string,
  step: StepFields | undefined,
): string | undefined {
  const choices = step?.outputs.flatMap((field) => choicesOf(field) ?? []) ?? [];
  for (const [answer, offset] of Object.entries(offsets)) {
    if (!Number.isFinite(offset) || Math.abs(offset) > largestOffset) {
      return `${name} has the offset ${offset} for “${answer}”: it must be between -${largestOffset} and ${largestOffset}.`;
    }
    if (!choices.includes(answer))
      return `${name} has an offset for “${answer}”, which is no allowed answer.`;
  }
  return undefined;
}

/** Demos of long rows may not grow a prompt without bound. */
function checkSizes(sets: readonly DemoSet[], name: string): string | undefined {
  if (sets.length > mostSets) return `${name} has ${sets.length} sets, more than the ${mostSets} allowed.`;
  for (const [index, { demos, nearest = demos.length }] of sets.entries()) {
    const place = `${name}, set ${index + 1}`;
    const most = nearest < demos.length ? mostStoredDemos : mostDemos;
    if (demos.length > most) return `${place} has ${demos.length} demos, more than the ${most} allowed.`;
    const shown = Math.min(nearest, demos.length);
    if (shown > mostDemos) return `${place} shows ${shown} demos, more than the ${mostDemos} allowed.`;
    const lengths = demos.map((demo) => JSON.stringify(demo).length).sort((a, b) => b - a);
    const length = lengths.slice(0, shown).reduce((sum, each) => sum + each, 0);
    if (length > longestDemos)
      return `${place} has ${length} characters of demos, more than the ${longestDemos} allowed: fewer or shorter ones fit.`;
  }
  return undefined;
}

function checkSets(sets: readonly DemoSet[], name: string, step: StepFields | undefined): string | undefined {
  for (const [index, { demos, nearest, format, words, weight, offsets, verbalizer }] of sets.entries()) {
    const place = `${name}, set ${index + 1}`;
    if (format !== undefined && !promptFormats.some((known) => known === format)) {
      return `${place} has the unknown layout “${format}”.`;
    }
    if (nearest !== undefined && !(Number.isInteger(nearest) && nearest > 0))
      return `${place} shows the nearest ${nearest} demos.`;
    if (words !== undefined && !(Number.isInteger(words) && words > 0))
      return `${place} reads ${words} words.`;
    if (weight !== undefined && !(weight > 0 && Number.isFinite(weight)))
      return `${place} has the weight ${weight}.`;
    const wrongOffsets = offsets && checkOffsets(offsets, place, step);
    if (wrongOffsets !== undefined) return wrongOffsets;
    const wrongWords = verbalizer && checkVerbalizer(verbalizer, step);
    if (wrongWords !== undefined) return `${place} ${wrongWords}`;
    for (const [order, demo] of demos.entries()) {
      const reason = step && checkDemo(demo, step);
      if (reason !== undefined) return `${place}, demo ${order + 1} ${reason}`;
    }
  }
  return undefined;
}

function checkVerbalizer({ words, expected, weights }: Verbalizer, step: StepFields | undefined) {
  const choices = step?.outputs.flatMap((field) => choicesOf(field) ?? []) ?? [];
  if (new Set(words).size !== words.length) return 'has a word twice in its verbalizer.';
  for (const [what, numbers] of [['expected', expected], ...Object.entries(weights)] as const) {
    if (what !== 'expected' && !choices.includes(what))
      return `weighs words for “${what}”, which is no allowed answer.`;
    if (numbers.length !== words.length)
      return `has ${numbers.length} numbers in “${what}” for ${words.length} words.`;
    if (!numbers.every(Number.isFinite)) return `has no number in “${what}” for a word.`;
  }
  return undefined;
}

function checkDemo(
  { inputs, outputs }: { readonly inputs: JsonObject; readonly outputs: JsonObject },
  step: StepFields,
): string | undefined {
  const present = (object: JsonObject) => Object.keys(object).filter((key) => object[key] !== undefined);
  const stranger =
    present(inputs).find((key) => !step.inputs.some((field) => field.name === key)) ??
    present(outputs).find((key) => !step.outputs.some((field) => field.name === key));
  if (stranger !== undefined) return `has the field “${stranger}”, which the step does not have.`;
  if (present(outputs).length === 0) return 'has no answer.';
  for (const field of step.outputs) {
    const choices = choicesOf(field);
    const value = outputs[field.name];
    if (choices !== undefined && value !== undefined && !choices.includes(value as string)) {
      return `answers ${JSON.stringify(value)} for ${field.name}, which is not allowed.`;
    }
  }
  return undefined;
}
