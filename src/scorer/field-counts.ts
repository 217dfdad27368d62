import { canonicalJson } from '../base/canonical-json.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { sameAnswer, type TextOptions } from './equality.ts';
import { leavesOf } from './json-leaves.ts';
import { readNumber } from './read-number.ts';
import { showValue } from './show-value.ts';

export interface FieldComparison extends TextOptions {
  /** Whether lists pair by position or by likeness. */
  readonly lists: 'ordered' | 'any-order';
  /** Largest distance of two numbers, in their unit. */
  readonly absolute: number;
  /** The same as a share of the expected number; the larger tolerance counts. */
  readonly relative: number;
  /** Whether `null` is a value of its own; else it is like an absent one. */
  readonly nullIsValue: boolean;
}

/** What two values share, value by value. */
export interface FieldCounts {
  /** Values that are right. */
  readonly right: number;
  /** Values that were given. */
  readonly given: number;
  /** Values that were expected. */
  readonly wanted: number;
  /** What is wrong, place by place, in words. */
  readonly faults: readonly string[];
}

/** Compares two values value by value: a wrong one was given and is missed, an invented one was only given. */
export function countFields(
  expected: Json | undefined,
  actual: Json | undefined,
  options: FieldComparison,
): FieldCounts {
  return compare(expected, actual, { options, path: '' });
}

interface Place {
  readonly options: FieldComparison;
  readonly path: string;
}

function compare(expected: Json | undefined, actual: Json | undefined, place: Place): FieldCounts {
  const { options, path } = place;
  const isAbsent = (value: Json | undefined) =>
    value === undefined || (value === null && !options.nullIsValue);
  if (isAbsent(expected) && isAbsent(actual)) return nothing;
  if (isAbsent(expected)) return onlyGiven(actual as Json, place);
  if (isAbsent(actual)) return onlyWanted(expected as Json, place);
  if (Array.isArray(expected) && Array.isArray(actual)) return compareLists(expected, actual, place);
  if (isJsonObject(expected) && isJsonObject(actual)) return compareObjects(expected, actual, place);
  if (sameLeaf(expected as Json, actual as Json, options))
    return { right: 1, given: 1, wanted: 1, faults: [] };
  const fault = `${nameOf(path)} is ${showValue(actual)} instead of ${showValue(expected)}`;
  return {
    right: 0,
    given: leafCount(actual as Json, options),
    wanted: leafCount(expected as Json, options),
    faults: [fault],
  };
}

const nothing: FieldCounts = { right: 0, given: 0, wanted: 0, faults: [] };

function compareObjects(expected: JsonObject, actual: JsonObject, { options, path }: Place): FieldCounts {
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
  const own = (object: JsonObject, key: string) => (Object.hasOwn(object, key) ? object[key] : undefined);
  return sum(
    keys.map((key) =>
      compare(own(expected, key), own(actual, key), {
        options,
        path: path === '' ? key : `${path}.${key}`,
      }),
    ),
  );
}

function compareLists(expected: readonly Json[], actual: readonly Json[], place: Place): FieldCounts {
  const { options, path } = place;
  const at = (index: number) => ({ options, path: `${path}[${index}]` });
  if (options.lists === 'ordered') {
    const length = Math.max(expected.length, actual.length);
    return sum(Array.from({ length }, (_, index) => compare(expected[index], actual[index], at(index))));
  }
  const lefts = new Set<number>();
  const rights = new Set<number>();
  const counted: FieldCounts[] = [];
  for (const [left, right] of equalPairs(expected, actual)) {
    lefts.add(left);
    rights.add(right);
    counted.push(compare(expected[left], actual[right], at(left)));
  }
  const openLefts = [...expected.keys()].filter((left) => !lefts.has(left));
  const openRights = [...actual.keys()].filter((right) => !rights.has(right));
  const isTooMany = openLefts.length * openRights.length > mostPairs;
  const pairs = (
    isTooMany
      ? openLefts
          .map((left, place) => ({ left, right: openRights[place] ?? -1 }))
          .filter(({ right }) => right >= 0)
      : openLefts.flatMap((left) => openRights.map((right) => ({ left, right })))
  )
    .map(({ left, right }) => ({ left, right, counts: compare(expected[left], actual[right], at(left)) }))
    .filter(({ counts }) => counts.right > 0)
    // The likest pair first; of equally like ones the earlier.
    .sort((a, b) => likeness(b.counts) - likeness(a.counts));
  if (isTooMany)
    counted.push({
      ...nothing,
      faults: [`${nameOf(path)} has too many items to pair by likeness: those left over pair by position`],
    });
  for (const { left, right, counts } of pairs) {
    if (lefts.has(left) || rights.has(right)) continue;
    lefts.add(left);
    rights.add(right);
    counted.push(counts);
  }
  for (const [index, item] of expected.entries())
    if (!lefts.has(index)) counted.push(onlyWanted(item, at(index)));
  for (const [index, item] of actual.entries())
    if (!rights.has(index)) counted.push(onlyGiven(item, at(index)));
  return sum(counted);
}

/** Items that differ that are paired with each other at most. */
const mostPairs = 50_000;

/** Places of items that are the same as written, each used once. */
function equalPairs(
  expected: readonly Json[],
  actual: readonly Json[],
): readonly (readonly [number, number])[] {
  const places = new Map<string, number[]>();
  for (const [index, item] of actual.entries()) {
    const key = canonicalJson(item);
    const known = places.get(key);
    if (known === undefined) places.set(key, [index]);
    else known.push(index);
  }
  return expected.flatMap((item, left) => {
    const right = places.get(canonicalJson(item))?.shift();
    return right === undefined ? [] : [[left, right] as const];
  });
}

function likeness({ right, given, wanted }: FieldCounts): number {
  return (2 * right) / (given + wanted);
}

function onlyGiven(value: Json, { options, path }: Place): FieldCounts {
  const given = leafCount(value, options);
  if (given === 0) return nothing;
  return { right: 0, given, wanted: 0, faults: [`${nameOf(path)} is not expected (${showValue(value)})`] };
}

function onlyWanted(value: Json, { options, path }: Place): FieldCounts {
  const wanted = leafCount(value, options);
  if (wanted === 0) return nothing;
  return { right: 0, given: 0, wanted, faults: [`${nameOf(path)} is missing (${showValue(value)})`] };
}

/** Values in a value; an empty object or list holds none. */
function leafCount(value: Json, { nullIsValue }: FieldComparison): number {
  return leavesOf(value).filter(({ value: leaf }) => {
    if (leaf === null) return nullIsValue;
    return typeof leaf !== 'object';
  }).length;
}

function sum(all: readonly FieldCounts[]): FieldCounts {
  return {
    right: all.reduce((total, { right }) => total + right, 0),
    given: all.reduce((total, { given }) => total + given, 0),
    wanted: all.reduce((total, { wanted }) => total + wanted, 0),
    faults: all.flatMap(({ faults }) => faults),
  };
}

function sameLeaf(expected: Json, actual: Json, options: FieldComparison): boolean {
  if (sameAnswer(expected, actual, options)) return true;
  const { absolute, relative } = options;
  const [wanted, got] = [readNumber(expected), readNumber(actual)];
  if (wanted !== undefined && got !== undefined) {
    if (absolute === 0 && relative === 0) return false;
    const rounding = 1e-12 * Math.max(Math.abs(wanted), Math.abs(got));
    return Math.abs(wanted - got) <= Math.max(absolute, relative * Math.abs(wanted)) + rounding;
  }
  const [left, right] = [isoDay(expected), isoDay(actual)];
  return left !== undefined && left === right;
}

const day = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]00:?00)?)?$/;

/** A day that is written year first, as `YYYY-MM-DD`, midnight included; undefined for every other order. */
function isoDay(value: Json): string | undefined {
  const [, year, month, date] = (typeof value === 'string' && day.exec(value.trim())) || [];
  if (year === undefined || month === undefined || date === undefined) return undefined;
  return `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`;
}

function nameOf(path: string): string {
  return path === '' ? 'the value' : path;
}
