import { createLogUpdate } from 'log-update';
import { HoneError } from '../base/errors.ts';
import type { Progress } from '../evaluation/evaluate.ts';
import { calledAs } from './called-as.ts';
import { type CommandIo, writeLine } from './command-io.ts';
import { exitCodes } from './exit-codes.ts';
import {
  type ProgressView,
  renderProgressBlock,
  renderProgressLine,
  stoppingText,
} from './render/progress-block.ts';
import type { Style } from './render/style.ts';

/** What is watched of a run. */
export interface WatchedRun<Result> {
  /** Known once the run has begun. */
  readonly id: string | Promise<string>;
  progress(): Progress;
  result(): Promise<Result>;
  cancel(): void;
}

export interface WatchOptions {
  readonly io: CommandIo;
  readonly style: Style;
  /** No progress at all. */
  readonly quiet: boolean;
  readonly limitUsd?: number | undefined;
  /** News in the order of their happening; they stay in the output. */
  readonly news?: AsyncIterable<string> | undefined;
  /** How long a stop waits for what is in flight, in milliseconds. @default 8000 */
  readonly graceMs?: number | undefined;
}

export type WatchedEnd<Result> =
  | { readonly status: 'finished'; readonly result: Result }
  /** Stopped by Ctrl-C; what was answered is kept. */
  | { readonly status: 'interrupted' };

/**
 * How long the first Ctrl-C or SIGTERM waits for what is in flight, in milliseconds: a call that never ends
 * must not hold a stop.
 */
const graceMs = 8_000;
const redrawMs = 120;
const lineMs = 10_000;

/**
 * Shows a run until it ends: one live block on a terminal, else a line now and then. The first Ctrl-C lets
 * the run finish what is in flight, for some seconds; the second ends the process. Either prints the command
 * that goes on.
 */
export async function watchRun<Result>(
  run: WatchedRun<Result>,
  options: WatchOptions,
): Promise<WatchedEnd<Result>> {
  const { io } = options;
  let interrupts = 0;
  const display = openDisplay(options);
  const view = (): ProgressView => ({
    progress: run.progress(),
    limitUsd: options.limitUsd,
    isStopping: interrupts > 0,
  });
  let deadline: NodeJS.Timeout | undefined;
  let id = '';
  void Promise.resolve(run.id).then(
    (known) => {
      id = known;
    },
    () => undefined,
  );
  const sayStopped = () =>
    writeLine(
      io.stderr,
      calledAs(`stopped; what was answered is kept. Go on with: hone resume ${id}`, io.variables).trimEnd(),
    );
  const leave = () => {
    display.close();
    sayStopped();
    io.exit(exitCodes.interrupted);
  };
  const stopListening = io.onInterrupt(() => {
    interrupts += 1;
    if (interrupts > 1) return leave();
    run.cancel();
    display.stop(view());
    deadline = setTimeout(leave, options.graceMs ?? graceMs);
  });
  const timer = setInterval(() => display.show(view()), display.intervalMs);
  const told = tell(options.news, display);
  try {
    const result = await run.result();
    await told;
    return { status: 'finished', result };
  } catch (thrown) {
    const isStopped = HoneError.isInstance(thrown) && thrown.code === 'HONE_ABORTED';
    if (interrupts === 0 || !isStopped) throw thrown;
    display.close();
    sayStopped();
    return { status: 'interrupted' };
  } finally {
    clearInterval(timer);
    clearTimeout(deadline);
    stopListening();
    display.close();
  }
}

interface Display {
  readonly intervalMs: number;
  show(view: ProgressView): void;
  /** A line that stays. */
  say(line: string): void;
  /** Tells that the first Ctrl-C has been heard. */
  stop(view: ProgressView): void;
  close(): void;
}

function openDisplay({ io, style, quiet }: WatchOptions): Display {
  const { stderr } = io;
  if (quiet) return silentDisplay;
  if (stderr.isTTY !== true) {
    let last = '';
    return {
      intervalMs: lineMs,
      show(view) {
        const line = renderProgressLine(view);
        if (line !== last) writeLine(stderr, line);
        last = line;
      },
      say: (line) => writeLine(stderr, line),
      stop: () => writeLine(stderr, stoppingText),
      close: () => undefined,
    };
  }
  const block = createLogUpdate(stderr);
  const show = (view: ProgressView) => block(renderProgressBlock(view, style));
  return {
    intervalMs: redrawMs,
    show,
    say: (line) => block.persist(style.dim(line)),
    stop: show,
    close() {
      block.clear();
      block.done();
    },
  };
}

const nothing = () => undefined;
const silentDisplay: Display = {
  intervalMs: lineMs,
  show: nothing,
  say: nothing,
  stop: nothing,
  close: nothing,
};

/** Follows the news to their end; a run that fails is reported by its result, not here. */
async function tell(news: AsyncIterable<string> | undefined, display: Display): Promise<void> {
  if (news === undefined) return;
  try {
    for await (const line of news) display.say(line);
  } catch {
    // The iteration ends with the failure of the run, which `result()` throws.
  }
}
