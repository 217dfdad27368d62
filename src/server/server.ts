import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAdaptorServer } from '@hono/node-server';
import { type Clock, systemClock } from '../base/clock.ts';
import { HoneError } from '../base/errors.ts';
import type { Workspace } from '../config/workspace.ts';
import { fileRegistry } from '../registry/file-registry.ts';
import { createApp } from './app.ts';
import { createBoards } from './boards.ts';
import { createComparisons } from './comparisons.ts';
import { createJobs, type StartCommand } from './jobs.ts';
import { createRowIndexes } from './row-index.ts';
import { createRunMatrices } from './run-matrix.ts';
import { readStaticFiles } from './static-files.ts';

export interface StudioOptions {
  readonly workspace: Workspace;
  /** 0 for a free one. @default 4747 */
  readonly port?: number | undefined;
  /** Runs `hone eval` and `hone optimize` for the page. */
  readonly startCommand: StartCommand;
  /** Who acts, for the record of promotions. */
  readonly actor: string;
  /** Of this package. */
  readonly version: string;
  /** The built studio. @default beside this package's code */
  readonly files?: string | undefined;
  /** @default a random one */
  readonly token?: string | undefined;
  /** @default the system's clock */
  readonly clock?: Clock | undefined;
}

/** A studio that answers. Disposing it stops what it started and closes its port. */
export interface Studio extends AsyncDisposable {
  /** Such as `http://127.0.0.1:4747`. */
  readonly url: string;
  /** What writes carry. */
  readonly token: string;
}

/**
 * Serves the studio on this machine alone.
 *
 * @throws {HoneError} `HONE_PORT_TAKEN` when another program listens there; `HONE_STUDIO_MISSING`.
 */
export async function openStudio({
  workspace,
  port = 4747,
  startCommand,
  actor,
  version,
  files = builtStudio(),
  token = randomBytes(24).toString('base64url'),
  clock = systemClock,
}: StudioOptions): Promise<Studio> {
  const jobs = createJobs({ startCommand, now: () => clock.now() });
  const boards = createBoards(workspace);
  const { store, folder } = workspace;
  // One connection for as long as the page may ask; opening one for each question would be slow.
  const release = store.hold();
  const setting = {
    workspace,
    registry: fileRegistry({ folder: join(folder, 'hone', 'prompts'), clock }),
    indexes: createRowIndexes(store),
    comparisons: createComparisons({ workspace }),
    matrices: createRunMatrices(store),
    jobs,
    boards,
    clock,
    actor,
    version,
  };
  let hosts: readonly string[] = [];
  const app = createApp({ setting, files: readStaticFiles(files), token, hosts: () => hosts });
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (thrown: NodeJS.ErrnoException) =>
      reject(thrown.code === 'EADDRINUSE' ? portTaken(port, thrown) : thrown),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  hosts = [`127.0.0.1:${bound}`, `localhost:${bound}`];
  return {
    url: `http://127.0.0.1:${bound}`,
    token,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
      await jobs.close();
      await boards.close();
      await release();
    },
  };
}

/** `dist/studio`, seen from `dist/server` and from `src/server`. */
function builtStudio(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const root = join(here, '..', '..');
  return here.startsWith(join(root, 'src')) ? join(root, 'dist', 'studio') : join(here, '..', 'studio');
}

function portTaken(port: number, cause: unknown): HoneError {
  return new HoneError(`Another program listens on port ${port} of this machine.`, {
    code: 'HONE_PORT_TAKEN',
    hint: `Take another port: hone studio --port ${port + 1}`,
    cause,
  });
}
