import type { Json, JsonObject } from '../base/json.ts';

/** The value of a field of a row as the name of its slice: an input first, then an expected one; `–` where there is none. */
export function sliceOf(
  field: string,
  { inputs, expected }: { readonly inputs: JsonObject; readonly expected?: JsonObject | undefined },
): string {
  const value: Json | undefined = inputs[field] ?? expected?.[field];
  if (value === undefined || value === null) return noSlice;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= longestSlice ? text : `${text.slice(0, longestSlice - 1)}…`;
}

export const noSlice = '–';
const longestSlice = 80;
