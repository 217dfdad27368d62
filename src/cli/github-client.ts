import { type Clock, systemClock } from '../base/clock.ts';
import { HoneError, messageOf } from '../base/errors.ts';

/** How GitHub is reached. */
export interface GithubConnection {
  /** `https://api.github.com`, or that of an enterprise. */
  readonly apiUrl: string;
  readonly token: string;
  /** @default the system's clock */
  readonly clock?: Clock | undefined;
}

export interface GithubRequest {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>> | undefined;
  /** Whether the caller decides about another attempt. */
  readonly once?: boolean | undefined;
}

/** How often a request is made that meets a limit or a fault that passes. */
export const githubAttempts = 4;
const longestWaitMs = 60_000;
const longestRequestMs = 30_000;

/**
 * Asks GitHub; rate limits and faults of the server are waited out.
 *
 * @throws {HoneError} `HONE_SERVICE_UNAVAILABLE` when GitHub does not take it, with what it said.
 */
export async function askGithub(connection: GithubConnection, request: GithubRequest): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send(connection, request);
    } catch (thrown) {
      if (request.once || attempt >= githubAttempts || !isPassing(thrown)) throw thrown;
      await waitFor(thrown, { attempt, clock: connection.clock });
    }
  }
}

/** Whether another attempt may go well. */
export function isPassing(thrown: unknown): boolean {
  return HoneError.isInstance(thrown) && thrown.facts.passing === true;
}

/** Waits as long as GitHub asks for, at most a minute; else longer each time. */
export function waitFor(
  thrown: unknown,
  { attempt, clock = systemClock }: { readonly attempt: number; readonly clock?: Clock | undefined },
): Promise<void> {
  const asked = HoneError.isInstance(thrown) ? thrown.facts.waitMs : undefined;
  return clock.sleep(Math.min(longestWaitMs, typeof asked === 'number' ? asked : 1_000 * 2 ** attempt));
}

async function send(
  { apiUrl, token }: GithubConnection,
  { method, path, body }: GithubRequest,
): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(`${apiUrl.replace(/\/+$/, '')}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/vnd.github+json',
        'content-type': 'application/json',
        'user-agent': 'hone-ai',
        'x-github-api-version': '2022-11-28',
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(longestRequestMs),
    });
    if (response.ok) return await response.json();
  } catch (cause) {
    throw refusal(`GitHub could not be reached: ${messageOf(cause)}`, { passing: true, cause });
  }
  const { status, headers } = response;
  const text = (await response.text().catch(() => '')).slice(0, 200);
  const isLimited =
    status === 429 ||
    (status === 403 && (headers.has('retry-after') || headers.get('x-ratelimit-remaining') === '0'));
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  throw refusal(`GitHub answered ${status} to ${method} ${path.split('?')[0]}: ${text}`, {
    passing: isLimited || status >= 500,
    ...(Number.isFinite(seconds) && { waitMs: seconds * 1000 }),
  });
}

function refusal(
  message: string,
  {
    passing,
    waitMs,
    cause,
  }: { readonly passing: boolean; readonly waitMs?: number; readonly cause?: unknown },
): HoneError {
  return new HoneError(message, {
    code: 'HONE_SERVICE_UNAVAILABLE',
    hint: 'The job needs `permissions: pull-requests: write`; a pull request from a fork has none.',
    facts: { passing, ...(waitMs !== undefined && { waitMs }) },
    cause,
  });
}
