import { isJsonObject, type Json } from '../base/json.ts';

/** One value inside a value, and where. */
export interface Leaf {
  /** 'items[0].price'; '' for the value itself. */
  readonly path: string;
  /** No object and no list, unless an empty one. */
  readonly value: Json;
}

/** Every value in a JSON value that has no further ones in it, with its place. Empty objects and lists are leaves. */
export function leavesOf(value: Json, path = ''): readonly Leaf[] {
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    if (items.length === 0) return [{ path, value }];
    return items.flatMap((item, index) => leavesOf(item, `${path}[${index}]`));
  }
  if (isJsonObject(value)) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    if (entries.length === 0) return [{ path, value }];
    return entries.flatMap(([key, item]) =>
      leavesOf(item as Json, path === '' ? keyOf(key) : `${path}${dotted(key)}`),
    );
  }
  return [{ path, value }];
}

/** Levels of a written value that are read: a model that repeats a bracket writes thousands. */
const deepest = 200;

/** A text that writes an object or a list as what it writes; every other value, and one beyond 200 levels, as it is. */
export function readJsonText(value: Json | undefined): Json | undefined {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    const read = JSON.parse(value) as Json;
    return isDeeperThan(read, deepest) ? value : read;
  } catch {
    return value;
  }
}

function isDeeperThan(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((item) => isDeeperThan(item as Json, levels - 1));
}

function keyOf(key: string): string {
  return /^[\w$-]+$/u.test(key) ? key : `[${JSON.stringify(key)}]`;
}

function dotted(key: string): string {
  return /^[\w$-]+$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
