// One process of an optimization that asks a reflection model: made to be killed and started again. Its settings
// are the one argument, as JSON; it works in the folder that it is started in and leaves its report there.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadDataset, openStore, optimize, predict, signature } from '../dist/public/index.js';
import { openaiCompatible } from '../dist/public/models.js';
import { exactMatch } from '../dist/public/scorers.js';

const { baseUrl, data, budget, concurrency, seed, prices } = JSON.parse(process.argv[2]);

const rewriting = signature('instructions, failures: string[], attempt -> improved: string', {
  instructions: 'Rewrite the instructions so that these failures do not happen again.',
});

/** Asks for two new instructions a round, tries them on some rows, and the better ones on all of validation. */
const rewriter = {
  name: 'rewriter',
  version: 1,
  options: {},
  needs: { parameters: ['text'], labels: true, reflectionModel: true },
  estimate: () => ({ task: 10_000, reflection: 400 }),
  async *optimize({ seed: start, train, validation, random, evaluate, ask, admit }) {
    let best = await evaluate(start, validation);
    for (let round = 0; round < 40; round += 1) {
      const rows = random.fork(`round-${round}`).shuffle(train).slice(0, 8);
      const seen = await evaluate(best.candidate, rows, { traces: true });
      const failures = seen.results.flatMap(({ outcome }) => outcome.feedback || []);
      const inputs = { instructions: best.candidate['answer.instructions'].text, failures };
      // Each request is another text, so that the server can tell one that is made again.
      const answers = await ask(
        [`${round}, first`, `${round}, second`].map((attempt) => ({
          label: attempt,
          signature: rewriting,
          inputs: { ...inputs, attempt },
        })),
      );
      const drafts = answers.flatMap(({ status, id, outputs }) =>
        status === 'answered'
          ? [
              {
                changes: { 'answer.instructions': { kind: 'text', text: outputs.improved } },
                parents: [best.candidate],
                origin: `round ${round}`,
                because: { reflection: id },
              },
            ]
          : [],
      );
      const fresh = admit(drafts).flatMap((each) => (each.status === 'admitted' ? [each.candidate] : []));
      for (const next of await Promise.all(fresh.map((candidate) => evaluate(candidate, validation)))) {
        if ((next.mean ?? 0) <= (best.mean ?? 0)) continue;
        best = next;
        yield { type: 'candidate-accepted', candidate: best.hash, mean: best.mean, note: `round ${round}` };
      }
    }
    return best.candidate;
  },
};

const model = (modelId, price) => ({ ...openaiCompatible({ modelId, baseUrl }), price });
const answers = ['account_access', 'billing', 'refunds', 'technical_support'].map((each) => `"${each}"`);
const folder = join(process.cwd(), '.hone');
mkdirSync(join(folder, 'reports'), { recursive: true });
const store = await openStore({ folder });
const { report } = await optimize({
  program: predict(
    signature(`ticket -> category: ${answers.join(' | ')}`, {
      instructions: 'Say which team it belongs to.',
    }),
  ),
  dataset: await loadDataset(data, { expected: ['category'] }),
  scorer: exactMatch('category'),
  optimizer: rewriter,
  model: model('task-model', prices.task),
  reflectionModel: model('reflection-model', prices.reflection),
  store,
  budget,
  concurrency,
  randomSeed: seed,
}).result();
writeFileSync(join(folder, 'reports', 'latest.json'), JSON.stringify(report));
await store[Symbol.asyncDispose]();
