// The rival that needs no prompt: TF-IDF of words and word pairs with logistic regression, on the labelled rows that
// a search may use too (train and validation).

/** @returns the share of test rows that it gets right */
export function tfidfAccuracy({ train, test, textOf, labelOf }) {
  const labels = [...new Set(train.map(labelOf))];
  const documents = train.map((row) => termsOf(textOf(row)));
  const frequency = new Map();
  for (const terms of documents)
    for (const term of new Set(terms)) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  const index = new Map([...frequency.keys()].map((term, at) => [term, at]));
  const idf = [...frequency.values()].map((count) => Math.log((1 + train.length) / (1 + count)) + 1);
  const vectorOf = (terms) => {
    const counts = new Map();
    for (const term of terms) {
      const at = index.get(term);
      if (at !== undefined) counts.set(at, (counts.get(at) ?? 0) + 1);
    }
    const entries = [...counts].map(([at, count]) => [at, (1 + Math.log(count)) * idf[at]]);
    const norm = Math.hypot(...entries.map(([, value]) => value)) || 1;
    return entries.map(([at, value]) => [at, value / norm]);
  };
  const weights = fitWeights(
    documents.map(vectorOf),
    train.map((row) => labels.indexOf(labelOf(row))),
    {
      classes: labels.length,
      terms: index.size,
    },
  );
  const right = test.filter((row) => {
    const scores = scoresOf(weights, vectorOf(termsOf(textOf(row))));
    return labels[scores.indexOf(Math.max(...scores))] === labelOf(row);
  });
  return right.length / test.length;
}

function termsOf(text) {
  const words = text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? [];
  return [...words, ...words.slice(1).map((word, at) => `${words[at]} ${word}`)];
}

/** Multinomial logistic regression with an L2 penalty (C = 10), by gradient descent with momentum. */
function fitWeights(vectors, targets, { classes, terms }) {
  const weights = Array.from({ length: classes }, () => new Float64Array(terms + 1));
  const speed = Array.from({ length: classes }, () => new Float64Array(terms + 1));
  const penalty = 1 / (10 * vectors.length);
  for (let round = 0; round < 400; round += 1) {
    const gradient = Array.from({ length: classes }, () => new Float64Array(terms + 1));
    for (const [row, vector] of vectors.entries()) {
      const probabilities = softmax(scoresOf(weights, vector));
      for (let label = 0; label < classes; label += 1) {
        const error = (probabilities[label] - (targets[row] === label ? 1 : 0)) / vectors.length;
        for (const [at, value] of vector) gradient[label][at] += error * value;
        gradient[label][terms] += error;
      }
    }
    for (let label = 0; label < classes; label += 1) {
      for (let at = 0; at <= terms; at += 1) {
        const decay = at < terms ? penalty * weights[label][at] : 0;
        speed[label][at] = 0.9 * speed[label][at] - 4 * (gradient[label][at] + decay);
        weights[label][at] += speed[label][at];
      }
    }
  }
  return weights;
}

function scoresOf(weights, vector) {
  return weights.map((weight) =>
    vector.reduce((sum, [at, value]) => sum + weight[at] * value, weight.at(-1)),
  );
}

function softmax(scores) {
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
