import './datasets.css';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { FileList, TableView } from '../../../src/server/file-views.ts';
import { get, queryOf } from '../api.ts';
import { bytes, count, counted, dayOf } from '../evidence/numbers.ts';
import { useKeys } from '../keys/keys.ts';
import { Icon } from '../shell/icon.tsx';
import { Failure, Loading } from '../shell/panel-states.tsx';
import { usePage } from '../shell/shell-context.ts';
import { ImportDialog } from './import-dialog.tsx';

const pageRows = 100;

/** The tables of the folder, their rows, and a way to bring in another one. */
export function DatasetsPage() {
  const { file, q } = useSearch({ from: '/datasets' });
  const navigate = useNavigate({ from: '/datasets' });
  const filter = useRef<HTMLInputElement>(null);
  const [isImporting, setImporting] = useState(false);
  const [from, setFrom] = useState(0);
  const {
    data: files,
    error,
    refetch,
  } = useQuery({
    queryKey: ['files'],
    queryFn: ({ signal }) => get<FileList>('/files', signal),
  });
  const shown = file ?? files?.datasets[0]?.path;
  // Another file or another question starts at its beginning.
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the question changes
  useEffect(() => setFrom(0), [shown, q]);
  const { data: table, error: tableError } = useQuery({
    queryKey: ['table', shown, q, from],
    queryFn: ({ signal }) =>
      get<TableView>(`/files/table${queryOf({ path: shown, q, from, limit: pageRows })}`, signal),
    enabled: shown !== undefined,
  });
  usePage({ title: 'Datasets', crumbs: <b>Datasets</b>, keys: ['filter'] });
  useKeys({ filter: () => filter.current?.focus() }, !isImporting);
  if (error !== null && files === undefined) return <Failure error={error} retry={refetch} />;
  if (files === undefined) return <Loading />;
  const dialog = isImporting && (
    <ImportDialog
      close={() => setImporting(false)}
      done={(path) => {
        setImporting(false);
        void refetch();
        void navigate({ search: { file: path } });
      }}
    />
  );
  if (files.datasets.length === 0) {
    return (
      <div className="empty">
        <h1>No tables in this folder yet</h1>
        <p className="mute">A table has a row for each example, and a column with the right answer.</p>
        <div>
          <button type="button" className="btn p" onClick={() => setImporting(true)}>
            Import a table
          </button>
        </div>
        {dialog}
      </div>
    );
  }
  return (
    <div className="page-datasets">
      <nav className="dlist" aria-label="Tables">
        <div className="row gap8">
          <h1>Datasets</h1>
          <span className="grow" />
          <button type="button" className="btn" onClick={() => setImporting(true)}>
            <Icon name="plus" /> Import
          </button>
        </div>
        <ul>
          {files.datasets.map(({ path, bytes: size, modifiedAt }) => (
            <li key={path}>
              <Link to="/datasets" search={{ file: path }} aria-current={path === shown ? 'page' : undefined}>
                <b className="trunc">{path}</b>
                <span className="sm mute">
                  {bytes(size)}, {dayOf(modifiedAt)}
                </span>
              </Link>
            </li>
          ))}
        </ul>
        {files.isCut && <p className="sm mute">More than 200 files: the others are not listed.</p>}
      </nav>
      <section className="dview" aria-label={shown}>
        <header className="dvh">
          <div className="grow">
            <h2 className="mono trunc">{shown}</h2>
            <p className="sm mute">
              {table === undefined
                ? ' '
                : `${counted(table.total, 'row')}, ${counted(table.columns.length, 'column')}`}
            </p>
          </div>
          <label className="field">
            <Icon name="search" small />
            <span className="sr">Find in the rows</span>
            <input
              ref={filter}
              value={q ?? ''}
              placeholder="Find in the rows"
              onChange={(event) => {
                const text = event.target.value;
                void navigate({ search: (was) => ({ ...was, q: text || undefined }), replace: true });
              }}
            />
            <kbd>/</kbd>
          </label>
          <Link className="btn" to="/playground" search={{ data: shown }}>
            <Icon name="play" /> Try a prompt
          </Link>
          <Link className="btn p" to="/new" search={{ data: shown }}>
            <Icon name="run" /> Evaluate
          </Link>
        </header>
        {(table?.problems.length ?? 0) > 0 && (
          <ul className="problems">
            {table?.problems.map((problem) => (
              <li key={problem}>
                <Icon name="warn" small /> {problem}
              </li>
            ))}
          </ul>
        )}
        {tableError !== null && <Failure error={tableError} />}
        {table !== undefined && (
          // A region that scrolls must be reachable by keyboard.
          // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
          <section className="dtable" aria-label="Rows" tabIndex={0}>
            <table>
              <thead>
                <tr>
                  {table.columns.map((column) => (
                    <th key={column} scope="col">
                      {column}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {table.rows.map((cells, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
                  <tr key={`${table.from + index}`}>
                    {cells.map((cell, place) => (
                      <td key={table.columns[place]}>
                        <span className="clamp">{cell}</span>
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        )}
        {table !== undefined && table.total > pageRows && (
          <footer className="dpage">
            <button
              type="button"
              className="btn"
              disabled={from === 0}
              onClick={() => setFrom(from - pageRows)}
            >
              Previous
            </button>
            <span className="num">
              {count(from + 1)} to {count(Math.min(table.total, from + pageRows))} of {count(table.total)}
            </span>
            <button
              type="button"
              className="btn"
              disabled={from + pageRows >= table.total}
              onClick={() => setFrom(from + pageRows)}
            >
              Next
            </button>
          </footer>
        )}
      </section>
      {dialog}
    </div>
  );
}
