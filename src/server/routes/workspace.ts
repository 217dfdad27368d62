import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { Hono } from 'hono';
import { defaultEmbeddedModelId } from '../../model/embedded-models.ts';
import { listFiles } from '../folder-files.ts';
import type { Setting } from '../setting.ts';
import type { WorkspaceView } from '../views.ts';

/** Variables with keys of providers: whether each is there, and never what it holds. */
const keyVariables = ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY', 'HONE_API_KEY'];

/** The folder that the studio shows. */
export function workspaceRoutes({ workspace, registry, version }: Setting) {
  return new Hono().get('/', async (context) => {
    const { folder, store, variables, environment } = workspace;
    const isThere = existsSync(store.location);
    const counts = isThere ? await store.answers.count() : undefined;
    return context.json({
      name: basename(folder),
      folder,
      store: store.location,
      storeBytes: isThere ? statSync(store.location).size : 0,
      answers: counts?.answers ?? 0,
      answersByModel: counts?.byModel ?? [],
      version,
      keys: keyVariables.map((variable) => ({
        variable,
        isPresent: (variables[variable] ?? '') !== '',
      })),
      model: environment.model ?? defaultEmbeddedModelId,
      prompts: (await registry.names()).length,
      datasets: listFiles(folder).datasets.length,
      node: process.version,
    } satisfies WorkspaceView);
  });
}
