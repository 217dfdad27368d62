import './runs.css';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import type { RunLine, RunList } from '../../../src/server/views.ts';
import { get } from '../api.ts';
import { Axis, scaleOf } from '../evidence/evidence.tsx';
import { count, counted, dayOf, shortId } from '../evidence/numbers.ts';
import { useKeys } from '../keys/keys.ts';
import { Icon } from '../shell/icon.tsx';
import { Failure, Loading } from '../shell/panel-states.tsx';
import { usePage } from '../shell/shell-context.ts';
import { EmptyRuns } from './empty-runs.tsx';
import { pinBaseline, pinnedBaseline } from './pinned-baseline.ts';
import { RunRow } from './run-row.tsx';
import { ScoreHistory } from './score-history.tsx';

/** Everything that ran, by task. */
export function RunsPage() {
  const { kind, q, sel } = useSearch({ from: '/runs' });
  const navigate = useNavigate({ from: '/runs' });
  const filter = useRef<HTMLInputElement>(null);
  const [current, setCurrent] = useState(0);
  const [pins, setPins] = useState(0);
  const { data, error, refetch } = useQuery({
    queryKey: ['runs'],
    queryFn: ({ signal }) => get<RunList>('/runs', signal),
  });
  const all = data?.runs ?? [];
  const shown = useMemo(() => filtered(all, { kind, q }), [all, kind, q]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new pin is a new baseline
  const groups = useMemo(() => groupsOf(shown, all), [shown, all, pins]);
  const order = groups.flatMap(({ runs }) => runs);
  const focused = order[Math.min(current, order.length - 1)];
  const selected = (sel?.split(',') ?? []).filter((id) => all.some((run) => run.id === id));
  const toggle = (run: RunLine) => {
    if (run.kind !== 'evaluation' || run.status !== 'completed') return;
    const next = selected.includes(run.id)
      ? selected.filter((id) => id !== run.id)
      : [...selected, run.id].slice(-8);
    void navigate({ search: (was) => ({ ...was, sel: next.join(',') || undefined }), replace: true });
  };
  const open = (run: RunLine | undefined) => {
    if (run === undefined) return;
    void navigate({
      to: run.kind === 'optimization' ? '/optimize/$run' : '/runs/$run',
      params: { run: run.id },
    });
  };
  const compare = () => {
    const [a, ...others] = selected;
    if (others.length > 0) void navigate({ to: '/compare', search: { a, b: others.join(',') } });
  };
  usePage({ title: 'Runs', crumbs: <b>Runs</b>, keys: ['down', 'up', 'open', 'select', 'compare', 'pin'] });
  useKeys({
    down: () => setCurrent(Math.min(order.length - 1, current + 1)),
    up: () => setCurrent(Math.max(0, current - 1)),
    open: () => open(focused),
    select: () => focused && toggle(focused),
    pin: () => {
      if (focused?.kind !== 'evaluation') return;
      pinBaseline(focused.name, focused.id);
      setPins(pins + 1);
    },
    compare,
    filter: () => filter.current?.focus(),
    close: () => void navigate({ search: (was) => ({ ...was, sel: undefined }), replace: true }),
  });
  if (error !== null && data === undefined) return <Failure error={error} retry={refetch} />;
  if (data === undefined) return <Loading />;
  const kinds = [
    { value: undefined, label: 'All', of: all.length },
    { value: 'evaluation', label: 'Evaluations', of: all.filter((run) => run.kind === 'evaluation').length },
    {
      value: 'optimization',
      label: 'Optimizations',
      of: all.filter((run) => run.kind === 'optimization').length,
    },
  ] as const;
  return (
    <div className="page-runs">
      <div className="runs">
        <div className="head">
          <h1>Runs</h1>
          <div className="seg">
            {kinds.map(({ value, label, of }) => (
              <button
                key={label}
                type="button"
                aria-pressed={kind === value}
                onClick={() => void navigate({ search: (was) => ({ ...was, kind: value }), replace: true })}
              >
                {label}
                <span className="k">{of}</span>
              </button>
            ))}
          </div>
          <label className="field grow hide-m">
            <Icon name="filter" small />
            <span className="sr">Filter</span>
            <input
              ref={filter}
              value={q ?? ''}
              placeholder="Filter by name, model, dataset, commit"
              onChange={(event) => {
                const text = event.target.value;
                void navigate({ search: (was) => ({ ...was, q: text || undefined }), replace: true });
              }}
            />
            <kbd>/</kbd>
          </label>
          <Link className="btn hide-m" to="/new">
            New evaluation
          </Link>
          <Link className="btn p" to="/new" search={{ kind: 'optimization' }}>
            <Icon name="grow" /> Optimize
          </Link>
        </div>
        <div className="tbl">
          <div className="h" aria-hidden="true">
            <span />
            <span>Run</span>
            <span className="hide-m">Commit</span>
            <span className="rt hide-m">Rows</span>
            <span className="hl">
              Score, 95% interval
              <i className="lg row gap6">
                <svg width="20" height="8" aria-hidden="true">
                  <path d="M0 4h20" className="s-ink3" strokeDasharray="2 3" />
                </svg>
                baseline
              </i>
            </span>
            <span>Against baseline, points</span>
            <span className="rt hide-m">Lost</span>
            <span className="rt hide-m">Latency</span>
            <span className="rt hide-m">Cost</span>
            <span className="rt hide-m">Started</span>
          </div>
          <div className="scroll">
            {all.length === 0 && <EmptyRuns />}
            {all.length > 0 && order.length === 0 && (
              <p className="none">
                No run has these words.{' '}
                <button
                  type="button"
                  className="btn q"
                  onClick={() => void navigate({ search: {}, replace: true })}
                >
                  Show all
                </button>
              </p>
            )}
            {groups.map(({ name, runs, baseline, scale, scorer, history }) => (
              <section key={name} aria-label={name}>
                <div className="g">
                  <span />
                  <h2 className="gn">
                    <Icon name="chev" small />
                    <b className="trunc">{name}</b>
                    <span className="gs">{scorer}</span>
                  </h2>
                  <Axis scale={scale} />
                  <span className="gh">
                    <ScoreHistory runs={history} baseline={baseline?.id} />
                    <span className="sm mute nowrap">
                      {counted(history.length, 'run')} since {dayOf(history[0]?.createdAt ?? 0)}
                    </span>
                  </span>
                </div>
                <ul aria-label={`Runs of ${name}`}>
                  {runs.map((run) => (
                    <RunRow
                      key={run.id}
                      run={run}
                      scale={scale}
                      baseline={baseline}
                      place={selected.indexOf(run.id)}
                      isCurrent={run === focused}
                      toggle={() => toggle(run)}
                      focus={() => setCurrent(order.indexOf(run))}
                    />
                  ))}
                </ul>
              </section>
            ))}
            {data.isCut && (
              <p className="none">Older runs are not listed; `hone experiments --limit` shows them.</p>
            )}
          </div>
        </div>
        {selected.length > 0 && (
          <div className="selbar">
            <b className="num">{count(selected.length)} selected</b>
            {selected.map((id, place) => (
              <span key={id} className="row gap6 hide-m">
                <span className={`ab ${place === 0 ? 'a' : 'b'}`}>{'ABCDEFGH'[place]}</span>
                <span>{shortId(id)}</span>
              </span>
            ))}
            <span className="grow" />
            <button
              type="button"
              className="btn q"
              onClick={() => void navigate({ search: (was) => ({ ...was, sel: undefined }), replace: true })}
            >
              Clear <kbd>esc</kbd>
            </button>
            <button type="button" className="btn p" disabled={selected.length < 2} onClick={compare}>
              Compare <kbd>c</kbd>
            </button>
          </div>
        )}
      </div>
    </div>
  );
}

interface Group {
  readonly name: string;
  readonly runs: readonly RunLine[];
  readonly baseline: RunLine | undefined;
  readonly scale: ReturnType<typeof scaleOf>;
  readonly scorer: string;
  /** Finished evaluations, the first one first. */
  readonly history: readonly RunLine[];
}

function filtered(
  runs: readonly RunLine[],
  { kind, q = '' }: { readonly kind?: RunLine['kind'] | undefined; readonly q?: string | undefined },
): readonly RunLine[] {
  const words = q.toLowerCase().split(/\s+/u).filter(Boolean);
  return runs.filter((run) => {
    const { id, name, model, dataset, commit, branch, status, optimizer, scorer } = run;
    const text = [id, name, model, dataset, commit, branch, status, optimizer, scorer, ...run.channels]
      .join(' ')
      .toLowerCase();
    return (kind === undefined || run.kind === kind) && words.every((word) => text.includes(word));
  });
}

/** Runs by task; the baseline is the pinned one, else the first that stands in production, else the oldest. */
function groupsOf(shown: readonly RunLine[], all: readonly RunLine[]): readonly Group[] {
  const names = [...new Set(shown.map(({ name }) => name))];
  return names.map((name) => {
    const history = all
      .filter((run) => run.name === name && run.kind === 'evaluation' && run.score !== undefined)
      .sort((a, b) => a.createdAt - b.createdAt);
    const pinned = pinnedBaseline(name);
    const baseline =
      history.find(({ id }) => id === pinned) ??
      history.find(({ channels }) => channels.some((channel) => channel.endsWith('@production'))) ??
      history[0];
    const bounds = history.flatMap(({ interval = [0, 1] }) => [...interval]);
    const runs = shown.filter((run) => run.name === name);
    const scores = runs.flatMap(({ score: of }) => (of === undefined ? [] : [of]));
    return {
      name,
      runs,
      baseline,
      scale: scaleOf([...bounds, ...scores, ...(bounds.length + scores.length === 0 ? [0, 1] : [])]),
      scorer: baseline?.scorer ?? '',
      history: history.length > 0 ? history : runs,
    };
  });
}
