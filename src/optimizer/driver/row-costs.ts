import type { Example } from '../../dataset/dataset.ts';
import type { ModelPrice } from '../../model/model.ts';
import { estimateTokens } from '../../model/token-count.ts';
import type { ProgramShape, StepShape } from '../../program/program.ts';
import {
  type Candidate,
  type CandidateHash,
  type DemoSet,
  hashCandidate,
  parameterOf,
} from '../../prompt/candidate.ts';
import type { Ask } from '../optimizer.ts';
import { type Amounts, nothing } from './amounts.ts';

/** Model calls of one row. */
export interface CallsOfRow {
  /** When every answer can be read. */
  readonly typical: number;
  /** When every answer that may be asked again is. */
  readonly most: number;
}

/** What rows of a candidate take: as seen so far, else as far as its prompt tells. */
export interface RowCosts {
  /** One row, every answer read at once. @param options.besideSeed Where the seed has answered it too. */
  typical(candidate: Candidate, options?: { readonly besideSeed?: boolean }): Amounts;
  /** One row, every answer asked again that may be. */
  most(candidate: Candidate, options?: { readonly besideSeed?: boolean }): Amounts;
  /** One row as it usually is: what was seen of this candidate, re-asked answers included. */
  usual(candidate: Candidate): Amounts;
  /** So many rows, with room for answers that are asked again more often than was seen: what a proof needs. */
  safely(candidate: Candidate, rows: number): Amounts;
  /** The same for rows that the seed answers too: a step that asks what the seed asked is counted once. */
  besideSeed(candidate: Candidate, rows: number): Amounts;
  /** One request of the search itself. @param request Its signature and inputs; their length is known before it is asked. */
  ask(request?: Pick<Ask, 'signature' | 'inputs'>): Amounts;
  /** @param shared Its calls that the seed had made on this row; undefined where the seed had not answered it. */
  observeRow(candidate: CandidateHash, amounts: Amounts, shared?: number): void;
  observeAsk(amounts: Amounts): void;
}

export interface RowCostsOptions {
  readonly program: ProgramShape;
  readonly calls: (candidate: Candidate) => CallsOfRow;
  /** Their length is the length of a row. */
  readonly examples: readonly Example[];
  readonly price?: ModelPrice | undefined;
  readonly reflectionPrice?: ModelPrice | undefined;
}

/** Tokens of an answer, and of a request of the search, before one was seen. */
const answerTokens = 32;
const askTokens = { input: 2_000, output: 800 };
/** Rows of others that count beside a candidate's own, where it is about how often answers are asked again. */
const likenedRows = 8;
/** Rows whose length is measured. */
const measuredRows = 32;

/**
 * Calls are known from the program. Tokens are estimated from the length of a candidate's prompt and put right
 * by the tokens of the rows that were answered; dollars follow the tokens. So a candidate with long demos is
 * known to be dear before its first row.
 */
export function createRowCosts(options: RowCostsOptions): RowCosts {
  const { program, calls, price, reflectionPrice } = options;
  const rowTokens = meanTokensOf(options.examples.slice(0, measuredRows));
  const lengths = new WeakMap<Candidate, number>();
  const seen = new Map<CandidateHash, { rows: number; calls: number }>();
  const estimated = new Map<CandidateHash, number>();
  const typicals = new Map<CandidateHash, number>();
  /** Fewest calls of a row that a candidate had in common with the seed. */
  const shared = new Map<CandidateHash, number>();
  let tokens = 0;
  let usd = 0;
  let estimatedTokens = 0;
  /** Rows of all candidates, and what they took beyond one answer to each question. */
  let all = { rows: 0, further: 0 };
  let asks = { count: 0, tokens: 0, usd: 0 };

  const estimateOf = (candidate: Candidate): number => {
    let length = lengths.get(candidate);
    if (length === undefined) {
      length = promptTokens(program, candidate, rowTokens);
      lengths.set(candidate, length);
      estimated.set(hashCandidate(candidate), length);
      typicals.set(hashCandidate(candidate), calls(candidate).typical);
    }
    return length;
  };
  const costOf = (candidate: Candidate, callsOfRow: number, rows = 1): Amounts => {
    if (rows === 0) return nothing;
    const { typical } = calls(candidate);
    const base = estimateOf(candidate) * (typical === 0 ? 1 : callsOfRow / typical);
    const tokensOfRow = estimatedTokens > 0 ? (base * tokens) / estimatedTokens : base;
    const usdPerToken = tokens > 0 ? usd / tokens : (price?.input ?? 0) / 1e6;
    const answer = tokens > 0 ? 0 : (answerTokens * callsOfRow * (price?.output ?? 0)) / 1e6;
    const usdOfRow = tokensOfRow * usdPerToken + answer;
    return {
      calls: rows * callsOfRow,
      reflectionCalls: 0,
      tokens: rows * tokensOfRow,
      usd: rows * usdOfRow,
    };
  };

  const furtherPerRow = () => (all.rows === 0 ? 0 : all.further / all.rows);
  const callsSeen = (candidate: Candidate): number => {
    const { rows, calls: made } = seen.get(hashCandidate(candidate)) ?? { rows: 0, calls: 0 };
    const { typical } = calls(candidate);
    // A few rows say little of how often a candidate is asked again: those of all others count as some of its own.
    const further = Math.max(0, made - typical * rows) + likenedRows * furtherPerRow();
    return typical + further / (rows + likenedRows);
  };

  const sharedWithSeed = (candidate: Candidate): number =>
    Math.min(calls(candidate).typical, shared.get(hashCandidate(candidate)) ?? 0);
  /** With room for answers that are asked again more often than was seen: two standard deviations of a count. */
  const callsSafely = (candidate: Candidate, rows: number): number => {
    const { typical, most } = calls(candidate);
    const usual = callsSeen(candidate);
    const room = 2 * Math.sqrt((usual - typical) / Math.max(1, rows));
    return Math.min(Math.max(most, usual), usual + room);
  };

  return {
    typical: (candidate, { besideSeed = false } = {}) =>
      costOf(candidate, calls(candidate).typical - (besideSeed ? sharedWithSeed(candidate) : 0)),
    most: (candidate, { besideSeed = false } = {}) =>
      costOf(candidate, calls(candidate).most - (besideSeed ? sharedWithSeed(candidate) : 0)),
    usual: (candidate) => costOf(candidate, callsSeen(candidate)),
    safely: (candidate, rows) => costOf(candidate, callsSafely(candidate, rows), rows),
    besideSeed: (candidate, rows) =>
      costOf(candidate, Math.max(0, callsSafely(candidate, rows) - sharedWithSeed(candidate)), rows),
    ask: (request) => {
      if (asks.count > 0) {
        return {
          ...nothing,
          reflectionCalls: 1,
          tokens: asks.tokens / asks.count,
          usd: asks.usd / asks.count,
        };
      }
      const { output } = askTokens;
      const input = request === undefined ? askTokens.input : tokensOfAsk(request);
      const { input: perInput = 0, output: perOutput = 0 } = reflectionPrice ?? {};
      const usd = (input * perInput + output * perOutput) / 1e6;
      return { ...nothing, reflectionCalls: 1, tokens: input + output, usd };
    },
    observeRow: (candidate, amounts, sharedOfRow) => {
      if (sharedOfRow !== undefined) {
        shared.set(candidate, Math.min(sharedOfRow, shared.get(candidate) ?? sharedOfRow));
      }
      const rows = seen.get(candidate) ?? { rows: 0, calls: 0 };
      seen.set(candidate, { rows: rows.rows + 1, calls: rows.calls + amounts.calls });
      const typical = typicals.get(candidate) ?? amounts.calls;
      all = { rows: all.rows + 1, further: all.further + Math.max(0, amounts.calls - typical) };
      if (amounts.tokens === 0) return;
      tokens += amounts.tokens;
      usd += amounts.usd;
      estimatedTokens += estimated.get(candidate) ?? amounts.tokens;
    },
    observeAsk: (amounts) => {
      asks = { count: asks.count + 1, tokens: asks.tokens + amounts.tokens, usd: asks.usd + amounts.usd };
    },
  };
}

/** The input tokens of one row: of each step and demo set, and in a channel for each answer. */
function promptTokens(program: ProgramShape, candidate: Candidate, rowTokens: number): number {
  return program.steps.reduce((sum, step) => sum + stepTokens(step, candidate, rowTokens), 0);
}

function stepTokens({ name, choice }: StepShape, candidate: Candidate, rowTokens: number): number {
  const text = (part: string) => parameterOf(candidate, `${name}.${part}`, 'text')?.text ?? '';
  const own = estimateTokens(text('instructions')) + estimateTokens(text('user')) + rowTokens;
  const format = parameterOf(candidate, `${name}.format`, 'choice')?.value;
  const sets = parameterOf(candidate, `${name}.demos`, 'demos')?.sets ?? [];
  const repeats = ({ format: layout, verbalizer }: Pick<DemoSet, 'format' | 'verbalizer'>) =>
    (layout ?? format) === 'channel' && verbalizer === undefined ? (choice?.choices.length ?? 1) : 1;
  if (sets.length === 0) return own * repeats({});
  return sets.reduce((sum, set) => {
    const { demos, nearest = demos.length } = set;
    const all = demos.reduce((total, { inputs, outputs }) => total + tokensOf(inputs) + tokensOf(outputs), 0);
    const shown = demos.length === 0 ? 0 : (all * Math.min(nearest, demos.length)) / demos.length;
    return sum + (own + shown) * repeats(set);
  }, 0);
}

function tokensOfAsk({
  signature: { instructions, outputs },
  inputs,
}: Pick<Ask, 'signature' | 'inputs'>): number {
  return estimateTokens(instructions) + tokensOf(outputs) + tokensOf(inputs);
}

function tokensOf(value: unknown): number {
  return estimateTokens(JSON.stringify(value) ?? '');
}

function meanTokensOf(examples: readonly Example[]): number {
  if (examples.length === 0) return 0;
  return examples.reduce((sum, { inputs }) => sum + tokensOf(inputs), 0) / examples.length;
}
