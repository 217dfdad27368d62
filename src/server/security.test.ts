import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorkspace } from '../config/workspace.ts';
import { openStudio, type Studio } from './server.ts';

const folder = mkdtempSync(join(tmpdir(), 'hone-server-'));
const files = join(folder, 'built');
let studio: Studio;

beforeAll(async () => {
  mkdirSync(join(files, 'assets'), { recursive: true });
  writeFileSync(
    join(files, 'index.html'),
    '<meta name="hone-token" content="%HONE_TOKEN%"><script>let a = 1</script><div id="root"></div>',
  );
  writeFileSync(join(files, 'assets', 'main.js'), 'export {};');
  writeFileSync(join(folder, 'secret.txt'), 'nobody may read this');
  studio = await openStudio({
    workspace: openWorkspace({ folder, variables: { OPENAI_API_KEY: 'sk-nobody-may-see' } }),
    port: 0,
    files,
    startCommand: async () => 0,
    actor: 'tester',
    version: '0.0.0',
  });
});

afterAll(async () => {
  await studio[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Sends a path and headers as they are: no client mends them. */
function ask(
  path: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: Buffer } = {},
): Promise<Answer> {
  const { port } = new URL(studio.url);
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.on('error', (thrown: NodeJS.ErrnoException) =>
      // The server may hang up on what is far too large before all of it is sent.
      thrown.code === 'EPIPE' || thrown.code === 'ECONNRESET'
        ? resolve({ status: 413, headers: {}, body: '' })
        : reject(thrown),
    );
    sent.end(body);
  });
}

const token = () => ({ 'x-hone-token': studio.token });

describe('the guard of the studio', () => {
  it('answers its own pages', async () => {
    const page = await ask('/runs');
    expect(page.status).toBe(200);
    expect(page.body).toContain(studio.token);
    expect((await ask('/api/runs', { headers: { origin: studio.url } })).status).toBe(200);
  });

  it.each([
    ['a name that points here by DNS rebinding', { host: 'evil.example:4747' }],
    ['a page of another origin', { origin: 'https://evil.example' }],
    ['a page of another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['a page without an origin', { origin: 'null' }],
    ['a request that another site makes', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    ['a frame of another site', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }],
  ])('refuses %s, reads as well as writes', async (_, headers) => {
    const read = await ask('/api/runs', { headers });
    expect(read.status).toBe(403);
    expect(JSON.parse(read.body).error.code).toBe('HONE_REQUEST_REFUSED');
    expect(
      (await ask('/api/runs/x/stop', { method: 'POST', headers: { ...headers, ...token() } })).status,
    ).toBe(403);
  });

  it.each([
    ['no token', {}],
    ['another token', { 'x-hone-token': 'a'.repeat(32) }],
  ])('refuses a write with %s', async (_, headers) => {
    expect((await ask('/api/runs/x/stop', { method: 'POST', headers })).status).toBe(403);
    expect((await ask('/api/runs/x/stop', { method: 'DELETE', headers })).status).toBe(403);
  });

  it('lets a write with the token through to its own answer', async () => {
    const { status, body } = await ask('/api/runs/x/stop', { method: 'POST', headers: token() });
    expect([status, JSON.parse(body).error.code]).toEqual([404, 'HONE_RUN_NOT_FOUND']);
  });

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/....//secret.txt',
    '/..\\secret.txt',
  ])('reads nothing outside the built page for %s', async (path) => {
    expect((await ask(path)).body).not.toContain('nobody may read this');
  });

  it('refuses 50 MB, and goes on', async () => {
    const body = Buffer.alloc(50 * 1024 * 1024, 'a');
    const headers = { ...token(), 'content-type': 'application/json', 'content-length': String(body.length) };
    expect((await ask('/api/runs/x/stop', { method: 'POST', headers, body })).status).toBe(413);
    expect((await ask('/api/workspace')).status).toBe(200);
  });

  it('allows a page its own scripts alone, by name or by hash', async () => {
    const policy = String((await ask('/')).headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/script-src 'self' 'sha256-[A-Za-z0-9+/=]+';/);
    expect(policy).not.toContain('unsafe');
    expect((await ask('/')).headers['x-content-type-options']).toBe('nosniff');
  });

  it('says of a key that it is there, and not what it is', async () => {
    const { body } = await ask('/api/workspace');
    expect(JSON.parse(body).keys).toContainEqual({ variable: 'OPENAI_API_KEY', isPresent: true });
    expect(body).not.toContain('sk-nobody-may-see');
  });

  it('tells what a wrong address should be', async () => {
    const { status, body } = await ask('/api/experiments/x/rows?sort=sideways');
    expect([status, JSON.parse(body).error.code]).toEqual([400, 'HONE_OPTION_INVALID']);
    expect((await ask('/api/nothing')).status).toBe(404);
    expect((await ask('/assets/gone.js')).status).toBe(404);
  });

  it('says that a body is no JSON, and gives no file with keys away', async () => {
    writeFileSync(join(folder, '.env'), 'OPENAI_API_KEY=sk-nobody-may-see');
    const headers = { ...token(), 'content-type': 'application/json' };
    const broken = await ask('/api/jobs', { method: 'POST', headers, body: Buffer.from('{bad') });
    expect([broken.status, JSON.parse(broken.body).error.code]).toEqual([400, 'HONE_OPTION_INVALID']);
    for (const path of ['/api/files/text?path=.env', '/api/files/table?path=.env']) {
      expect((await ask(path)).status).toBe(404);
    }
  });

  it('says which port is taken', async () => {
    const port = Number(new URL(studio.url).port);
    const again = openStudio({
      workspace: openWorkspace({ folder, variables: {} }),
      port,
      files,
      startCommand: async () => 0,
      actor: 'tester',
      version: '0.0.0',
    });
    await expect(again).rejects.toMatchObject({ code: 'HONE_PORT_TAKEN' });
  });

  it('says that the page is not built', async () => {
    const options = {
      port: 0,
      files: join(folder, 'none'),
      startCommand: async () => 0,
      actor: 'a',
      version: '0',
    };
    const opening = openStudio({ workspace: openWorkspace({ folder, variables: {} }), ...options });
    await expect(opening).rejects.toMatchObject({ code: 'HONE_STUDIO_MISSING' });
  });
});
