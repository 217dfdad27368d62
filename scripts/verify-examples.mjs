// Runs the examples as a whole, each on all of its rows: at most half an hour each on the embedded model.
// Run: npm run verify:examples [-- example [model [reflection model]]]

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [wanted, model = 'local/smollm2-135m-instruct', ...more] = process.argv.slice(2);
/** What an example is run by, if it is one that runs. */
const startOf = (name) =>
  ['optimize.ts', 'compare.ts'].find((file) => existsSync(join(root, 'examples', name, file)));
const names = readdirSync(join(root, 'examples')).filter((name) => startOf(name) !== undefined);
if (wanted !== undefined && !names.includes(wanted)) {
  console.error(`There is no example "${wanted}". There are: ${names.join(', ')}.`);
  process.exit(2);
}

const failed = [];
for (const name of wanted === undefined ? names : [wanted]) {
  console.log(`\n${name}`);
  const home = mkdtempSync(join(tmpdir(), 'hone-example-'));
  const startedAt = performance.now();
  const run = spawnSync(
    join(root, 'node_modules', '.bin', 'jiti'),
    [join('examples', name, startOf(name)), model, ...more],
    { cwd: root, stdio: 'inherit', env: { ...process.env, HONE_DIR: home } },
  );
  rmSync(home, { recursive: true, force: true });
  console.log(`${name}: exit ${run.status} after ${Math.round((performance.now() - startedAt) / 1000)} s`);
  if (run.status !== 0) failed.push(name);
}
if (failed.length > 0) console.error(`Not well: ${failed.join(', ')}`);
process.exit(failed.length === 0 ? 0 : 1);
