// What every command of this repository does first: the right Node, and the packages of the lock file.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, runToEnd } from './run.mjs';

const stampFile = join(root, 'node_modules', '.hone-install.json');

/** Ends the process when this Node cannot run Hone. The one place with its version is package.json. */
export function requireNode() {
  const wanted = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.node;
  const [major, minor] = wanted.match(/\d+/g).map(Number);
  const [hasMajor, hasMinor] = process.versions.node.split('.').map(Number);
  if (hasMajor > major || (hasMajor === major && hasMinor >= minor)) return;
  console.error(
    `Hone needs Node ${wanted}, and this is ${process.version}. Install a newer one: https://nodejs.org`,
  );
  process.exit(1);
}

/**
 * Installs the packages of package-lock.json, unless exactly these are there for this Node and platform.
 * Nothing here needs an install script, so none runs.
 */
export async function install() {
  const wanted = stampOf();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return;
  console.log('Installing packages (npm ci, without install scripts) …');
  const startedAt = performance.now();
  const flags = ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  const status = await runToEnd(...npmCommand([...flags, '--loglevel=error']), { limitMinutes: 10 });
  if (status !== 0) {
    throw new Error(`npm ci ended with ${status}. Check the connection to the npm registry and try again.`);
  }
  writeFileSync(stampFile, wanted);
  console.log(`Installed in ${Math.round((performance.now() - startedAt) / 1_000)} s.`);
}

/** What an installation depends on; npm removes the stamp together with the packages. */
function stampOf() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const { modules } = process.versions;
  return `${JSON.stringify({ lock, modules, platform: process.platform, arch: process.arch })}\n`;
}

/** The npm that runs this script, else the one on the path. */
function npmCommand(parameters) {
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js')) return [process.execPath, [script, ...parameters]];
  if (spawnSync('npm', ['--version'], { shell: process.platform === 'win32' }).status !== 0) {
    throw new Error('npm was not found. It comes with Node: https://nodejs.org');
  }
  return ['npm', parameters];
}
