import { count } from '../evidence/numbers.ts';

const mostDots = 9;

/** One dot a trial, filled when right; a number over nine trials. */
export function TrialDots({ trials }: { readonly trials: readonly (number | null)[] }) {
  const right = trials.filter((value) => value === 1).length;
  const label = `${count(right)} of ${count(trials.length)} trials right`;
  if (trials.length > mostDots) return <span className="l2">{`${right} of ${trials.length}`}</span>;
  return (
    <span className="tr3" title={label}>
      <span className="sr">{label}</span>
      {trials.map((value, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a trial is its place
        <i key={index} className={value === 1 ? 'y' : value === null ? 'z' : ''} />
      ))}
    </span>
  );
}
