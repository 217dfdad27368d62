const ways = [
  { who: 'With a table and a prompt', command: 'hone eval prompt.md --data rows.csv --expected category' },
  { who: 'To find a better prompt', command: 'hone optimize prompt.md --data rows.csv --expected category' },
  { who: 'To start from an example', command: 'hone init' },
];

/** The first step, for each kind of user. */
export function EmptyRuns() {
  return (
    <div className="empty">
      <h2>No runs yet</h2>
      <p className="mute">A run answers every row of a table with a prompt and scores the answers.</p>
      <ul>
        {ways.map(({ who, command }) => (
          <li key={who}>
            <span className="sm mute">{who}</span>
            <code>{command}</code>
            <button type="button" className="btn" onClick={() => void navigator.clipboard.writeText(command)}>
              Copy
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
