import './row-drawer.css';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { RowView, SpanView } from '../../../src/server/views.ts';
import { get, queryOf } from '../api.ts';
import { WordDiff } from '../diff/word-diff.tsx';
import { count, counted, dollars, milliseconds, score } from '../evidence/numbers.ts';
import { useKeys } from '../keys/keys.ts';
import { Icon } from '../shell/icon.tsx';
import { Failure, Loading } from '../shell/panel-states.tsx';
import { statusLabels } from './status-labels.ts';

interface RowDrawerProps {
  readonly run: string;
  readonly row: string;
  readonly trial: number;
  readonly candidate?: string | undefined;
  setTrial(trial: number): void;
  close(): void;
}

/** One row over any page: what was asked, what came, why it scored so, and how it came about. */
export function RowDrawer({ run, row, trial, candidate, setTrial, close }: RowDrawerProps) {
  const element = useRef<HTMLElement>(null);
  const { data, error, refetch } = useQuery({
    queryKey: ['row', run, row, trial, candidate],
    queryFn: ({ signal }) =>
      get<RowView>(
        `/experiments/${encodeURIComponent(run)}/row${queryOf({ row, trial, candidate })}`,
        signal,
      ),
  });
  useKeys({ close });
  useEffect(() => {
    const before = document.activeElement;
    element.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <div className="page-row-drawer">
      <aside className="dr" aria-label={`Row ${row}`} ref={element} tabIndex={-1}>
        <header className="dh2">
          <h2 className="trunc mono">{row}</h2>
          {data !== undefined && <span className="tag">{statusLabels[data.status]}</span>}
          {data !== undefined && data.trials > 1 && (
            <span className="tri">
              {Array.from({ length: data.trials }, (_, index) => (
                <button
                  // biome-ignore lint/suspicious/noArrayIndexKey: a trial is its place
                  key={index}
                  type="button"
                  aria-pressed={index === trial}
                  aria-label={`Trial ${index + 1}`}
                  onClick={() => setTrial(index)}
                >
                  {index + 1}
                </button>
              ))}
            </span>
          )}
          <span className="grow" />
          <button
            type="button"
            className="btn q sq"
            aria-label="Copy the address of this row"
            title="Copy the address of this row"
            onClick={() => void navigator.clipboard.writeText(window.location.href)}
          >
            <Icon name="link" />
          </button>
          <button type="button" className="btn q sq" aria-label="Close" title="Close" onClick={close}>
            <Icon name="x" />
          </button>
        </header>
        <div className="db">
          {error !== null && <Failure error={error} retry={refetch} />}
          {data === undefined && error === null && <Loading />}
          {data !== undefined && <RowBody row={data} />}
        </div>
        <footer className="df2">
          <span className="hint">
            <kbd>j</kbd> <kbd>k</kbd> next row
          </span>
          <span className="grow" />
          {data !== undefined && (
            <span className="mono sm mute trunc" title={data.keys.join('\n')}>
              {data.keys.length === 0
                ? 'no stored answer'
                : `answer ${data.keys[0]?.slice(0, 8)}, ${data.cachedCalls === data.calls ? 'read from the store' : 'asked, then stored'}`}
            </span>
          )}
        </footer>
      </aside>
    </div>
  );
}

function RowBody({ row }: { readonly row: RowView }) {
  const { inputs, fields, raw, reasons, spans, traceNote, latencyMs, costUsd, calls, retries } = row;
  return (
    <>
      <section className="tk" aria-label="Inputs">
        {inputs.map(({ name, value }) => (
          <div key={name}>
            <h3 className="sm mute">{name}</h3>
            <p className="say2">{value}</p>
          </div>
        ))}
      </section>
      <section className="ans" aria-label="Answer and expectation">
        <table>
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Answer</th>
              <th scope="col">Expected</th>
            </tr>
          </thead>
          <tbody>
            {fields.map(({ name, output, expected, isRight }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td className="mono">
                  <span className={isRight === false ? 'v no' : 'v'}>
                    {isRight !== undefined && <Icon name={isRight ? 'check' : 'x'} small />}
                    {output === undefined ? (
                      'no answer'
                    ) : isRight === false && expected !== undefined ? (
                      <WordDiff before={expected} after={output} />
                    ) : (
                      output
                    )}
                  </span>
                </td>
                <td className="mono">{expected ?? <span className="mute">not given</span>}</td>
              </tr>
            ))}
            {raw !== undefined && (
              <tr>
                <th scope="row">raw answer</th>
                <td colSpan={2}>
                  <pre>{raw}</pre>
                </td>
              </tr>
            )}
          </tbody>
        </table>
      </section>
      <section className="sp2" aria-label="Scores of this row">
        <h3>Scores</h3>
        {reasons.map(({ scorer, status, value, feedback }) => (
          <div className="reason" key={scorer}>
            <b>{scorer}</b>
            <span className="n">
              {value === undefined ? <span className="tag err">{status}</span> : score(value)}
            </span>
            <span className="dim">
              {feedback ?? <span className="mute">The scorer gave no reason.</span>}
            </span>
          </div>
        ))}
      </section>
      <section className="tr" aria-label="Trace">
        <div className="ph">
          <h3>Trace</h3>
          <span className="grow" />
          <span className="sm mute n">
            {[
              milliseconds(latencyMs),
              costUsd !== undefined && dollars(costUsd),
              counted(calls, 'call'),
              retries > 0 && `${count(retries)} retries`,
            ]
              .filter(Boolean)
              .join(', ')}
          </span>
        </div>
        {traceNote !== undefined && <p className="sm mute">{traceNote}</p>}
        <TraceTimeline spans={spans} />
      </section>
      {spans.map((span) => (
        <Span key={span.id} span={span} />
      ))}
    </>
  );
}

/** Steps one after another, as long as their calls took. */
function TraceTimeline({ spans }: { readonly spans: readonly SpanView[] }) {
  const total = spans.reduce((sum, { latencyMs }) => sum + latencyMs, 0) || 1;
  let start = 0;
  return spans.map(({ id, name, kind, latencyMs, isCached, inputTokens, outputTokens }) => {
    const x = (start / total) * 330;
    start += latencyMs;
    const width = Math.max(2, (latencyMs / total) * 330);
    return (
      <div className="tl" key={id}>
        <span className="tn">
          <b className="trunc">{name}</b>
          <span className="mute">{kind}</span>
        </span>
        <svg width={330} height={24} aria-hidden="true">
          <rect x={x} y={8} width={width} height={8} rx={1} className={isCached ? 'f-line2' : 'f-ink2'} />
        </svg>
        <span className="td n">{milliseconds(latencyMs)}</span>
        <span className="tv sm mute n">
          {isCached ? 'stored' : ''}
          {inputTokens === undefined ? '' : ` ${count(inputTokens + (outputTokens ?? 0))} tokens`}
        </span>
      </div>
    );
  });
}

function Span({ span }: { readonly span: SpanView }) {
  const { id, name, messages, reply, choices, error, outputs } = span;
  return (
    <section className="sp2" aria-label={`Step ${name}`}>
      <h3>
        {name} <span className="mute">{id === name ? '' : id}</span>
      </h3>
      {messages.map(({ role, text }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a message is its place
        <div className="ms" key={index}>
          <span className="mr">
            <b>{role}</b>
          </span>
          <pre>{text}</pre>
        </div>
      ))}
      <div className="ms out">
        <span className="mr">
          <b>reply</b>
        </span>
        <pre>
          {error ??
            reply ??
            (choices === undefined
              ? 'nothing'
              : `${JSON.stringify(outputs ?? {})}\nchosen by the log-probability of each allowed answer: ${choices
                  .map((list) => list.map((value) => value.toFixed(2)).join(', '))
                  .join(' | ')}`)}
        </pre>
      </div>
    </section>
  );
}
