// What it costs to hold proposed prompts against the training rows: 5,000 rows of 200 words unless told otherwise.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { createRandom } from '../../dist/base/random.js';
import { checkDraft } from '../../dist/prompt/guards.js';
import { indexRuns } from '../../dist/prompt/word-runs.js';

const rows = Number(process.env.BENCH_ROWS ?? 5_000);
const words = Number(process.env.BENCH_WORDS ?? 200);
const drafts = 200;

const random = createRandom('rows');
const text = () => Array.from({ length: words }, () => `word${random.integer(20_000)}`).join(' ');
const texts = Array.from({ length: rows }, () => [text()]);
const program = { steps: [{ name: 'answer', inputs: [], outputs: [] }] };
const rounded = (milliseconds) => `${milliseconds.toFixed(2)} ms`;

for (const round of ['first', 'second']) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const start = performance.now();
  const index = await indexRuns(texts);
  const built = performance.now() - start;
  delay.disable();
  const times = Array.from({ length: drafts }, () => {
    const changed = { kind: 'text', text: text() };
    const before = performance.now();
    const reason = checkDraft({
      name: 'answer.instructions',
      spec: { kind: 'text', step: 'answer' },
      parent: { kind: 'text', text: 'Sort the ticket.' },
      changed,
      program,
      rows: index,
    });
    if (reason !== undefined) throw new Error(`A draft of its own words was refused: ${reason}`);
    return performance.now() - before;
  }).sort((one, other) => one - other);
  const copied = index.firstShared(`As in ${texts[rows - 1]?.[0]}`);
  if (copied === undefined) throw new Error('A copied row was let in.');
  console.log(
    `${round} round, ${rows} rows × ${words} words: index ${rounded(built)}, longest block ${rounded(delay.max / 1e6)}, ` +
      `a draft ${rounded(times[drafts / 2] ?? 0)} (median), ${rounded(times.at(-1) ?? 0)} (most)`,
  );
}
