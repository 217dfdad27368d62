import { InvalidArgumentError } from 'commander';
import { closestMatch } from '../base/closest-match.ts';
import type { Delimiter } from '../dataset/sniff-table.ts';
import { type ServerLack, serverLacks } from '../model/provider/server-dialect.ts';
import type { Objective } from '../optimizer/optimizer.ts';

/** Reads a whole number of at least `least`. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(number) && number >= least && number <= most)
      return number;
    const range = most === Number.MAX_SAFE_INTEGER ? `${least} on` : `${least} to ${most}`;
    throw new InvalidArgumentError(`It is not a whole number from ${range}.`);
  };
}

/** Reads a number above 0. */
export function positiveNumber(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError('It is not a number above 0.');
}

/** Reads a score from 0 to 1. */
export function shareOfOne(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && number >= 0 && number <= 1) return number;
  throw new InvalidArgumentError('It is not a score from 0 to 1.');
}

/** Reads `field=value`; the value may hold further signs of equality. */
export function fieldValue(text: string): { readonly field: string; readonly value: string } {
  const at = text.indexOf('=');
  if (at > 0) return { field: text.slice(0, at).trim(), value: text.slice(at + 1) };
  throw new InvalidArgumentError('It is not a field and its value, such as category=billing.');
}

/** Reads a list of these words, separated by commas. */
export function oneOfEach<Word extends string>(words: readonly Word[]): (text: string) => readonly Word[] {
  return (text) =>
    names(text).map((name) => {
      const known = words.find((word) => word === name);
      if (known !== undefined) return known;
      throw new InvalidArgumentError(`${name} is none of ${words.join(', ')}.`);
    });
}

/** Reads a number of dollars, which may be 0. */
export function dollars(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && number >= 0) return number;
  throw new InvalidArgumentError('It is not a number of dollars.');
}

/** Reads a number of dollars, or `none` for no limit. */
export function dollarLimit(text: string): number | 'none' {
  return text === 'none' ? 'none' : dollars(text);
}

/** Reads what stands between the values of a table. */
export function delimiterSign(text: string): Delimiter {
  const sign = text === 'tab' || text === '\\t' ? '\t' : text;
  if (sign === ',' || sign === ';' || sign === '\t' || sign === '|') return sign;
  throw new InvalidArgumentError('It is none of , ; | and tab.');
}

/** Adds the comma-separated names of one flag to those of the flags before. */
export function names(text: string, before: readonly string[] = []): readonly string[] {
  const added = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (added.length === 0) throw new InvalidArgumentError('It names nothing.');
  return [...before, ...added];
}

/** Adds the model of one role to those of the flags before. */
export function roleModels(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, role = '', id = ''] = /^\s*([\p{L}_][\p{L}\p{N}_.-]*)\s*=\s*(\S.*)$/u.exec(text) ?? [];
  if (role === '') throw new InvalidArgumentError(`It is no role=model, such as judge=openai/gpt-5-mini.`);
  if (role === 'task' || role === 'reflection') {
    throw new InvalidArgumentError(
      `The model of ${role} is --${role === 'task' ? 'model' : 'reflection-model'}.`,
    );
  }
  if (Object.hasOwn(before, role)) throw new InvalidArgumentError(`It names ${role} twice.`);
  return { ...before, [role]: id.trim() };
}

/** Adds a model to those of the flags before: one alone stays a name. */
export function modelIds(text: string, before?: string | readonly string[]): string | readonly string[] {
  return before === undefined ? text : [before, text].flat();
}

/** Adds one file to those of the flags before. */
export function files(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** Reads a number of seconds, 0 for no limit. */
export function seconds(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && number >= 0) return number;
  throw new InvalidArgumentError('It is not a number of seconds.');
}

/** Reads a number of minutes, 0 for none. */
export function minutes(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && number >= 0) return number;
  throw new InvalidArgumentError('It is not a number of minutes.');
}

/** Reads what a server does not take, names separated by commas. */
export function lacks(text: string, before: readonly ServerLack[] = []): readonly ServerLack[] {
  const added = names(text).map((name) => {
    const known = serverLacks.find((lack) => lack === name);
    if (known !== undefined) return known;
    const closest = closestMatch(name, serverLacks);
    const meant = closest === undefined ? '' : ` Did you mean ${closest}?`;
    throw new InvalidArgumentError(`"${name}" is none of ${serverLacks.join(', ')}.${meant}`);
  });
  return [...before, ...added];
}

/** What is minimized unless something else is said. */
const minimized = new Set(['cost', 'latency', 'tokens']);

/** Reads what counts: `score,cost<=0.002,latency`, and `brevity:minimize` for what the scorer measures. */
export function objectivesOf(text: string): readonly Objective[] {
  const all = text.split(',').map(objectiveOf);
  const twice = all.find(({ name }, index) => all.findIndex((other) => other.name === name) < index);
  if (twice !== undefined) throw new InvalidArgumentError(`It names ${twice.name} twice.`);
  if (!all.some(({ name }) => name === 'score')) {
    throw new InvalidArgumentError('It lacks score, which is what the sealed test proves.');
  }
  return all;
}

function objectiveOf(text: string): Objective {
  const parts =
    /^\s*([\p{L}_][\p{L}\p{N}_.-]*)\s*(?::\s*(minimize|maximize)\s*)?(?:(<=|>=)\s*(\S+)\s*)?$/u.exec(text);
  const [, name = '', direction, sign, limit] = parts ?? [];
  if (name === '')
    throw new InvalidArgumentError(`"${text}" is no objective; write score,cost<=0.002,latency.`);
  const said = direction as Objective['direction'] | undefined;
  const ofSign = sign === undefined ? undefined : sign === '<=' ? 'minimize' : 'maximize';
  const usual = minimized.has(name) ? 'minimize' : 'maximize';
  if (
    ofSign !== undefined &&
    (said ?? (name === 'score' || minimized.has(name) ? usual : ofSign)) !== ofSign
  ) {
    throw new InvalidArgumentError(`"${text}" limits ${name} on the side that it is to move to.`);
  }
  const bound = limit === undefined ? undefined : Number(limit);
  if (bound !== undefined && !Number.isFinite(bound)) {
    throw new InvalidArgumentError(`"${limit}" is no number.`);
  }
  return { name, direction: said ?? ofSign ?? usual, ...(bound !== undefined && { bound }) };
}
