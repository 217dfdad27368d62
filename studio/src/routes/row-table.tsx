import { keepPreviousData, useQueries } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import type { RowLine, RowPage } from '../../../src/server/views.ts';
import { get, queryOf } from '../api.ts';
import { count, dollars, milliseconds, score } from '../evidence/numbers.ts';
import { useKeys } from '../keys/keys.ts';
import { Icon } from '../shell/icon.tsx';
import { Failure, Loading } from '../shell/panel-states.tsx';
import type { ExperimentSearch } from './experiment-search.ts';
import { statusLabels } from './status-labels.ts';
import { TrialDots } from './trial-dots.tsx';

const pageRows = 200;
const rowHeight = 42;

interface RowTableProps {
  readonly run: string;
  /** Changes when more rows have come. */
  readonly revision: number;
  readonly search: ExperimentSearch;
  open(row: string): void;
}

/** Rows of a run: pages of 200 from the server, and only those in sight on the page. */
export function RowTable({ run, revision, search, open }: RowTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [pages, setPages] = useState<readonly number[]>([0]);
  const [current, setCurrent] = useState(0);
  const { q, status, slice, sort } = search;
  const filter = queryOf({ q, status, slice, sort });
  // A new question starts at its beginning.
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the question changes
  useEffect(() => {
    setCurrent(0);
    scroller.current?.scrollTo({ top: 0 });
  }, [filter]);
  const found = useQueries({
    queries: pages.map((page) => ({
      queryKey: ['rows', run, filter, revision, page],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        get<RowPage>(
          `/experiments/${encodeURIComponent(run)}/rows${queryOf({ q, status, slice, sort, from: page * pageRows, limit: pageRows })}`,
          signal,
        ),
      placeholderData: keepPreviousData,
    })),
  });
  const first = found.find(({ data }) => data !== undefined);
  const matched = first?.data?.matched ?? 0;
  const rowAt = (index: number): RowLine | undefined => {
    const page = found[pages.indexOf(Math.floor(index / pageRows))];
    return page?.data?.from === Math.floor(index / pageRows) * pageRows
      ? page.data.rows[index % pageRows]
      : undefined;
  };
  const virtual = useVirtualizer({
    count: matched,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  const inSight = virtual.getVirtualItems();
  const [low, high] = [inSight[0]?.index ?? 0, inSight.at(-1)?.index ?? 0];
  const wanted = `${Math.floor(low / pageRows)},${Math.floor(high / pageRows)}`;
  useEffect(() => {
    const [from = 0, to = 0] = wanted.split(',').map(Number);
    setPages(Array.from({ length: to - from + 1 }, (_, index) => from + index));
  }, [wanted]);
  const move = (step: number) => {
    const next = Math.max(0, Math.min(matched - 1, current + step));
    setCurrent(next);
    virtual.scrollToIndex(next, { align: 'auto' });
    const row = rowAt(next);
    if (search.row !== undefined && row !== undefined) open(row.id);
  };
  useKeys({
    down: () => move(1),
    up: () => move(-1),
    open: () => {
      const row = rowAt(current);
      if (row !== undefined) open(row.id);
    },
  });
  const failed = found.find(({ error }) => error !== null);
  if (failed !== undefined && first === undefined)
    return <Failure error={failed.error} retry={failed.refetch} />;
  if (first === undefined) return <Loading />;
  if (matched === 0) {
    return (
      <p className="none">
        {first.data?.total === 0 ? 'No row was answered yet.' : 'No row passes the filter.'}
      </p>
    );
  }
  return (
    <div className="rt-wrap">
      <div className="rhead" aria-hidden="true">
        <span>{count(matched)} rows</span>
        <span>Input</span>
        <span>Answer</span>
        <span>Expected</span>
        <span className="rt">Score</span>
        <span className="rt">Latency</span>
        <span className="rt">Cost</span>
      </div>
      <div className="rscroll" ref={scroller}>
        <ul
          className="rbody"
          style={{ height: virtual.getTotalSize() }}
          aria-label={`${count(matched)} rows`}
        >
          {inSight.map(({ index, start }) => {
            const row = rowAt(index);
            return (
              <li
                key={index}
                aria-setsize={matched}
                aria-posinset={index + 1}
                className={`rr${row !== undefined && row.id === search.row ? ' open' : ''}${index === current ? ' cur' : ''}`}
                style={{ transform: `translateY(${start}px)` }}
              >
                {row === undefined ? (
                  <span className="pending" />
                ) : (
                  <button
                    type="button"
                    onClick={() => {
                      setCurrent(index);
                      open(row.id);
                    }}
                  >
                    <Row row={row} />
                  </button>
                )}
              </li>
            );
          })}
        </ul>
      </div>
    </div>
  );
}

function Row({ row }: { readonly row: RowLine }) {
  const { id, status, input, output, expected, scores, trials, latencyMs, costUsd, isCached } = row;
  const isRight = status === 'right';
  return (
    <>
      <span className="rst">
        <span className="rst1">
          {status === 'lost' || status === 'failed' ? (
            <span className="tag err">{statusLabels[status]}</span>
          ) : (
            <>
              <Icon name={isRight ? 'check' : status === 'wrong' ? 'x' : 'more'} small />
              {statusLabels[status]}
            </>
          )}
        </span>
        <span className="rid mono trunc">{id}</span>
      </span>
      <span className="t2l">{input}</span>
      <span className={`mono t2l${isRight ? '' : ' no'}`}>{output || '–'}</span>
      <span className="mono t2l ex">{expected || '–'}</span>
      <span className="rt n">
        <span className="l1b">{score(scores[0])}</span>
        {trials.length > 1 && <TrialDots trials={trials} />}
      </span>
      <span className="rt n">
        <span className="l1b">{milliseconds(latencyMs)}</span>
        <span className="l2">{isCached ? 'stored' : ''}</span>
      </span>
      <span className="rt n">{costUsd === undefined ? '–' : dollars(costUsd)}</span>
    </>
  );
}
