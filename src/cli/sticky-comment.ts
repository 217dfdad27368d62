import { type Clock, systemClock } from '../base/clock.ts';
import { HoneError, messageOf } from '../base/errors.ts';

export interface StickyComment {
  /** `https://api.github.com`, or that of an enterprise. */
  readonly apiUrl: string;
  /** `owner/name` */
  readonly repository: string;
  /** Of the pull request. */
  readonly number: number;
  readonly token: string;
  /** What the comment begins with, and is found by. */
  readonly marker: string;
  /** Begins with the marker. */
  readonly body: string;
  /** @default the system's clock */
  readonly clock?: Clock | undefined;
}

interface Comment {
  readonly id: number;
  readonly body?: string | null | undefined;
  readonly user?: { readonly type?: string | undefined } | null | undefined;
}

const pageSize = 100;
/** A pull request with more comments than this is searched no further. */
const mostPages = 100;
const attempts = 4;
const longestWaitMs = 60_000;
const longestRequestMs = 30_000;

/**
 * Writes the one comment that begins with a marker: the one that is there, on whatever page, else a new one. Rate
 * limits and faults of the server are waited out; a comment whose answer was lost is looked for before another one is
 * written.
 *
 * @throws {HoneError} `HONE_SERVICE_UNAVAILABLE` when GitHub does not take it, with what it said.
 */
export async function putStickyComment(
  options: StickyComment,
): Promise<{ readonly action: 'created' | 'updated'; readonly id: number }> {
  const { repository, number, body, clock = systemClock } = options;
  let lost: unknown;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const known = await findComment(options);
    if (known !== undefined) {
      await ask(options, {
        method: 'PATCH',
        path: `/repos/${repository}/issues/comments/${known.id}`,
        body: { body },
      });
      return { action: 'updated', id: known.id };
    }
    try {
      const path = `/repos/${repository}/issues/${number}/comments`;
      const created = (await ask(options, { method: 'POST', path, body: { body }, once: true })) as Comment;
      return { action: 'created', id: created.id };
    } catch (thrown) {
      if (!isPassing(thrown)) throw thrown;
      lost = thrown;
      await clock.sleep(waitOf(thrown, attempt));
    }
  }
  throw lost;
}

/** A bot's comment before a person's who has copied the marker. */
async function findComment(options: StickyComment): Promise<Comment | undefined> {
  const { repository, number, marker } = options;
  let other: Comment | undefined;
  for (let page = 1; page <= mostPages; page += 1) {
    const path = `/repos/${repository}/issues/${number}/comments?per_page=${pageSize}&page=${page}`;
    const comments = (await ask(options, { method: 'GET', path })) as readonly Comment[];
    for (const comment of comments) {
      if (!comment.body?.startsWith(marker)) continue;
      if (comment.user?.type === 'Bot') return comment;
      other ??= comment;
    }
    if (comments.length < pageSize) return other;
  }
  return other;
}

interface Request {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>> | undefined;
  /** Whether the caller decides about another attempt. */
  readonly once?: boolean | undefined;
}

async function ask(options: StickyComment, request: Request): Promise<unknown> {
  const { clock = systemClock } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send(options, request);
    } catch (thrown) {
      if (request.once || attempt >= attempts || !isPassing(thrown)) throw thrown;
      await clock.sleep(waitOf(thrown, attempt));
    }
  }
}

async function send({ apiUrl, token }: StickyComment, { method, path, body }: Request): Promise<unknown> {
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

function isPassing(thrown: unknown): boolean {
  return HoneError.isInstance(thrown) && thrown.facts.passing === true;
}

/** What GitHub asks for, at most a minute; else longer each time. */
function waitOf(thrown: unknown, attempt: number): number {
  const asked = HoneError.isInstance(thrown) ? thrown.facts.waitMs : undefined;
  return Math.min(longestWaitMs, typeof asked === 'number' ? asked : 1_000 * 2 ** attempt);
}
