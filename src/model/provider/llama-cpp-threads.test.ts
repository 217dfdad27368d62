import { expect, test } from 'vitest';
import { chooseThreads, ThreadWatch } from './llama-cpp-threads.ts';

/** A machine on which a token takes `msPerToken[threads]` milliseconds. */
function machine(msPerToken: Readonly<Record<number, number>>) {
  const steps: { readonly threads: number; readonly tokens: number }[] = [];
  let open = 0;
  return {
    steps,
    get open() {
      return open;
    },
    start: async (threads: number) => {
      open += 1;
      return {
        step: async (tokens: number) => {
          steps.push({ threads, tokens });
          return tokens * (msPerToken[threads] ?? Number.NaN);
        },
        dispose: async () => {
          open -= 1;
        },
      };
    },
  };
}

const machines: readonly {
  readonly what: string;
  readonly cores: number;
  readonly msPerToken: Readonly<Record<number, number>>;
  readonly threads: number;
}[] = [
  { what: 'an idle machine', cores: 2, msPerToken: { 1: 7, 2: 4 }, threads: 2 },
  { what: 'a busy machine', cores: 2, msPerToken: { 1: 7, 2: 120 }, threads: 1 },
  { what: 'a machine of six cores', cores: 6, msPerToken: { 1: 7, 2: 4, 4: 3, 6: 5 }, threads: 4 },
  { what: 'a machine of one core', cores: 1, msPerToken: { 1: 7 }, threads: 1 },
];

test.each(machines)('$what gets $threads threads', async ({ cores, msPerToken, threads }) => {
  const tried = machine(msPerToken);
  const choice = await chooseThreads({ cores, start: tried.start });
  expect(choice).toEqual({ threads, msPerToken: msPerToken[threads] });
  expect(tried.open).toBe(0);
});

test('one disturbed step decides nothing', async () => {
  const disturbed = { 1: [7, 7, 7, 7, 7, 7], 2: [4, 60, 4, 4, 4] };
  const start = async (threads: number) => {
    const left = [...(disturbed[threads as 1 | 2] ?? [])];
    return { step: async (tokens: number) => tokens * (left.shift() ?? Number.NaN), dispose: async () => {} };
  };
  expect(await chooseThreads({ cores: 2, start })).toEqual({ threads: 2, msPerToken: 4 });
});

test('a trial that has taken twice as long as the best is not finished', async () => {
  const tried = machine({ 1: 1, 2: 100 });
  await chooseThreads({ cores: 2, start: tried.start });
  expect(tried.steps.filter(({ threads }) => threads === 2)).toHaveLength(1);
});

test('a step of four times its expectation asks for a new measurement, a usual one does not', () => {
  const watch = new ThreadWatch(2, { threads: 2, msPerToken: 5 }, 0);
  watch.observe(100, 1_900);
  expect(watch.isDue(10_000)).toBe(false);
  watch.observe(100, 2_100);
  expect(watch.isDue(1_000)).toBe(false);
  expect(watch.isDue(10_000)).toBe(true);
  watch.choose({ threads: 1, msPerToken: 10 }, 10_000);
  expect(watch.threads).toBe(1);
  expect(watch.isDue(20_000)).toBe(false);
  expect(watch.isDue(30_000)).toBe(true);
});

test('fewer threads than cores are tried again after a while, all cores never', () => {
  expect(new ThreadWatch(2, { threads: 1, msPerToken: 5 }, 0).isDue(20_000)).toBe(true);
  expect(new ThreadWatch(2, { threads: 2, msPerToken: 5 }, 0).isDue(600_000)).toBe(false);
  expect(new ThreadWatch(1, { threads: 1, msPerToken: 5 }, 0).isDue(600_000)).toBe(false);
});
