import { type Branded, hashJson } from '../base/hash.ts';
import type { JsonObject } from '../base/json.ts';
import type { PromptFormat } from './prompt-format.ts';

/** A worked row shown in a prompt: values of input and output fields. */
export interface Demo {
  readonly inputs: JsonObject;
  readonly outputs: JsonObject;
  /** The id of the row it was taken from. That row is never scored with this demo in the prompt. */
  readonly source?: string | undefined;
}

/**
 * The demos of one prompt. Several sets make an ensemble: each is asked on its own and their answers are
 * pooled, so a set may have a layout, a say and a calibration of its own.
 */
export interface DemoSet {
  readonly demos: readonly Demo[];
  /** How many of them a row sees, at least 1: those whose inputs are nearest to its own. @default all, in their order */
  readonly nearest?: number | undefined;
  /** The layout of this set's prompt. @default the step's `format` */
  readonly format?: PromptFormat | undefined;
  /**
   * Most words of a row that a channel reads, of its demos too, at least 1: the first ones say most, and each
   * word is read once for every answer. @default all
   */
  readonly words?: number | undefined;
  /** Its say when log-probabilities are averaged, above 0. @default 1 */
  readonly weight?: number | undefined;
  /** Added to the log-probability of each answer of this set before pooling, in nats, by answer. @default 0 */
  readonly offsets?: Readonly<Record<string, number>> | undefined;
  /**
   * Reads a closed choice off other words than the answers, on a model that scores choices; others are asked as
   * without it. @default the answers themselves
   */
  readonly verbalizer?: Verbalizer | undefined;
}

/**
 * Words by which a closed choice is told: how likely the model finds each of them as the one word for a row, weighed
 * for each answer. The log-odds of an answer are the sum over the words of its weight times how far the word's
 * log-probability is from the expected one.
 *
 * @see Schick & Schütze 2021, "Exploiting Cloze Questions", §3.1, https://arxiv.org/abs/2001.07676, whose verbalizer
 *   has one word for each answer; Hu et al. 2022, "Knowledgeable Prompt-tuning", https://arxiv.org/abs/2108.02035.
 */
export interface Verbalizer {
  /** From 1 to 1,000, each once. */
  readonly words: readonly string[];
  /** The log-probability (nats) that each word has over all kinds of rows, in the order of the words. */
  readonly expected: readonly number[];
  /** By answer, in the order of the words; an answer that is not named has 0 for all. */
  readonly weights: Readonly<Record<string, readonly number[]>>;
}

/** One tunable thing of a program. */
export type Parameter =
  /** Instructions, a prompt section, a description. May contain `{{slots}}`, which every change keeps. */
  | { readonly kind: 'text'; readonly text: string }
  /** Sets of demos. None is a prompt without demos, one an ordinary few-shot prompt, several an ensemble. */
  | { readonly kind: 'demos'; readonly sets: readonly DemoSet[] }
  /** One of several named values, such as the layout of the prompt. */
  | { readonly kind: 'choice'; readonly value: string }
  /** A quantity within the bounds of its parameter, such as a temperature. */
  | { readonly kind: 'number'; readonly value: number }
  /** Added to the (pooled) log-probability of each answer of one closed output, in nats, by answer. */
  | { readonly kind: 'calibration'; readonly offsets: Readonly<Record<string, number>> };

export type ParameterKind = Parameter['kind'];

/**
 * All tunable things of a program by name, such as `answer.instructions` or `answer.demos`: a flat, immutable
 * JSON value. What a candidate leaves out, the program's seed gives.
 */
export type Candidate = Readonly<Record<string, Parameter>>;

export type CandidateHash = Branded<string, 'CandidateHash'>;

/** The identity of a candidate: equal parameters, equal hash. Sixteen hexadecimal digits. */
export function hashCandidate(candidate: Candidate): CandidateHash {
  return hashJson(candidate).slice(0, 16) as CandidateHash;
}

/** A candidate with some parameters replaced. */
export function withParameters(candidate: Candidate, changes: Candidate): Candidate {
  return { ...candidate, ...changes };
}

/**
 * What of a step a parameter is. `instructions`, `user`: texts. `demos`. `format`: the layout. `calibration`.
 * `temperature`. `model`: which role answers. Programs may have parts of their own.
 */
export type ParameterPart =
  | 'instructions'
  | 'user'
  | 'demos'
  | 'format'
  | 'calibration'
  | 'temperature'
  | 'model'
  | (string & {});

/** What a step is called that nobody named: of `predict`, and of the program of a prompt file. */
export const defaultStep = 'answer';

/** The name of a parameter, such as `answer.instructions`: made here and nowhere else. */
export function parameterName(step: string, part: ParameterPart): string {
  return `${step}.${part}`;
}

/** The parameter of this name and kind, or undefined when the candidate has none of the name. */
export function parameterOf<Kind extends ParameterKind>(
  candidate: Candidate,
  name: string,
  kind: Kind,
): Extract<Parameter, { kind: Kind }> | undefined {
  const parameter = candidate[name];
  return parameter?.kind === kind ? (parameter as Extract<Parameter, { kind: Kind }>) : undefined;
}
