import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { HoneError } from '../base/errors.ts';

/** The header that every write carries. */
export const tokenHeader = 'x-hone-token';

export interface GuardOptions {
  /** The names under which this server is reached, with its port. */
  readonly hosts: () => readonly string[];
  /** Known to pages that this server has sent, and to nobody else. */
  readonly token: string;
}

/**
 * Lets in what comes from this server's own pages, and nothing else.
 *
 * - A Host that is not loopback is what DNS rebinding sends: a foreign name that points here.
 * - A page of another origin gives itself away by `Origin` or `Sec-Fetch-Site`, for reads too.
 * - A write needs the token, which a foreign page cannot read.
 */
export function guard({ hosts, token }: GuardOptions): MiddlewareHandler {
  return async (context, next) => {
    const { req } = context;
    const host = req.header('host') ?? '';
    if (!hosts().includes(host.toLowerCase()))
      throw refused(`the host ${JSON.stringify(host.slice(0, 100))}`);
    const origin = req.header('origin');
    const isOwn = origin === undefined || hosts().some((known) => origin === `http://${known}`);
    if (!isOwn) throw refused('a page of another origin');
    const site = req.header('sec-fetch-site') ?? 'none';
    const isNavigation = req.header('sec-fetch-mode') === 'navigate' && req.method === 'GET';
    if (site !== 'none' && site !== 'same-origin' && !(isNavigation && !req.path.startsWith('/api/'))) {
      throw refused('a page of another site');
    }
    const isWrite = req.method !== 'GET' && req.method !== 'HEAD';
    if (isWrite && !sameText(req.header(tokenHeader) ?? '', token))
      throw refused('a write without its token');
    await next();
  };
}

/** What a page of this server may do: nothing beyond this server, and only the scripts that it came with. */
export function securityHeaders(inlineScripts: readonly string[]): Readonly<Record<string, string>> {
  const hashes = inlineScripts.map(
    (script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  const policy = {
    'default-src': "'none'",
    'script-src': ["'self'", ...hashes].join(' '),
    'style-src': "'self'",
    'img-src': "'self' data: blob:",
    'connect-src': "'self'",
    'font-src': "'self'",
    'form-action': "'none'",
    'base-uri': "'none'",
    'frame-ancestors': "'none'",
  };
  return {
    'content-security-policy': Object.entries(policy)
      .map(([name, value]) => `${name} ${value}`)
      .join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'x-frame-options': 'DENY',
  };
}

function refused(what: string): HoneError {
  return new HoneError(`The studio does not answer ${what}.`, {
    code: 'HONE_REQUEST_REFUSED',
    hint: 'Open the address that `hone studio` prints, and load the page anew.',
  });
}

/** In a time that does not tell where they differ. */
function sameText(given: string, wanted: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(wanted));
}
