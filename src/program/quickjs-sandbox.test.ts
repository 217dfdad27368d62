import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { sharedSandbox } from './quickjs-sandbox.ts';

/** Long where another limit is to bite first, so that a busy machine changes nothing. */
const limits = { timeoutMs: 20_000, memoryMb: 16, outputChars: 2_000 };
const run = (code: string, inputs = {}, timeoutMs = limits.timeoutMs) =>
  sharedSandbox.run({ code, inputs }, { ...limits, timeoutMs });

describe('the sandbox', () => {
  test('runs code on inputs, and gives what it returns and prints', async () => {
    const code = 'console.log("sum of", inputs.numbers); return inputs.numbers.reduce((a, b) => a + b, 0);';
    expect(await run(code, { numbers: [1, 2, 3] })).toEqual({
      status: 'returned',
      value: 6,
      printed: 'sum of [1,2,3]\n',
    });
    expect(await run('await null; return { words: "a b".split(" ") };')).toMatchObject({
      value: { words: ['a', 'b'] },
    });
    expect(await run('const x = 1;')).toMatchObject({ status: 'returned', value: null });
  });

  test('tells an error of the code apart from a limit', async () => {
    expect(await run('return inputs.x.y;')).toMatchObject({
      status: 'threw',
      message: expect.stringContaining('TypeError'),
    });
    expect(await run('return {')).toMatchObject({
      status: 'threw',
      message: expect.stringContaining('SyntaxError'),
    });
    expect(await run('throw { odd: 1 }')).toMatchObject({ status: 'threw', message: '{"odd":1}' });
    expect(await run('const a = {}; a.a = a; return a;')).toMatchObject({ status: 'threw' });
    expect(await run('await new Promise(() => {});')).toMatchObject({
      status: 'threw',
      message: /never happens/,
    });
  });

  test.each([
    ['an infinite loop', 'while (true) {}', 'time'],
    ['a loop that catches everything', 'while (true) { try { while (true) {} } catch {} }', 'time'],
    [
      'endless promises',
      'const f = () => Promise.resolve().then(f); f(); await new Promise(() => {});',
      'time',
    ],
    ['a regular expression that explodes', 'return /^(a+)+$/.test("a".repeat(40) + "!");', 'time'],
    ['a result that never ends', 'return { toJSON() { while (true) {} } };', 'time'],
    ['a promise of its own', 'return { then() { while (true) {} } };', 'time'],
    ['a promise method of its own', 'Promise.prototype.then = () => { while (true) {} };', 'time'],
    ['a memory bomb', 'const a = []; while (true) a.push(new Uint8Array(100000).fill(1));', 'memory'],
    ['a string bomb', 'let s = "x"; while (true) s += s;', 'memory'],
    ['a huge buffer', 'return new Uint8Array(2 ** 30).length;', 'memory'],
    ['a huge result', 'return "x".repeat(100000);', 'output'],
    ['endless printing', 'for (let i = 0; i < 1e5; i++) console.log("line " + i); return 1;', 'output'],
  ])('stops %s', async (_, code, limit) => {
    const result = await run(code, {}, limit === 'time' ? 200 : undefined);
    // What an engine calls a length beyond every string is an error of its own making.
    if (result.status === 'threw')
      expect(result.message).toMatch(/string too long|invalid array|out of memory/u);
    else expect(result).toMatchObject({ status: 'stopped', limit });
    expect(await run('return 1')).toMatchObject({ status: 'returned', value: 1 });
  });

  test.each([
    ['process', 'return process.env;'],
    ['process by its name', 'return globalThis["pro" + "cess"].exit(1);'],
    ['require', 'return require("fs").readFileSync("/etc/passwd", "utf8");'],
    ['a dynamic import', 'return (await import("node:fs")).readFileSync("/etc/passwd", "utf8");'],
    ['a dynamic import of a file', 'return (await import("/etc/passwd")).default;'],
    ['the network', 'return (await fetch("http://127.0.0.1")).status;'],
    ['a socket', 'return new WebSocket("ws://127.0.0.1");'],
    ['a file', 'return readFileSync("/etc/passwd");'],
    ['the modules of the engine', 'return (std ?? os).open("/etc/passwd", "r");'],
    ['a timer', 'return setTimeout(() => {}, 1);'],
    ['a worker', 'return new Worker("x");'],
    ['deep recursion', 'const f = () => f() + 1; return f();'],
    ['the parent of the worker', 'return parentPort.postMessage({ type: "result", status: "returned" });'],
  ])('has no %s', async (_, code) => {
    expect((await run(code)).status).toBe('threw');
  });

  test.each([
    [
      'constructor of a function',
      'return [].constructor.constructor("return typeof process")();',
      'undefined',
    ],
    [
      'constructor of what it is given',
      'return inputs.constructor.constructor("return typeof require")();',
      'undefined',
    ],
    ['constructor of what prints', 'return console.log.constructor("return typeof process")();', 'undefined'],
    [
      'indirect eval',
      'return (0, eval)("typeof process + typeof require + typeof fetch");',
      'undefinedundefinedundefined',
    ],
    ['closing its own function', '} }); return 1; ({ f() {', undefined],
  ])('is not left by way of the %s', async (_, code, value) => {
    const result = await run(code);
    if (value === undefined) expect(result.status).toBe('threw');
    else expect(result).toMatchObject({ status: 'returned', value });
  });

  test('keeps prototypes of the host as they are, whatever the code changes or returns', async () => {
    await run(
      'Object.prototype.polluted = 1; Array.prototype.map = () => 7; JSON.stringify = () => "{}"; return {};',
    );
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    const result = await run('return JSON.parse(\'{"__proto__": {"polluted": 1}, "kept": 1}\');');
    expect(result).toEqual({ status: 'returned', value: { kept: 1 }, printed: '' });
    const copied = result.status === 'returned' ? Object.assign({}, result.value) : {};
    expect((copied as { polluted?: number }).polluted).toBeUndefined();
    expect(await run('return [1].map((x) => x + 1);')).toMatchObject({ value: [2] });
  });

  test('refuses a result that is nested deeper than the host can go down', async () => {
    for (const levels of [201, 900, 3_000]) {
      const code = `let value = null; for (let i = 0; i < ${levels}; i++) value = [value]; return value;`;
      const result = await sharedSandbox.run({ code, inputs: {} }, { ...limits, outputChars: 20_000 });
      expect(result).toMatchObject({
        status: 'threw',
        message: expect.stringMatching(/nested more than 200 levels/),
      });
    }
    const code = 'let value = 1; for (let i = 0; i < 200; i++) value = [value]; return value;';
    expect(await run(code)).toMatchObject({ status: 'returned' });
  });

  test.each([
    ['a number that is none', 'return { mean: 0 / 0 };', /NaN at "mean"/],
    ['a number without end', 'return [1 / 0];', /Infinity at "0"/],
    ['a map', 'return { counts: new Map([["a", 1]]) };', /a Map at "counts"/],
    ['a set', 'return new Set([1]);', /has a Set, /],
    ['a function', 'return () => 1;', /has a function, /],
  ])('says that JSON cannot say %s, instead of turning it into nothing', async (_, code, message) => {
    expect(await run(code)).toMatchObject({ status: 'threw', message: expect.stringMatching(message) });
  });

  test('stops code whose one print is too long, and clips no text at a NUL', async () => {
    const long = await run('console.log("x".repeat(2_001)); return 1;');
    expect(long).toMatchObject({ status: 'stopped', limit: 'output' });
    expect(long.printed).toHaveLength(limits.outputChars);
    const printed = await run('console.log("a\\0b"); console.log("\\ud800"); return 1;');
    expect(printed.printed).toBe('a\0b\n\ud800\n');
    expect(await run('return "a\0b".length;')).toMatchObject({ value: 3 });
  });

  test('runs code whose limit is longer than any timer', async () => {
    const code = 'let sum = 0; for (let i = 0; i < 1e6; i++) sum += 1; return sum;';
    for (const timeoutMs of [2 ** 31, Number.POSITIVE_INFINITY]) {
      expect(await run(code, {}, timeoutMs)).toMatchObject({ status: 'returned', value: 1e6 });
    }
  });

  test('leaves nothing of one run to the next', async () => {
    await run('globalThis.secret = inputs.secret; return 1;', { secret: 's' });
    expect(await run('return typeof secret;')).toMatchObject({ value: 'undefined' });
  });

  test('runs many at once, and ends those that are aborted', async () => {
    const sums = await Promise.all(
      Array.from({ length: 12 }, (_, index) => run('return inputs.index * 2;', { index })),
    );
    expect(sums.map((each) => each.status === 'returned' && each.value)).toEqual(
      sums.map((_, index) => index * 2),
    );
    const controller = new AbortController();
    const endless = sharedSandbox.run(
      { code: 'while (true) {}', inputs: {}, signal: controller.signal },
      { timeoutMs: 60_000 },
    );
    setTimeout(() => controller.abort(new Error('enough')), 50);
    await expect(endless).rejects.toThrow('enough');
    expect(await run('return 1')).toMatchObject({ value: 1 });
  });
});

test('workers that wait for further code keep no process alive', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hone-sandbox-'));
  const script = join(folder, 'run.mjs');
  const source = fileURLToPath(new URL('./quickjs-sandbox.ts', import.meta.url));
  const jiti = createRequire(import.meta.url).resolve('jiti');
  await writeFile(
    script,
    `import { createJiti } from ${JSON.stringify(pathToFileURL(jiti).href)};
    const { sharedSandbox } = await createJiti(import.meta.url).import(${JSON.stringify(source)});
    console.log((await sharedSandbox.run({ code: 'return 1;', inputs: {} })).value);`,
  );
  // The limit is for a process that hangs.
  const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 60_000 });
  expect(stdout).toBe('1\n');
  await rm(folder, { recursive: true });
}, 70_000);
