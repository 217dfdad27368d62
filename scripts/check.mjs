// `npm test`: every check, from a fresh clone, with `N passed, N failed` as its last line.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { build } from './build.mjs';
import { install, requireNode } from './install.mjs';
import { root, runToEnd } from './run.mjs';

// Settings of whoever runs the checks must not change what they find; where the model lies is no setting of it.
const kept = new Set(['HONE_MODEL_PATH', 'HONE_MODEL_DIR']);
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('HONE_') || kept.has(name)),
);
const folder = mkdtempSync(join(tmpdir(), 'hone-check-'));
const results = [];

requireNode();
try {
  if ((await attempt('packages', install)) && (await attempt('build', build))) {
    await tool('format and lint', '@biomejs/biome/bin/biome', ['check', '.']);
    await tool('types', 'typescript/bin/tsc', ['-p', 'tsconfig.json']);
    await tests('unit, types of the public functions, architecture', 'unit');
    await conformance();
    await tool('package contents', 'publint/src/cli.js', ['--strict', '--pack', 'npm']);
    const attw = ['--pack', '.', '--profile', 'esm-only', '--quiet'];
    await tool('package types', '@arethetypeswrong/cli/dist/index.js', attw);
    await tests('pages of the studio in a browser', 'browser');
    await localTests();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
report();

/** Minutes of computing: in CI, and by `npm run verify:conformance`. */
async function conformance() {
  const name = 'every optimizer in harder worlds';
  if (env.CI) return tests(name, 'conformance');
  return record(name, { note: 'left to CI and to npm run verify:conformance' });
}

/** The tests that ask the real model. Without it they fail in CI, and are visibly left out elsewhere. */
async function localTests() {
  const name = 'embedded model and end to end';
  const pull = ['dist/cli/main.js', 'models', 'pull', '--yes'];
  const status = await step('embedded model', () =>
    runToEnd(process.execPath, pull, { limitMinutes: 10, env }),
  );
  if (status === 0) return tests(name, 'local');
  if (env.CI) return record(name, { failed: 1, note: 'the embedded model could not be fetched (see above)' });
  return record(name, { note: 'SKIPPED: the embedded model could not be fetched (see above)' });
}

/** A tool counts as one check. */
async function tool(name, script, parameters) {
  const path = join(root, 'node_modules', script);
  const startedAt = performance.now();
  const status = await step(name, () =>
    runToEnd(process.execPath, [path, ...parameters], { limitMinutes: 5, env }),
  );
  const note = status === 0 ? undefined : `exit code ${status}`;
  record(name, { ...(status === 0 ? { passed: 1 } : { failed: 1 }), startedAt, note });
}

/** Every test counts; so does a file that cannot be loaded. */
async function tests(name, project) {
  const path = join(folder, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${path}`];
  const parameters = ['node_modules/vitest/vitest.mjs', 'run', '--project', project, ...reporters];
  const startedAt = performance.now();
  const status = await step(name, () => runToEnd(process.execPath, parameters, { limitMinutes: 15, env }));
  const { passed, failed, skipped, failures } = existsSync(path)
    ? countTests(path)
    : { passed: 0, failed: 0, skipped: 0, failures: [] };
  const isUnexplained = status !== 0 && failed === 0;
  const notes = [skipped > 0 && `${skipped} skipped`, isUnexplained && `vitest ended with ${status}`];
  record(name, {
    passed,
    failed: failed + (isUnexplained ? 1 : 0),
    startedAt,
    note: notes.filter(Boolean).join(', '),
    failures,
  });
}

function countTests(path) {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
    readFileSync(path, 'utf8'),
  );
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((assertion) => assertion.status !== 'failed'),
  );
  return {
    passed: numPassedTests,
    failed: numFailedTests + broken.length,
    skipped: numPendingTests + numTodoTests,
    failures: [
      ...broken.map(({ name, message }) => ({ name: relative(root, name), message })),
      ...testResults.flatMap(({ name, assertionResults }) =>
        assertionResults
          .filter(({ status }) => status === 'failed')
          .map(({ fullName, failureMessages }) => ({
            name: `${relative(root, name)}: ${fullName}`,
            message: failureMessages.join('\n'),
          })),
      ),
    ],
  };
}

/** A step of preparation: it counts only when it fails. */
async function attempt(name, work) {
  const startedAt = performance.now();
  try {
    await work();
    return true;
  } catch (error) {
    record(name, { failed: 1, startedAt, note: error.message });
    return false;
  }
}

function step(name, work) {
  console.log(`\n── ${name} ${'─'.repeat(Math.max(2, 72 - name.length))}`);
  return work();
}

function record(name, { passed = 0, failed = 0, startedAt, note = '', failures = [] }) {
  const seconds = startedAt === undefined ? undefined : (performance.now() - startedAt) / 1_000;
  results.push({ name, passed, failed, seconds, note, failures });
}

function report() {
  console.log(`\n── results ${'─'.repeat(65)}`);
  for (const { name, passed, failed, seconds, note } of results) {
    const mark = failed > 0 ? 'FAILED' : passed > 0 ? 'ok' : '–';
    const time = seconds === undefined ? '' : `${seconds.toFixed(1)} s`;
    console.log(
      `${mark.padEnd(7)}${name.padEnd(50)}${`${passed} passed`.padStart(12)}${`${failed} failed`.padStart(11)}${time.padStart(9)}`,
    );
    if (note) console.log(`       ${note}`);
  }
  // Whoever sees only the end of the output still learns which test failed, and how.
  for (const { name, message } of results.flatMap(({ failures }) => failures)) {
    console.log(`\nFAILED ${name}\n${message.split('\n').slice(0, 12).join('\n')}`);
  }
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  const [passed, failed] = [sum('passed'), sum('failed')];
  if (failed > 0 || passed === 0) process.exitCode = 1;
  console.log(`\n${passed} passed, ${failed} failed`);
}
