import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { checkOptionNames } from '../base/option-names.ts';
import { unknownPrice } from '../model/middleware/spend-limit.ts';
import { type CallRecord, type Model, type ModelCall, wrapCalls } from '../model/model.ts';
import { priceOfModel } from '../model/pricing.ts';
import { estimateRequestTokens, estimateTokens } from '../model/token-count.ts';
import { composed } from './composition.ts';
import { createProgram } from './create-program.ts';
import { withAround } from './model-of-role.ts';
import type { Program } from './program.ts';
import { RowBudgetSpent } from './row-budget-spent.ts';

export interface RowBudgetOptions {
  /** @default the program's own */
  readonly name?: string | undefined;
  /** Most model calls of one row, answers from the cache among them. @default no limit */
  readonly calls?: number | undefined;
  /** Most tokens of one row, of questions and answers together. @default no limit */
  readonly tokens?: number | undefined;
  /** Most US dollars of one row. Calls of unknown price count nothing. @default no limit */
  readonly usd?: number | undefined;
}

/**
 * A program whose steps share one budget for each row, at any depth. A call that there is no budget for is not
 * made, and its step fails: programs that try several times answer with what they have by then. Tokens and dollars
 * are known when a call has ended, so calls that are under way together may go beyond them.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` without a limit, or for a limit that is no number above 0. Rows
 *   with a limit of dollars throw `HONE_PRICE_UNKNOWN` for a model without a price.
 */
export function withRowBudget<Inputs, Outputs>(
  program: Program<Inputs, Outputs>,
  options: RowBudgetOptions,
): Program<Inputs, Outputs> {
  checkOptionNames(options, { name: true, calls: true, tokens: true, usd: true }, 'withRowBudget');
  const { name = program.shape.name, calls = Infinity, tokens = Infinity, usd = Infinity } = options;
  const limits = { calls, tokens, usd };
  checkLimits(name, options);
  return createProgram<Inputs, Outputs>({
    name,
    ...composed('row-budget-1', [program], {
      calls: options.calls,
      tokens: options.tokens,
      usd: options.usd,
    }),
    signature: program.signature,
    calls: (candidate) => {
      const { typical, most } = program.calls(candidate);
      return { typical: Math.min(typical, calls), most: Math.min(most, calls) };
    },
    forward: (inputs, runtime) => {
      const spent: Spent = { calls: 0, tokens: 0, usd: 0 };
      return program.forward(
        inputs,
        withAround(runtime, (model) => budgeted(model, spent, limits)),
      );
    },
  });
}

interface Spent {
  calls: number;
  tokens: number;
  usd: number;
}

function budgeted(model: Model, spent: Spent, limits: Readonly<Spent>): Model {
  // Calls without a price would count as nothing.
  const price = priceOfModel(model);
  if (limits.usd !== Infinity && price === undefined) throw unknownPrice(model);
  return wrapCalls(model, async <Answer extends CallRecord>(call: ModelCall<Answer>): Promise<Answer> => {
    if (spent.calls >= limits.calls) throw spentAll(`${limits.calls} calls`);
    if (spent.tokens >= limits.tokens) throw spentAll(`${limits.tokens} tokens`);
    if (spent.usd >= limits.usd) throw spentAll(`${limits.usd} dollars`);
    spent.calls += 1;
    const answer = await call.proceed();
    const { input, output } = tokensOf(call, answer);
    spent.tokens += input + output;
    spent.usd += answer.costUsd ?? (input * (price?.input ?? 0) + output * (price?.output ?? 0)) / 1e6;
    return answer;
  });
}

/** As counted, else estimated: a server that does not count must not lift the limit. */
function tokensOf<Answer extends CallRecord>({ request }: ModelCall<Answer>, { usage, ...answer }: Answer) {
  const text = 'text' in answer && typeof answer.text === 'string' ? answer.text : '';
  return {
    input: usage.inputTokens ?? estimateRequestTokens(request),
    output: usage.outputTokens ?? estimateTokens(text),
  };
}

function spentAll(limit: string): RowBudgetSpent {
  return new RowBudgetSpent(`The row has used its budget of ${limit}.`);
}

function checkLimits(name: string, { calls, tokens, usd }: RowBudgetOptions): void {
  const given = { calls, tokens, usd };
  const named = Object.entries(given).filter(([, limit]) => limit !== undefined);
  const wrong = named.find(([, limit]) => !(typeof limit === 'number' && limit > 0));
  if (named.length > 0 && wrong === undefined) return;
  const said: JsonObject = { [wrong?.[0] ?? 'calls']: String(wrong?.[1]) };
  throw new HoneError(
    wrong === undefined
      ? `The budget of a row of "${name}" has no limit.`
      : `The budget of a row of "${name}" has ${JSON.stringify(said)}.`,
    { code: 'HONE_OPTION_INVALID', hint: 'Give calls, tokens or usd as a number above 0.' },
  );
}
