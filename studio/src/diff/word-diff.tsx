import { diffWordsWithSpace } from 'diff';

/** Longer texts are set whole beside each other. */
const longest = 20_000;
/** Below this share of common words a comparison is no help. */
const leastCommon = 0.4;

/** What is struck and what is new, in ink: a change is not yet an improvement. */
export function WordDiff({ before, after }: { readonly before: string; readonly after: string }) {
  if (before.length + after.length > longest) return after;
  const parts = diffWordsWithSpace(before, after);
  const common = parts.reduce(
    (sum, { value, added, removed }) => sum + (added || removed ? 0 : value.length),
    0,
  );
  if (common < leastCommon * Math.max(before.length, after.length)) return after;
  return (
    <span>
      {parts.map(({ value, added, removed }, index) => {
        const key = `${index}`;
        if (added) return <ins key={key}>{value}</ins>;
        if (removed) return <del key={key}>{value}</del>;
        return <span key={key}>{value}</span>;
      })}
    </span>
  );
}
