import { memoryIo } from '../../src/cli/memory-io.ts';
import { runCommandLine } from '../../src/cli/run-command-line.ts';
import { openWorkspace } from '../../src/config/workspace.ts';
import { openStudio, type Studio } from '../../src/server/server.ts';

/** The studio of a folder on a free port, with commands that run in this process. */
export async function openDeskStudio(folder: string, port = 0): Promise<Studio> {
  const variables = { HONE_API_KEY: 'sk-test-key-that-nobody-may-see' };
  const workspace = openWorkspace({ folder, variables });
  return openStudio({
    workspace,
    port,
    actor: 'tester',
    version: '0.0.0',
    startCommand: async (argv, { onLine, signal }) => {
      const io = memoryIo({ cwd: folder, variables });
      signal.addEventListener('abort', () => io.interrupt());
      const code = await runCommandLine(argv, io);
      for (const line of `${io.errors()}\n${io.output()}`.split('\n')) if (line.trim() !== '') onLine(line);
      return code;
    },
  });
}
