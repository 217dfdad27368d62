import { HoneError, messageOf } from '../../base/errors.ts';
import { isJsonObject } from '../../base/json.ts';
import {
  type Asked,
  badReplyError,
  failedAnswerError,
  isHtml,
  redact,
  unreachableError,
} from './openai-compatible-errors.ts';
import { complaintOf } from './server-complaint.ts';
import type { Refusal } from './server-dialect.ts';

/** What Hone reads of the AI SDK's errors, recognised by their shape: several copies of it may be loaded. */
interface AiSdkError extends Error {
  readonly statusCode?: number | undefined;
  readonly responseHeaders?: Readonly<Record<string, string>> | undefined;
  readonly responseBody?: string | undefined;
  readonly isRetryable?: boolean | undefined;
}

/** What an AI SDK model threw, read as the refusal of a server; status 0 when it is none. */
export function aiSdkRefusal(thrown: unknown): Refusal {
  if (!(thrown instanceof Error)) return { status: 0, complaint: undefined };
  const { statusCode = 0, responseBody, message }: AiSdkError = thrown;
  return { status: statusCode, complaint: complaintOf(responseBody ?? JSON.stringify({ message })) };
}

/** The HoneError for whatever an AI SDK model throws. */
export function aiSdkFailure(thrown: unknown, asked: Asked, now: number): HoneError {
  if (HoneError.isInstance(thrown)) return thrown;
  if (!(thrown instanceof Error)) return rejected(thrown, asked, false);
  const error: AiSdkError = thrown;
  const { statusCode, responseHeaders, responseBody } = error;
  if (error.name === 'AI_LoadAPIKeyError') return missingKey(error, asked);
  if (error.name === 'AI_NoSuchModelError') {
    return new HoneError(`The provider does not know the model "${asked.modelId}".`, {
      code: 'HONE_MODEL_UNKNOWN',
      hint: 'Check the name of the model in the list of the provider.',
      cause: error,
      facts: { modelId: asked.modelId, endpoint: asked.endpoint, retryable: false },
    });
  }
  if (statusCode !== undefined) {
    const body = responseBody ?? JSON.stringify({ error: { message: error.message } });
    const isSuccess = statusCode >= 200 && statusCode < 300;
    // A success that could not be read, yet is JSON, lacks what the provider's package looks for.
    if (isSuccess && isJson(body) && !hasError(body))
      return badReplyError(`in a form of its own (${error.message})`, asked, { cause: error });
    if (isSuccess && !hasError(body) && !isHtml(body)) {
      return badReplyError('the answer is no complete JSON', asked, { cause: error });
    }
    const header = (name: string) => responseHeaders?.[name];
    return failedAnswerError({ status: statusCode, header, body, now }, asked);
  }
  if (isConnectionFailure(error)) return unreachableError(error.cause ?? error, asked);
  if (
    /^AI_(?:JSONParse|TypeValidation|InvalidResponseData|EmptyResponseBody|NoContentGenerated)Error$/.test(
      error.name,
    )
  ) {
    return badReplyError(`in a form of its own (${error.message})`, asked, { cause: error });
  }
  return rejected(error, asked, error.isRetryable === true);
}

function isConnectionFailure(error: AiSdkError): boolean {
  return (
    /cannot connect to api|fetch failed/i.test(error.message) ||
    (error instanceof TypeError && error.cause !== undefined)
  );
}

function missingKey(cause: Error, asked: Asked): HoneError {
  const variable = asked.keyVariable;
  return new HoneError(`There is no key for ${asked.modelId}: ${redact(cause.message, asked.secrets)}`, {
    code: 'HONE_MODEL_AUTHENTICATION',
    hint: variable === undefined ? 'Give the key of the provider.' : `Set ${variable}.`,
    cause,
    facts: { modelId: asked.modelId, endpoint: asked.endpoint, retryable: false },
  });
}

function rejected(thrown: unknown, asked: Asked, retryable: boolean): HoneError {
  return new HoneError(redact(`${asked.modelId} could not be asked: ${messageOf(thrown)}`, asked.secrets), {
    code: 'HONE_MODEL_REJECTED',
    hint: 'Change what the message names; the model may not support an option of the request.',
    cause: thrown,
    facts: { modelId: asked.modelId, endpoint: asked.endpoint, retryable },
  });
}

/** Whether a success carries an error inside. */
function hasError(body: string): boolean {
  return isJson(body) && isJsonObject(JSON.parse(body)) && Boolean(JSON.parse(body).error);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
