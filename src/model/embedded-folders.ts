import { join } from 'node:path';

/** What decides where this user's cache lies; `process.env`, `process.platform` and `os.homedir()` in real life. */
export interface CacheSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly homeFolder: string;
}

/**
 * Hone's own folder among the caches of this user: `XDG_CACHE_HOME` or `~/.cache` on Linux,
 * `~/Library/Caches` on a Mac, `LOCALAPPDATA` on Windows.
 */
export function userCacheFolder({ env, platform, homeFolder }: CacheSurroundings): string {
  if (platform === 'win32') {
    return join(env.LOCALAPPDATA || join(homeFolder, 'AppData', 'Local'), 'hone', 'cache');
  }
  if (platform === 'darwin') return join(homeFolder, 'Library', 'Caches', 'hone');
  return join(env.XDG_CACHE_HOME || join(homeFolder, '.cache'), 'hone');
}

/** Where `hone models pull` keeps model files unless told otherwise. */
export function defaultModelFolder(surroundings: CacheSurroundings): string {
  return join(userCacheFolder(surroundings), 'models');
}

/** Where Hone keeps its own copy of the inference library unless told otherwise. */
export function defaultRuntimeFolder(surroundings: CacheSurroundings): string {
  return join(userCacheFolder(surroundings), 'runtime');
}
