import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { onAbort } from '../base/abort.ts';
import { longestTimerMs } from '../base/clock.ts';
import { HoneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { quickjsWorkerSource } from './quickjs-worker-source.ts';
import type { Sandbox, SandboxLimits, SandboxRequest, SandboxResult } from './sandbox.ts';

/** Runs at once. A run takes a core, so more would only slow each other down. */
const mostWorkers = 4;

/** Milliseconds that the code's own clock is given to stop it before the worker is ended. */
const grace = 500;

/**
 * A sandbox that runs JavaScript in QuickJS, compiled to WebAssembly, inside a worker that can be ended: the code
 * reaches neither this process nor its engine. The workers are started when they are needed, wait for further code
 * without keeping the process alive, and are ended where code did not stop by itself.
 *
 * @see https://github.com/justjake/quickjs-emscripten
 */
export function createQuickjsSandbox(): Sandbox {
  const idle: Worker[] = [];
  const queue: (() => void)[] = [];
  let running = 0;

  const turn = async (): Promise<void> => {
    if (running >= mostWorkers) await new Promise<void>((resolve) => queue.push(resolve));
    running += 1;
  };
  const leave = () => {
    running -= 1;
    queue.shift()?.();
  };

  return {
    async run(request, limits = {}) {
      request.signal?.throwIfAborted();
      await turn();
      try {
        request.signal?.throwIfAborted();
        const worker = idle.pop() ?? (await startWorker());
        const { result, reusable } = await runIn(worker, request, limits);
        if (reusable) {
          worker.unref();
          idle.push(worker);
        } else await worker.terminate();
        return result;
      } finally {
        leave();
      }
    },
  };
}

/** The sandbox of this process. */
export const sharedSandbox: Sandbox = createQuickjsSandbox();

async function startWorker(): Promise<Worker> {
  const quickjs = pathToFileURL(createRequire(import.meta.url).resolve('quickjs-emscripten')).href;
  const worker = new Worker(quickjsWorkerSource, {
    eval: true,
    env: {},
    argv: [],
    execArgv: [],
    workerData: { quickjs },
    resourceLimits: { maxOldGenerationSizeMb: 128 },
  });
  // An error of a worker that nobody waits for would end this process.
  worker.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    const fail = (cause: unknown) => {
      unlisten();
      reject(
        new HoneError('The sandbox for code could not be started.', {
          code: 'HONE_INTERNAL',
          hint: 'Install Hone again: the package quickjs-emscripten is part of it.',
          cause,
        }),
      );
    };
    const unlisten = listen(worker, {
      died: fail,
      message: (message: { readonly type: string; readonly message?: string }) => {
        if (message.type !== 'ready') return fail(new Error(message.message));
        unlisten();
        resolve();
      },
    });
  });
  return worker;
}

/** Listens to a worker. @returns stops listening. */
function listen<Message>(
  worker: Worker,
  { died, message }: { died(cause: unknown): void; message(said: Message): void },
): () => void {
  const exited = (code: number) => died(new Error(`The worker ended with ${code}.`));
  worker.on('error', died);
  worker.on('exit', exited);
  worker.on('message', message);
  return () => {
    worker.off('error', died);
    worker.off('exit', exited);
    worker.off('message', message);
  };
}

/** What the worker answers. */
interface WorkerResult {
  readonly status: SandboxResult['status'];
  readonly value?: string;
  readonly message?: string;
  readonly limit?: 'time' | 'memory' | 'output';
  readonly printed: string;
  /** Whether the worker is of no use any more. */
  readonly spent?: boolean;
}

function runIn(
  worker: Worker,
  { code, inputs, signal }: SandboxRequest,
  { timeoutMs = 2_000, memoryMb = 64, outputChars = 20_000 }: SandboxLimits,
): Promise<{ readonly result: SandboxResult; readonly reusable: boolean }> {
  const stopped = (limit: 'time' | 'memory' | 'output', printed = ''): SandboxResult => {
    const message = {
      time: `The code was stopped after ${timeoutMs} milliseconds.`,
      memory: `The code was stopped because it used more than ${memoryMb} megabytes.`,
      output: `The code was stopped because it gave more than ${outputChars} characters.`,
    }[limit];
    return { status: 'stopped', limit, message, printed };
  };
  return new Promise((resolve, reject) => {
    worker.ref();
    const end = (settle: () => void) => {
      clearTimeout(timer);
      ignore?.();
      unlisten();
      settle();
    };
    const timer = setTimeout(
      () => end(() => resolve({ result: stopped('time'), reusable: false })),
      Math.min(timeoutMs + grace, longestTimerMs),
    );
    const ignore =
      signal &&
      onAbort(signal, () =>
        end(() => {
          void worker.terminate();
          reject(signal.reason);
        }),
      );
    const unlisten = listen(worker, {
      // A worker that dies of the code was out of memory, its own or that of the engine.
      died: () => end(() => resolve({ result: stopped('memory'), reusable: false })),
      message: (answer: WorkerResult) =>
        end(() => resolve({ result: resultOf(answer, stopped), reusable: answer.spent !== true })),
    });
    worker.postMessage({
      code,
      inputs: JSON.stringify(inputs),
      timeoutMs,
      memoryBytes: memoryMb * 1024 * 1024,
      outputChars,
    });
  });
}

function resultOf(
  { status, value = 'null', message = '', limit = 'time', printed }: WorkerResult,
  stopped: (limit: 'time' | 'memory' | 'output', printed: string) => SandboxResult,
): SandboxResult {
  if (status === 'stopped') return stopped(limit, printed);
  if (status === 'threw') return { status, message, printed };
  const result: Json = JSON.parse(value);
  if (isDeeperThan(deepest, result)) {
    return { status: 'threw', message: `The result is nested more than ${deepest} levels deep.`, printed };
  }
  return { status: 'returned', value: withoutPrototypes(result), printed };
}

/** Levels of a result. Whoever writes, hashes or checks it later goes down level by level, and has one stack. */
const deepest = 200;

function isDeeperThan(most: number, value: Json): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; depth <= most; depth += 1) {
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
    if (level.length === 0) return false;
  }
  return true;
}

/** A key that would set the prototype of whatever the value is copied into. */
function withoutPrototypes(value: Json): Json {
  return JSON.parse(JSON.stringify(value), (key, inner: unknown) =>
    key === '__proto__' ? undefined : inner,
  );
}
