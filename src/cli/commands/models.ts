import { HoneError } from '../../base/errors.ts';
import { openWorkspace } from '../../config/workspace.ts';
import { defaultEmbeddedModelId, embeddedModels } from '../../model/embedded-models.ts';
import { fileSize } from '../../report/numbers.ts';
import { writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { exitCodes } from '../exit-codes.ts';
import { fetchLocalModel, inspectLocalModel } from '../local-model.ts';
import type { CommonOptions } from '../options.ts';
import { variablesOf } from '../prepare-command.ts';
import { styleFor } from '../style-for.ts';

interface ModelsOptions extends CommonOptions {
  readonly json?: boolean | undefined;
}

interface ModelsArguments {
  readonly action: 'list' | 'pull' | 'path';
  readonly model?: string | undefined;
}

/** `hone models`: what is here, fetching it, and where it lies. */
export async function runModels(
  { action, model = defaultEmbeddedModelId }: ModelsArguments,
  { json = false }: ModelsOptions,
  { io }: CommandContext,
): Promise<number> {
  await using workspace = openWorkspace({ folder: io.cwd, variables: variablesOf(io) });
  switch (action) {
    case 'pull': {
      const stop = new AbortController();
      const stopListening = io.onInterrupt(() => stop.abort(interrupted()));
      try {
        const { path, sha256, source } = await fetchLocalModel(workspace, model, { io, signal: stop.signal });
        if (json) writeLine(io.stdout, JSON.stringify({ schemaVersion: 1, model, path, sha256, source }));
        return exitCodes.ok;
      } finally {
        stopListening();
      }
    }
    case 'path': {
      const { file } = inspectLocalModel(workspace, model);
      if (file.status === 'missing') {
        throw new HoneError(`The file of ${model} is not here. ${file.tried.join('; ')}`, {
          code: 'HONE_FILE_NOT_FOUND',
          hint: 'Run: hone models pull',
        });
      }
      writeLine(io.stdout, json ? JSON.stringify({ schemaVersion: 1, model, path: file.path }) : file.path);
      return exitCodes.ok;
    }
    case 'list': {
      const states = embeddedModels.map((entry) => ({
        entry,
        state: inspectLocalModel(workspace, entry.id),
      }));
      if (json) {
        const models = states.map(({ entry, state }) => ({
          id: entry.id,
          bytes: entry.bytes,
          file: state.file,
        }));
        writeLine(io.stdout, JSON.stringify({ schemaVersion: 1, models, runtime: states[0]?.state.runtime }));
        return exitCodes.ok;
      }
      const style = styleFor(io, io.stdout);
      for (const { entry, state } of states) {
        const place =
          state.file.status === 'found'
            ? state.file.path
            : `not here (hone models pull, ${fileSize(entry.bytes)})`;
        writeLine(io.stdout, `${style.bold(entry.id)}  ${place}`);
      }
      const runtime = states[0]?.state.runtime;
      writeLine(
        io.stdout,
        `runs with  ${runtime === undefined ? 'node-llama-cpp is not here (hone models pull, 85 MB)' : `node-llama-cpp ${runtime.version} in ${runtime.folder}`}`,
      );
      return exitCodes.ok;
    }
  }
}

function interrupted(): HoneError {
  return new HoneError('The download was stopped; nothing half-done is left.', {
    code: 'HONE_ABORTED',
    hint: 'Run the same command to start over.',
  });
}
