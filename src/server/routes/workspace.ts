import { basename } from 'node:path';
import { Hono } from 'hono';
import { defaultEmbeddedModelId } from '../../model/embedded-models.ts';
import { listFiles } from '../folder-files.ts';
import type { Setting } from '../setting.ts';
import type { WorkspaceView } from '../views.ts';

/** Variables with keys of providers: whether each is there, and never what it holds. */
const keyVariables = ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY', 'HONE_API_KEY'];

/** Counting the answers of a large store takes a moment, and nobody watches them by the second. */
const countsAgeMs = 30_000;

/** The folder that the studio shows. */
export function workspaceRoutes({ workspace, registry, version, clock }: Setting) {
  const { folder, store, variables, environment } = workspace;
  let counted: { readonly at: number; readonly counts: ReturnType<typeof store.answers.count> } | undefined;
  const countAnswers = () => {
    if (counted === undefined || clock.monotonic() - counted.at > countsAgeMs) {
      const counts = store.answers.count();
      counted = { at: clock.monotonic(), counts };
      counts.catch(() => {
        counted = undefined;
      });
    }
    return counted.counts;
  };
  return new Hono().get('/', async (context) => {
    const counts = await countAnswers();
    return context.json({
      name: basename(folder),
      folder,
      store: store.location,
      storeBytes: counts.bytes,
      answers: counts.answers,
      answersByModel: counts.byModel,
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
