import './new-run.css';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { FileList, JobView, TableView } from '../../../src/server/file-views.ts';
import type { WorkspaceView } from '../../../src/server/views.ts';
import { get, queryOf, send } from '../api.ts';
import { counted } from '../evidence/numbers.ts';
import { Icon } from '../shell/icon.tsx';
import { Failure, Loading } from '../shell/panel-states.tsx';
import { usePage } from '../shell/shell-context.ts';
import { readDraft } from './playground-board.ts';

/** A prompt, a table, a model and a limit: all that a run needs. */
export function NewRunPage() {
  const search = useSearch({ from: '/new' });
  const navigate = useNavigate({ from: '/new' });
  const kind = search.kind ?? 'evaluation';
  const [draft] = useState(() => (search.draft ? readDraft() : undefined));
  const [text, setText] = useState(draft?.text ?? '');
  const [promptName, setPromptName] = useState('prompt');
  const [expected, setExpected] = useState<readonly string[]>(draft?.expected ?? []);
  const [chosenLeft, setLeft] = useState<readonly string[] | undefined>(draft?.left);
  const [model, setModel] = useState(draft?.model ?? '');
  const [baseUrl, setBaseUrl] = useState(draft?.baseUrl ?? '');
  const [maxOutputTokens, setMaxOutputTokens] = useState(draft?.maxOutputTokens ?? '');
  const [reflectionModel, setReflectionModel] = useState('');
  const [sample, setSample] = useState('');
  const [maxCalls, setMaxCalls] = useState('2000');
  const [budgetUsd, setBudgetUsd] = useState('1');
  const [jobId, setJobId] = useState<string | undefined>();
  const [fault, setFault] = useState<unknown>();
  const { data: files } = useQuery({
    queryKey: ['files'],
    queryFn: ({ signal }) => get<FileList>('/files', signal),
  });
  const { data: workspace } = useQuery({
    queryKey: ['workspace'],
    queryFn: ({ signal }) => get<WorkspaceView>('/workspace', signal),
  });
  const file = search.data ?? files?.datasets[0]?.path;
  const isWriting = search.prompt === undefined;
  const { data: table, error: tableError } = useQuery({
    queryKey: ['table', file, undefined, 0],
    queryFn: ({ signal }) => get<TableView>(`/files/table${queryOf({ path: file, limit: 3 })}`, signal),
    enabled: file !== undefined,
  });
  const { data: known } = useQuery({
    queryKey: ['text', search.prompt],
    queryFn: ({ signal }) =>
      get<{ readonly text: string }>(`/files/text${queryOf({ path: search.prompt })}`, signal),
    enabled: search.prompt !== undefined,
  });
  const { data: job } = useQuery({
    queryKey: ['job', jobId],
    queryFn: ({ signal }) => get<JobView>(`/jobs/${jobId}`, signal),
    enabled: jobId !== undefined,
    refetchInterval: 500,
  });
  useEffect(() => {
    if (job?.runId === undefined) return;
    void navigate({
      to: kind === 'optimization' ? '/optimize/$run' : '/runs/$run',
      params: { run: job.runId },
    });
  }, [job?.runId, kind, navigate]);
  const columns = table?.columns ?? [];
  // A table of two columns or more usually ends with the right answer.
  const answers = expected.length > 0 ? expected.filter((name) => columns.includes(name)) : columns.slice(-1);
  // What only names a row says nothing of its answer.
  const left = chosenLeft ?? columns.filter((name) => /^(id|key|row|row[_ -]?id)$/iu.test(name));
  const inputs = columns.filter((name) => !answers.includes(name) && !left.includes(name));
  usePage({
    title: 'New run',
    crumbs: (
      <>
        <Link to="/runs">Runs</Link>
        <span className="mute">/</span>
        <b>New</b>
      </>
    ),
  });
  if (files === undefined) return <Loading />;
  const isBusy = jobId !== undefined && job?.status !== 'failed' && job?.status !== 'ended';
  const start = async () => {
    setFault(undefined);
    setJobId(undefined);
    try {
      let prompt = search.prompt;
      if (prompt === undefined) {
        prompt = (await send<{ readonly path: string }>('/files/prompt', { name: promptName, text })).path;
        void navigate({ search: (was) => ({ ...was, prompt }), replace: true });
      }
      const started = await send<JobView>('/jobs', {
        kind,
        prompt,
        data: file,
        expected: answers,
        inputs,
        ...(model.trim() !== '' && { model: model.trim() }),
        ...(baseUrl.trim() !== '' && { baseUrl: baseUrl.trim() }),
        ...(kind === 'optimization' &&
          reflectionModel.trim() !== '' && { reflectionModel: reflectionModel.trim() }),
        ...(maxOutputTokens.trim() !== '' && { maxOutputTokens: Number(maxOutputTokens) }),
        ...(sample.trim() !== '' && { sample: Number(sample) }),
        ...(maxCalls.trim() !== '' && { maxCalls: Number(maxCalls) }),
        ...(budgetUsd.trim() !== '' && { budgetUsd: Number(budgetUsd) }),
      });
      setJobId(started.id);
    } catch (thrown) {
      setFault(thrown);
    }
  };
  return (
    <form
      className="page-new"
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <div className="row gap12">
        <h1>New run</h1>
        <div className="seg" role="group" aria-label="What to do">
          {(['evaluation', 'optimization'] as const).map((of) => (
            <button
              key={of}
              type="button"
              aria-pressed={kind === of}
              onClick={() => void navigate({ search: (was) => ({ ...was, kind: of }), replace: true })}
            >
              {of === 'evaluation' ? 'Evaluate' : 'Optimize'}
            </button>
          ))}
        </div>
      </div>
      <section>
        <h2>1 · Rows</h2>
        {files.datasets.length === 0 ? (
          <p>
            There is no table here yet.{' '}
            <Link to="/datasets" className="u">
              Import one
            </Link>
            .
          </p>
        ) : (
          <>
            <label>
              <span className="sm mute">Table</span>
              <select
                className="input"
                value={file}
                onChange={(event) => {
                  setExpected([]);
                  setLeft(undefined);
                  const data = event.target.value;
                  void navigate({ search: (was) => ({ ...was, data }), replace: true });
                }}
              >
                {files.datasets.map(({ path }) => (
                  <option key={path}>{path}</option>
                ))}
              </select>
            </label>
            {tableError !== null && <Failure error={tableError} />}
            {table !== undefined && (
              <>
                <p className="sm mute">{counted(table.total, 'row')}. What is each column?</p>
                <ul className="cols">
                  {columns.map((column, place) => {
                    const role = answers.includes(column)
                      ? 'expected'
                      : left.includes(column)
                        ? 'left'
                        : 'input';
                    return (
                      <li key={column}>
                        <span className="mono trunc">{column}</span>
                        <select
                          className="input"
                          aria-label={`What ${column} is`}
                          value={role}
                          onChange={(event) => {
                            const next = event.target.value;
                            setExpected(
                              next === 'expected'
                                ? [...answers, column]
                                : answers.filter((name) => name !== column),
                            );
                            setLeft(
                              next === 'left' ? [...left, column] : left.filter((name) => name !== column),
                            );
                          }}
                        >
                          <option value="input">the prompt sees it</option>
                          <option value="expected">the right answer</option>
                          <option value="left">left out</option>
                        </select>
                        <span className="trunc mute">{table.rows[0]?.[place]}</span>
                      </li>
                    );
                  })}
                </ul>
              </>
            )}
          </>
        )}
      </section>
      <section>
        <h2>2 · Prompt</h2>
        <label>
          <span className="sm mute">File</span>
          <select
            className="input"
            value={search.prompt ?? ''}
            onChange={(event) => {
              const prompt = event.target.value || undefined;
              void navigate({ search: (was) => ({ ...was, prompt }), replace: true });
            }}
          >
            <option value="">write a new one</option>
            {files.prompts.map(({ path }) => (
              <option key={path}>{path}</option>
            ))}
          </select>
        </label>
        {isWriting ? (
          <>
            <label>
              <span className="sm mute">
                Text: say what to do; the inputs are put below it, or where {'{{column}}'} stands
              </span>
              <textarea
                className="input"
                rows={7}
                required
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
            </label>
            <label>
              <span className="sm mute">It is written to {promptName || '…'}.md</span>
              <input
                className="input"
                required
                pattern="[\w][\w.\-]*"
                value={promptName}
                onChange={(event) => setPromptName(event.target.value)}
              />
            </label>
          </>
        ) : (
          <>
            <pre className="known">{known?.text ?? ' '}</pre>
            <p className="sm">
              <Link to="/playground" search={{ data: file, prompt: search.prompt }} className="u">
                Try it on a few rows
              </Link>
            </p>
          </>
        )}
      </section>
      <section>
        <h2>3 · Model and limits</h2>
        <div className="grid2">
          <label>
            <span className="sm mute">Model; empty for {workspace?.model ?? 'the local one'}</span>
            <input
              className="input"
              value={model}
              placeholder="openai/gpt-5-mini"
              onChange={(event) => setModel(event.target.value)}
            />
          </label>
          <label>
            <span className="sm mute">Server, where it is one of your own</span>
            <input
              className="input"
              type="url"
              value={baseUrl}
              placeholder="http://localhost:8000/v1"
              onChange={(event) => setBaseUrl(event.target.value)}
            />
          </label>
          {kind === 'optimization' && (
            <label>
              <span className="sm mute">Model that proposes prompts, for searches that ask one</span>
              <input
                className="input"
                value={reflectionModel}
                placeholder="openai/gpt-5"
                onChange={(event) => setReflectionModel(event.target.value)}
              />
            </label>
          )}
          <label>
            <span className="sm mute">Only so many rows, drawn by chance; empty for all</span>
            <input
              className="input"
              inputMode="numeric"
              pattern="[0-9]*"
              value={sample}
              placeholder={kind === 'evaluation' ? '12 for a first try' : 'all'}
              onChange={(event) => setSample(event.target.value)}
            />
          </label>
          <label>
            <span className="sm mute">Longest answer, in tokens; empty for no limit</span>
            <input
              className="input"
              inputMode="numeric"
              pattern="[0-9]*"
              value={maxOutputTokens}
              onChange={(event) => setMaxOutputTokens(event.target.value)}
            />
          </label>
          <label>
            <span className="sm mute">Most calls</span>
            <input
              className="input"
              inputMode="numeric"
              pattern="[0-9]*"
              value={maxCalls}
              onChange={(event) => setMaxCalls(event.target.value)}
            />
          </label>
          <label>
            <span className="sm mute">Most US dollars (local models cost none)</span>
            <input
              className="input"
              inputMode="decimal"
              pattern="[0-9.]*"
              value={budgetUsd}
              onChange={(event) => setBudgetUsd(event.target.value)}
            />
          </label>
        </div>
      </section>
      {fault !== undefined && <Failure error={fault} />}
      {job?.status === 'failed' && (
        <section className="joblog" role="alert">
          <h2>It did not start</h2>
          <pre>{job.lines.join('\n')}</pre>
        </section>
      )}
      <div className="row gap8">
        <button
          type="submit"
          className="btn p"
          disabled={isBusy || file === undefined || answers.length === 0 || inputs.length === 0}
        >
          <Icon name="run" /> {isBusy ? 'Starting' : kind === 'optimization' ? 'Optimize' : 'Evaluate'}
        </button>
        <span className="sm mute">
          {answers.length === 0
            ? 'Say which column is the right answer.'
            : inputs.length === 0
              ? 'The prompt must see a column.'
              : `${inputs.join(', ')} → ${answers.join(', ')}`}
        </span>
      </div>
    </form>
  );
}
