import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signature } from '../signature/shorthand.ts';
import { loadConfig } from './load-config.ts';
import { loadTask } from './task.ts';
import { openWorkspace } from './workspace.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hone-config-'));
  writeFileSync(
    join(folder, 'rows.csv'),
    'text,kind\nan apple,fruit\na pear,fruit\na carrot,vegetable\na leek,vegetable\n',
  );
  writeFileSync(join(folder, 'prompt.md'), 'Say what it is.\n');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const load = (subject?: string, request = {}) =>
  loadTask(subject, request, openWorkspace({ folder, variables: {} }));

const typescript = `
import { defineConfig, loadDataset, predict, signature } from 'hone-ai';
import { exactMatch } from 'hone-ai/scorers';
import { wording } from '#texts/wording';

export default defineConfig({
  seed: 7,
  targets: {
    kind: {
      program: predict(signature("text -> kind: 'fruit' | 'vegetable'", { instructions: wording satisfies string })),
      dataset: () => loadDataset(new URL('rows.csv', import.meta.url).pathname, { expected: ['kind'] }),
      scorer: exactMatch('kind'),
      budget: { calls: 10 },
    },
  },
});
`;

describe('hone.config.ts', () => {
  test('is run as it is, with the paths of its tsconfig and without hone-ai being installed', async () => {
    write('hone.config.ts', typescript);
    write('tsconfig.json', '{ "compilerOptions": { "paths": { "#texts/*": ["./texts/*.ts"] } } }');
    mkdirSync(join(folder, 'texts'));
    write('texts/wording.ts', "export const wording: string = 'Say what it is.';");
    const { name, program, scorers, seed, defaults } = await load('kind');
    expect(name).toBe('kind');
    expect(program.signature.instructions).toBe('Say what it is.');
    expect(scorers.map((scorer) => scorer.name)).toEqual(['exact-match(kind)']);
    expect(seed).toBe(7);
    expect(defaults[0]?.budget).toEqual({ calls: 10 });
    // The very functions of this copy, not of a second one.
    expect(Object.getPrototypeOf(signature)).toBe(Function.prototype);
  });

  test('what it throws is told with the file', async () => {
    write('hone.config.ts', "throw new Error('no luck');");
    await expect(load('kind')).rejects.toMatchObject({
      code: 'HONE_CONFIG_INVALID',
      message: expect.stringMatching(/hone\.config\.ts cannot be loaded: .*no luck/),
    });
  });
});

describe('hone.config.yaml', () => {
  test('names prompt files and tables from its own folder', async () => {
    mkdirSync(join(folder, 'deep'));
    write(
      'hone.config.yaml',
      'model: openai/gpt-5-mini\ntargets:\n  kind:\n    prompt: prompt.md\n    scorer: contains\n    dataset: { file: rows.csv, expected: [kind] }\n',
    );
    const task = await load();
    expect(task).toMatchObject({ name: 'kind', model: 'openai/gpt-5-mini', rows: 4, seed: 1 });
    expect(task.scorers[0]?.name).toBe('contains(kind)');
    expect(task.optimizer.name).toBe('auto');
  });

  test('flags win over the target, the target over the environment', async () => {
    write(
      'hone.config.yaml',
      'seed: 2\ntargets:\n  kind:\n    prompt: prompt.md\n    model: openai/target\n    dataset: { file: rows.csv, expected: [kind] }\n',
    );
    const variables = { HONE_MODEL: 'openai/environment', HONE_SEED: '3' };
    const workspace = openWorkspace({ folder, variables });
    expect(await loadTask('kind', {}, workspace)).toMatchObject({ model: 'openai/target', seed: 3 });
    expect(await loadTask('kind', { model: 'openai/flag', seed: 4 }, workspace)).toMatchObject({
      model: 'openai/flag',
      seed: 4,
    });
  });
});

describe('a wrong config is told with the place', () => {
  test.each([
    ['target: {}', /target/],
    [
      'targets: { kind: { dataset: { file: rows.csv, expected: [kind] } } }',
      /targets\.kind: give either `program` or `prompt`/,
    ],
    ['seed: one', /seed/],
    ['budget: { usd: much }', /budget/],
    ['targets: { kind: { prompt: prompt.md, dataset: 5 } }', /targets\.kind\.dataset/],
    ['budget: { call: 5 }', /^hone\.config\.yaml: budget has no option "call"\.$/],
    ['budget: { minutes: .nan }', /budget\.minutes is NaN, but must be a number above 0 and up to 30000/],
    ['budget: { usd: non }', /budget\.usd is 'non', but must be a number from 0 to 1000000 or none/],
    ['concurrency: 0', /concurrency is 0, but must be a whole number from 1/],
    ['cache: maybe', /cache is 'maybe', but must be one of on, off, read, replay/],
    [
      'optimizer: "labeledFewShot: { demo: 8 }"',
      /^hone\.config\.yaml: optimizer: labeledFewShot has no option "demo"/,
    ],
    ['optimizer: outo', /^hone\.config\.yaml: optimizer: There is no optimizer "outo"/],
    [
      'targets: { k: { prompt: p.md, dataset: { file: r.csv, expcted: [k] } } }',
      /targets\.k\.dataset\.expected is missing/,
    ],
    [
      'targets: { k: { prompt: p.md, dataset: { file: r.csv, expected: k } } }',
      /targets\.k\.dataset\.expected is 'k', but must be a list/,
    ],
    [
      'targets: { k: { prompt: p.md, dataset: { file: r.csv, expected: [k], ids: x } } }',
      /targets\.k\.dataset has no option "ids"/,
    ],
    [
      'targets: { k: { prompt: p.md, dataset: { file: r.csv, expected: [k] }, budget: { calls: 1.5 } } }',
      /targets\.k\.budget\.calls is 1\.5, but must be a whole number/,
    ],
    [
      'targets: { k: { prompt: p.md, dataset: { file: r.csv, expected: [k] }, optimizer: "auto: { sets: 1.0e9 }" } }',
      /targets\.k\.optimizer: auto: sets is 1000000000, but must be a whole number from 1 to 64/,
    ],
    [
      'targets: { k: { prompt: p.md, dataset: { file: r.csv, expected: [k] }, scorer: { name: exact } } }',
      /targets\.k\.scorer\.version is missing/,
    ],
  ])('%s', async (text, message) => {
    write('hone.config.yaml', text);
    await expect(loadConfig({ folder })).rejects.toMatchObject({
      code: 'HONE_OPTION_INVALID',
      message: expect.stringMatching(message),
    });
  });

  test('an unknown target suggests the closest', async () => {
    write(
      'hone.config.json',
      '{ "targets": { "triage": { "prompt": "prompt.md", "dataset": { "file": "rows.csv", "expected": ["kind"] } } } }',
    );
    await expect(load('triag')).rejects.toMatchObject({ hint: 'Did you mean triage?' });
  });

  test('without a config a bare name says what there could be', async () => {
    await expect(load('triage')).rejects.toThrow('neither a file nor a target');
    expect(await loadConfig({ folder })).toBeUndefined();
  });
});

describe('rows that flags choose', () => {
  const chosen = async (request: object) => {
    const task = await load('prompt.md', { data: 'rows.csv', expected: ['kind'], ...request });
    const ids: unknown[] = [];
    for await (const { inputs } of task.dataset) ids.push(inputs.text);
    return { ids, rows: task.rows, choices: task.program.shape.steps[0]?.choice?.choices };
  };

  test('--first takes the leading rows, and choices still come from all', async () => {
    expect(await chosen({ first: 2 })).toEqual({
      ids: ['an apple', 'a pear'],
      rows: 2,
      choices: ['fruit', 'vegetable'],
    });
  });

  test('--sample draws by the seed', async () => {
    const { ids } = await chosen({ sample: 2, seed: 1 });
    expect(ids).toHaveLength(2);
    expect((await chosen({ sample: 2, seed: 1 })).ids).toEqual(ids);
  });
});
