import { askGithub, type GithubConnection } from './github-client.ts';

export interface PullRequest extends GithubConnection {
  /** `owner/name` */
  readonly repository: string;
  /** The branch with the change. */
  readonly branch: string;
  /** The branch that it is for. */
  readonly base: string;
  readonly title: string;
  readonly body: string;
}

/**
 * Opens the one pull request of a branch, or brings the open one up to date.
 *
 * @throws {HoneError} `HONE_SERVICE_UNAVAILABLE` when GitHub does not take it, with what it said.
 */
export async function putPullRequest(
  options: PullRequest,
): Promise<{ readonly action: 'opened' | 'updated'; readonly url: string }> {
  const { repository, branch, base, title, body } = options;
  const [owner = ''] = repository.split('/');
  const head = encodeURIComponent(`${owner}:${branch}`);
  const open = (await askGithub(options, {
    method: 'GET',
    path: `/repos/${repository}/pulls?state=open&head=${head}&base=${encodeURIComponent(base)}`,
  })) as readonly { readonly number: number; readonly html_url: string }[];
  const [known] = open;
  if (known !== undefined) {
    await askGithub(options, {
      method: 'PATCH',
      path: `/repos/${repository}/pulls/${known.number}`,
      body: { title, body },
    });
    return { action: 'updated', url: known.html_url };
  }
  const created = (await askGithub(options, {
    method: 'POST',
    path: `/repos/${repository}/pulls`,
    body: { title, body, head: branch, base },
  })) as { readonly html_url: string };
  return { action: 'opened', url: created.html_url };
}
