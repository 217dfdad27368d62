import { fileURLToPath } from 'node:url';
import { type Candidate, collectExamples, evaluate, loadDataset, optimize, splitDataset } from 'hone-ai';
import { bootstrapFewShot } from 'hone-ai/optimizers';
import { answers, both, recall, town } from './program.ts';

/** `npx jiti examples/multi-hop/optimize.ts [model] [reflection model]`; without one the embedded model answers. */
const [, , model, reflectionModel] = process.argv;
const file = fileURLToPath(new URL('questions.jsonl', import.meta.url));
const { examples } = await collectExamples(await loadDataset(file, { expected: ['answer', 'passages'] }));
const { train, validation, test } = splitDataset(examples, { shares: [0.4, 0.2, 0.4] });

/** Answer score and retrieval recall on the rows that no search has seen. */
async function report(name: string, candidate?: Candidate) {
  const scorer = [answers, recall];
  const { summaries } = await evaluate({ program: town, dataset: test, scorer, model, candidate }).result();
  console.log(name, summaries.map(({ name: of, mean }) => `${of} ${mean?.toFixed(2)}`).join(', '));
}

await report('before');
const run = optimize({
  program: town,
  dataset: { train, validation, test },
  scorer: both,
  model,
  ...(reflectionModel === undefined
    ? { optimizer: bootstrapFewShot({ threshold: 0.5, demos: 4 }) }
    : { optimizer: 'gepa', reflectionModel }),
  budget: { calls: 3_000, minutes: 25 },
});
const { verdict, report: found } = await run.result();
// Of the best that was found, also where so few rows do not prove it.
await report('after ', found.best.candidate);
console.log(verdict);
