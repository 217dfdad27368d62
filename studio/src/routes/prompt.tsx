import './prompts.css';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { PromptLine, PromptView, VersionLine, VersionView } from '../../../src/server/prompt-views.ts';
import { get, queryOf } from '../api.ts';
import { LineDiff } from '../diff/line-diff.tsx';
import { DeltaChip, DeltaRange, scaleOf, Whisker } from '../evidence/evidence.tsx';
import { count, counted, dayOf, momentOf, score } from '../evidence/numbers.ts';
import { DifferenceWhisker, mostOf } from '../figures/difference-whisker.tsx';
import { useKeys } from '../keys/keys.ts';
import { Icon } from '../shell/icon.tsx';
import { Failure, Loading } from '../shell/panel-states.tsx';
import { usePage } from '../shell/shell-context.ts';
import { PromptText } from './prompt-text.tsx';
import { ReleaseDialog } from './release-dialog.tsx';

/** One prompt: its versions, what speaks for each, and where its channels point. */
export function PromptPage() {
  const { name } = useParams({ from: '/prompts/$name' });
  const search = useSearch({ from: '/prompts/$name' });
  const navigate = useNavigate({ from: '/prompts/$name' });
  const queries = useQueryClient();
  const [dialog, setDialog] = useState<'promote' | 'rollback' | undefined>();
  const { data: prompts } = useQuery({
    queryKey: ['prompts'],
    queryFn: ({ signal }) => get<{ readonly prompts: readonly PromptLine[] }>('/prompts', signal),
  });
  const { data, error, refetch } = useQuery({
    queryKey: ['prompt', name],
    queryFn: ({ signal }) => get<PromptView>(`/prompts/${encodeURIComponent(name)}`, signal),
    refetchInterval: 5_000,
  });
  const list = data?.list ?? [];
  const chosen = list.find(({ version }) => version === search.v) ?? list[0];
  const production = data?.channels.production;
  const against =
    search.vs ?? (production !== undefined && production !== chosen?.version ? production : undefined);
  const change = (changes: Partial<typeof search>) =>
    void navigate({ search: (was) => ({ ...was, ...changes }), replace: true });
  const { data: detail, error: detailError } = useQuery({
    queryKey: ['version', name, chosen?.version, against],
    queryFn: ({ signal }) =>
      get<VersionView>(
        `/prompts/${encodeURIComponent(name)}/versions/${chosen?.version}${queryOf({ against })}`,
        signal,
      ),
    enabled: chosen !== undefined,
  });
  const step = (by: number) => {
    const at = list.findIndex(({ version }) => version === chosen?.version);
    const next = list[at + by];
    if (next !== undefined) change({ v: next.version, vs: undefined });
  };
  usePage({
    title: name,
    crumbs: (
      <>
        <Link to="/prompts">Prompts</Link>
        <span className="mute">/</span>
        <b>{name}</b>
      </>
    ),
    keys: ['down', 'up', 'promote', 'rollBack'],
  });
  const canRollBack =
    data?.promotions.some(({ channel, from }) => channel === 'production' && from !== undefined) ?? false;
  useKeys(
    {
      down: () => step(1),
      up: () => step(-1),
      promote: () => setDialog('promote'),
      rollBack: () => {
        if (canRollBack) setDialog('rollback');
      },
    },
    dialog === undefined,
  );
  if (error !== null && data === undefined) return <Failure error={error} retry={refetch} />;
  if (data === undefined) return <Loading />;
  const scale = scaleOf(list.flatMap(({ interval = [0, 1] }) => [...interval]));
  const channels = Object.entries(data.channels);
  const done = () => {
    setDialog(undefined);
    void queries.invalidateQueries();
  };
  return (
    <div className="page-prompts">
      <div className="rg">
        <nav className="plist" aria-label="Prompts">
          <h2>Prompts</h2>
          <ul>
            {(prompts?.prompts ?? []).map((line) => (
              <li key={line.name}>
                <Link
                  to="/prompts/$name"
                  params={{ name: line.name }}
                  aria-current={line.name === name ? 'page' : undefined}
                >
                  <span className="trunc grow">{line.name}</span>
                  <span className="sm mute">v{line.channels.production ?? line.versions}</span>
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <section className="vers" aria-label="Versions">
          <div className="vh">
            <h1>{name}</h1>
            <p className="mono mute trunc" title={data.file}>
              hone/prompts/{name}.json
            </p>
          </div>
          <div className="chan">
            {channels.length === 0 && (
              <div>
                <span className="sm mute">No channel points to a version yet.</span>
              </div>
            )}
            {channels.map(([channel, version]) => (
              <div key={channel}>
                <span className="sm mute trunc">{channel}</span>
                <b>v{version}</b>
              </div>
            ))}
          </div>
          <div className="vl sm mute">
            <span>Versions, newest first</span>
            <span>score at creation</span>
          </div>
          <ol className="rail">
            {list.map((version) => (
              <Version
                key={version.version}
                version={version}
                scale={scale}
                isCurrent={version.version === chosen?.version}
                isProduction={version.version === production}
                select={() => change({ v: version.version, vs: undefined })}
              />
            ))}
          </ol>
        </section>
        {chosen !== undefined && (
          <section className="ver" aria-label={`Version ${chosen.version}`}>
            <div className="vhd">
              <div className="grow">
                <div className="row gap8">
                  <h2 className="vn">v{chosen.version}</h2>
                  {chosen.channels.map((channel) => (
                    <span key={channel} className={channel === 'production' ? 'tag solid' : 'tag'}>
                      {channel}
                    </span>
                  ))}
                  <span className="mono mute">{chosen.hash.slice(0, 7)}</span>
                </div>
                <p className="sm mute">
                  {[
                    chosen.message || 'No message',
                    `by ${chosen.author}`,
                    momentOf(chosen.createdAt),
                    chosen.parents.length > 0 &&
                      `from ${chosen.parents.map((parent) => `v${parent}`).join(', ')}`,
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </p>
              </div>
              {canRollBack && (
                <button type="button" className="btn" onClick={() => setDialog('rollback')}>
                  <Icon name="back" /> Roll back
                </button>
              )}
              <button
                type="button"
                className="btn p"
                disabled={chosen.version === production}
                onClick={() => setDialog('promote')}
              >
                {detail?.evidence?.state === 'improved' || production === undefined
                  ? 'Promote to production'
                  : 'Promote without proof'}
              </button>
            </div>
            {detailError !== null && <Failure error={detailError} />}
            {detail !== undefined && <Proof detail={detail} version={chosen} />}
            <div className="dhd">
              <div className="seg" role="group" aria-label="Of the version">
                <button
                  type="button"
                  aria-pressed={search.tab !== 'prompt'}
                  onClick={() => change({ tab: undefined })}
                >
                  Changes{detail?.against === undefined ? '' : ` from v${detail.against}`}
                </button>
                <button
                  type="button"
                  aria-pressed={search.tab === 'prompt'}
                  onClick={() => change({ tab: 'prompt' })}
                >
                  Parameters<span className="k">{detail?.parameters.length ?? 0}</span>
                </button>
              </div>
              <span className="grow" />
              {list.length > 1 && (
                <label className="row gap6 sm mute">
                  against
                  <select
                    className="input"
                    value={detail?.against ?? ''}
                    onChange={(event) => change({ vs: Number(event.target.value) || undefined })}
                  >
                    {detail?.against === undefined && <option value="">nothing</option>}
                    {list
                      .filter(({ version }) => version !== chosen.version)
                      .map(({ version }) => (
                        <option key={version} value={version}>
                          v{version}
                        </option>
                      ))}
                  </select>
                </label>
              )}
            </div>
            <div className="dbody">
              {detail !== undefined &&
                (search.tab === 'prompt' ? (
                  <PromptText parameters={detail.parameters} />
                ) : detail.against === undefined ? (
                  <PromptText parameters={detail.parameters} />
                ) : (
                  <LineDiff diffs={detail.diff} from={`from v${detail.against}`} />
                ))}
            </div>
            <section className="hist" aria-label="Promotions">
              <h2>Promotions</h2>
              <ul>
                {data.promotions.length === 0 && <li className="mute none">None yet.</li>}
                {data.promotions.map(({ number, at, channel, from, to, actor, reason, evidence }) => (
                  <li key={number}>
                    <span className="num mute">{momentOf(at)}</span>
                    <span className="trunc">{channel}</span>
                    <b>
                      {from === undefined ? '' : `v${from} → `}v{to}
                    </b>
                    <span className="mute trunc" title={`${actor}: ${reason} ${evidence}`}>
                      {[evidence, reason, `by ${actor}`].filter(Boolean).join(' · ')}
                    </span>
                  </li>
                ))}
              </ul>
            </section>
          </section>
        )}
      </div>
      {dialog !== undefined && chosen !== undefined && (
        <ReleaseDialog
          kind={dialog}
          name={name}
          version={chosen.version}
          production={production}
          evidence={detail?.against === production ? detail?.evidence : undefined}
          file={data.file}
          close={() => setDialog(undefined)}
          done={done}
        />
      )}
    </div>
  );
}

function Version({
  version: of,
  scale,
  isCurrent,
  isProduction,
  select,
}: {
  readonly version: VersionLine;
  readonly scale: ReturnType<typeof scaleOf>;
  readonly isCurrent: boolean;
  readonly isProduction: boolean;
  select(): void;
}) {
  const { version, message, author, createdAt, score: mean, interval, channels, characters } = of;
  return (
    <li className={isCurrent ? 'cur' : ''}>
      <button type="button" onClick={select} aria-current={isCurrent}>
        <span className="rl">
          <i className={isProduction ? 'prod' : ''} />
        </span>
        <span className="vb">
          <span className="row gap8">
            <b>v{version}</b>
            <span className="trunc">{message || 'No message'}</span>
          </span>
          <span className="row gap8">
            <span className="sm mute grow">
              {author}, {dayOf(createdAt)}
            </span>
            {channels.map((channel) => (
              <span key={channel} className={channel === 'production' ? 'tag solid' : 'tag'}>
                {channel}
              </span>
            ))}
          </span>
          <span className="row sc">
            {mean !== undefined && interval !== undefined ? (
              <>
                <Whisker
                  mean={mean}
                  interval={interval}
                  scale={scale}
                  width={84}
                  height={24}
                  hasTicks={false}
                  state={isProduction ? 'baseline' : undefined}
                />
                <b className="num">{score(mean)}</b>
              </>
            ) : (
              <span className="sm mute">no evaluation</span>
            )}
            <span className="sm mute">{count(characters)} characters</span>
          </span>
        </span>
      </button>
    </li>
  );
}

function Proof({ detail, version }: { readonly detail: VersionView; readonly version: VersionLine }) {
  const { evidence, against, fixed, broken, missing, runs } = detail;
  if (evidence === undefined) return <p className="line">{missing}</p>;
  const { state, rows } = evidence;
  return (
    <>
      <p className="line">
        {state === 'improved' && (
          <>
            <b className="st">Proven better than v{against}</b> on {counted(rows, 'row')} of{' '}
            {version.dataset ?? 'the dataset'}.
          </>
        )}
        {state === 'regressed' && (
          <>
            <b className="ru">Worse than v{against}</b> on {counted(rows, 'row')} of{' '}
            {version.dataset ?? 'the dataset'}.
          </>
        )}
        {(state === 'inconclusive' || state === 'same') && (
          <>
            <b>{state === 'same' ? `The same as v${against}` : `Not proven better than v${against}`}</b> on{' '}
            {counted(rows, 'row')} of {version.dataset ?? 'the dataset'}.
          </>
        )}
        {state === 'not-comparable' && <b>Cannot be compared with v{against}.</b>}
      </p>
      <div className="ev">
        <div className="e">
          <p className="et">
            <Icon name="data" small /> <b>Evaluations</b>
          </p>
          <p className="sm mute">
            {runs !== undefined && (
              <Link to="/compare" search={{ a: runs.a, b: runs.b }} className="u">
                Row by row
              </Link>
            )}
          </p>
          <DifferenceWhisker evidence={evidence} most={mostOf([evidence])} width={200} height={28} />
          <p className="ex">
            <DeltaChip evidence={evidence} /> <DeltaRange evidence={evidence} />
            {evidence.pValue !== undefined && (
              <span className="sm mute n">
                p {evidence.pValue < 0.001 ? '< 0.001' : evidence.pValue.toFixed(3)}
              </span>
            )}
          </p>
          <p className="sm">
            {count(fixed)} fixed, {count(broken)} broken against v{against}
          </p>
        </div>
      </div>
    </>
  );
}
