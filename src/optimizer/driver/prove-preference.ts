import type { Example } from '../../dataset/dataset.ts';
import { mcnemarTest } from '../../evaluation/statistics/mcnemar.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import type { Preference } from '../optimizer.ts';
import { createAsk } from './ask-models.ts';
import type { Engine } from './engine.ts';
import { createPreferences } from './prefer.ts';
import type { PreferenceTest } from './report.ts';

/** Largest share of the rows that may be without a judgement. */
const mostLost = 0.05;
const significance = 0.05;

export interface PreferenceSetting {
  readonly seed: Candidate;
  readonly winner: Candidate;
  readonly test: readonly Example[];
  /** What makes an answer better, in words. @default that it does what the task asks for */
  readonly criterion?: string | undefined;
  /** Id of a row → what it counts once with. @default every row alone */
  readonly clusters?: ReadonlyMap<string, string> | undefined;
}

/**
 * Lets a judge compare seed and winner on rows that no search has seen, in both orders; rows on which the orders
 * disagree are ties. Copies and rows of one group count once, in a sign test over those with a preference.
 *
 * @throws {HoneError} `HONE_BUDGET_EXHAUSTED` when a limit comes first.
 */
export async function provePreference(
  { seed, winner, test, criterion, clusters }: PreferenceSetting,
  engine: Engine,
): Promise<PreferenceTest> {
  const { evaluator, budget, program, models } = engine;
  engine.emit({ type: 'phase-started', phase: 'sealed test' });
  const asker = { account: budget, purpose: 'proof' } as const;
  const prefer = createPreferences({
    program,
    models,
    evaluate: (candidate, rows, options) => evaluator.evaluate(candidate, rows, { ...asker, ...options }),
    ask: createAsk(engine, { ...asker, path: 'sealed test' }),
  });
  const preferences = await prefer(
    test.map((example) => ({
      example,
      first: seed,
      second: winner,
      ...(criterion !== undefined && { criterion }),
    })),
  );
  const votes = new Map<string, number>();
  for (const [index, preference] of preferences.entries()) {
    const id = test[index]?.id ?? '';
    const cluster = clusters?.get(id) ?? id;
    if (preference.status === 'judged') votes.set(cluster, (votes.get(cluster) ?? 0) + voteOf(preference));
  }
  const sides = [...votes.values()];
  const ofSeed = sides.filter((vote) => vote < 0).length;
  const ofWinner = sides.filter((vote) => vote > 0).length;
  const lost = preferences.filter(({ status }) => status === 'lost').length;
  const { pValue } = mcnemarTest({ onlyBaseline: ofSeed, onlyChallenger: ofWinner });
  const isShown = pValue <= significance && ofWinner > ofSeed;
  return {
    rows: test.length,
    clusters: sides.length,
    winner: ofWinner,
    seed: ofSeed,
    ties: sides.length - ofSeed - ofWinner,
    flipped: preferences.filter((each) => each.status === 'judged' && each.flipped).length,
    lost,
    pValue,
    verdict: lost > mostLost * test.length ? 'incomplete' : isShown ? 'preferred' : 'no-reliable-preference',
  };
}

function voteOf({ better }: Extract<Preference, { status: 'judged' }>): number {
  if (better === 'tie') return 0;
  return better === 'second' ? 1 : -1;
}
