import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ErrorCode } from '../base/error-codes.ts';
import { HoneError, messageOf } from '../base/errors.ts';
import { withoutCredentials } from '../model/without-credentials.ts';
import { comparisonRoutes } from './routes/comparisons.ts';
import { experimentRoutes } from './routes/experiments.ts';
import { fileRoutes } from './routes/files.ts';
import { jobRoutes } from './routes/jobs.ts';
import { optimizationRoutes } from './routes/optimizations.ts';
import { playgroundRoutes } from './routes/playground.ts';
import { promptRoutes } from './routes/prompts.ts';
import { runRoutes } from './routes/runs.ts';
import { workspaceRoutes } from './routes/workspace.ts';
import { guard, securityHeaders } from './security.ts';
import type { Setting } from './setting.ts';
import type { StaticFiles } from './static-files.ts';
import type { FaultView } from './views.ts';

export interface AppOptions {
  readonly setting: Setting;
  readonly files: StaticFiles;
  readonly token: string;
  readonly hosts: () => readonly string[];
}

/** Most bytes of a request: a table that a person pastes. */
const mostBytes = 20 * 1024 * 1024;

const statuses: Partial<Record<ErrorCode, ContentfulStatusCode>> = {
  HONE_REQUEST_REFUSED: 403,
  HONE_RUN_NOT_FOUND: 404,
  HONE_PROMPT_NOT_FOUND: 404,
  HONE_FILE_NOT_FOUND: 404,
  HONE_PROMPT_MOVED: 409,
  HONE_PROMPT_REFUSED: 409,
};

/** The whole of the studio's server: its routes, its files, and what guards them. */
export function createApp({ setting, files, token, hosts }: AppOptions) {
  const headers = securityHeaders(files.inlineScripts);
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(headers)) context.res.headers.set(name, value);
    if (!context.res.headers.has('cache-control')) context.res.headers.set('cache-control', 'no-store');
  });
  app.use(guard({ hosts, token }));
  app.use(
    bodyLimit({
      maxSize: mostBytes,
      onError: (context) =>
        context.json(
          faultOf(
            new HoneError('This is more than 20 MB.', {
              code: 'HONE_OPTION_INVALID',
              hint: 'Put the table into the folder as a file, and choose it there.',
            }),
          ),
          413,
        ),
    }),
  );
  app.onError((thrown, context) => {
    if (thrown instanceof HTTPException) {
      const { message } = thrown;
      return context.json(
        { error: { code: 'HONE_OPTION_INVALID', message } } satisfies FaultView,
        thrown.status,
      );
    }
    const code = HoneError.isInstance(thrown) ? thrown.code : undefined;
    const isInput = HoneError.isInstance(thrown) && thrown.exitCode === 2;
    const status = (code && statuses[code]) ?? (isInput ? 400 : 500);
    return context.json(faultOf(thrown), status);
  });
  app.notFound((context) =>
    context.json(
      {
        error: { code: 'HONE_FILE_NOT_FOUND', message: 'There is nothing at this address.' },
      } satisfies FaultView,
      404,
    ),
  );
  const api = new Hono()
    .route('/workspace', workspaceRoutes(setting))
    .route('/runs', runRoutes(setting))
    .route('/experiments', experimentRoutes(setting))
    .route('/compare', comparisonRoutes(setting))
    .route('/optimizations', optimizationRoutes(setting))
    .route('/prompts', promptRoutes(setting))
    .route('/files', fileRoutes(setting))
    .route('/playground', playgroundRoutes(setting))
    .route('/jobs', jobRoutes(setting));
  app.route('/api', api);
  app.get('/api/*', (context) => context.notFound());
  app.get('*', (context) => {
    const { path } = context.req;
    const file = files.get(path);
    if (file !== undefined) {
      const isZipped = (context.req.header('accept-encoding') ?? '').includes('gzip');
      return context.body(new Uint8Array(isZipped ? file.zipped : file.body), 200, {
        'content-type': file.type,
        // The names of built files hold their hash.
        'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
        vary: 'accept-encoding',
        ...(isZipped && { 'content-encoding': 'gzip' }),
      });
    }
    if (/\.[a-z0-9]+$/iu.test(path) && path.startsWith('/assets/')) return context.notFound();
    return context.html(files.page(token));
  });
  return app;
}

/** An error as the page shows it, without what an address may hold of a key. */
function faultOf(thrown: unknown): FaultView {
  if (!HoneError.isInstance(thrown)) {
    return { error: { code: 'HONE_INTERNAL', message: withoutCredentials(messageOf(thrown)) } };
  }
  const { code, message, hint } = thrown;
  return { error: { code, message: withoutCredentials(message), hint } };
}
