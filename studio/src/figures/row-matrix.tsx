import type { OptimizationView } from '../../../src/server/optimization-views.ts';
import { count, counted } from '../evidence/numbers.ts';

/** The rows on which candidates differ: fixed and broken against the seed, in their columns. */
export function RowMatrix({
  matrix,
  selected,
  select,
  open,
}: {
  readonly matrix: OptimizationView['matrix'];
  readonly selected: number;
  select(candidate: number): void;
  open(row: string): void;
}) {
  const { candidates, rows, separating, nobodyRight, total } = matrix;
  return (
    <>
      {rows.length === 0 ? (
        <p className="sm mute">No row separates the candidates yet.</p>
      ) : (
        <div className="mxscroll">
          <table className="rmx">
            <thead>
              <tr>
                {candidates.map((number) => (
                  <th key={number} scope="col" className={number === selected ? 'on' : ''}>
                    <button type="button" onClick={() => select(number)} aria-label={`Candidate ${number}`}>
                      {number === 0 ? 'seed' : number}
                    </button>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ id, input, values }) => (
                <tr key={id} title={`${id}: ${input}`}>
                  {values.map((value, index) => {
                    const state = stateOf(value, values[0] ?? null, index === 0);
                    return (
                      <td key={candidates[index]} className={candidates[index] === selected ? 'on' : ''}>
                        <button
                          type="button"
                          className={`m-${state}`}
                          tabIndex={-1}
                          onClick={() => open(id)}
                          aria-label={`${id}: ${state}`}
                        />
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p className="sm mute nob">
        {count(separating)} of {counted(total, 'row')} separate them
        {rows.length < separating ? `, ${count(rows.length)} shown` : ''}; {count(nobodyRight)} nobody gets
        right.
      </p>
      <div className="key">
        <span className="lg">
          <i className="sw m-fixed" /> fixed
        </span>
        <span className="lg">
          <i className="sw m-broken" /> broken
        </span>
        <span className="lg">
          <i className="sw m-wrong" /> wrong
        </span>
        <span className="lg">
          <i className="sw m-right" /> right
        </span>
      </div>
    </>
  );
}

function stateOf(value: number | null, seed: number | null, isSeed: boolean): string {
  if (value === null) return 'none';
  if (!isSeed && seed !== null && value > seed) return 'fixed';
  if (!isSeed && seed !== null && value < seed) return 'broken';
  return value >= 1 ? 'right' : 'wrong';
}
