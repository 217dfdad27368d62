import { openai } from '@ai-sdk/openai';
import { loadDataset, optimize, saveCandidate } from 'hone-ai';
import { exactMatch } from 'hone-ai/scorers';
import { helpDesk } from './app.ts';

/** The app's own model answers, or the one that is named: `npx jiti examples/ai-sdk-app/optimize.ts local/smollm2-135m-instruct` */
const [, , model] = process.argv;
const { program } = helpDesk(openai('gpt-5-mini'));

const run = optimize({
  program,
  dataset: await loadDataset('examples/support-tickets/tickets.csv', { expected: ['category'] }),
  scorer: exactMatch('category'),
  model,
  budget: { calls: 4_000, minutes: 25, ...(model === undefined && { usd: 1 }) },
});
for await (const event of run) console.log(event.type);
const { verdict, candidate } = await run.result();
console.log(verdict, saveCandidate(candidate, { program }));
