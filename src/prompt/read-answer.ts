import { canonicalJson } from '../base/canonical-json.ts';
import type { Json } from '../base/json.ts';
import { kindOf } from '../signature/json-schema.ts';
import type { Field } from '../signature/signature.ts';
import { type MarkedAnswer, markedAnswers, mostMarks } from './marked-answers.ts';
import {
  laterStep,
  parseJson,
  type ReadStep,
  type ReadValue,
  readJson,
  readText,
  withoutFence,
} from './read-value.ts';

/** What was found for a field in an answer: how to read it, and the step that it took to find it. */
export interface FoundValue {
  readonly read: ReadValue;
  readonly step: ReadStep;
}

export interface ReadAnswerOptions {
  /** Whether the model stopped at its limit: only a whole answer, or a closed structure, counts then. */
  readonly cut?: boolean | undefined;
}

/**
 * The value of one closed or numeric field in a whole answer: where the answer marks one, what is marked, else what
 * it says by itself. Marks that say different things are no answer.
 */
export function readAnswer(
  answer: string,
  field: Field,
  { cut = false }: ReadAnswerOptions = {},
): FoundValue {
  const isWhole = !cut || saysNothingElse(answer, field);
  const short = isWhole && answer.length <= longestValue ? readText(answer, field) : undefined;
  if (short?.status === 'absent' || (short?.status === 'read' && short.step === 'strict')) {
    return { read: short, step: 'strict' };
  }
  const marks = markedAnswers(answer, field, { cut }).filter((mark) => !cut || isClosed(mark, answer));
  if (marks.length > mostMarks) {
    const reason = `the answer marks more than ${mostMarks} values`;
    return { read: { status: 'unreadable', reason }, step: 'aliases' };
  }
  if (marks.length > 0) return agreement(marks.map((mark) => readMark(mark, field)));
  const unfenced = withoutFence(answer).trim();
  if (/^[[{]/.test(unfenced)) {
    const list = parseJson(unfenced);
    const read: ReadValue =
      list === undefined || !Array.isArray(list.value)
        ? { status: 'unreadable', reason: `the answer is JSON without “${field.name}”` }
        : readJson(list.value as Json, field);
    return { read, step: 'aliases' };
  }
  if (unfenced !== answer.trim()) return { read: readText(unfenced, field), step: 'repaired' };
  if (cut && !saysNothingElse(answer, field))
    return { read: { status: 'unreadable', reason: 'it was cut off' }, step: 'strict' };
  return { read: short ?? readText(answer, field), step: 'strict' };
}

/** An answer that is the value itself is no longer. */
const longestValue = 300;

function readMark(mark: MarkedAnswer, field: Field): FoundValue {
  if (mark.form === 'json') return { read: readJson(mark.value, field), step: 'aliases' };
  return { read: readText(mark.text, field), step: mark.form === 'tag' ? 'repaired' : 'aliases' };
}

function isClosed(mark: MarkedAnswer, answer: string): boolean {
  if (mark.form === 'line') return false;
  return mark.form === 'json' || answer.startsWith('</', mark.end) || answer.startsWith('}', mark.end);
}

/** Whether a cut answer is the value itself, and not the beginning of a longer one. */
function saysNothingElse(answer: string, field: Field): boolean {
  const plain = answer.trim().toLowerCase();
  const { enum: choices } = field.schema;
  if (kindOf(field.schema) !== 'choice' || !Array.isArray(choices)) return false;
  const others = choices.map((choice: Json) => String(choice).toLowerCase());
  return others.includes(plain) && !others.some((other) => other !== plain && other.startsWith(plain));
}

/** What several places say of one field: the last must be readable, and none that is may say otherwise. */
export function agreement(found: readonly FoundValue[]): FoundValue {
  const last = found.at(-1) as FoundValue;
  if (last.read.status === 'unreadable') return last;
  const readable = found.filter(({ read }) => read.status !== 'unreadable');
  const said = readable.map(({ read }) => (read.status === 'read' ? canonicalJson(read.value) : ''));
  const distinct = [...new Set(said)];
  if (distinct.length > 1) {
    const reason = `the answer gives both ${distinct.map((value) => value || 'none').join(' and ')}`;
    return { read: { status: 'unreadable', reason }, step: last.step };
  }
  return { ...last, step: readable.reduce((step, each) => laterStep(step, each.step), last.step) };
}
