import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryIo } from '../../src/cli/memory-io.ts';
import { runCommandLine } from '../../src/cli/run-command-line.ts';
import { collectExamples } from '../../src/dataset/collect.ts';
import { loadDataset } from '../../src/dataset/load.ts';
import { defaultModelFolder } from '../../src/model/embedded-folders.ts';
import { pullEmbeddedModel } from '../../src/model/embedded-pull.ts';
import type { OptimizationReport } from '../../src/optimizer/driver/report.ts';

const example = join(import.meta.dirname, '..', '..', 'examples', 'support-tickets');
const folder = mkdtempSync(join(tmpdir(), 'hone-main-job-'));
const rows = 120;
const randomSeed = 3;

async function hone(...argv: string[]) {
  const io = memoryIo({ cwd: folder, variables: { ...process.env, HONE_DIR: undefined, NO_COLOR: '1' } });
  const code = await runCommandLine(argv, io);
  return { code, output: io.output(), errors: io.errors() };
}

/** The first lines of the example, which are in mixed order. */
async function writeRows(): Promise<void> {
  copyFileSync(join(example, 'prompt.md'), join(folder, 'prompt.md'));
  const all = await loadDataset(join(example, 'tickets.csv'), { expected: ['category'] });
  const { examples } = await collectExamples(all);
  writeFileSync(join(folder, 'rows.jsonl'), jsonLines(examples.slice(0, rows)));
}

function jsonLines(examples: Awaited<ReturnType<typeof collectExamples>>['examples']): string {
  return examples.map(({ inputs, expected }) => `${JSON.stringify({ ...inputs, ...expected })}\n`).join('');
}

const flags = ['--expected', 'category', '--seed', String(randomSeed), '--yes'];
/** Holds layouts, demo sets and the proof, and leaves the ensemble out, which other tests look at. */
const limits = ['--max-calls', '420'];
const latest = () =>
  JSON.parse(readFileSync(join(folder, '.hone', 'reports', 'latest.json'), 'utf8')) as OptimizationReport;

describe('the main job on the embedded model', () => {
  beforeAll(async () => {
    await pullEmbeddedModel({
      modelFolder: defaultModelFolder({
        env: process.env,
        platform: process.platform,
        homeFolder: homedir(),
      }),
      modelPath: process.env.HONE_MODEL_PATH,
    });
    await writeRows();
    const { code, errors } = await hone(
      'optimize',
      'prompt.md',
      '--data',
      'rows.jsonl',
      ...flags,
      ...limits,
      '--quiet',
    );
    expect(errors).toBe('');
    expect(code).toBe(0);
    // About a minute on two idle cores; on a busy machine a model with two threads is many times slower.
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('compares seed and winner on every sealed row, and says how sure the difference is', () => {
    const { sealedTest, rows: split, verdict } = latest();
    expect(split.train + split.validation + split.test).toBe(rows);
    expect(sealedTest).toMatchObject({ rows: split.test, lost: 0, verdict, test: 'mcnemar-exact' });
    expect(sealedTest?.difference).toBeCloseTo((sealedTest?.winner ?? 0) - (sealedTest?.seed ?? 0), 10);
    const [low, high] = sealedTest?.interval ?? [0, 0];
    expect(low).toBeLessThanOrEqual(sealedTest?.difference ?? 0);
    expect(high).toBeGreaterThanOrEqual(sealedTest?.difference ?? 0);
  });

  it('finds a prompt that is better on rows that chose nothing', () => {
    const { sealedTest } = latest();
    expect(sealedTest?.winner).toBeGreaterThan(sealedTest?.seed ?? 1);
  });

  it('writes the winner as a prompt file that renders the same messages: no row needs a new call', async () => {
    const { best } = latest();
    const name = latest().verdict === 'improved' ? 'winner.md' : 'development-estimate.md';
    const reports = join('.hone', 'reports', latest().runId);
    const file = join(reports, name);
    const data = ['--data', join(reports, 'sealed-rows.jsonl'), ...flags];
    const { code, output, errors } = await hone('eval', file, ...data, '--replay', '--json');
    expect(errors.split('\n').filter((line) => line.startsWith('error'))).toEqual([]);
    expect(code).toBe(0);
    const { usage, summaries } = JSON.parse(output).evaluation ?? JSON.parse(output);
    expect(usage.cachedCalls).toBe(usage.calls);
    expect(summaries[0].rows).toBe(latest().rows.test);
    expect(summaries[0].mean).toBeCloseTo(latest().sealedTest?.winner ?? -1, 10);
    expect(Object.keys(best.candidate)).toContain('answer.demos');
  });

  it('answers a second run from the store, with the same winner and figures', async () => {
    const first = latest();
    const { code } = await hone(
      'optimize',
      'prompt.md',
      '--data',
      'rows.jsonl',
      ...flags,
      ...limits,
      '--quiet',
    );
    expect(code).toBe(0);
    const second = latest();
    expect(second.usage.cachedCalls).toBe(second.usage.calls);
    expect(second.best.hash).toBe(first.best.hash);
    expect(second.sealedTest).toEqual(first.sealedTest);
  });
});
