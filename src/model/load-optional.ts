import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HoneError } from '../base/errors.ts';

export interface LoadOptionalOptions {
  /**
   * The project whose own copy is used when Hone's place has none, as under `npx`. @default the current
   * folder
   */
  readonly projectFolder?: string | undefined;
}

/**
 * Loads a package that Hone works without: from where Hone is installed, else from the user's project.
 *
 * @param load `() => import('the-package')`, with the name as a literal, so that its types are known.
 * @throws {HoneError} `HONE_MISSING_DEPENDENCY` with the command that installs it.
 */
export async function loadOptional<Module extends object>(
  name: string,
  load: () => Promise<Module>,
  { projectFolder = process.cwd() }: LoadOptionalOptions = {},
): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    // Anything else means that the package is there and broken, which installing would not change.
    if (!isMissing(cause, name)) throw cause;
    const path = pathInProject(name, projectFolder);
    if (path !== undefined) return (await import(pathToFileURL(path).href)) as Module;
    throw new HoneError(`The package "${name}" is not installed.`, {
      code: 'HONE_MISSING_DEPENDENCY',
      hint: `Run: npm install ${name}`,
      cause,
      facts: { package: name },
    });
  }
}

function isMissing(thrown: unknown, name: string): boolean {
  return (
    thrown instanceof Error &&
    'code' in thrown &&
    (thrown.code === 'ERR_MODULE_NOT_FOUND' || thrown.code === 'MODULE_NOT_FOUND') &&
    thrown.message.includes(name)
  );
}

function pathInProject(name: string, folder: string): string | undefined {
  try {
    return createRequire(join(folder, 'package.json')).resolve(name);
  } catch {
    return undefined;
  }
}
