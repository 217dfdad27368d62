import { useCallback, useEffect, useRef, useState } from 'react';
import type { BoardEvent, CellView } from '../../../src/server/board-views.ts';
import { Fault, sendForLines } from '../api.ts';
import { requestOf, type Variant } from './playground-board.ts';

export interface CellPlace {
  readonly variant: string;
  readonly row: string;
}

/** What a cell that has no answer yet waits for. */
export type Waiting = 'queued' | 'running' | { readonly held: string };

export interface RunRequest {
  readonly table: unknown;
  readonly variants: readonly Variant[];
  readonly cells: readonly CellPlace[];
  readonly maxCalls: number;
  readonly budgetUsd?: number | 'none' | undefined;
}

/** One run of cells at a time; leaving the page ends it. */
export function useBoardRun(onCell: (place: CellPlace, cell: CellView) => void) {
  const [waiting, setWaiting] = useState<ReadonlyMap<string, Waiting>>(new Map());
  const [isRunning, setRunning] = useState(false);
  const [fault, setFault] = useState<unknown>();
  const [ended, setEnded] = useState<{ readonly calls: number; readonly spentUsd?: number | undefined }>();
  const controller = useRef<AbortController | undefined>(undefined);
  const latest = useRef(onCell);
  latest.current = onCell;
  useEffect(() => () => controller.current?.abort(), []);

  const run = useCallback(async ({ variants, cells, ...request }: RunRequest) => {
    if (controller.current !== undefined || cells.length === 0) return;
    const own = new AbortController();
    controller.current = own;
    setRunning(true);
    setFault(undefined);
    setEnded(undefined);
    setWaiting(new Map(cells.map((cell) => [placeKey(cell), 'queued'])));
    const change = (place: CellPlace, to: Waiting | undefined) =>
      setWaiting((was) => {
        const next = new Map(was);
        if (to === undefined) next.delete(placeKey(place));
        else next.set(placeKey(place), to);
        return next;
      });
    try {
      const used = new Set(cells.map(({ variant }) => variant));
      const body = { ...request, cells, variants: variants.filter(({ id }) => used.has(id)).map(requestOf) };
      await sendForLines<BoardEvent>('/playground/run', body, {
        signal: own.signal,
        onLine(event) {
          if (event.type === 'begun') change(event, 'running');
          else if (event.type === 'held') change(event, { held: event.reason });
          else if (event.type === 'done') {
            change(event, undefined);
            latest.current(event, event.cell);
          } else if (event.type === 'end') setEnded(event);
          else setFault(new Fault({ error: event.fault }));
        },
      });
    } catch (thrown) {
      if (!own.signal.aborted) setFault(thrown);
    }
    // What was not answered is not under way any more; what was held says why.
    setWaiting((was) => new Map([...was].filter(([, state]) => typeof state === 'object')));
    controller.current = undefined;
    setRunning(false);
  }, []);
  const stop = useCallback(() => controller.current?.abort(), []);
  return { run, stop, waiting, isRunning, fault, ended };
}

export function placeKey({ variant, row }: CellPlace): string {
  return `${variant}:${row}`;
}
