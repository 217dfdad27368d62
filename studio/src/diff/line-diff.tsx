import './line-diff.css';
import type { DiffView } from '../../../src/server/compare-views.ts';
import { WordDiff } from './word-diff.tsx';

/** Equal lines beyond these around a change are folded. */
const context = 2;

interface Line {
  readonly key: string;
  readonly kind: 'same' | 'removed' | 'added' | 'edited' | 'fold';
  readonly text: string;
  readonly before?: string;
}

/** What changed of each parameter: lines, and words within a line that was edited; ink only. */
export function LineDiff({ diffs, from }: { readonly diffs: readonly DiffView[]; readonly from?: string }) {
  if (diffs.length === 0) return <p className="none">The same in every parameter.</p>;
  return diffs.map(({ name, lines }) => (
    <section className="ldiff" key={name}>
      <header>
        <span className="mono">{name}</span>
        {from !== undefined && <span className="sm mute">{from}</span>}
      </header>
      {merged(lines).map(({ key, kind, text, before }) => (
        <p key={key} className={`mono ${kind}`}>
          <span className="sign" aria-hidden="true">
            {{ same: '', removed: '−', added: '+', edited: '~', fold: '' }[kind]}
          </span>
          {kind === 'removed' ? (
            <del>{text || ' '}</del>
          ) : kind === 'edited' ? (
            <WordDiff before={before ?? ''} after={text} />
          ) : (
            text || ' '
          )}
        </p>
      ))}
    </section>
  ));
}

/** A removed line with an added one right after it is an edited one; long equal runs are folded. */
function merged(lines: DiffView['lines']): readonly Line[] {
  const found: Line[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const key = `${index}`;
    const { kind, text } = lines[index] ?? { kind: 'same', text: '' };
    if (kind === 'same') {
      let end = index;
      while (lines[end]?.kind === 'same') end += 1;
      const run = lines.slice(index, end);
      const head = index === 0 ? 0 : context;
      const tail = end === lines.length ? 0 : context;
      if (run.length > head + tail + 1) {
        found.push(...run.slice(0, head).map((line, at) => ({ key: `${index + at}`, ...line })));
        found.push({ key: `fold ${index}`, kind: 'fold', text: `${run.length - head - tail} equal lines` });
        found.push(
          ...run.slice(run.length - tail).map((line, at) => ({ key: `${end - tail + at}`, ...line })),
        );
      } else found.push(...run.map((line, at) => ({ key: `${index + at}`, ...line })));
      index = end - 1;
      continue;
    }
    let removed = index;
    while (lines[removed]?.kind === 'removed') removed += 1;
    let added = removed;
    while (lines[added]?.kind === 'added') added += 1;
    const [gone, come] = [removed - index, added - removed];
    if (gone > 0 && gone === come) {
      for (let at = 0; at < gone; at += 1) {
        found.push({
          key: `${index + at}`,
          kind: 'edited',
          before: lines[index + at]?.text ?? '',
          text: lines[removed + at]?.text ?? '',
        });
      }
      index = added - 1;
    } else found.push({ key, kind, text });
  }
  return found;
}
