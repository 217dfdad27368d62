import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';

interface Figures {
  readonly undisturbed: { readonly requests: number; readonly verdict: string };
  readonly killed: {
    readonly kills: number;
    readonly requests: number;
    readonly repeatsPerKill: readonly number[];
  };
  readonly interrupted: { readonly requests: number; readonly repeats: number };
  readonly concurrency: number;
  /** What differed from the undisturbed run, in words. */
  readonly problems: readonly string[];
}

let figures: Figures;

beforeAll(async () => {
  const parameters = ['scripts/verify-resume.mjs', '--kills', '3', '--seed', '2', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, parameters, { timeout: 120_000 }).catch(
    // With problems it ends with 1 and still says which.
    (ended: { readonly stdout: string; readonly stderr: string }) => {
      if (!ended.stdout.startsWith('{')) throw ended;
      return ended;
    },
  );
  figures = JSON.parse(stdout) as Figures;
}, 130_000);

test('a run that was killed or interrupted ends with the candidate, scores, events and budgets of one that was not', () => {
  expect(figures.problems).toEqual([]);
  expect(figures.undisturbed.verdict).toBe('improved');
});

test('after a kill only the calls in flight are made again', () => {
  const { undisturbed, killed, concurrency } = figures;
  expect(killed.repeatsPerKill).toHaveLength(3);
  expect(Math.max(...killed.repeatsPerKill)).toBeLessThanOrEqual(concurrency);
  expect(killed.requests).toBe(
    undisturbed.requests + killed.repeatsPerKill.reduce((sum, repeats) => sum + repeats, 0),
  );
});

test('after Ctrl-C no call is made again, and after Ctrl-C twice only those in flight', () => {
  const { interrupted, concurrency } = figures;
  expect(interrupted.repeats).toBeLessThanOrEqual(concurrency);
});
