import './optimize.css';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type {
  BudgetView,
  CandidateDetail,
  CandidateView,
  OptimizationView,
} from '../../../src/server/optimization-views.ts';
import { get, send } from '../api.ts';
import { LineDiff } from '../diff/line-diff.tsx';
import { DeltaChip, DeltaRange } from '../evidence/evidence.tsx';
import { count, counted, dollars, milliseconds, range, score, shortId } from '../evidence/numbers.ts';
import { BestSoFar } from '../figures/best-so-far.tsx';
import { DifferenceWhisker, mostOf } from '../figures/difference-whisker.tsx';
import { LineageTree } from '../figures/lineage-tree.tsx';
import { RowMatrix } from '../figures/row-matrix.tsx';
import { useKeys } from '../keys/keys.ts';
import { Icon } from '../shell/icon.tsx';
import { Failure, Loading } from '../shell/panel-states.tsx';
import { usePage } from '../shell/shell-context.ts';
import { PromptText } from './prompt-text.tsx';
import { RowDrawer } from './row-drawer.tsx';
import { useRunEvents } from './use-run-events.ts';

/** A search, live or finished: what it spent, its best so far, who comes from whom, and the proof at the end. */
export function OptimizePage() {
  const { run: id } = useParams({ from: '/optimize/$run' });
  const search = useSearch({ from: '/optimize/$run' });
  const navigate = useNavigate({ from: '/optimize/$run' });
  const [fault, setFault] = useState<unknown>();
  const queryKey = ['optimization', id];
  const { data, error, refetch } = useQuery({
    queryKey,
    queryFn: ({ signal }) => get<OptimizationView>(`/optimizations/${encodeURIComponent(id)}`, signal),
    // Rows are answered between two events; time goes on as well.
    refetchInterval: ({ state }) => (state.data?.run.status === 'active' ? 2_000 : false),
  });
  const isLive = data?.run.status === 'active';
  const { isLost } = useRunEvents(id, { isOn: isLive, queryKey });
  const candidates = data?.candidates ?? [];
  const chosen =
    candidates.find(({ number }) => number === search.candidate) ??
    candidates.find(({ status }) => status === 'best') ??
    candidates[0];
  const change = (changes: Partial<typeof search>) =>
    void navigate({ search: (was) => ({ ...was, ...changes }), replace: true });
  const select = (candidate: number | undefined) => {
    if (candidate !== undefined) change({ candidate });
  };
  usePage({
    title: `Optimize ${data?.run.name ?? ''} ${shortId(id)}`,
    crumbs: (
      <>
        <Link to="/runs">Runs</Link>
        <span className="mute">/</span>
        <b>{shortId(id)}</b>
      </>
    ),
    keys: ['previousCandidate', 'nextCandidate', 'down', 'up'],
  });
  const step = (by: number) => {
    const at = candidates.findIndex(({ number }) => number === chosen?.number);
    select(candidates[at + by]?.number);
  };
  useKeys({
    down: () => step(1),
    up: () => step(-1),
    previousCandidate: () => select(chosen?.parents[0] ?? (chosen?.number === 0 ? undefined : 0)),
    nextCandidate: () =>
      select(
        candidates.find(
          ({ parents, number }) => number !== chosen?.number && parents.includes(chosen?.number ?? -1),
        )?.number,
      ),
  });
  if (error !== null && data === undefined) return <Failure error={error} retry={refetch} />;
  if (data === undefined) return <Loading />;
  const { run, phase, sentence, verdict, sealed, budget, curve, matrix, notices, rejected, rowsOf } = data;
  const kept = candidates.filter(({ status }) => status === 'kept' || status === 'best').length;
  const stop = async () => {
    try {
      await send(`/runs/${encodeURIComponent(id)}/stop`);
      setFault(undefined);
    } catch (thrown) {
      setFault(thrown);
    }
  };
  return (
    <div className="page-optimize">
      <div className="opt">
        <header className="oh">
          <div className="grow">
            <div className="row gap8">
              <h1>
                Optimize {run.name}
                {run.optimizer === undefined ? '' : ` with ${run.optimizer}`}
              </h1>
              <span className="lv row gap6" role="status">
                {isLive && <i className="live" />}
                {isLost
                  ? 'the stream was lost, reconnecting'
                  : isLive
                    ? `running: ${phase}`
                    : (verdict?.title ?? run.status)}
              </span>
            </div>
            <p className="sm mute">
              {[
                shortId(id),
                run.model,
                rowsOf &&
                  `${count(rowsOf.train)} train, ${count(rowsOf.validation)} validation, ${count(rowsOf.test)} sealed`,
                verdict && `ended: ${verdict.stopped}`,
              ]
                .filter(Boolean)
                .join(' · ')}
            </p>
          </div>
          {run.isOwn && isLive && (
            <button type="button" className="btn" onClick={() => void stop()}>
              <Icon name="stop" /> Stop
            </button>
          )}
          {verdict !== undefined && (
            <a className="btn" href={`/api/optimizations/${encodeURIComponent(id)}/report.html`} download>
              Export HTML
            </a>
          )}
          {!isLive && run.status !== 'completed' && (
            <code title="It goes on where it was, and pays nothing twice">hone resume {id}</code>
          )}
        </header>
        <div className="left">
          <div className="budget">
            {budget.map((of) => (
              <Budget key={of.name} budget={of} />
            ))}
          </div>
          <section className="pan curve" aria-label="Best so far">
            <div className="ph">
              <h2>Best so far on validation</h2>
              <span className="mute trunc">
                {counted(candidates.find(({ status }) => status === 'seed')?.rows ?? 0, 'row')}, 95% band.
                Best of {count(Math.max(1, candidates.length))}, so expect less on new rows.
              </span>
            </div>
            <BestSoFar
              curve={curve}
              candidates={candidates}
              selected={chosen?.number ?? 0}
              isLive={isLive}
              select={select}
            />
          </section>
          <section className="pan lin" aria-label="Lineage">
            <div className="ph">
              <h2>Lineage</h2>
              <span className="mute">
                {count(kept)} kept, {count(candidates.filter(({ status }) => status === 'eliminated').length)}{' '}
                eliminated, {count(rejected.length)} turned down
              </span>
            </div>
            <div className="linscroll">
              <LineageTree candidates={candidates} selected={chosen?.number ?? 0} select={select} />
            </div>
          </section>
          <section className="pan mat" aria-label="Rows that separate them">
            <div className="ph">
              <h2>Rows that separate them</h2>
            </div>
            <RowMatrix
              matrix={matrix}
              selected={chosen?.number ?? 0}
              select={select}
              open={(row) => change({ row, trial: undefined })}
            />
          </section>
        </div>
        <div className="rightc">
          <Sealed sealed={sealed} verdict={verdict} sentence={sentence} />
          <section className="pan clist" aria-label="Candidates">
            <div className="ph">
              <h2>Candidates</h2>
              <span className="mute">{count(candidates.length)}</span>
            </div>
            <ul>
              {candidates.map((candidate) => (
                <li key={candidate.hash}>
                  <button
                    type="button"
                    aria-pressed={candidate.number === chosen?.number}
                    onClick={() => select(candidate.number)}
                  >
                    <span className="num">{candidate.number === 0 ? 'seed' : `c${candidate.number}`}</span>
                    <span className="trunc mute">{candidate.origin}</span>
                    <span className="n">
                      {candidate.mean === undefined ? candidate.status : score(candidate.mean)}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
          {chosen !== undefined && (
            <Inspector
              run={id}
              candidate={chosen}
              tab={search.tab ?? 'change'}
              setTab={(tab) => change({ tab })}
              open={(row) => change({ row, trial: undefined })}
            />
          )}
          {(notices.length > 0 || fault !== undefined) && (
            <section className="pan" aria-label="Notices">
              {fault !== undefined && <Failure error={fault} />}
              {notices.map((notice) => (
                <p key={notice} className="sm mute notice">
                  {notice}
                </p>
              ))}
            </section>
          )}
        </div>
      </div>
      {search.row !== undefined && chosen !== undefined && (
        <RowDrawer
          run={id}
          row={search.row}
          candidate={chosen.hash}
          trial={search.trial ?? 0}
          setTrial={(trial) => change({ trial })}
          close={() => change({ row: undefined, trial: undefined })}
        />
      )}
    </div>
  );
}

function Budget({ budget: { name, used, limit, isKnown } }: { readonly budget: BudgetView }) {
  const text = (value: number) =>
    name === 'calls' ? count(value) : name === 'spend' ? dollars(value) : milliseconds(value);
  const share = limit === undefined || limit === 0 ? undefined : Math.min(1, used / limit);
  return (
    <div className="bd">
      <div className="row">
        <span className="sm mute">{{ calls: 'Calls', spend: 'Spend', time: 'Time' }[name]}</span>
        <b className="num">
          {isKnown ? text(used) : 'price unknown'}
          {limit !== undefined && <span className="mute"> of {text(limit)}</span>}
        </b>
      </div>
      {share === undefined ? (
        <span className="sm mute">no limit was given</span>
      ) : (
        <span className="bb">
          <i style={{ width: `${share * 100}%` }} />
        </span>
      )}
    </div>
  );
}

function Sealed({
  sealed,
  verdict,
  sentence,
}: {
  readonly sealed: OptimizationView['sealed'];
  readonly verdict: OptimizationView['verdict'];
  readonly sentence: string;
}) {
  const { status, rows, evidence, fixed, broken, smallestDifference, note } = sealed;
  if (status === 'sealed' || status === 'opening') {
    return (
      <section className="sealed" aria-label="Sealed test">
        <div className="grow">
          <h2 className="row gap8">
            <Icon name="lock" /> {status === 'sealed' ? 'Sealed test' : 'The sealed test is being opened'}
          </h2>
          <p>Rows that no search has seen. They open once, at the end: the seed against the winner.</p>
          <p className="sm mute">{sentence}</p>
        </div>
      </section>
    );
  }
  return (
    <section className="proof" aria-label="Verdict">
      <p className="say">
        <b className={evidence?.state === 'improved' ? 'st' : evidence?.state === 'regressed' ? 'ru' : ''}>
          {verdict?.title}.
        </b>{' '}
        {sentence}
      </p>
      {evidence !== undefined && (
        <div className="row gap12">
          <DifferenceWhisker evidence={evidence} most={mostOf([evidence])} width={150} height={28} />
          <DeltaChip evidence={evidence} />
          <DeltaRange evidence={evidence} />
          <span className="sm mute n">
            p{' '}
            {evidence.pValue === undefined
              ? '–'
              : evidence.pValue < 0.001
                ? '< 0.001'
                : evidence.pValue.toFixed(3)}
          </span>
        </div>
      )}
      <p className="sm mute">
        {status === 'none'
          ? 'No sealed test was run.'
          : `Opened once, ${counted(rows ?? 0, 'row')}: ${count(fixed)} fixed, ${count(broken)} broken.`}{' '}
        {smallestDifference !== undefined &&
          `It could find a difference of ${(smallestDifference * 100).toFixed(1)} points.`}{' '}
        {note}
      </p>
    </section>
  );
}

interface InspectorProps {
  readonly run: string;
  readonly candidate: CandidateView;
  readonly tab: 'change' | 'rows' | 'prompt';
  setTab(tab: 'change' | 'rows' | 'prompt'): void;
  open(row: string): void;
}

const mostTurned = 60;

/** The selected candidate: what was changed, why, which rows turned, and the whole of it. */
function Inspector({ run, candidate, tab, setTab, open }: InspectorProps) {
  const { hash, number, status, mean, interval, fixed, broken, costUsd, because, becauseRows, origin, rows } =
    candidate;
  const { data, error } = useQuery({
    queryKey: ['candidate', run, hash, rows],
    queryFn: ({ signal }) =>
      get<CandidateDetail>(`/optimizations/${encodeURIComponent(run)}/candidates/${hash}`, signal),
    placeholderData: keepPreviousData,
  });
  const name = number === 0 ? 'Seed' : `Candidate c${number}`;
  return (
    <section className="pan insp" aria-label={name}>
      <div className="ph">
        <h2>{name}</h2>
        {status !== 'seed' && <span className="tag">{status}</span>}
        <span className="grow" />
        <div className="seg" role="group" aria-label="Of the candidate">
          {(['change', 'rows', 'prompt'] as const).map((of) => (
            <button key={of} type="button" aria-pressed={tab === of} onClick={() => setTab(of)}>
              {{ change: 'Change', rows: 'Rows', prompt: 'Prompt' }[of]}
              {of === 'rows' && <span className="k">{count(fixed + broken)}</span>}
            </button>
          ))}
        </div>
      </div>
      <dl className="facts">
        <div>
          <dt>Validation</dt>
          <dd className="n">
            {score(mean)} {interval !== undefined && <span className="mute">{range(interval)}</span>}
          </dd>
        </div>
        <div>
          <dt>Against the seed</dt>
          <dd>
            <span className="st">{count(fixed)} fixed</span>,{' '}
            <span className="ru">{count(broken)} broken</span>
          </dd>
        </div>
        <div>
          <dt>Cost per 1,000</dt>
          <dd className="n">{costUsd === undefined ? 'unknown' : dollars(costUsd * 1_000)}</dd>
        </div>
      </dl>
      {error !== null && <Failure error={error} />}
      {data !== undefined && tab === 'change' && (
        <>
          {number === 0 ? (
            <p className="mute">The seed is where the search began.</p>
          ) : (
            <LineDiff diffs={data.diff} from={data.from === 0 ? 'from the seed' : `from c${data.from}`} />
          )}
          {number !== 0 && (
            <p className="why">
              <b>Why</b>
              <span className="dim">
                {because ?? `${origin} gave no reason in words.`}
                {becauseRows.length > 0 &&
                  ` It answers to ${counted(becauseRows.length, 'row')}: ${becauseRows.slice(0, 6).join(', ')}${becauseRows.length > 6 ? ' …' : '.'}`}
              </span>
            </p>
          )}
        </>
      )}
      {data !== undefined && tab === 'rows' && (
        <ul className="ex">
          {data.turned.length === 0 && <li className="mute">No row turned against the seed.</li>}
          {data.turned.slice(0, mostTurned).map(({ id, kind, input }) => (
            <li key={id}>
              <button type="button" onClick={() => open(id)}>
                <svg className={kind === 'fixed' ? 'gl st' : 'gl ru'} role="img" aria-label={kind}>
                  <title>{kind}</title>
                  <use href={kind === 'fixed' ? '#up' : '#dn'} />
                </svg>
                <span className="mono mute">{id}</span>
                <span className="trunc">{input}</span>
              </button>
            </li>
          ))}
          {data.turned.length > mostTurned && (
            <li className="mute">and {count(data.turned.length - mostTurned)} more</li>
          )}
        </ul>
      )}
      {data !== undefined && tab === 'prompt' && <PromptText parameters={data.parameters} />}
    </section>
  );
}
