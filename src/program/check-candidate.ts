import { canonicalJson } from '../base/canonical-json.ts';
import { closestMatch } from '../base/closest-match.ts';
import { HoneError } from '../base/errors.ts';
import type { Candidate, Parameter } from '../prompt/candidate.ts';
import { checkValue } from '../prompt/guards.ts';
import { parameterSchema } from '../prompt/saved-candidate.ts';
import type { ProgramShape } from './program.ts';

/** What a candidate must fit: its names, and the kind and range of each value. */
export interface CandidateCheck {
  readonly program: Pick<ProgramShape, 'name' | 'parameters' | 'steps'>;
  /** Gives what the candidate leaves out; what it repeats of it is right. */
  readonly seed: Candidate;
  /** What the candidate is called in the message. @default 'The candidate' */
  readonly called?: string | undefined;
}

/** What is wrong with a candidate, and what to do about it. */
export interface CandidateFault {
  readonly message: string;
  readonly hint: string;
}

/**
 * The candidate with every parameter of the program, in a new object unless it has them all.
 *
 * @throws {HoneError} `HONE_CANDIDATE_INVALID` for a name that the program does not have (with the nearest one), a
 *   value of another kind or form or out of range, or a parameter that neither the candidate nor the seed gives.
 */
export function completeCandidate(candidate: Candidate, check: CandidateCheck): Candidate {
  const fault = candidateFault(candidate, check);
  if (fault !== undefined) {
    throw new HoneError(fault.message, { code: 'HONE_CANDIDATE_INVALID', hint: fault.hint });
  }
  const isWhole = check.program.parameters.every(({ name }) => Object.hasOwn(candidate, name));
  return isWhole ? candidate : { ...check.seed, ...candidate };
}

/** What `completeCandidate` would throw; undefined for a candidate that fits. */
export function candidateFault(
  candidate: Candidate,
  { program, seed, called = 'The candidate' }: CandidateCheck,
): CandidateFault | undefined {
  const given: unknown = candidate;
  const names = program.parameters.map(({ name }) => name);
  const all = `The parameters of "${program.name}" are ${names.join(', ') || 'none'}.`;
  if (!isObject(given) || Array.isArray(given)) {
    return { message: `${called} is no object of parameters by name.`, hint: all };
  }
  const strangers = Object.keys(candidate).filter((name) => !names.includes(name));
  if (strangers.length > 0) {
    const listed = strangers.map((name) => `"${name}"`).join(', ');
    return {
      message: `${called} sets ${listed}, which the program "${program.name}" does not have.`,
      hint: `${nearest(strangers, names)}${all}`,
    };
  }
  for (const spec of program.parameters) {
    const { name } = spec;
    if (!Object.hasOwn(candidate, name)) {
      if (Object.hasOwn(seed, name)) continue;
      return { message: `${called} lacks "${name}", which the seed does not give.`, hint: all };
    }
    const reason = valueFault(candidate[name], { spec, program, own: seed[name] });
    if (reason !== undefined) return { message: `${called}: ${reason}`, hint: `Correct ${name}. ${all}` };
  }
  return undefined;
}

/** The same parts under the name of another step are that step's: `draft.demos` of a program with one step `answer`. */
function nearest(strangers: readonly string[], names: readonly string[]): string {
  const [stranger = ''] = strangers;
  const part = stranger.slice(stranger.lastIndexOf('.') + 1);
  const samePart = names.filter((name) => name.endsWith(`.${part}`));
  const meant = closestMatch(stranger, names) ?? (samePart.length === 1 ? samePart[0] : undefined);
  return meant === undefined ? '' : `Did you mean ${meant}? `;
}

function valueFault(
  value: unknown,
  {
    spec,
    program,
    own,
  }: Pick<CandidateCheck, 'program'> & {
    readonly spec: ProgramShape['parameters'][number];
    readonly own: Parameter | undefined;
  },
): string | undefined {
  if (own !== undefined && own === value) return undefined;
  // As it is stored: a field that is undefined is left out.
  const parsed = parameterSchema.safeParse(isObject(value) ? JSON.parse(JSON.stringify(value)) : value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.map((part) => `.${String(part)}`).join('') ?? '';
    return `${spec.name}${place} is wrong: ${issue?.message ?? 'it is no parameter'}.`;
  }
  if (own !== undefined && canonicalJson(own) === canonicalJson(value)) return undefined;
  return checkValue({ name: spec.name, spec, changed: value as Parameter, program });
}

/** What programs hand to the programs inside them: it has the parameters of all, and the outermost has checked it. */
const checkedOutside = new WeakSet<Candidate>();

/**
 * `completeCandidate`, once for each: a candidate is an immutable value, and its rows are many. What comes out may be
 * handed to a program inside this one, which takes its own part of it.
 */
export function rememberComplete(check: CandidateCheck): (candidate: Candidate | undefined) => Candidate {
  const known = new WeakMap<Candidate, Candidate>();
  const names = Object.keys(check.seed);
  return (candidate = check.seed) => {
    const before = isObject(candidate) ? known.get(candidate) : undefined;
    if (before !== undefined) return before;
    const isChecked = isObject(candidate) && checkedOutside.has(candidate);
    const isWhole = isChecked && names.every((name) => Object.hasOwn(candidate, name));
    // A copy: the caller's own object may yet be given to another program, which has to check it.
    const complete = isWhole
      ? candidate
      : { ...check.seed, ...(isChecked ? candidate : completeCandidate(candidate, check)) };
    known.set(candidate, complete);
    checkedOutside.add(complete);
    return complete;
  };
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
