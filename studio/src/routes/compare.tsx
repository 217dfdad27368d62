import './compare.css';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Fragment, useState } from 'react';
import type { ComparedPair, CompareView } from '../../../src/server/compare-views.ts';
import type { RunLine } from '../../../src/server/views.ts';
import { get, queryOf } from '../api.ts';
import { LineDiff } from '../diff/line-diff.tsx';
import { DeltaChip, DeltaRange } from '../evidence/evidence.tsx';
import { count, counted, dollars, milliseconds, points, score, shortId } from '../evidence/numbers.ts';
import { DifferencePlot } from '../figures/difference-plot.tsx';
import { DifferenceWhisker, mostOf } from '../figures/difference-whisker.tsx';
import { FixedBroken } from '../figures/fixed-broken.tsx';
import { useKeys } from '../keys/keys.ts';
import { Icon } from '../shell/icon.tsx';
import { Failure, Loading } from '../shell/panel-states.tsx';
import { usePage } from '../shell/shell-context.ts';
import { CompareRows } from './compare-rows.tsx';
import { RowDrawer } from './row-drawer.tsx';

const letters = 'ABCDEFGH';

/** Two to eight evaluations: which is better, by how much, on which rows, and what was asked differently. */
export function ComparePage() {
  const search = useSearch({ from: '/compare' });
  const navigate = useNavigate({ from: '/compare' });
  const { a, b = '', by, show = 'flips' } = search;
  const others = b.split(',').filter(Boolean);
  const [isCopied, setCopied] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: ['compare', a, b, by],
    queryFn: ({ signal }) => get<CompareView>(`/compare${queryOf({ a, b, by })}`, signal),
    enabled: a !== undefined && others.length > 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const change = (changes: Partial<typeof search>) =>
    void navigate({ search: (was) => ({ ...was, ...changes }), replace: true });
  const swap = () => {
    const [first, ...rest] = others;
    if (first !== undefined) change({ a: first, b: [a, ...rest].join(','), row: undefined });
  };
  const copy = async () => {
    const { markdown } = await get<{ readonly markdown: string }>(`/compare/markdown${queryOf({ a, b })}`);
    await navigator.clipboard.writeText(markdown);
    setCopied(true);
  };
  usePage({
    title: 'Compare',
    crumbs: (
      <>
        <Link to="/runs">Runs</Link>
        <span className="mute">/</span>
        <b>Compare</b>
      </>
    ),
    keys: ['down', 'up', 'flips', 'swap', 'markdown'],
  });
  useKeys({
    flips: () => change({ show: show === 'flips' ? 'all' : 'flips' }),
    swap,
    markdown: () => void copy(),
  });
  if (a === undefined || others.length === 0) {
    return (
      <div className="empty">
        <h1>Nothing to compare yet</h1>
        <p>
          Select two evaluations in{' '}
          <Link to="/runs" className="u">
            the runs
          </Link>{' '}
          with <kbd>x</kbd>, then press <kbd>c</kbd>.
        </p>
      </div>
    );
  }
  if (error !== null && data === undefined) return <Failure error={error} retry={refetch} />;
  if (data === undefined) return <Loading />;
  const { runs, pairs, fields } = data;
  const [baseline] = runs;
  const pair = pairs.at(-1);
  const letter = letters[runs.length - 1] ?? 'B';
  const [first] = pair?.scores ?? [];
  if (pair === undefined || baseline === undefined) return null;
  return (
    <div className="page-compare">
      <div className="cmp">
        <div className="heads">
          <h1 className="sr">Compare {counted(runs.length, 'run')}</h1>
          {runs.map((run, place) => (
            <Fragment key={run.id}>
              <Slip run={run} place={place} />
              {runs.length === 2 && place === 0 && (
                <button
                  type="button"
                  className="btn sq"
                  onClick={swap}
                  aria-label="Swap A and B"
                  title="Swap A and B"
                >
                  <Icon name="swap" />
                </button>
              )}
            </Fragment>
          ))}
          <span className="grow" />
          <p className="sm mute right pairing">
            <b>{count(pair.paired)} rows</b> in both
            {pair.pairedByInput > 0 ? `, ${count(pair.pairedByInput)} paired by their inputs` : ''}.
            <br />
            {pair.unmatched.baseline + pair.unmatched.challenger > 0
              ? `${count(pair.unmatched.baseline)} only in A, ${count(pair.unmatched.challenger)} only in ${letter}`
              : 'None without a partner'}
          </p>
        </div>
        <div className="verdict">
          <section className="vt" aria-label="Verdict">
            <Sentence pair={pair} letter={letter} />
            {first !== undefined && <DifferencePlot curve={pair.curve} evidence={first.evidence} />}
            <div className="act">
              <button type="button" className="btn p" onClick={() => void copy()}>
                <Icon name="copy" /> {isCopied ? 'Copied' : 'Copy as Markdown'} <kbd>m</kbd>
              </button>
              <a className="btn q" href={`/api/compare/export${queryOf({ a, b, as: 'html' })}`} download>
                Export HTML
              </a>
              <a className="btn q" href={`/api/compare/export${queryOf({ a, b, as: 'csv' })}`} download>
                CSV
              </a>
            </div>
          </section>
          <div className="mx">
            <ScoreTable pairs={pairs} />
            <Deltas pair={pair} />
            <Changed pair={pair} />
          </div>
        </div>
        <div className="lower">
          <aside className="by" aria-label="Where it changed">
            <h2>Where it changed</h2>
            {fields.length > 0 && (
              <label className="byf">
                <span className="sm mute">By</span>
                <select
                  className="input"
                  value={by ?? ''}
                  onChange={(event) => change({ by: event.target.value || undefined })}
                >
                  <option value="">choose a field</option>
                  {fields.map((field) => (
                    <option key={field}>{field}</option>
                  ))}
                </select>
              </label>
            )}
            <ul className="sp">
              {pair.slices.map(({ value, rows, evidence }) => (
                <li key={value}>
                  <span className="trunc" title={value}>
                    {value}
                  </span>
                  <span className="n mute">{count(rows)}</span>
                  <DifferenceWhisker
                    evidence={evidence}
                    most={mostOf(pair.slices.map((slice) => slice.evidence))}
                    width={78}
                    height={26}
                  />
                  <span className="n">
                    {evidence.difference === undefined ? '–' : points(evidence.difference)}
                  </span>
                </li>
              ))}
            </ul>
            {pair.slices.length > 0 && (
              <p className="sm mute note">
                Of many slices one is bound to look different: each has its own interval and no test.
              </p>
            )}
            {fields.length === 0 && (
              <p className="sm mute note">No field of these rows has few enough values to divide by.</p>
            )}
            {pair.notes.map((note) => (
              <p key={note} className="sm mute note">
                {note}
              </p>
            ))}
          </aside>
          <CompareRows search={search} pair={pair} letter={letter} change={change} />
        </div>
      </div>
      {search.row !== undefined && (
        <RowDrawer
          run={search.side === 'a' ? a : (others.at(-1) ?? a)}
          row={search.row}
          trial={search.trial ?? 0}
          setTrial={(trial) => change({ trial })}
          close={() => change({ row: undefined, side: undefined, trial: undefined })}
        />
      )}
    </div>
  );
}

function Slip({ run, place }: { readonly run: RunLine; readonly place: number }) {
  return (
    <Link className="slip" to="/runs/$run" params={{ run: run.id }} title={run.id}>
      <span className={`ab ${place === 0 ? 'a' : place === 1 ? 'b' : 'c'}`}>
        {place > 1 ? <i>{letters[place]}</i> : letters[place]}
      </span>
      <span className="grow">
        <b>
          {shortId(run.id)} Prompt {run.candidate?.slice(0, 7)}
        </b>
        <span className="sm mute trunc">{run.model}</span>
      </span>
      {run.channels.map((channel) => (
        <span key={channel} className={channel.endsWith('@production') ? 'tag solid hide-m' : 'tag hide-m'}>
          {channel.split('@')[1]}
        </span>
      ))}
    </Link>
  );
}

function Sentence({ pair, letter }: { readonly pair: ComparedPair; readonly letter: string }) {
  const [first] = pair.scores;
  const { fixed, broken, better, worse } = pair.counts;
  const moved = better + worse > 0 ? `; ${count(better)} better and ${count(worse)} worse in part` : '';
  const turned = `${counted(fixed, 'row')} fixed, ${count(broken)} broken${moved}.`;
  if (first === undefined) return <p className="say">{pair.sentence}</p>;
  const { state, difference = 0, interval, reason } = first.evidence;
  const size = `${Math.abs(difference * 100).toFixed(1)} points`;
  const bounds =
    interval === undefined
      ? ''
      : `between ${pointsPlain(interval[0])} and ${pointsPlain(interval[1])} with 95% confidence`;
  return (
    <>
      <p className="say">
        {state === 'improved' && (
          <>
            {letter} is better on <b>{first.name}</b> by <b className="st">{size}</b>, {bounds}.
          </>
        )}
        {state === 'regressed' && (
          <>
            {letter} is worse on <b>{first.name}</b> by <b className="ru">{size}</b>, {bounds}.
          </>
        )}
        {state === 'same' && (
          <>
            {letter} and A are the same on <b>{first.name}</b>: the difference lies {bounds}.
          </>
        )}
        {state === 'inconclusive' && (
          <>
            No reliable difference on <b>{first.name}</b>: {points(difference)} points measured, {bounds}.
          </>
        )}
        {state === 'not-comparable' && <>These two cannot be compared: {reason}.</>}
      </p>
      <p className="dim vsub">
        {turned}{' '}
        {state === 'inconclusive' && (reason ? `${reason}.` : 'That is no proof that they are equal.')}
      </p>
    </>
  );
}

function pointsPlain(value: number): string {
  return points(value).replace('+', '');
}

function ScoreTable({ pairs }: { readonly pairs: readonly ComparedPair[] }) {
  const all = pairs.flatMap(({ scores }) => scores.map(({ evidence }) => evidence));
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Score</th>
          <th scope="col">
            <span className="ab a">A</span>
          </th>
          <th scope="col">{pairs.length === 1 ? <span className="ab b">B</span> : 'Other'}</th>
          <th scope="col" className="fo">
            <span className="ax">
              <span>worse</span>
              <span>better</span>
            </span>
          </th>
          <th scope="col" colSpan={2}>
            Difference, points
          </th>
          <th scope="col">p{pairs.length > 1 ? ', Holm' : ''}</th>
          <th scope="col">Broken, fixed</th>
        </tr>
      </thead>
      <tbody>
        {pairs.flatMap(({ scores, challenger }, place) =>
          scores.map(({ name, baseline, challenger: other, evidence, fixed, broken }) => (
            <tr key={`${challenger} ${name}`}>
              <th scope="row">
                <b>{name}</b> {pairs.length > 1 && <span className="mute">{letters[place + 1]}</span>}
              </th>
              <td className="n">{score(baseline)}</td>
              <td className="n b">{score(other)}</td>
              <td className="fo">
                <DifferenceWhisker evidence={evidence} most={mostOf(all)} width={130} />
              </td>
              <td>
                <DeltaChip evidence={evidence} />
              </td>
              <td>
                <DeltaRange evidence={evidence} />
              </td>
              <td className="n">{evidence.pValue === undefined ? '–' : pText(evidence.pValue)}</td>
              <td>
                <FixedBroken fixed={fixed} broken={broken} />
              </td>
            </tr>
          )),
        )}
      </tbody>
    </table>
  );
}

function pText(value: number): string {
  if (value < 0.001) return '< 0.001';
  return value < 0.1 ? value.toFixed(3) : value.toFixed(2);
}

function Deltas({ pair }: { readonly pair: ComparedPair }) {
  if (pair.deltas.length === 0) return null;
  return (
    <dl className="cost">
      {pair.deltas.map(({ name, unit, baseline, challenger, evidence }) => {
        const text = (value: number) => (unit === 'usd' ? dollars(value * 1_000) : milliseconds(value));
        return (
          <div key={name}>
            <dt>{unit === 'usd' ? 'Cost per 1,000 answers' : 'Latency, mean'}</dt>
            <dd className="n mute">{text(baseline)}</dd>
            <dd className="n">{text(challenger)}</dd>
            <dd>
              <DeltaChip evidence={evidence} as="percent" />
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function Changed({ pair }: { readonly pair: ComparedPair }) {
  const [isOpen, setOpen] = useState(false);
  const { prompt } = pair;
  if (prompt === undefined)
    return <p className="chg mute">A prompt of one side was not kept, so what changed is unknown.</p>;
  const lines = prompt.flatMap((diff) => diff.lines);
  const added = lines.filter(({ kind }) => kind === 'added');
  const removed = lines.filter(({ kind }) => kind === 'removed');
  return (
    <div className="chg">
      <div className="row gap8">
        <b>What changed</b>
        <span className="trunc">
          {prompt.length === 0 ? (
            'Nothing in the prompt.'
          ) : (
            <>
              {counted(added.length, 'line')} added, {count(removed.length)} removed in{' '}
              <span className="mono">{prompt.map(({ name }) => name).join(', ')}</span>
            </>
          )}
        </span>
        {prompt.length > 0 && (
          <button type="button" className="btn q" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? 'Hide' : 'View diff'}
          </button>
        )}
      </div>
      {!isOpen && added[0] !== undefined && (
        <p className="mono trunc">
          <ins>{(added.find(({ text }) => text.trim() !== '') ?? added[0]).text}</ins>
        </p>
      )}
      {isOpen && <LineDiff diffs={prompt} />}
    </div>
  );
}
