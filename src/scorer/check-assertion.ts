import { canonicalJson } from '../base/canonical-json.ts';
import { editDistance } from '../base/closest-match.ts';
import { isJsonObject, type Json } from '../base/json.ts';
import { valueText } from '../prompt/template.ts';
import { findObjects } from '../prompt/tolerant-json.ts';
import { schemaIssues } from '../signature/json-schema.ts';
import type { JsonSchema } from '../signature/signature.ts';
import { type Assertion, type Checked, partsOf, schemaOfCheck } from './assertion.ts';
import { showValue } from './show-value.ts';

/** Most characters of either text whose edit distance is worked out: the time grows with their product. */
const longestDistance = 20_000;

/**
 * One check without a model.
 *
 * @throws {Error} For a check that cannot be made, such as a broken pattern: it says so, and is no 0.
 */
export function checkAssertion({ type, value, threshold }: Assertion, answer: Json): Checked {
  const text = valueText(answer);
  switch (type) {
    case 'equals':
      return found(equal(answer, value), `Expected ${showValue(value)}, got ${showValue(answer)}.`);
    case 'contains':
      return found(text.includes(valueText(value)), `The answer lacks ${showValue(value)}.`);
    case 'icontains':
      return found(lower(text).includes(lower(valueText(value))), `The answer lacks ${showValue(value)}.`);
    case 'contains-all':
    case 'icontains-all': {
      const missing = partsOf(value).filter((part) => !includes(text, part, type === 'icontains-all'));
      return found(missing.length === 0, `The answer lacks ${missing.map(showValue).join(', ')}.`);
    }
    case 'contains-any':
    case 'icontains-any': {
      const isThere = partsOf(value).some((part) => includes(text, part, type === 'icontains-any'));
      return found(isThere, `The answer has none of ${partsOf(value).map(showValue).join(', ')}.`);
    }
    case 'starts-with':
      return found(text.startsWith(valueText(value)), `The answer does not start with ${showValue(value)}.`);
    case 'regex':
      return found(new RegExp(valueText(value)).test(text), `The answer does not match ${valueText(value)}.`);
    case 'is-json':
      return checkJson(wholeJson(text), value, 'The answer is no JSON.');
    case 'contains-json': {
      const whole = wholeJson(text);
      const values = whole === undefined ? findObjects(text).map((object) => object.value as Json) : [whole];
      const results = values.map((each) => checkJson(each, value, ''));
      return results.find(({ passes }) => passes) ?? results[0] ?? failed('The answer contains no JSON.');
    }
    case 'levenshtein': {
      const most = threshold ?? 5;
      const distance = distanceOf(text, valueText(value));
      return found(distance <= most, `The answer is ${distance} letters away from ${showValue(value)}.`);
    }
    case 'word-count':
      return checkWords(text, value);
    default:
      throw new Error(`"${type}" is no check that can be made without a model.`);
  }
}

function found(passes: boolean, reason: string): Checked {
  return passes ? { score: 1, passes } : { score: 0, passes, reason };
}

function failed(reason: string): Checked {
  return { score: 0, passes: false, reason };
}

/** A text that is JSON equals the value that it writes; white space around texts does not count. */
function equal(answer: Json, value: Json | undefined): boolean {
  if (typeof value !== 'object' || value === null)
    return valueText(answer).trim() === valueText(value).trim();
  const read = typeof answer === 'string' ? wholeJson(answer) : answer;
  return read !== undefined && canonicalJson(read) === canonicalJson(value);
}

function wholeJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function checkJson(json: Json | undefined, schema: Json | undefined, none: string): Checked {
  if (json === undefined) return failed(none);
  if (schema === undefined || schema === null) return found(true, '');
  const issues = schemaIssues(json, schemaOfCheck(schema) as JsonSchema);
  return found(issues.length === 0, `The JSON does not fit: ${issues.slice(0, 5).join('; ')}.`);
}

function distanceOf(first: string, second: string): number {
  if (Math.max(first.length, second.length) > longestDistance) {
    throw new Error(`The texts are too long to compare letter by letter (${longestDistance} at most).`);
  }
  return editDistance(first, second);
}

function checkWords(text: string, value: Json | undefined): Checked {
  const count = text.split(/\s+/u).filter((word) => word !== '').length;
  const limits: { readonly min?: unknown; readonly max?: unknown } = isJsonObject(value)
    ? value
    : { min: Number(value), max: Number(value) };
  const { min = 0, max = Number.POSITIVE_INFINITY } = limits;
  if (Number.isNaN(Number(min)) || Number.isNaN(Number(max))) {
    throw new Error(`${showValue(value)} is no number of words.`);
  }
  const fits = count >= Number(min) && count <= Number(max);
  return found(fits, `The answer has ${count} words; ${showValue(value)} was asked for.`);
}

function includes(text: string, part: string, ignoresCase: boolean): boolean {
  return ignoresCase ? lower(text).includes(lower(part)) : text.includes(part);
}

function lower(text: string): string {
  return text.toLowerCase();
}
