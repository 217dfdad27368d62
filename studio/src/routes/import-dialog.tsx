import { useState } from 'react';
import type { TableView } from '../../../src/server/file-views.ts';
import { send } from '../api.ts';
import { count } from '../evidence/numbers.ts';
import { Dialog } from '../shell/dialog.tsx';
import { Icon } from '../shell/icon.tsx';
import { Failure } from '../shell/panel-states.tsx';

type Format = 'csv' | 'tsv' | 'jsonl' | 'json' | 'xlsx';

/** What a text looks like: JSON, JSON lines, or a table whose first line has tabs or commas. */
function formatOf(text: string, name = ''): Format {
  const extension = /\.(csv|tsv|jsonl|ndjson|json|xlsx)$/iu.exec(name)?.[1]?.toLowerCase();
  if (extension === 'ndjson') return 'jsonl';
  if (extension !== undefined) return extension as Format;
  const start = text.trimStart();
  if (start.startsWith('[')) return 'json';
  if (start.startsWith('{')) return 'jsonl';
  return (text.split('\n')[0] ?? '').includes('\t') ? 'tsv' : 'csv';
}

/** Brings in a table by paste, drop or choice: its columns and its problems are shown before anything is written. */
export function ImportDialog({
  close,
  done,
}: {
  readonly close: () => void;
  readonly done: (path: string) => void;
}) {
  const [text, setText] = useState('');
  const [file, setFile] = useState('');
  const [name, setName] = useState('');
  const [names, setNames] = useState<Readonly<Record<string, string>>>({});
  const [preview, setPreview] = useState<TableView | undefined>();
  const [fault, setFault] = useState<unknown>();
  const look = async (given: string, from = '') => {
    setText(given);
    setFile(from);
    setPreview(undefined);
    setFault(undefined);
    if (given.trim() === '') return;
    try {
      setPreview(await send<TableView>('/files/preview', { text: given, format: formatOf(given, from) }));
      setNames({});
      if (name === '') setName(from.replace(/\.[^.]+$/u, '').replaceAll(/[^\w.-]+/gu, '-') || 'rows');
    } catch (thrown) {
      setFault(thrown);
    }
  };
  const take = async (files: globalThis.FileList | null) => {
    const [first] = files ?? [];
    if (first === undefined) return;
    await look(/\.xlsx$/iu.test(first.name) ? await base64Of(first) : await first.text(), first.name);
  };
  const write = async () => {
    try {
      const { path } = await send<{ readonly path: string }>('/files/table', {
        text,
        format: formatOf(text, file),
        name,
        columns: names,
      });
      done(path);
    } catch (thrown) {
      setFault(thrown);
    }
  };
  return (
    <Dialog label="Import a table" className="ask wide" close={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void write();
        }}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          void take(event.dataTransfer.files);
        }}
      >
        <h2>Import a table</h2>
        <label>
          <span className="sm mute">
            Paste rows from a spreadsheet, CSV or JSON lines; or drop a file here
          </span>
          <textarea
            className="input"
            rows={preview === undefined ? 7 : 3}
            value={
              formatOf(text, file) === 'xlsx'
                ? `${file}, first sheet`
                : text.length > 20_000
                  ? `${text.slice(0, 20_000)}…`
                  : text
            }
            onChange={(event) => void look(event.target.value)}
          />
        </label>
        <label>
          <span className="sm mute">
            or choose a file (.csv, .tsv, .jsonl, .json, or the first sheet of an .xlsx)
          </span>
          <input
            type="file"
            accept=".csv,.tsv,.jsonl,.ndjson,.json,.xlsx"
            onChange={(event) => void take(event.target.files)}
          />
        </label>
        {preview !== undefined && (
          <>
            <p className="dim">
              {count(preview.total)} rows. Rename a column, or empty its name to leave it out.
            </p>
            {preview.problems.map((problem) => (
              <p key={problem} className="sm dim row gap6">
                <Icon name="warn" small /> {problem}
              </p>
            ))}
            <div className="dtable">
              <table>
                <thead>
                  <tr>
                    {preview.columns.map((column) => (
                      <th key={column} scope="col">
                        <input
                          className="input"
                          aria-label={`Name of the column ${column}`}
                          value={names[column] ?? column}
                          onChange={(event) => setNames({ ...names, [column]: event.target.value })}
                        />
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {preview.rows.map((cells, index) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
                    <tr key={`${index}`}>
                      {cells.map((cell, place) => (
                        <td key={preview.columns[place]}>
                          <span className="clamp">{cell}</span>
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <label>
              <span className="sm mute">Name: it is written to datasets/{name || '…'}.csv</span>
              <input
                className="input"
                required
                value={name}
                pattern="[\w][\w.\-]*"
                onChange={(event) => setName(event.target.value)}
              />
            </label>
          </>
        )}
        {fault !== undefined && <Failure error={fault} />}
        <div className="row gap6 acts">
          <button type="button" className="btn" onClick={close}>
            Cancel
          </button>
          <button type="submit" className="btn p" disabled={preview === undefined}>
            Import
          </button>
        </div>
      </form>
    </Dialog>
  );
}

async function base64Of(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = '';
  for (let at = 0; at < bytes.length; at += 32_768)
    binary += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return btoa(binary);
}
