import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addDotEnv, readEnvironment, type Variables } from './environment.ts';

test('variables are read as what they mean, and empty ones count as unset', () => {
  const environment = readEnvironment({
    HONE_DIR: '/data/hone',
    HONE_CACHE: 'replay',
    HONE_BUDGET_USD: '2.50',
    HONE_CONCURRENCY: '16',
    HONE_SEED: '0',
    HONE_MODEL: '',
    NO_COLOR: '1',
  });
  expect(environment).toMatchObject({
    dir: '/data/hone',
    cache: 'replay',
    budgetUsd: 2.5,
    concurrency: 16,
    seed: 0,
    model: undefined,
    color: false,
  });
  expect(readEnvironment({ HONE_BUDGET_USD: 'none', FORCE_COLOR: '1' })).toMatchObject({
    budgetUsd: 'none',
    color: true,
  });
});

test.each([
  ['HONE_CACHE', 'maybe'],
  ['HONE_BUDGET_USD', 'much'],
  ['HONE_CONCURRENCY', '0'],
  ['HONE_SEED', '1.5'],
])('%s=%s is refused by name', (name, value) => {
  expect(() => readEnvironment({ [name]: value })).toThrow(`${name} is "${value}"`);
});

test('.env.local wins over .env, and neither overwrites what is set', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hone-env-'));
  writeFileSync(join(folder, '.env'), 'A=env\nB=env\nC="env with spaces"\n');
  writeFileSync(join(folder, '.env.local'), 'A=local\nB=local\n');
  const variables: Variables = { A: 'shell' };
  expect(addDotEnv(folder, variables)).toEqual(['.env.local', '.env']);
  expect(variables).toEqual({ A: 'shell', B: 'local', C: 'env with spaces' });
  rmSync(folder, { recursive: true });
  expect(addDotEnv(folder, variables)).toEqual([]);
});
