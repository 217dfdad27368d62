import { agreementOf, type JudgedPair } from './judged-pairs.ts';

export interface FittedThreshold {
  /** The label that is said from the threshold on. */
  readonly label: string;
  /** Probability of the label. */
  readonly value: number;
  /** κ on rows that the threshold was not fitted on, five folds. */
  readonly heldOutKappa: number;
  /** κ of the likeliest choice on the same rows. */
  readonly likeliestKappa: number;
}

const folds = 5;

/** The threshold on the probability of the first choice that agrees best with people, with κ on rows it has not seen. */
export function fitThreshold(
  rows: readonly JudgedPair[],
  choices: readonly string[],
): FittedThreshold | undefined {
  const [label, other, third] = choices;
  if (label === undefined || other === undefined || third !== undefined) return undefined;
  const known = rows.flatMap((row) => {
    const probability = row.probabilities?.[label];
    return probability === undefined || !choices.includes(row.human) ? [] : [{ ...row, probability }];
  });
  if (known.length < 10) return undefined;
  const saidAt = (threshold: number) => (row: (typeof known)[number]) =>
    row.probability >= threshold ? label : other;
  const kappaAt = (of: readonly (typeof known)[number][], threshold: number) =>
    agreementOf(of, { labels: choices, verdicts: of.map(saidAt(threshold)) }).kappa;
  const best = (of: readonly (typeof known)[number][]) => {
    const levels = [...new Set(of.map(({ probability }) => probability))].sort((a, b) => a - b);
    const candidates = [
      0.5,
      ...levels.slice(1).map((level, index) => (level + (levels[index] ?? level)) / 2),
    ];
    // Of equal ones the nearest to ½.
    return (
      candidates
        .map((value) => ({ value, kappa: kappaAt(of, value) }))
        .sort((a, b) => b.kappa - a.kappa || Math.abs(a.value - 0.5) - Math.abs(b.value - 0.5))[0]?.value ??
      0.5
    );
  };
  // Rows of one cluster stay in one fold.
  const foldOf = new Map(
    [...new Set(known.map(({ cluster }) => cluster))].map((cluster, index) => [cluster, index % folds]),
  );
  const held: JudgedPair[] = [];
  const verdicts: string[] = [];
  for (let fold = 0; fold < folds; fold += 1) {
    const isHeld = ({ cluster }: JudgedPair) => foldOf.get(cluster) === fold;
    const fitted = known.filter((row) => !isHeld(row));
    if (fitted.length === 0) return undefined;
    const rest = known.filter(isHeld);
    held.push(...rest);
    verdicts.push(...rest.map(saidAt(best(fitted))));
  }
  return {
    label,
    value: best(known),
    heldOutKappa: agreementOf(held, { labels: choices, verdicts }).kappa,
    likeliestKappa: agreementOf(known, { labels: choices }).kappa,
  };
}
