import { existsSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';

/**
 * Runs a user's module, TypeScript or not, and resolves to its default export. Nothing is bundled. `paths` of
 * the nearest tsconfig.json are respected, and `hone-ai` is this very copy, so that the config also works
 * where the package is not installed in the project.
 */
export async function importUserModule(file: string): Promise<unknown> {
  const jiti = await openLoader(file);
  return jiti.import(file, { default: true });
}

/** The same with all that the module exports, by name. */
export async function importUserExports(file: string): Promise<Readonly<Record<string, unknown>>> {
  const jiti = await openLoader(file);
  return jiti.import<Readonly<Record<string, unknown>>>(file);
}

async function openLoader(file: string) {
  const { createJiti } = await import('jiti');
  return createJiti(file, {
    // Written caches would be files that nobody asked for.
    fsCache: false,
    moduleCache: false,
    interopDefault: true,
    virtualModules: await ownModules(),
    tsconfigPaths: nearestTsconfig(dirname(file)) ?? false,
  });
}

function nearestTsconfig(folder: string): string | undefined {
  const path = join(folder, 'tsconfig.json');
  if (existsSync(path)) return path;
  const parent = dirname(folder);
  return parent === folder ? undefined : nearestTsconfig(parent);
}

const doors = ['index', 'optimizers', 'scorers', 'models', 'programs', 'statistics'];

/**
 * What a config may import of `hone-ai`: everything but `hone-ai/testing`. Loaded by path, because these files
 * are the users' doors and nothing of Hone's own depends on them.
 */
async function ownModules(): Promise<Record<string, unknown>> {
  const entries = doors.map(async (door) => {
    const file = new URL(`../public/${door}${extname(import.meta.filename)}`, import.meta.url);
    return [door === 'index' ? 'hone-ai' : `hone-ai/${door}`, await import(file.href)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
