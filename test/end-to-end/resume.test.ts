import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';

interface Scenario {
  readonly name: string;
  readonly undisturbed: { readonly requests: number; readonly verdict: string; readonly stopReason: string };
  readonly killed: {
    readonly kills: number;
    readonly requests: number;
    readonly repeatsPerKill: readonly number[];
    readonly paidUsd: number;
    readonly paidTwice: number;
    readonly limitUsd?: number;
    readonly dearestUsd?: number;
  };
  readonly interrupted?: { readonly requests: number; readonly repeats: number };
}

interface Figures {
  readonly scenarios: readonly Scenario[];
  readonly concurrency: number;
  /** What differed from the undisturbed run, in words. */
  readonly problems: readonly string[];
}

/** Runs some of the scenarios of `npm run verify:resume`, with three kills each. */
async function verify(only: string): Promise<Figures> {
  const parameters = ['scripts/verify-resume.mjs', '--kills', '3', '--seed', '2', '--only', only, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, parameters, { timeout: 200_000 }).catch(
    // With problems it ends with 1 and still says which.
    (ended: { readonly stdout: string; readonly stderr: string }) => {
      if (!ended.stdout.startsWith('{')) throw ended;
      return ended;
    },
  );
  return JSON.parse(stdout) as Figures;
}

describe.each([
  { only: 'command line', what: 'an optimization of the command line' },
  { only: 'dollars', what: 'a reflecting search under a limit of dollars' },
])('$what', ({ only }) => {
  let figures: Figures;
  let scenario: Scenario;
  beforeAll(async () => {
    figures = await verify(only);
    [scenario] = figures.scenarios as readonly [Scenario];
  }, 210_000);

  test('that was killed or interrupted ends with the candidate, scores, events and budgets of one that was not', () => {
    expect(figures.problems).toEqual([]);
    expect(scenario.undisturbed.verdict).toBe('improved');
  });

  test('makes only the calls in flight again after a kill', () => {
    const { undisturbed, killed } = scenario;
    expect(killed.repeatsPerKill).toHaveLength(3);
    expect(Math.max(...killed.repeatsPerKill)).toBeLessThanOrEqual(figures.concurrency);
    expect(killed.requests).toBe(
      undisturbed.requests + killed.repeatsPerKill.reduce((sum, repeats) => sum + repeats, 0),
    );
  });

  test('makes no call again after Ctrl-C, and after Ctrl-C twice only those in flight', () => {
    expect(scenario.interrupted?.repeats ?? 0).toBeLessThanOrEqual(figures.concurrency);
  });

  test('pays no more than its limit, but for the calls that a kill lost', () => {
    const { paidUsd, paidTwice, limitUsd = Number.POSITIVE_INFINITY, dearestUsd = 0 } = scenario.killed;
    expect(paidUsd).toBeLessThanOrEqual(limitUsd + paidTwice * dearestUsd);
  });
});
