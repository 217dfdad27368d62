import {
  collectExamples,
  type EvaluateOptions,
  evaluate,
  loadDataset,
  openMemoryStore,
  type Program,
} from 'hone-ai';
import { resolveModel } from 'hone-ai/models';
import { scorer } from 'hone-ai/scorers';
import { checkReply, plainReply, refinedReply } from './program.ts';

type Letter = Program<{ readonly ticket: string }, { readonly reply: string }>;

const keepsRules = scorer<{ ticket: string }, { reply: string }>('keeps the rules', ({ outputs }) =>
  checkReply(outputs.reply),
);

/** What one try scores, and what refining it scores, with the calls that each row took. */
export async function compare(options: Pick<EvaluateOptions<never, never>, 'model' | 'store'>, rows = 240) {
  const tickets = await loadDataset('examples/support-tickets/tickets.csv', { expected: ['category'] });
  const { examples } = await collectExamples(tickets);
  const dataset = examples.slice(0, rows);
  const scoreOf = async (program: Letter) => {
    const evaluation = await evaluate({ program, dataset, scorer: keepsRules, ...options }).result();
    return { score: evaluation.summaries[0]?.mean, calls: evaluation.usage.calls / dataset.length };
  };
  return { plain: await scoreOf(plainReply), refined: await scoreOf(refinedReply) };
}

if (process.argv[1]?.endsWith('compare.ts')) {
  const [, , model = 'local/smollm2-135m-instruct', rows = '40'] = process.argv;
  await using store = await openMemoryStore();
  console.log(await compare({ model: await resolveModel(model), store }, Number(rows)));
}
