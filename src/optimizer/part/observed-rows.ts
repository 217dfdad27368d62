import type { Json } from '../../base/json.ts';
import type { Signature } from '../../signature/signature.ts';
import type { OptimizationContext } from '../optimizer.ts';
import { labelledRecord } from './row-records.ts';

export interface ObservationPrompts {
  /** Of some rows, beside what was observed earlier. */
  readonly observe: Signature<
    { readonly examples: Json; readonly earlier: string },
    { readonly observations: string }
  >;
  readonly summarize: Signature<{ readonly observations: string }, { readonly summary: string }>;
  readonly temperature: number;
}

/** Rows of a request, most requests, and after how many that add nothing no more are made. */
const rowsAtOnce = 10;
const mostRequests = 10;
const enoughComplete = 5;

/**
 * What the rows are like, in the words of the reflection model: observed batch after batch, each adding to what was
 * observed before, until nothing is added any more, and then summed up.
 *
 * @see Opsahl-Ong et al. 2024, https://arxiv.org/abs/2406.11695, §3.1.
 */
export async function observedRows(
  { train, random, ask }: OptimizationContext,
  { observe, summarize, temperature }: ObservationPrompts,
): Promise<string> {
  const shown = random.fork('observed').shuffle(train);
  let earlier = '';
  let complete = 0;
  for (let batch = 0; batch < batchesOf(train.length) && complete < enoughComplete; batch += 1) {
    const rows = shown.slice(batch * rowsAtOnce, (batch + 1) * rowsAtOnce);
    const examples = rows.map((example) => labelledRecord(example));
    const [answer] = await ask([
      { label: `observe-${batch}`, temperature, signature: observe, inputs: { examples, earlier } },
    ]);
    if (answer?.status !== 'answered') continue;
    const observations = answer.outputs.observations.trim();
    if (/^\W*complete\W*$/i.test(observations)) complete += 1;
    else if (observations !== '') earlier = observations;
  }
  if (earlier === '') return 'Nothing is known about the rows.';
  const [answer] = await ask([
    { label: 'summarize', signature: summarize, inputs: { observations: earlier } },
  ]);
  return answer?.status === 'answered' ? answer.outputs.summary : earlier;
}

/** Most requests for so many rows of train. */
export function observationCalls(train: number): number {
  return batchesOf(train) + 1;
}

function batchesOf(train: number): number {
  return Math.min(mostRequests, Math.ceil(train / rowsAtOnce));
}
