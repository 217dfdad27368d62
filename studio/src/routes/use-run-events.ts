import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

/** Asks again at most as often. */
const soonestMs = 250;

/**
 * Follows a run while somebody works on it. The browser reconnects by itself and says which event it saw last, so
 * none is lost and none comes twice.
 *
 * @returns Whether the stream was lost and is being looked for, and how many events came over it.
 */
export function useRunEvents(
  run: string,
  { isOn, queryKey }: { readonly isOn: boolean; readonly queryKey: readonly unknown[] },
): { readonly isLost: boolean; readonly received: number } {
  const queries = useQueryClient();
  const [isLost, setLost] = useState(false);
  const [received, setReceived] = useState(0);
  const key = JSON.stringify(queryKey);
  useEffect(() => {
    if (!isOn) return;
    const source = new EventSource(`/api/runs/${encodeURIComponent(run)}/events`);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void queries.invalidateQueries({ queryKey: JSON.parse(key) as unknown[] });
      }, soonestMs);
    };
    source.addEventListener('open', () => setLost(false));
    source.addEventListener('run-event', () => {
      setReceived((count) => count + 1);
      ask();
    });
    source.addEventListener('run-end', () => {
      source.close();
      ask();
    });
    source.addEventListener('error', () => setLost(source.readyState !== EventSource.OPEN));
    return () => {
      source.close();
      clearTimeout(timer);
    };
  }, [run, isOn, key, queries]);
  return { isLost: isOn && isLost, received };
}
