/**
 * The code of the worker that runs the sandbox, as text: so it is the same from sources and from a build, and nothing
 * but what is written here is in it. One QuickJS runtime for each run: nothing is left of the run before. The code
 * sees the language alone, and its result leaves as JSON text.
 */
export const quickjsWorkerSource = `
'use strict';
const { parentPort, workerData } = require('node:worker_threads');

import(workerData.quickjs)
  .then(({ getQuickJS }) => getQuickJS())
  .then((quickjs) => {
    parentPort.on('message', (request) => parentPort.postMessage(run(quickjs, request)));
    parentPort.postMessage({ type: 'ready' });
  })
  .catch((thrown) => parentPort.postMessage({ type: 'broken', message: String(thrown) }));

function run(quickjs, { code, inputs, timeoutMs, memoryBytes, outputChars }) {
  const runtime = quickjs.newRuntime();
  runtime.setMemoryLimit(memoryBytes);
  runtime.setMaxStackSize(256 * 1024);
  const deadline = performance.now() + timeoutMs;
  let printed = '';
  // Which limit has stopped the code; the first one counts.
  let limit;
  runtime.setInterruptHandler(() => {
    if (limit === undefined && performance.now() > deadline) limit = 'time';
    return limit !== undefined;
  });
  const context = runtime.newContext();
  const result = { type: 'result' };
  const end = (how) => Object.assign(result, { printed }, how);
  const stop = (which) => end({ status: 'stopped', limit: which });
  const fail = (handle) => {
    let said;
    try {
      said = describe(context.dump(handle));
      handle.dispose();
    } catch (thrown) {
      said = String(thrown);
      result.spent = true;
    }
    if (limit !== undefined) return stop(limit);
    return isMemory(said) ? stop('memory') : end({ status: 'threw', message: said });
  };
  try {
    const print = context.newFunction('print', (...handles) => {
      for (const handle of handles) {
        const piece = JSON.parse(context.getString(handle)) + '\\n';
        if (printed.length + piece.length > outputChars) limit = limit ?? 'output';
        printed += piece.slice(0, outputChars - printed.length);
      }
    });
    context.setProp(context.global, '__print', print);
    print.dispose();
    const given = context.newString(inputs);
    context.setProp(context.global, '__inputs', given);
    given.dispose();
    const prepared = context.evalCode(prelude);
    if (prepared.error) throw new Error(describe(context.dump(prepared.error)));
    prepared.value.dispose();
    // The code is a value and not a part of the text around it, so that no bracket of it closes that.
    const body = context.newString(JSON.stringify(code));
    context.setProp(context.global, '__code', body);
    body.dispose();
    const started = context.evalCode(start);
    if (started.error) return fail(started.error);
    started.value.dispose();
    const jobs = runtime.executePendingJobs(-1);
    if (jobs.error) return fail(jobs.error);
    const state = context.evalCode('__state()');
    if (state.error) return fail(state.error);
    const text = context.getString(state.value);
    state.value.dispose();
    if (limit !== undefined) return stop(limit);
    if (text === '') return end({ status: 'threw', message: 'The code waits for something that never happens.' });
    if (text.length > outputChars) return stop('output');
    const { error, value } = JSON.parse(text);
    if (error === undefined) return end({ status: 'returned', value: JSON.stringify(value ?? null) });
    return isMemory(error) ? stop('memory') : end({ status: 'threw', message: error });
  } catch (thrown) {
    // Its memory may be too full even to say so.
    result.spent = true;
    if (limit !== undefined) return stop(limit);
    return isMemory(String(thrown)) ? stop('memory') : end({ status: 'threw', message: String(thrown) });
  } finally {
    try {
      context.dispose();
      runtime.dispose();
    } catch {
      // What cannot be cleaned up goes with the worker.
      result.spent = true;
    }
  }
}

function describe(error) {
  if (typeof error !== 'object' || error === null) return String(error);
  return (error.name ? error.name + ': ' : '') + String(error.message ?? JSON.stringify(error));
}

function isMemory(message) {
  return /out of memory|memory access out of bounds|allocation failed/i.test(message);
}

const prelude = \`(() => {
  const { stringify, parse } = JSON;
  // As JSON, because a plain text that leaves the engine ends at its first NUL.
  const print = (text) => write(stringify(text));
  const write = __print;
  const { isFinite } = Number;
  const lost = (what, key) => {
    throw new TypeError('The result has ' + what + (key === '' || key === 'value' ? '' : ' at "' + key + '"') + ', which JSON cannot say.');
  };
  // What JSON would turn into null or {} without a word.
  const kept = (key, value) => {
    if (typeof value === 'number' && !isFinite(value)) lost(String(value), key);
    if (typeof value === 'function' || typeof value === 'symbol') lost('a ' + typeof value, key);
    for (const type of containers) if (value instanceof type) lost('a ' + type.name, key);
    return value;
  };
  const containers = [Map, Set, WeakMap, WeakSet];
  const shown = (value) => {
    try { return typeof value === 'string' ? value : stringify(value) ?? String(value); } catch { return String(value); }
  };
  globalThis.console = { log: (...values) => print(values.map(shown).join(' ')) };
  console.info = console.warn = console.error = console.debug = console.log;
  const inputs = parse(__inputs);
  delete globalThis.__print;
  delete globalThis.__inputs;
  let state = '';
  const settle = (text) => { state = text; };
  const said = (thrown) => {
    try { return thrown instanceof Error ? thrown.name + ': ' + thrown.message : shown(thrown); } catch { return 'an error'; }
  };
  Object.defineProperty(globalThis, '__state', { value: () => state, writable: false, configurable: false });
  Object.defineProperty(globalThis, '__start', {
    value: (code) => {
      delete globalThis.__code;
      const make = Object.getPrototypeOf(async () => {}).constructor;
      new make('inputs', parse(code))(inputs).then(
        (value) => settle(stringify({ value }, kept)),
        (thrown) => settle(stringify({ error: said(thrown) })),
      ).catch((thrown) => settle(stringify({ error: said(thrown) })));
    },
    writable: false,
    configurable: false,
  });
})()\`;

const start = '__start(__code)';
`;
