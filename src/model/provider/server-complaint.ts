import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';

/** An answer that is no success, as it came. */
export interface FailedAnswer {
  readonly status: number;
  /** By lower-case name. */
  header(name: string): string | null | undefined;
  readonly body: string;
  /** Milliseconds since the epoch, to read a date in `retry-after`. */
  readonly now: number;
}

/** What a server says about an error, wherever it put it. */
export interface ServerComplaint {
  readonly message: string;
  /** Its own name of the error; empty without one. */
  readonly code: string;
  /** All names that it gives, from the outermost to the innermost. */
  readonly codes: readonly string[];
  /** The option of the request that it is about, where it says so. */
  readonly parameter: string | undefined;
  /** The HTTP status that it gives inside, as gateways do that answer 200. */
  readonly status: number | undefined;
}

/** Reads the forms in use: `{error: {message, code | type}}`, `{error: text}`, `{message}`, `{detail}`. */
export function complaintOf(body: string): ServerComplaint | undefined {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return undefined;
  }
  const outer = Array.isArray(json) ? json[0] : json;
  if (!isJsonObject(outer)) return undefined;
  const inner: JsonObject = isJsonObject(outer.error) ? outer.error : outer;
  const said = inner.message ?? outer.error ?? outer.detail ?? outer.message;
  const { innererror, param } = inner;
  const innerCode = isJsonObject(innererror) ? innererror.code : undefined;
  const codes = [inner.code, inner.type, inner.status, innerCode].filter((code) => typeof code === 'string');
  return {
    message: typeof said === 'string' ? said : JSON.stringify(said ?? outer),
    code: codes[0] ?? '',
    codes,
    parameter: typeof param === 'string' ? param : undefined,
    status: statusInside(inner.code) ?? statusInside(inner.status) ?? statusOfCodes(codes),
  };
}

function statusInside(code: Json | undefined): number | undefined {
  const status = typeof code === 'number' || typeof code === 'string' ? Number(code) : Number.NaN;
  return Number.isInteger(status) && status >= 400 && status < 600 ? status : undefined;
}

const statuses: readonly (readonly [says: RegExp, status: number])[] = [
  [/rate.?limit|too.?many|throttl|quota|resource.?exhausted/i, 429],
  [/api.?key|authentication|unauthori[sz]ed|permission/i, 401],
  [/content.?(?:filter|policy)|context.?length|invalid.?(?:request|argument)/i, 400],
  [/not.?found/i, 404],
  [/overload|unavailable|timeout/i, 503],
];

function statusOfCodes(codes: readonly string[]): number | undefined {
  return statuses.find(([says]) => codes.some((code) => says.test(code)))?.[1];
}

/** Whether the provider will not answer because of what the request says: the same as a filtered answer. */
export function isContentFilter({ message, codes }: ServerComplaint, status: number): boolean {
  if (status !== 400 && status !== 403 && status !== 422 && status !== 451) return false;
  const names = /content.?(?:filter|policy)|responsible.?ai|data.?inspection|moderation/i;
  if (codes.some((code) => names.test(code))) return true;
  const words = message.slice(0, 2_000);
  return (
    /content (?:filter|management policy|policy)|content_filter|inappropriate content/i.test(words) ||
    // Moderation in front of a model: the request was flagged, the key is fine.
    (status === 403 && /flagged|moderation/i.test(words))
  );
}

/**
 * Whether a refusal means that nothing will be answered for long: no credit, or the limit of a day. Some
 * providers say "quota" of a limit of a minute; there they name a short wait.
 */
export function isQuotaSpent({ message, code }: ServerComplaint, retryAfterMs: number | undefined): boolean {
  if (code === 'insufficient_quota') return true;
  const words = message.slice(0, 2_000);
  if (/per.?minute|per.?second/i.test(words)) return false;
  if (/per.?day|\b[RT]PD\b|daily (?:limit|quota)/i.test(words)) return true;
  return retryAfterMs === undefined && /\b(?:quota|credits?|billing|balance)\b/i.test(words);
}

/** `retry-after-ms`, `retry-after` as seconds or as a date, or what the words of the server say. */
export function retryAfterOf(
  { header, now }: Pick<FailedAnswer, 'header' | 'now'>,
  said: string | undefined,
): number | undefined {
  const ms = header('retry-after-ms');
  if (ms && Number.isFinite(Number(ms))) return Math.max(0, Number(ms));
  const after = header('retry-after');
  if (!after) return said === undefined ? undefined : waitInWords(said);
  const seconds = Number(after);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(after);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** "Please try again in 7m12.5s", "Please retry in 34.07s", "try again in 20 seconds" */
function waitInWords(said: string): number | undefined {
  const wait = /(?:try again|retry) in ((?:[\d.]+ ?(?:ms|h|m|s)[a-z]* ?){1,3})/i.exec(
    said.slice(0, 2_000),
  )?.[1];
  if (wait === undefined) return undefined;
  let total = 0;
  for (const [, amount, unit = ''] of wait.matchAll(/([\d.]+) ?(ms|h|m|s)/gi)) {
    total += Number(amount) * (unitMs[unit.toLowerCase()] ?? 0);
  }
  return Number.isFinite(total) ? Math.ceil(total) : undefined;
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
