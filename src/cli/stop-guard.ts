import { Worker } from 'node:worker_threads';

/** How long a stop may take, whatever the process is busy with, in milliseconds. */
export const longestStopMs = 10_000;

/** Ends the process where it is too busy to stop by itself. */
export interface StopGuard {
  close(): void;
}

/**
 * Listens for SIGINT and SIGTERM on a thread of its own: a main thread that computes without a pause hears
 * neither. The second of them, or one that is not followed by the end of the process within `longestStopMs`,
 * kills it; what was stored is whole, as after any kill.
 *
 * Node hears signals on its main thread alone. Where its inner signal handle is not to be had on another one,
 * there is no guard, and a stop waits for the main thread.
 */
export function openStopGuard(): StopGuard {
  const state = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(guardSource, { eval: true, execArgv: [], workerData: { state, longestStopMs } });
  worker.unref();
  // Without a guard the run itself is as good as ever.
  worker.on('error', () => undefined);
  return {
    close() {
      Atomics.store(state, 0, 1);
      void worker.terminate();
    },
  };
}

const guardSource = `
const { writeSync } = require('node:fs');
const { constants } = require('node:os');
const { workerData } = require('node:worker_threads');
const { state, longestStopMs } = workerData;
let stops = 0;
function kill(why) {
  if (Atomics.load(state, 0) === 1) return;
  try { writeSync(2, why + '; what was answered is kept. Go on with: hone resume\\n'); } catch {}
  process.kill(process.pid, 'SIGKILL');
}
try {
  process.noDeprecation = true;
  const { Signal } = process.binding('signal_wrap');
  for (const signal of ['SIGINT', 'SIGTERM']) {
    const handle = new Signal();
    handle.onsignal = () => {
      stops += 1;
      if (stops === 1) setTimeout(() => kill('killed: too busy to stop'), longestStopMs);
      // The main thread goes first; this is for one that does not come to it.
      else setTimeout(() => kill('killed'), 500);
    };
    handle.start(constants.signals[signal]);
  }
} catch {}
`;
