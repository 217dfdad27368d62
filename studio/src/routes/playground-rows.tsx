import type { BoardSample } from '../../../src/server/board-views.ts';
import type { FileList, TableView } from '../../../src/server/file-views.ts';
import { counted } from '../evidence/numbers.ts';
import { Icon } from '../shell/icon.tsx';
import { type Board, letters, sizes } from './playground-board.ts';

/** What a column of the table is for. */
export interface Columns {
  readonly all: readonly string[];
  readonly expected: readonly string[];
  readonly left: readonly string[];
  readonly inputs: readonly string[];
}

/** As the form for a run takes them: the last column is the answer, and what only names a row says nothing of it. */
export function columnsOf(table: TableView | undefined, board: Board): Columns {
  const all = table?.columns ?? [];
  const said = board.expected?.filter((name) => all.includes(name)) ?? [];
  const expected = said.length > 0 ? said : all.slice(-1);
  const left = (board.left ?? all.filter((name) => /^(id|key|row|row[_ -]?id)$/iu.test(name))).filter(
    (name) => all.includes(name) && !expected.includes(name),
  );
  return {
    all,
    expected,
    left,
    inputs: all.filter((name) => !expected.includes(name) && !left.includes(name)),
  };
}

/** Which rows, what their columns are, and what a run may spend. */
export function PlaygroundRows({
  board,
  files,
  file,
  columns,
  sample,
  scorers,
  change,
  add,
}: {
  readonly board: Board;
  readonly files: FileList;
  readonly file: string;
  readonly columns: Columns;
  readonly sample: BoardSample | undefined;
  readonly scorers: readonly string[];
  readonly change: (changes: Partial<Board>) => void;
  readonly add: () => void;
}) {
  const { expected, left, inputs, all } = columns;
  const setRole = (column: string, role: string) =>
    change({
      expected: role === 'expected' ? [...expected, column] : expected.filter((name) => name !== column),
      left: role === 'left' ? [...left, column] : left.filter((name) => name !== column),
    });
  return (
    <section className="ctl" aria-label="Rows and limits">
      <h2>Rows</h2>
      <select
        className="input"
        aria-label="Table"
        value={file}
        onChange={(event) => change({ data: event.target.value, expected: undefined, left: undefined })}
      >
        {files.datasets.map(({ path }) => (
          <option key={path}>{path}</option>
        ))}
      </select>
      <details className="more">
        <summary className="sm">
          {inputs.join(', ') || 'no input'} → {expected.join(', ')}
        </summary>
        <ul>
          {all.map((column) => (
            <li key={column}>
              <span className="mono trunc">{column}</span>
              <select
                className="input"
                aria-label={`What ${column} is`}
                value={expected.includes(column) ? 'expected' : left.includes(column) ? 'left' : 'input'}
                onChange={(event) => setRole(column, event.target.value)}
              >
                <option value="input">input</option>
                <option value="expected">right answer</option>
                <option value="left">left out</option>
              </select>
            </li>
          ))}
        </ul>
      </details>
      <div className="row gap6">
        <select
          className="input"
          aria-label="How many rows"
          value={board.size}
          onChange={(event) => change({ size: Number(event.target.value) })}
        >
          {sizes.map((size) => (
            <option key={size} value={size}>
              {size} rows
            </option>
          ))}
        </select>
        <button type="button" className="btn" onClick={() => change({ draw: board.draw + 1 })}>
          Draw others
        </button>
      </div>
      {sample !== undefined && (
        <p className="sm mute">
          {sample.rows.length} of {counted(sample.train, 'train row')}. The {sample.validation} of validation
          {sample.isTestKept
            ? ` and the ${sample.test} of the sealed test stay out of here.`
            : ' stay out of here. So few rows have no sealed test of their own.'}
        </p>
      )}
      <h2>Scorers</h2>
      <p className="sm">{scorers.length === 0 ? '–' : scorers.join(', ')}</p>
      <h2>Limits of a run</h2>
      <label className="lim">
        <span className="sm mute">calls</span>
        <input
          className="input"
          inputMode="numeric"
          pattern="[0-9]+"
          aria-label="Most calls"
          value={board.maxCalls}
          onChange={(event) => change({ maxCalls: event.target.value })}
        />
      </label>
      <label className="lim">
        <span className="sm mute">US dollars</span>
        <input
          className="input"
          aria-label="Most US dollars; none for no limit"
          placeholder="1 if paid"
          value={board.budgetUsd}
          onChange={(event) => change({ budgetUsd: event.target.value })}
        />
      </label>
      <button
        type="button"
        className="btn add"
        disabled={board.variants.length >= letters.length}
        onClick={add}
      >
        <Icon name="plus" /> Add a variant
      </button>
    </section>
  );
}
