import { fileURLToPath } from 'node:url';
import { loadDataset, optimize, saveCandidate } from 'hone-ai';
import { gepa } from 'hone-ai/optimizers';
import { desk, scorer } from './agent.ts';

/** `npx jiti examples/agent-with-tools/optimize.ts openai/gpt-5-mini openai/gpt-5` */
const [, , model, reflectionModel] = process.argv;
const file = fileURLToPath(new URL('questions.jsonl', import.meta.url));

const run = optimize({
  program: desk,
  dataset: await loadDataset(file, { expected: ['answer', 'tools'] }),
  scorer,
  model,
  ...(reflectionModel !== undefined && { optimizer: gepa({ rounds: 6 }), reflectionModel }),
  budget: { calls: 3_000, minutes: 25, usd: 1 },
});
for await (const event of run) console.log(event.type);
const { verdict, candidate } = await run.result();
console.log(verdict, saveCandidate(candidate, { program: desk }));
