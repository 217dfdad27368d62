import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { HoneError } from '../base/errors.ts';

/** A file of the built studio. */
export interface StaticFile {
  readonly type: string;
  readonly body: Buffer;
  readonly zipped: Buffer;
}

export interface StaticFiles {
  /** By the path of its address; undefined for every other one, whatever stands in it. */
  get(path: string): StaticFile | undefined;
  /** The page, with the token that writes carry. */
  page(token: string): string;
  /** The scripts that stand in the page itself. */
  readonly inlineScripts: readonly string[];
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const tokenMark = '%HONE_TOKEN%';

/**
 * Reads the built studio once. What is asked for is looked up among these files, so no path leads elsewhere.
 *
 * @param folder `dist/studio`.
 * @throws {HoneError} `HONE_STUDIO_MISSING` where it was not built.
 */
export function readStaticFiles(folder: string): StaticFiles {
  const pagePath = join(folder, 'index.html');
  if (!existsSync(pagePath)) {
    throw new HoneError(`The studio is not built: ${pagePath} is not there.`, {
      code: 'HONE_STUDIO_MISSING',
      hint: 'In a clone of the repository run: npm run build',
    });
  }
  const html = readFileSync(pagePath, 'utf8');
  const files = new Map<string, StaticFile>();
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    const type = types[extname(name)];
    if (path === pagePath || type === undefined || !statSync(path).isFile()) continue;
    const body = readFileSync(path);
    files.set(`/${name.split(sep).join('/')}`, { type, body, zipped: gzipSync(body) });
  }
  return {
    get: (path) => files.get(path),
    page: (token) => html.replace(tokenMark, token),
    inlineScripts: [...html.matchAll(/<script>([\s\S]*?)<\/script>/gu)].map(([, script]) => script ?? ''),
  };
}
