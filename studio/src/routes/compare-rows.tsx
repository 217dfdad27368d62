import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState } from 'react';
import type { ComparedPair, FlipKind, FlipLine, FlipPage } from '../../../src/server/compare-views.ts';
import { get, queryOf } from '../api.ts';
import { count, points } from '../evidence/numbers.ts';
import { useKeys } from '../keys/keys.ts';
import { Icon } from '../shell/icon.tsx';
import { Failure, Loading } from '../shell/panel-states.tsx';
import type { CompareSearch, flipFilters } from './compare-search.ts';
import { TrialDots } from './trial-dots.tsx';

type Filter = (typeof flipFilters)[number];

const kindsOf: Readonly<Record<Filter, readonly FlipKind[]>> = {
  flips: ['fixed', 'broken'],
  fixed: ['fixed'],
  broken: ['broken'],
  changed: ['better', 'worse'],
  same: ['same'],
  all: ['fixed', 'broken', 'better', 'worse', 'same', 'error', 'unscored'],
};
const labels: Readonly<Record<Filter, string>> = {
  flips: 'Flips',
  fixed: 'Fixed',
  broken: 'Broken',
  changed: 'In part',
  same: 'Same',
  all: 'All',
};
/** Rows of one view; more are reached by a filter. */
const mostRows = 500;
const rowHeight = 60;

/** The rows behind a comparison, those that turned first. */
export function CompareRows({
  search,
  pair,
  letter,
  change,
}: {
  readonly search: CompareSearch;
  readonly pair: ComparedPair;
  readonly letter: string;
  change(changes: Partial<CompareSearch>): void;
}) {
  const { a, b, by, show = 'flips' } = search;
  const scroller = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(0);
  const { data, error, refetch } = useQuery({
    queryKey: ['flips', a, b, by, show],
    queryFn: ({ signal }) =>
      get<FlipPage>(
        `/compare/rows${queryOf({ a, b, by, show: kindsOf[show].join(','), limit: mostRows })}`,
        signal,
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const rows = data?.rows ?? [];
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 6,
  });
  const open = (row: FlipLine | undefined) => {
    if (row !== undefined)
      change({ row: search.side === 'a' ? row.id : (row.otherId ?? row.id), trial: undefined });
  };
  const move = (step: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, current + step));
    setCurrent(next);
    virtual.scrollToIndex(next, { align: 'auto' });
    if (search.row !== undefined) open(rows[next]);
  };
  useKeys({ down: () => move(1), up: () => move(-1), open: () => open(rows[current]) });
  const total = (filter: Filter) => kindsOf[filter].reduce((sum, kind) => sum + pair.counts[kind], 0);
  return (
    <section className="flips" aria-label="Rows">
      <div className="fbar">
        <div className="seg" role="group" aria-label="Rows to show">
          {(Object.keys(labels) as Filter[])
            .filter((filter) => filter === 'flips' || filter === 'all' || total(filter) > 0)
            .map((filter) => (
              <button
                key={filter}
                type="button"
                aria-pressed={show === filter}
                onClick={() => {
                  setCurrent(0);
                  change({ show: filter, row: undefined });
                }}
              >
                {labels[filter]}
                <span className="k">{count(total(filter))}</span>
              </button>
            ))}
        </div>
        {(data?.matched ?? 0) > mostRows && (
          <span className="sm mute">
            the first {count(mostRows)} of {count(data?.matched ?? 0)}
          </span>
        )}
      </div>
      <div className="fh" aria-hidden="true">
        <span />
        <span>Row</span>
        <span>Input, and what was expected</span>
        <span className="row gap6">
          <span className="ab a">A</span>
        </span>
        <span className="row gap6">
          <span className="ab b">{letter}</span>
        </span>
      </div>
      <div className="fl" ref={scroller}>
        {error !== null && <Failure error={error} retry={refetch} />}
        {data === undefined && error === null && <Loading />}
        {data !== undefined && rows.length === 0 && <p className="none">No row turned this way.</p>}
        <ul className="fbody" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <li
                key={row.id}
                aria-setsize={rows.length}
                aria-posinset={index + 1}
                className={`fw${index === current ? ' cur' : ''}`}
                style={{ transform: `translateY(${start}px)` }}
              >
                <button
                  type="button"
                  className="fr"
                  onClick={() => {
                    setCurrent(index);
                    open(row);
                  }}
                >
                  <FlipRow row={row} />
                </button>
              </li>
            );
          })}
        </ul>
      </div>
    </section>
  );
}

function FlipRow({ row }: { readonly row: FlipLine }) {
  const { id, kind, input, expected, baseline, challenger, delta } = row;
  return (
    <>
      <span>
        {kind === 'fixed' || kind === 'broken' ? (
          <span className={kind === 'fixed' ? 'd up' : 'd dn'}>
            <svg aria-hidden="true">
              <use href={kind === 'fixed' ? '#up' : '#dn'} />
            </svg>
            {kind}
          </span>
        ) : (
          <span className="sm mute">{delta === undefined || delta === 0 ? kind : points(delta)}</span>
        )}
      </span>
      <span className="id mono trunc">{id}</span>
      <span className="tx">
        <span className="t1">{input}</span>
        <span className="t2">expected {expected || 'nothing'}</span>
      </span>
      <Side side={baseline} />
      <Side side={challenger} />
    </>
  );
}

function Side({ side: { output, trials } }: { readonly side: FlipLine['baseline'] }) {
  const isRight = trials.length > 0 && trials.every((value) => value === 1);
  return (
    <span className="oc">
      <span className={`mono ${isRight ? 'ok' : 'no'}`}>
        <Icon name={isRight ? 'check' : 'x'} small />
        <span className="trunc">{output || 'no answer'}</span>
      </span>
      {trials.length > 1 && <TrialDots trials={trials} />}
    </span>
  );
}
