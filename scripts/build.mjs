// Builds dist/ from src/, when the sources have changed since it was built.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, runToEnd } from './run.mjs';

const workFolder = join(root, 'node_modules', '.hone-build');
const stampFile = join(workFolder, 'stamp');
const target = join(root, 'dist');
const entry = join(target, 'cli', 'main.js');

/** Builds into a folder of its own and then changes places, so that a failed build leaves the old one. */
export async function build() {
  const wanted = hashOfSources();
  if (existsSync(entry) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;
  console.log('Building dist/ …');
  const fresh = join(workFolder, `dist-${process.pid}`);
  mkdirSync(workFolder, { recursive: true });
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const parameters = [compiler, '-p', 'tsconfig.build.json', '--outDir', fresh, '--noEmitOnError'];
  try {
    const status = await runToEnd(process.execPath, parameters, { limitMinutes: 5 });
    if (status !== 0) throw new Error('The sources do not compile; dist/ is as it was before.');
    chmodSync(join(fresh, 'cli', 'main.js'), 0o755);
    cpSync(await builtStudio(), join(fresh, 'studio'), { recursive: true });
    rmSync(target, { recursive: true, force: true });
    renameSync(fresh, target);
    writeFileSync(stampFile, wanted);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** The page of the studio, built once for each state of its sources. */
async function builtStudio() {
  const kept = join(workFolder, `studio-${hashOf([...packageFiles, ...filesIn('studio')]).slice(0, 16)}`);
  if (existsSync(join(kept, 'index.html'))) return kept;
  const { build: bundle } = await import('vite');
  const fresh = `${kept}-${process.pid}`;
  const configFile = join(root, 'studio', 'vite.config.ts');
  try {
    await bundle({ configFile, logLevel: 'warn', build: { outDir: fresh } });
    if (!existsSync(kept)) renameSync(fresh, kept);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  for (const name of readdirSync(workFolder)) {
    const path = join(workFolder, name);
    const isOld = Date.now() - statSync(path).mtimeMs > 24 * 3_600_000;
    if (name.startsWith('studio-') && path !== kept && isOld) rmSync(path, { recursive: true, force: true });
  }
  return kept;
}

const packageFiles = ['package.json', 'package-lock.json'];

function filesIn(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

function hashOf(names) {
  const hash = createHash('sha256');
  for (const name of names) {
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(root, name)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** Content, not times: a fresh checkout of the same sources needs no new build. */
function hashOfSources() {
  const configs = ['tsconfig.json', 'tsconfig.build.json'];
  const sources = filesIn('src').filter((name) => name.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(name));
  return hashOf([...packageFiles, ...configs, ...sources, ...filesIn('studio')]);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await build().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
