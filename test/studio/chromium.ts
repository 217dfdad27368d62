import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** How a browser is started. */
interface Found {
  readonly path: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--font-render-hinting=none',
];

/**
 * A real Chromium: the one that is named, an installed one, or the one from npm (Linux, x64).
 *
 * @returns undefined where there is none.
 */
export async function openChromium(): Promise<Browser | undefined> {
  const found = installed() ?? fromNpm();
  if (found === undefined) return undefined;
  return chromium.launch({
    executablePath: found.path,
    args: flags,
    headless: true,
    env: { ...process.env, ...found.env } as Record<string, string>,
  });
}

function installed(): Found | undefined {
  const named = process.env.HONE_CHROMIUM;
  if (named !== undefined && named !== '') return { path: named, env: {} };
  const folders = (process.env.PATH ?? '').split(delimiter);
  const path = names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((place) => existsSync(place));
  return path === undefined ? undefined : { path, env: {} };
}

/** Unpacks once for all processes: into a folder of its own, which then gets its name in one step. */
function fromNpm(): Found | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const require = createRequire(import.meta.url);
  let packageFolder: string;
  try {
    packageFolder = join(dirname(require.resolve('@sparticuz/chromium')), '..', '..');
  } catch {
    return undefined;
  }
  const { version } = require(join(packageFolder, 'package.json')) as { readonly version: string };
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'hone', `chromium-${version}`);
  if (!existsSync(folder)) {
    const fresh = join(tmpdir(), `hone-chromium-${process.pid}`);
    mkdirSync(fresh, { recursive: true });
    const inflate = JSON.stringify(join(packageFolder, 'build', 'esm', 'lambdafs.js'));
    const packed = readdirSync(join(packageFolder, 'bin')).filter((name) => name.endsWith('.br'));
    const files = JSON.stringify(packed.map((name) => join(packageFolder, 'bin', name)));
    const script = `const { inflate } = await import(${inflate}); for (const file of ${files}) await inflate(file);`;
    execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, TMPDIR: fresh },
    });
    mkdirSync(dirname(folder), { recursive: true });
    try {
      renameSync(fresh, folder);
    } catch {
      // Another process was first, or the cache lies on another disk: then this copy serves.
      if (!existsSync(folder)) return from(fresh);
      rmSync(fresh, { recursive: true, force: true });
    }
  }
  return from(folder);
}

function from(folder: string): Found {
  const libraries = [join(folder, 'al2023', 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean);
  const fonts = join(folder, 'fonts', 'fonts');
  return {
    path: join(folder, 'chromium'),
    env: {
      LD_LIBRARY_PATH: libraries.join(delimiter),
      FONTCONFIG_PATH: existsSync(fonts) ? fonts : join(folder, 'fonts'),
    },
  };
}
