import { askGithub, type GithubConnection, githubAttempts, isPassing, waitFor } from './github-client.ts';

export interface StickyComment extends GithubConnection {
  /** `owner/name` */
  readonly repository: string;
  /** Of the pull request. */
  readonly number: number;
  /** What the comment begins with, and is found by. */
  readonly marker: string;
  /** Begins with the marker. */
  readonly body: string;
}

interface Comment {
  readonly id: number;
  readonly body?: string | null | undefined;
  readonly user?: { readonly type?: string | undefined } | null | undefined;
}

const pageSize = 100;
/** A pull request with more comments than this is searched no further. */
const mostPages = 100;

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
  const { repository, number, body, clock } = options;
  let lost: unknown;
  for (let attempt = 0; attempt < githubAttempts; attempt += 1) {
    const known = await findComment(options);
    if (known !== undefined) {
      await askGithub(options, {
        method: 'PATCH',
        path: `/repos/${repository}/issues/comments/${known.id}`,
        body: { body },
      });
      return { action: 'updated', id: known.id };
    }
    try {
      const path = `/repos/${repository}/issues/${number}/comments`;
      const created = (await askGithub(options, {
        method: 'POST',
        path,
        body: { body },
        once: true,
      })) as Comment;
      return { action: 'created', id: created.id };
    } catch (thrown) {
      if (!isPassing(thrown)) throw thrown;
      lost = thrown;
      await waitFor(thrown, { attempt, clock });
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
    const comments = (await askGithub(options, { method: 'GET', path })) as readonly Comment[];
    for (const comment of comments) {
      if (!comment.body?.startsWith(marker)) continue;
      if (comment.user?.type === 'Bot') return comment;
      other ??= comment;
    }
    if (comments.length < pageSize) return other;
  }
  return other;
}
