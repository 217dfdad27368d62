// Rows on which seed and winner are equally good by construction. A landscape makes one row: both scores, drawn so
// that their true difference is `difference` (0 unless said otherwise).

export function normal(random) {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

export const clip = (value) => Math.min(1, Math.max(0, value));
const chance = (random, share) => (random.next() < share ? 1 : 0);

/** Both right with the row's own difficulty: rows differ, candidates do not. */
function passFail(difficulty) {
  return (random, difference) => {
    const ease = difficulty(random);
    return { seed: chance(random, ease), winner: chance(random, clip(ease + difference)) };
  };
}

/** The scores of a row around the same middle. */
function graded(spread) {
  return (random, difference) => {
    const middle = 0.3 + 0.4 * random.next();
    const seed = clip(middle + (spread / Math.SQRT2) * normal(random));
    return { seed, winner: clip(middle + difference + (spread / Math.SQRT2) * normal(random)) };
  };
}

/** The winner gains a little on most rows and loses everything on a few, so that the true difference is 0. */
function rareLoss(share, noise = 0) {
  return (random, difference) => {
    const gain = share / (1 - share) + difference;
    // A row of 1 has the most to lose; elsewhere there is room for the gain and its noise.
    if (random.next() < share) return { seed: 1, winner: 0 };
    const moved = gain + noise * Math.max(-3, Math.min(3, normal(random)));
    return moved >= 0 ? { seed: 0, winner: moved } : { seed: -moved, winner: 0 };
  };
}

/** The other way round: small losses, and everything gained on a few rows. */
function rareGain(share) {
  const mirrored = rareLoss(share);
  return (random) => {
    const { seed, winner } = mirrored(random, 0);
    return { seed: winner, winner: seed };
  };
}

export const landscapes = {
  'pass-fail, symmetric': { passFail: true, row: passFail((random) => random.next()) },
  'pass-fail, few differ': { passFail: true, row: passFail((random) => (random.next() < 0.9 ? 0.995 : 0.5)) },
  'pass-fail, many differ': { passFail: true, row: passFail(() => 0.5) },
  'graded, symmetric': { passFail: false, row: graded(0.3) },
  'graded, little spread': { passFail: false, row: graded(0.1) },
  'graded, rare losses 1 %': { passFail: false, row: rareLoss(0.01) },
  'graded, rare losses 2 %': { passFail: false, row: rareLoss(0.02) },
  'graded, rare losses 5 %': { passFail: false, row: rareLoss(0.05) },
  'graded, rare losses 10 %': { passFail: false, row: rareLoss(0.1) },
  'graded, rare losses 5 %, noisy': { passFail: false, row: rareLoss(0.05, 0.05) },
  'graded, rare gains 3 %': { passFail: false, row: rareGain(0.03) },
};
