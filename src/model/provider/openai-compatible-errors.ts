import type { ErrorCode } from '../../base/error-codes.ts';
import { HoneError, messageOf } from '../../base/errors.ts';
import {
  complaintOf,
  type FailedAnswer,
  isQuotaSpent,
  retryAfterOf,
  type ServerComplaint,
} from './server-complaint.ts';

/** Whom a failed call asked, for messages; and what must never appear in one. */
export interface Asked {
  readonly modelId: string;
  readonly endpoint: string;
  /** The environment variable that usually holds this provider's key. */
  readonly keyVariable?: string | undefined;
  /** Keys, passwords and header values. */
  readonly secrets: readonly string[];
}

interface Reading {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly retryable: boolean;
}

/** The error for an answer that is not a success, or is not what was asked for. */
export function failedAnswerError(answer: FailedAnswer, asked: Asked): HoneError {
  const complaint = complaintOf(answer.body);
  // A gateway may answer 200 and say inside what the status should have been.
  const status = answer.status < 400 ? (complaint?.status ?? 500) : answer.status;
  const retryAfterMs = retryAfterOf(answer, complaint?.message);
  const { code, message, hint, retryable } =
    complaint === undefined
      ? readStrange(answer, asked)
      : readComplaint(complaint, { status, retryAfterMs }, asked);
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
  return /^\s{0,1000}<(?:!doctype|html|head|body|\?xml|!--)/i.test(text);
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

function readComplaint(
  complaint: ServerComplaint,
  { status, retryAfterMs }: { readonly status: number; readonly retryAfterMs: number | undefined },
  asked: Asked,
): Reading {
  const { message: said, code } = complaint;
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
  if (status === 402 || (status === 429 && isQuotaSpent(complaint, retryAfterMs))) {
    return {
      code: 'HONE_MODEL_RATE_LIMITED',
      message: `The account has no quota left for ${about}${ending}.`,
      hint: 'Add credit with the provider, wait until its limit ends, or use another key or model.',
      retryable: false,
    };
  }
  if (status === 429) return tooMany(`Too many requests to ${about}${ending}.`);
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

function excerpt(text: string): string {
  // Servers that say more say it at the start; a body may have megabytes.
  const start = text.slice(0, 2_000).replace(/\s+/g, ' ').trim();
  const line = start.replace(/\.$/, '');
  return line.length <= 300 ? line : `${line.slice(0, 300)}…`;
}

/** Takes secrets out of a text that a server wrote; it may quote what it was sent, masked or not. */
export function redact(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (secret.length >= 4) clean = clean.replaceAll(secret, '[key]');
  return clean.replace(/\b(?:sk|gsk|xai|AIza|key)[-_][\w*.-]{8,}/g, '[key]');
}
