// `npm start`: from a fresh clone to a better prompt, proven. Arguments go on to `hone optimize`:
// npm start -- --seed 2
import { join } from 'node:path';
import { build } from './build.mjs';
import { install, requireNode } from './install.mjs';
import { root, runToEnd } from './run.mjs';

const hone = (parameters) =>
  runToEnd(process.execPath, [join(root, 'dist', 'cli', 'main.js'), ...parameters]);

const example = 'examples/support-tickets';
const task = [`${example}/prompt.md`, '--data', `${example}/tickets.csv`, '--expected', 'category'];

requireNode();
try {
  await install();
  await build();
  process.exitCode = await hone(['models', 'pull', '--yes']);
  if (process.exitCode === 0) {
    process.exitCode = await hone(['optimize', ...task, '--seed', '1', '--yes', ...process.argv.slice(2)]);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
