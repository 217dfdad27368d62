// Three processes write evaluations to one store at once, and each second one of them is killed and started again.
// At the end every row that was acknowledged is there, none twice, and the database passes its integrity check.
// Run: npm run verify:writers [-- seconds]
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const self = fileURLToPath(import.meta.url);
const [first, second] = process.argv.slice(2);

if (first === 'write') await write(second);
else await verify(Number(first ?? 60));

/** Evaluates again and again, and says each row once it has it from the store. */
async function write(folder) {
  const { evaluate, openStore, predict, signature } = await import('../dist/public/index.js');
  const { exactMatch } = await import('../dist/public/scorers.js');
  const { scriptedModel } = await import('../dist/public/testing.js');
  const store = await openStore({ folder });
  const program = predict(signature('text -> label'));
  const model = scriptedModel({ respond: () => 'label: yes', latencyMs: 1 });
  for (let round = 0; ; round += 1) {
    const dataset = Array.from({ length: 200 }, (_, index) => ({
      id: `${process.pid}-${round}-${index}`,
      inputs: { text: `row ${index} of round ${round} by ${process.pid}` },
      expected: { label: 'yes' },
    }));
    const run = evaluate({
      program,
      dataset,
      scorer: exactMatch('label'),
      model,
      store,
      name: `by ${process.pid}`,
    });
    const id = await run.id;
    for await (const { exampleId } of run) process.stdout.write(`${id} ${exampleId}\n`);
    await run.result();
  }
}

async function verify(seconds) {
  const folder = mkdtempSync(join(tmpdir(), 'hone-writers-'));
  const acknowledged = new Map();
  let kills = 0;
  const start = () => {
    const child = spawn(process.execPath, [self, 'write', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    let rest = '';
    child.stdout.on('data', (data) => {
      const lines = (rest + data).split('\n');
      rest = lines.pop();
      child.isAtWork ||= lines.length > 0;
      for (const line of lines) {
        const [run, row] = line.split(' ');
        acknowledged.set(run, (acknowledged.get(run) ?? new Set()).add(row));
      }
    });
    child.closed = new Promise((resolve) => child.once('close', resolve));
    return child;
  };
  const writers = [start(), start(), start()];
  const until = Date.now() + seconds * 1000;
  for (let turn = 0; Date.now() < until; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    // One that is still starting has written nothing that a kill could tear.
    const places = [0, 1, 2].map((step) => (turn + step) % writers.length);
    const place = places.find((each) => writers[each].isAtWork);
    if (place === undefined) continue;
    writers[place].kill('SIGKILL');
    await writers[place].closed;
    kills += 1;
    writers[place] = start();
  }
  for (const writer of writers) writer.kill('SIGKILL');
  await Promise.all(writers.map(({ closed }) => closed));

  const { openStore } = await import('../dist/public/index.js');
  const store = await openStore({ folder });
  let missing = 0;
  let twice = 0;
  let rows = 0;
  for (const [run, expected] of acknowledged) {
    const found = new Map();
    for await (const { example } of store.outcomes.read(run))
      found.set(example, (found.get(example) ?? 0) + 1);
    rows += expected.size;
    missing += [...expected].filter((row) => !found.has(row)).length;
    twice += [...found.values()].filter((count) => count > 1).length;
  }
  const runs = (await store.runs.list({ limit: 1_000_000 })).length;
  await store[Symbol.asyncDispose]();
  const integrity = await checkIntegrity(join(folder, 'hone.db'));
  rmSync(folder, { recursive: true, force: true });
  console.log(
    `${seconds} s, 3 writers, ${kills} kills: ${runs} runs, ${rows} rows acknowledged, ${missing} missing, ${twice} twice, integrity ${integrity}`,
  );
  if (rows === 0 || missing > 0 || twice > 0 || integrity !== 'ok') process.exitCode = 1;
}

async function checkIntegrity(file) {
  const { loadSqlite } = await import('../dist/store/sqlite-library.js');
  const connection = (await loadSqlite()).open(file);
  const [row] = connection.prepare('PRAGMA integrity_check').all([]);
  connection.close();
  return Object.values(row)[0];
}
