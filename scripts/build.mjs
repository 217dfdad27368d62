// Builds dist/ from src/, when the sources have changed since it was built.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
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
    rmSync(target, { recursive: true, force: true });
    renameSync(fresh, target);
    writeFileSync(stampFile, wanted);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Content, not times: a fresh checkout of the same sources needs no new build. */
function hashOfSources() {
  const hash = createHash('sha256');
  const configs = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
  const sources = readdirSync(join(root, 'src'), { recursive: true })
    .filter((name) => name.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(name))
    .map((name) => join('src', name));
  for (const name of [...configs, ...sources.sort()]) {
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(root, name)))
      .update('\0');
  }
  return hash.digest('hex');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await build().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
