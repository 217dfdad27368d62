import type { JsonObject } from '../base/json.ts';
import { choicesOf, type Field } from '../signature/signature.ts';
import { promptFormats } from './adapters.ts';
import type { DemoSet, Parameter, ParameterKind } from './candidate.ts';
import { slotsOf } from './template.ts';

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
  /** Texts of training rows: a proposed text may not repeat eight words of one in a row. @default none */
  readonly rowTexts?: readonly string[] | undefined;
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
/** Offsets beyond this many nats decide every answer alone. */
const largestOffset = 100;
const overlapWords = 8;

/**
 * Why a proposed parameter is refused before anything is spent on it, in one sentence; undefined when it is
 * let in. A parameter that equals its parent's is always let in.
 */
export function checkDraft(check: DraftCheck): string | undefined {
  const { name, spec, parent, changed, program } = check;
  if (changed.kind !== spec.kind) return `${name} is a ${spec.kind} and cannot become a ${changed.kind}.`;
  const step = program.steps.find((candidate) => candidate.name === spec.step);
  switch (changed.kind) {
    case 'text':
      return checkText(changed.text, parent?.kind === 'text' ? parent.text : undefined, check);
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
  { name, rowTexts = [] }: DraftCheck,
): string | undefined {
  if (text === parent) return undefined;
  if (text.trim() === '') return `${name} is empty.`;
  const limit = Math.min(longestText, Math.max(freeLength, growthLimit * (parent ?? '').length));
  if (text.length > limit) return `${name} has ${text.length} characters, more than the ${limit} allowed.`;
  if (parent !== undefined) {
    const expected = slotsOf(parent).map((slot) => `{{${slot.name}}}`);
    const found = slotsOf(text).map((slot) => `{{${slot.name}}}`);
    if (expected.join() !== found.join()) {
      return `${name} must keep its slots: ${expected.join(', ') || 'none'}, but has ${found.join(', ') || 'none'}.`;
    }
  }
  const leaked = searchWords.find((words) => words.test(text) && !words.test(parent ?? ''));
  if (leaked !== undefined) return `${name} speaks of the search: “${leaked.exec(text)?.[0]}”.`;
  const repeated = repeatedWords(text, parent ?? '', rowTexts);
  return repeated === undefined ? undefined : `${name} repeats a training row: “${repeated}”.`;
}

/** What a rewritten prompt says only when the request to rewrite it leaked into it. */
const searchWords: readonly RegExp[] = [
  /\b(?:previous|current|original|improved|revised|new) (?:prompt|instructions?)\b/i,
  /\b(?:prompt|instruction) (?:optimi[sz]\w+|candidates?)\b/i,
  /\b(?:validation|training) (?:set|rows?|examples?|scores?)\b/i,
  /<\/?(?:instructions?|prompt|candidate|feedback|failures?)>/i,
];

/** The first run of words that a text shares with a row and not with its parent. */
function repeatedWords(text: string, parent: string, rows: readonly string[]): string | undefined {
  if (rows.length === 0) return undefined;
  const known = new Set(runsOf(parent));
  const proposed = new Set(runsOf(text).filter((run) => !known.has(run)));
  for (const row of rows) {
    const shared = runsOf(row).find((run) => proposed.has(run));
    if (shared !== undefined) return shared;
  }
  return undefined;
}

/** Every run of eight words: what two texts share only when one quotes the other. */
export function runsOf(text: string): readonly string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.slice(overlapWords - 1).map((_, index) => words.slice(index, index + overlapWords).join(' '));
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

function checkSets(sets: readonly DemoSet[], name: string, step: StepFields | undefined): string | undefined {
  if (sets.length > mostSets) return `${name} has ${sets.length} sets, more than the ${mostSets} allowed.`;
  for (const [index, { demos, format, words, weight, offsets }] of sets.entries()) {
    const place = `${name}, set ${index + 1}`;
    if (demos.length > mostDemos)
      return `${place} has ${demos.length} demos, more than the ${mostDemos} allowed.`;
    if (format !== undefined && !promptFormats.some((known) => known === format)) {
      return `${place} has the unknown layout “${format}”.`;
    }
    if (words !== undefined && !(Number.isInteger(words) && words > 0))
      return `${place} reads ${words} words.`;
    if (weight !== undefined && !(weight > 0 && Number.isFinite(weight)))
      return `${place} has the weight ${weight}.`;
    const wrongOffsets = offsets && checkOffsets(offsets, place, step);
    if (wrongOffsets !== undefined) return wrongOffsets;
    for (const [order, demo] of demos.entries()) {
      const reason = step && checkDemo(demo, step);
      if (reason !== undefined) return `${place}, demo ${order + 1} ${reason}`;
    }
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
