import { type Branded, hashJson } from '../base/hash.ts';
import type { JsonObject } from '../base/json.ts';

/** A worked row shown in a prompt: values of input and output fields. */
export interface Demo {
  readonly inputs: JsonObject;
  readonly outputs: JsonObject;
  /** The id of the row it was taken from. That row is never scored with this demo in the prompt. */
  readonly source?: string | undefined;
}

/** One tunable thing of a program. */
export type Parameter =
  /** Instructions, a prompt section, a description. May contain `{{slots}}`, which every change keeps. */
  | { readonly kind: 'text'; readonly text: string }
  /** Sets of demos. One set is an ordinary few-shot prompt; several are asked one by one and averaged. */
  | { readonly kind: 'demos'; readonly sets: readonly (readonly Demo[])[] }
  /** One of several named values, such as the layout of the prompt. */
  | { readonly kind: 'choice'; readonly value: string }
  /** Added to the log-probability of each answer of one closed output, in nats, by answer. */
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

/** The parameter of this name and kind, or undefined when the candidate has none of the name. */
export function parameterOf<Kind extends ParameterKind>(
  candidate: Candidate,
  name: string,
  kind: Kind,
): Extract<Parameter, { kind: Kind }> | undefined {
  const parameter = candidate[name];
  return parameter?.kind === kind ? (parameter as Extract<Parameter, { kind: Kind }>) : undefined;
}
