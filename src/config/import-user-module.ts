import { existsSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

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
    alias: ownEntries(),
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

/** The export paths of this package as files of this copy; sources and built files differ in the extension. */
function ownEntries(): Record<string, string> {
  const own = fileURLToPath(import.meta.url);
  const entry = (name: string) => join(dirname(own), '..', 'public', `${name}${extname(own)}`);
  const paths = ['optimizers', 'scorers', 'models', 'programs', 'testing'];
  return {
    ...Object.fromEntries(paths.map((path) => [`hone-ai/${path}`, entry(path)])),
    'hone-ai': entry('index'),
  };
}
