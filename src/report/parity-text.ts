import type { Parity } from '../optimizer/driver/report.ts';
import { score } from './numbers.ts';

/** What a look at parity came to, in one sentence. */
export function parityText(parity: Parity): string {
  const { verdict, predecessorModel, successorModel, predecessor, successor, lowerBound, margin } = parity;
  const means = `${score(predecessor)} with ${predecessorModel} and its prompt, ${score(successor)} with ${successorModel} on ${parity.rows} sealed rows`;
  const loss = Math.max(0, -lowerBound).toFixed(3);
  const bound =
    lowerBound > 0
      ? `better by at least ${lowerBound.toFixed(3)} (one-sided 95 % bound)`
      : `at most ${loss} worse (one-sided 95 % bound; ${margin} is allowed)`;
  const use =
    parity.use > 1 ? ` It is use ${parity.use} of these rows, and the bound is the wider for it.` : '';
  switch (verdict) {
    case 'parity':
      return `Parity shown: ${means}; ${bound}.${use}`;
    case 'not-shown': {
      const needed =
        parity.rowsNeeded === undefined
          ? ''
          : ` About ${parity.rowsNeeded} test rows show parity of two that are equally good.`;
      return `Parity not shown: ${means}; it may be up to ${loss} worse (one-sided 95 % bound; ${margin} is allowed).${needed}${use}`;
    }
    case 'incomplete':
      return `Parity incomplete: ${means}; ${parity.lost} rows were lost to faults, or parity would not hold with the rows that one of them lacks.${use}`;
  }
}
