import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Runs a user's module, TypeScript or not, and resolves to its default export. Nothing is bundled. `paths` of
 * the nearest tsconfig.json are respected, and `hone-ai` is this very copy, so that the config also works
 * where the package is not installed in the project.
 */
export async function importUserModule(file: string): Promise<unknown> {
  const { createJiti } = await import('jiti');
  const jiti = createJiti(file, {
    // Written caches would be files that nobody asked for.
    fsCache: false,
    moduleCache: false,
    interopDefault: true,
    virtualModules: await ownModules(),
    tsconfigPaths: nearestTsconfig(dirname(file)) ?? false,
  });
  return jiti.import(file, { default: true });
}

function nearestTsconfig(folder: string): string | undefined {
  const path = join(folder, 'tsconfig.json');
  if (existsSync(path)) return path;
  const parent = dirname(folder);
  return parent === folder ? undefined : nearestTsconfig(parent);
}

/** The export paths that a config may use; `hone-ai/testing` is for tests. */
async function ownModules(): Promise<Record<string, unknown>> {
  const [index, optimizers, scorers, models, programs] = await Promise.all([
    import('../public/index.ts'),
    import('../public/optimizers.ts'),
    import('../public/scorers.ts'),
    import('../public/models.ts'),
    import('../public/programs.ts'),
  ]);
  return {
    'hone-ai': index,
    'hone-ai/optimizers': optimizers,
    'hone-ai/scorers': scorers,
    'hone-ai/models': models,
    'hone-ai/programs': programs,
  };
}
