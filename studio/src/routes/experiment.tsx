import './experiment.css';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { type ExperimentView, type RowStatus, rowStatuses } from '../../../src/server/views.ts';
import { get } from '../api.ts';
import { scaleOf, Whisker } from '../evidence/evidence.tsx';
import {
  count,
  counted,
  dollars,
  milliseconds,
  momentOf,
  range,
  score,
  shortId,
} from '../evidence/numbers.ts';
import { useKeys } from '../keys/keys.ts';
import { Icon } from '../shell/icon.tsx';
import { Failure, Loading } from '../shell/panel-states.tsx';
import { usePage } from '../shell/shell-context.ts';
import { rowOrders } from './experiment-search.ts';
import { PromptText } from './prompt-text.tsx';
import { PublishDialog } from './publish-dialog.tsx';
import { RowDrawer } from './row-drawer.tsx';
import { RowTable } from './row-table.tsx';
import { statusLabels } from './status-labels.ts';

const orderLabels: Readonly<Record<(typeof rowOrders)[number], string>> = {
  failures: 'Failures first',
  stored: 'As stored',
  score: 'Lowest score',
  latency: 'Slowest',
  cost: 'Dearest',
};

/** One evaluation: what it says, by whom, and the rows behind it, failures first. */
export function ExperimentPage() {
  const { run: id } = useParams({ from: '/runs/$run' });
  const search = useSearch({ from: '/runs/$run' });
  const navigate = useNavigate({ from: '/runs/$run' });
  const filter = useRef<HTMLInputElement>(null);
  const [isPublishing, setPublishing] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: ['experiment', id],
    queryFn: ({ signal }) => get<ExperimentView>(`/experiments/${encodeURIComponent(id)}`, signal),
    refetchInterval: ({ state }) => (state.data?.run.status === 'active' ? 1_000 : false),
  });
  usePage({
    title: `${data?.run.name ?? 'Run'} ${shortId(id)}`,
    crumbs: (
      <>
        <Link to="/runs">Runs</Link>
        <span className="mute">/</span>
        <b>{shortId(id)}</b>
      </>
    ),
    keys: ['down', 'up', 'open', 'filter'],
  });
  useKeys({ filter: () => filter.current?.focus() });
  if (error !== null && data === undefined) return <Failure error={error} retry={refetch} />;
  if (data === undefined) return <Loading />;
  const { run, scores, fields, counts, total, sentence, parameters, notes } = data;
  const tab = search.tab ?? 'rows';
  const change = (changes: Partial<typeof search>) =>
    void navigate({ search: (was) => ({ ...was, ...changes }), replace: true });
  const statuses = search.status?.split(',') ?? [];
  const bounds = [
    ...scores.flatMap(({ interval }) => [...interval]),
    ...fields.flatMap(({ slices }) => slices.flatMap(({ interval = [0, 1] }) => [...interval])),
  ];
  const scale = scaleOf(bounds.length === 0 ? [0, 1] : bounds);
  const [first] = scores;
  return (
    <div className="page-experiment">
      <header className="eh">
        <div className="grow">
          <h1>
            {run.name} <span className="mute num">{shortId(run.id)}</span>{' '}
            {run.status === 'active' && <i className="live" title="running" />}
            {run.channels.map((channel) => (
              <span key={channel} className={channel.endsWith('@production') ? 'tag solid' : 'tag'}>
                {channel}
              </span>
            ))}
          </h1>
          <p className="sm mute">
            {[
              run.dataset && `${run.dataset}@${run.datasetVersion?.slice(0, 7)}`,
              run.model,
              run.trials && counted(run.trials, 'trial'),
              run.commit && `commit ${run.commit.slice(0, 7)}${run.isDirty ? ' with changes' : ''}`,
              momentOf(run.createdAt),
            ]
              .filter(Boolean)
              .join(' · ')}
          </p>
        </div>
        <button
          type="button"
          className="btn"
          onClick={() => void navigator.clipboard.writeText(`**${run.name}** (${run.id}): ${sentence}`)}
        >
          <Icon name="copy" /> Copy as Markdown
        </button>
        {run.status === 'completed' && (
          <button type="button" className="btn" onClick={() => setPublishing(true)}>
            Save as version
          </button>
        )}
        <a className="btn" href={`/api/experiments/${encodeURIComponent(id)}/rows.csv`} download>
          Rows as CSV
        </a>
      </header>
      <div className="etop">
        <section className="vt" aria-label="Verdict">
          <p className="say">{sentence}</p>
          {notes.map((note) => (
            <p key={note} className="sm mute">
              {note}
            </p>
          ))}
          <dl className="figs">
            <div>
              <dt>Cost</dt>
              <dd>{dollars(run.costUsd)}</dd>
            </div>
            <div>
              <dt>Latency</dt>
              <dd>
                {milliseconds(run.latencyP50Ms)}{' '}
                <span className="mute">p95 {milliseconds(run.latencyP95Ms)}</span>
              </dd>
            </div>
            <div>
              <dt>Took</dt>
              <dd>{milliseconds(run.elapsedMs || undefined)}</dd>
            </div>
          </dl>
        </section>
        <section className="sc" aria-label="Scores">
          <table>
            <thead>
              <tr>
                <th scope="col">Score</th>
                <th scope="col" className="rt">
                  Mean
                </th>
                <th scope="col">95% interval</th>
                <th scope="col" className="hide-m">
                  <span className="sr">As a figure</span>
                </th>
                <th scope="col" className="rt">
                  n
                </th>
                <th scope="col" className="rt">
                  Unusable
                </th>
                <th scope="col" className="rt">
                  Lost
                </th>
              </tr>
            </thead>
            <tbody>
              {scores.map((of) => (
                <tr key={of.name} title={of.note}>
                  <th scope="row">
                    <b>{of.name}</b> <span className="mute">{of.passFail ? 'pass or fail' : 'graded'}</span>
                  </th>
                  <td className="rt n b">{score(of.mean)}</td>
                  <td className="n mute">{range(of.interval)}</td>
                  <td className="hide-m">
                    {of.mean !== undefined && (
                      <Whisker mean={of.mean} interval={of.interval} scale={scale} width={156} height={34} />
                    )}
                  </td>
                  <td className="rt n">{count(of.rows)}</td>
                  <td className="rt n">
                    {of.failed > 0 ? count(of.failed) : <span className="mute">0</span>}
                  </td>
                  <td className="rt n">
                    {of.lost > 0 ? (
                      <span className="tag err">{count(of.lost)}</span>
                    ) : (
                      <span className="mute">0</span>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {first?.note !== undefined && <p className="sm mute note">{first.note}</p>}
        </section>
      </div>
      <div className="elow">
        <aside className="by" aria-label="By field">
          <h2>Where it fails</h2>
          {fields.length === 0 && (
            <p className="sm mute">No field of these rows has few enough values to divide by.</p>
          )}
          {fields.map(({ field, slices }) => (
            <div key={field}>
              <h3>{field}</h3>
              <ul>
                {slices.map(({ value, rows, mean, interval }) => {
                  const slice = `${field}:${value}`;
                  const isOn = search.slice === slice;
                  return (
                    <li key={value}>
                      <button
                        type="button"
                        aria-pressed={isOn}
                        onClick={() => change({ slice: isOn ? undefined : slice, row: undefined })}
                      >
                        <span className="trunc" title={value}>
                          {value === '' ? 'empty' : value}
                        </span>
                        <span className="n mute">{count(rows)}</span>
                        {mean === undefined || interval === undefined ? (
                          <span />
                        ) : (
                          <Whisker
                            mean={mean}
                            interval={interval}
                            scale={scale}
                            width={74}
                            height={24}
                            hasTicks={false}
                          />
                        )}
                        <span className="n">{score(mean)}</span>
                      </button>
                    </li>
                  );
                })}
              </ul>
            </div>
          ))}
        </aside>
        <section className="erows" aria-label="Rows">
          <div className="fbar">
            <div className="seg" role="group" aria-label="What to show">
              <button type="button" aria-pressed={tab === 'rows'} onClick={() => change({ tab: undefined })}>
                Rows<span className="k">{count(total)}</span>
              </button>
              <button type="button" aria-pressed={tab === 'prompt'} onClick={() => change({ tab: 'prompt' })}>
                Prompt
              </button>
            </div>
            {tab === 'rows' && (
              <>
                <div className="seg" role="group" aria-label="Status">
                  {rowStatuses
                    .filter((status) => counts[status] > 0)
                    .map((status: RowStatus) => (
                      <button
                        key={status}
                        type="button"
                        aria-pressed={statuses.includes(status)}
                        onClick={() =>
                          change({
                            status:
                              (statuses.includes(status)
                                ? statuses.filter((other) => other !== status)
                                : [...statuses, status]
                              ).join(',') || undefined,
                            row: undefined,
                          })
                        }
                      >
                        {statusLabels[status]}
                        <span className="k">{count(counts[status])}</span>
                      </button>
                    ))}
                </div>
                {search.slice !== undefined && (
                  <button type="button" className="tok" onClick={() => change({ slice: undefined })}>
                    {search.slice.replace(':', ' is ')} <Icon name="x" small />
                  </button>
                )}
                <label className="field grow">
                  <Icon name="search" small />
                  <span className="sr">Find in the rows</span>
                  <input
                    ref={filter}
                    value={search.q ?? ''}
                    placeholder="Find in the first 400 characters"
                    onChange={(event) => change({ q: event.target.value || undefined, row: undefined })}
                  />
                  <kbd>/</kbd>
                </label>
                <label>
                  <span className="sr">Order</span>
                  <select
                    className="input"
                    value={search.sort ?? 'failures'}
                    onChange={(event) =>
                      change({
                        sort: rowOrders.find((order) => order === event.target.value),
                        row: undefined,
                      })
                    }
                  >
                    {rowOrders.map((order) => (
                      <option key={order} value={order}>
                        {orderLabels[order]}
                      </option>
                    ))}
                  </select>
                </label>
              </>
            )}
          </div>
          {tab === 'rows' ? (
            <RowTable
              run={id}
              revision={run.status === 'active' ? total : 0}
              search={search}
              open={(row) => change({ row, trial: undefined })}
            />
          ) : (
            <PromptText parameters={parameters} />
          )}
        </section>
      </div>
      {isPublishing && <PublishDialog run={id} task={run.name} close={() => setPublishing(false)} />}
      {search.row !== undefined && (
        <RowDrawer
          run={id}
          row={search.row}
          trial={search.trial ?? 0}
          setTrial={(trial) => change({ trial })}
          close={() => change({ row: undefined, trial: undefined })}
        />
      )}
    </div>
  );
}
