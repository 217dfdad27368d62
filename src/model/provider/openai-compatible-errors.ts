import type { ErrorCode } from '../../base/error-codes.ts';
import { HoneError, messageOf } from '../../base/errors.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';

/** Whom a failed call asked, for messages; and what must never appear in one. */
export interface Asked {
  readonly modelId: string;
  readonly endpoint: string;
  /** The environment variable that usually holds this provider's key. */
  readonly keyVariable?: string | undefined;
  /** Keys, passwords and header values. */
  readonly secrets: readonly string[];
}

export interface FailedAnswer {
  readonly status: number;
  /** By lower-case name. */
  header(name: string): string | null | undefined;
  readonly body: string;
  /** Milliseconds since the epoch, to read a date in `retry-after`. */
  readonly now: number;
}

/** What the server says about an error, wherever it put it. */
export interface ServerComplaint {
  readonly message: string;
  readonly code: string;
}

interface Reading {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly retryable: boolean;
}

/** The error for an answer that is not a success, or is not what was asked for. */
export function failedAnswerError(answer: FailedAnswer, asked: Asked): HoneError {
  const { status } = answer;
  const complaint = complaintOf(answer.body);
  const { code, message, hint, retryable } =
    complaint === undefined ? readStrange(answer, asked) : readComplaint(complaint, status, asked);
  const retryAfterMs = retryAfterOf(answer);
  return new HoneError(redact(message, asked.secrets), {
    code,
    hint,
    facts: {
      modelId: asked.modelId,
      endpoint: asked.endpoint,
      status,
      retryable,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    },
  });
}

/** The error for a request that got no answer. */
export function unreachableError(cause: unknown, asked: Asked): HoneError {
  const code = causeCode(cause);
  const reason = code === undefined ? messageOf(cause) : (reasons[code] ?? code);
  return new HoneError(
    redact(`Cannot reach ${asked.endpoint} for ${asked.modelId}: ${reason}.`, asked.secrets),
    {
      code: 'HONE_MODEL_UNREACHABLE',
      hint: 'Check that the server runs, and its base URL, the network and the proxy.',
      cause,
      facts: { modelId: asked.modelId, endpoint: asked.endpoint, reason: code, retryable: true },
    },
  );
}

/** The error for an answer that claims success and cannot be used. */
export function badReplyError(
  problem: string,
  asked: Asked,
  options: {
    readonly cause?: unknown;
    readonly hint?: string | undefined;
    readonly retryable?: boolean;
  } = {},
): HoneError {
  const {
    cause,
    hint = 'Ask again; if it stays, look into the log of the server.',
    retryable = true,
  } = options;
  return new HoneError(
    redact(`${asked.endpoint} answered for ${asked.modelId}, but ${problem}.`, asked.secrets),
    {
      code: 'HONE_MODEL_BAD_REPLY',
      hint,
      cause,
      facts: { modelId: asked.modelId, endpoint: asked.endpoint, retryable },
    },
  );
}

export function isHtml(text: string): boolean {
  return /^\s*<(?:!doctype|html|head|body|\?xml|!--)/i.test(text);
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused (ECONNREFUSED)',
  ECONNRESET: 'the connection was reset (ECONNRESET)',
  ENOTFOUND: 'the host name is unknown (ENOTFOUND)',
  EAI_AGAIN: 'the name server did not answer (EAI_AGAIN)',
  ETIMEDOUT: 'the connection timed out (ETIMEDOUT)',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out (UND_ERR_CONNECT_TIMEOUT)',
  UND_ERR_SOCKET: 'the server closed the connection (UND_ERR_SOCKET)',
};

function causeCode(thrown: unknown): string | undefined {
  for (let cause = thrown; cause instanceof Error; cause = cause.cause) {
    const first = cause instanceof AggregateError ? cause.errors[0] : cause;
    if (first instanceof Error && 'code' in first && typeof first.code === 'string') return first.code;
  }
  return undefined;
}

/** An answer that does not explain itself in JSON: a wrong address, a proxy, a broken server. */
function readStrange({ status, body }: FailedAnswer, asked: Asked): Reading {
  const shown = isHtml(body) ? 'an HTML page' : body.trim() === '' ? 'nothing' : `"${excerpt(body)}"`;
  const what = `${asked.endpoint} answered ${shown} instead of JSON (HTTP ${status})`;
  if (status === 401 || status === 403) return refusedKey(`${what}.`, status, asked);
  if (status === 429) return tooMany(`${what}: too many requests.`);
  if (status === 408 || (status >= 500 && !isHtml(body))) {
    return { code: 'HONE_MODEL_SERVER', message: `${what}.`, hint: tryLater, retryable: true };
  }
  return {
    code: 'HONE_MODEL_BAD_REPLY',
    message: `${what}.`,
    hint:
      status >= 500
        ? 'Check that the server is up, and its base URL.'
        : 'Check the base URL: it usually ends in /v1, and names the API, not a web page.',
    retryable: status >= 500,
  };
}

const tryLater = 'Try again later, or look up the status of the provider.';

function readComplaint({ message: said, code }: ServerComplaint, status: number, asked: Asked): Reading {
  const words = excerpt(said);
  const about = `${asked.modelId} at ${asked.endpoint}`;
  const ending = `: ${words} (HTTP ${status})`;
  if (status === 401 || status === 403 || code === 'invalid_api_key') {
    return refusedKey(`${asked.endpoint} refused the key${ending}.`, status, asked);
  }
  if (isOverflow(said, code)) {
    return {
      code: 'HONE_MODEL_CONTEXT_OVERFLOW',
      message: `The request is longer than the context of ${about}${ending}.`,
      hint: 'Use fewer or shorter demos, shorten the inputs, or take a model with a larger context.',
      retryable: false,
    };
  }
  if (status === 429) {
    if (code === 'insufficient_quota' || /\b(?:quota|credit|billing)\b/i.test(said)) {
      return {
        code: 'HONE_MODEL_REJECTED',
        message: `The account has no quota left for ${about}${ending}.`,
        hint: 'Add credit with the provider, or use another key.',
        retryable: false,
      };
    }
    return tooMany(`Too many requests to ${about}${ending}.`);
  }
  if (isUnknownModel(said, code, status)) {
    return {
      code: 'HONE_MODEL_UNKNOWN',
      message: `${asked.endpoint} does not know the model "${asked.modelId}"${ending}.`,
      hint: 'Check the name of the model in the list of the provider.',
      retryable: false,
    };
  }
  if (status === 404 || status === 405) {
    return {
      code: 'HONE_MODEL_BAD_REPLY',
      message: `${asked.endpoint} has no chat completions${ending}.`,
      hint: 'Check the base URL: it usually ends in /v1.',
      retryable: false,
    };
  }
  if (status === 408 || status === 409 || status === 425 || status >= 500) {
    return {
      code: 'HONE_MODEL_SERVER',
      message: `${about} failed${ending}.`,
      hint: tryLater,
      retryable: true,
    };
  }
  return {
    code: 'HONE_MODEL_REJECTED',
    message: `${about} rejected the request${ending}.`,
    hint: 'Change what the message names; the model may not support an option of the request.',
    retryable: false,
  };
}

function refusedKey(message: string, status: number, { keyVariable }: Asked): Reading {
  const source = keyVariable === undefined ? 'the key (`apiKey`)' : `the key in ${keyVariable}`;
  const hint =
    status === 403
      ? `Check that ${source} may use this model.`
      : `Set ${source}, and check that it is valid.`;
  return { code: 'HONE_MODEL_AUTHENTICATION', message, hint, retryable: false };
}

function tooMany(message: string): Reading {
  return {
    code: 'HONE_MODEL_RATE_LIMITED',
    message,
    hint: 'Lower the concurrency, or ask the provider for a higher limit.',
    retryable: true,
  };
}

function isOverflow(said: string, code: string): boolean {
  return (
    code === 'context_length_exceeded' ||
    /context (?:length|window|size)|maximum context|prompt is too long|too many (?:input )?tokens/i.test(said)
  );
}

function isUnknownModel(said: string, code: string, status: number): boolean {
  if (code === 'model_not_found') return true;
  const namesModel = /\bmodels?\b/i.test(said);
  if (status === 404) return namesModel;
  return (
    status === 400 && namesModel && /not (?:found|exist|a valid)|invalid model|unknown model/i.test(said)
  );
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
  const code = inner.code ?? inner.type;
  return {
    message: typeof said === 'string' ? said : JSON.stringify(said ?? outer),
    code: typeof code === 'string' ? code : '',
  };
}

/** `retry-after-ms`, or `retry-after` as seconds or as a date. */
function retryAfterOf({ header, now }: FailedAnswer): number | undefined {
  const ms = header('retry-after-ms');
  if (ms && Number.isFinite(Number(ms))) return Math.max(0, Number(ms));
  const after = header('retry-after');
  if (!after) return undefined;
  const seconds = Number(after);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(after);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim().replace(/\.$/, '');
  return line.length <= 300 ? line : `${line.slice(0, 300)}…`;
}

/** Takes secrets out of a text that a server wrote; it may quote what it was sent, masked or not. */
export function redact(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, '[key]');
  return clean.replace(/\b(?:sk|gsk|xai|AIza|key)[-_][\w*.-]{8,}/g, '[key]');
}
