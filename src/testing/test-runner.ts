import { HoneError } from '../base/errors.ts';

type Runner = Pick<typeof import('vitest'), 'describe' | 'expect' | 'it'>;

const missing = new Proxy(() => undefined, { apply: refuse, get: refuse }) as never;

/**
 * Vitest, where it is installed. The suites need it; scripted and recorded models and the fake clock do not,
 * so its absence only shows when a suite is called.
 */
const runner: Runner = await import('vitest').catch(() => ({
  describe: missing,
  expect: missing,
  it: missing,
}));

export const describe: Runner['describe'] = runner.describe;
export const expect: Runner['expect'] = runner.expect;
export const it: Runner['it'] = runner.it;

function refuse(): never {
  throw new HoneError('The suites of hone-ai/testing run in Vitest, which is not installed.', {
    code: 'HONE_MISSING_DEPENDENCY',
    hint: 'Run: npm install --save-dev vitest',
  });
}
