import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { Evidence, RunLine } from '../../../src/server/views.ts';
import { get, queryOf } from '../api.ts';
import { DeltaChip, DeltaRange, type Scale, Whisker } from '../evidence/evidence.tsx';
import { ago, count, counted, dollars, milliseconds, momentOf, score, shortId } from '../evidence/numbers.ts';
import { Icon } from '../shell/icon.tsx';

const letters = 'ABCDEFGH';

interface RunRowProps {
  readonly run: RunLine;
  readonly scale: Scale;
  readonly baseline: RunLine | undefined;
  /** Where it stands in the selection; −1 outside. */
  readonly place: number;
  readonly isCurrent: boolean;
  toggle(): void;
  focus(): void;
}

/** One run: what it was, its score on the axis of its task, and its difference to the baseline. */
export function RunRow({ run, scale, baseline, place, isCurrent, toggle, focus }: RunRowProps) {
  const element = useRef<HTMLLIElement>(null);
  const isBaseline = run.id === baseline?.id;
  const isDone = run.kind === 'evaluation' && run.status === 'completed';
  const { data: compared } = useQuery({
    queryKey: ['evidence', baseline?.id, run.id],
    queryFn: ({ signal }) =>
      get<Evidence>(`/compare/evidence${queryOf({ a: baseline?.id, b: run.id })}`, signal),
    enabled: isDone && baseline !== undefined && !isBaseline,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const evidence = run.kind === 'optimization' ? run.evidence : compared;
  useEffect(() => {
    if (isCurrent) element.current?.scrollIntoView({ block: 'nearest' });
  }, [isCurrent]);
  return (
    <li ref={element} className={`r${place >= 0 ? ' sel' : ''}${isCurrent ? ' cur' : ''}`}>
      <span className="cb">
        {isDone && (
          <button
            type="button"
            className="pick"
            aria-pressed={place >= 0}
            aria-label={`Select ${run.name} ${shortId(run.id)} to compare`}
            onClick={toggle}
          >
            <i className={place < 0 ? 'box' : `box on ${place === 0 ? 'a' : 'b'}`}>{letters[place] ?? ''}</i>
          </button>
        )}
      </span>
      <Link
        className="nm"
        to={run.kind === 'optimization' ? '/optimize/$run' : '/runs/$run'}
        params={{ run: run.id }}
        onFocus={focus}
        title={run.id}
      >
        <span className="l1">
          <span className="num mute id">{shortId(run.id)}</span>
          <b className="trunc">{titleOf(run)}</b>
          {run.status === 'active' && <i className="live" title="running" />}
          {run.channels.map((channel) => (
            <span key={channel} className={channel.endsWith('@production') ? 'tag solid' : 'tag'}>
              {channel.split('@')[1]}
            </span>
          ))}
          {run.status !== 'completed' && run.status !== 'active' && <span className="tag">{run.status}</span>}
        </span>
        <span className="l2 trunc">{[run.dataset, run.model].filter(Boolean).join(' · ') || ' '}</span>
      </Link>
      <span className="hide-m cm">
        <span className="mono l1b trunc">{run.branch ?? ''}</span>
        <span className="l2 mono">
          {run.commit?.slice(0, 7)}
          {run.isDirty ? '*' : ''}
        </span>
      </span>
      <span className="n rt hide-m">
        <span className="l1b">{run.rows === undefined ? count(run.answers ?? 0) : count(run.rows)}</span>
        <span className="l2">{run.trials === undefined ? '' : counted(run.trials, 'trial')}</span>
      </span>
      <span className="fc">
        {run.score === undefined || run.interval === undefined ? (
          <span className="nofig sm mute">
            {run.verdict ?? (run.status === 'active' ? 'running' : 'no score')}
          </span>
        ) : (
          <Whisker
            mean={run.score}
            interval={run.interval}
            scale={scale}
            baseline={baseline?.score}
            state={isBaseline ? 'baseline' : evidence?.state}
          />
        )}
        <b className="n">{run.score === undefined ? '' : score(run.score)}</b>
      </span>
      <span className="dl">
        {isBaseline && (
          <span className="bl">
            <Icon name="pin" small /> Baseline
          </span>
        )}
        {!isBaseline && evidence !== undefined && (
          <>
            <DeltaChip evidence={evidence} />
            <DeltaRange evidence={evidence} />
          </>
        )}
      </span>
      <span className="rt n hide-m">
        {run.errors > 0 ? (
          <span className="tag err">{count(run.errors)}</span>
        ) : (
          <span className="mute">0</span>
        )}
      </span>
      <span className="rt n hide-m">
        <span className="l1b">{milliseconds(run.latencyP50Ms)}</span>
        <span className="l2">
          {run.latencyP95Ms === undefined ? '' : `p95 ${milliseconds(run.latencyP95Ms)}`}
        </span>
      </span>
      <span className="rt n hide-m">
        <span className="l1b">{run.costUsd === undefined ? '–' : dollars(run.costUsd)}</span>
        <span className="l2">{run.savedUsd ? `saved ${dollars(run.savedUsd)}` : ''}</span>
      </span>
      <span className="rt n hide-m" title={momentOf(run.createdAt)}>
        <span className="l1b">{run.status === 'active' ? 'running' : ago(run.createdAt)}</span>
        <span className="l2">{run.elapsedMs > 0 ? milliseconds(run.elapsedMs) : ''}</span>
      </span>
    </li>
  );
}

function titleOf({ kind, optimizer, name, candidate }: RunLine): string {
  if (kind === 'optimization') return optimizer === undefined ? 'Optimize' : `Optimize with ${optimizer}`;
  return candidate === undefined ? name : `Prompt ${candidate.slice(0, 7)}`;
}
