import { deepFreeze } from '../../base/deep-freeze.ts';
import { candidateFault } from '../../program/check-candidate.ts';
import type { ProgramShape } from '../../program/program.ts';
import { type Candidate, type CandidateHash, hashCandidate } from '../../prompt/candidate.ts';
import { checkDraft } from '../../prompt/guards.ts';
import type { RunIndex } from '../../prompt/word-runs.ts';
import type { Admission, Because, Draft, RunEvent } from '../optimizer.ts';

/** How an admitted candidate came about. */
export interface Origin {
  readonly parents: readonly CandidateHash[];
  readonly origin: string;
  readonly because?: Because | undefined;
}

/** The gate of a search: every proposal passes it, and so does what a search returns. */
export interface Gate {
  admit(drafts: readonly Draft[]): readonly Admission[];
  readonly origins: ReadonlyMap<CandidateHash, Origin>;
  /** The seed, or a candidate that was admitted. */
  candidateOf(hash: CandidateHash): Candidate | undefined;
  /** Admits a whole candidate; one that passed before passes again. */
  admitWhole(candidate: Candidate, origin: string): Admission;
}

export interface GateOptions {
  readonly program: ProgramShape;
  readonly seed: Candidate;
  /** Runs of words of the training rows (`indexRows`): a proposed text may not quote them. @default none */
  readonly rows?: RunIndex | undefined;
  /** Most candidates, over all nested searches. */
  readonly maxCandidates?: number | undefined;
  readonly emit: (event: RunEvent) => void;
  /** Keeps a candidate from its admission on. */
  readonly keep: (hash: CandidateHash, candidate: Candidate) => void;
}

/**
 * Lets proposals in: only declared parameters, of their own kind, within the guards of their kind. What is
 * refused becomes an event, so that nothing disappears silently.
 */
export function createGate({ program, seed, rows, maxCandidates, emit, keep }: GateOptions): Gate {
  const specs = new Map(program.parameters.map((parameter) => [parameter.name, parameter]));
  const mayRepeat = Object.values(seed).flatMap((parameter) =>
    parameter.kind === 'text' ? [parameter.text] : [],
  );
  const origins = new Map<CandidateHash, Origin>();
  const admitted = new Map<CandidateHash, Candidate>([[hashCandidate(seed), seed]]);

  const sameWords = new Map<string, Candidate>([[sayingOf(seed), seed]]);

  const refusalOf = (draft: Draft, parent: Candidate): string | undefined => {
    for (const [name, changed] of Object.entries(draft.changes)) {
      const spec = specs.get(name);
      if (spec === undefined) return `The program has no parameter "${name}".`;
      const reason = checkDraft({ name, spec, parent: parent[name], changed, program, rows, mayRepeat });
      if (reason !== undefined) return reason;
    }
    return undefined;
  };
  const refuse = (origin: string, reason: string): Admission => {
    emit({ type: 'candidate-rejected', origin, reason });
    return { status: 'rejected', reason };
  };
  const admitOne = (draft: Draft): Admission => {
    const { origin, because, parents = [seed] } = draft;
    const [parent = seed] = parents;
    const fault = candidateFault(draft.changes, { program, seed: parent, called: 'The draft' });
    if (fault !== undefined) return refuse(origin, `${fault.message} ${fault.hint}`);
    const candidate = deepFreeze({ ...parent, ...draft.changes });
    const hash = hashCandidate(candidate);
    const known = admitted.get(hash) ?? sameWords.get(sayingOf(candidate));
    if (known !== undefined) return { status: 'known', candidate: known, hash: hashCandidate(known) };
    const isTooMany = maxCandidates !== undefined && origins.size >= maxCandidates;
    const reason = isTooMany
      ? `The limit of ${maxCandidates} candidates is reached.`
      : refusalOf(draft, parent);
    if (reason !== undefined) return refuse(origin, reason);
    admitted.set(hash, candidate);
    sameWords.set(sayingOf(candidate), candidate);
    keep(hash, candidate);
    const came = {
      parents: parents.map(hashCandidate),
      origin,
      ...(because !== undefined && { because }),
    };
    origins.set(hash, came);
    emit({ type: 'candidate-proposed', candidate: hash, ...came });
    return { status: 'admitted', candidate, hash };
  };

  return {
    origins,
    candidateOf: (hash) => admitted.get(hash),
    admit: (drafts) => drafts.map(admitOne),
    admitWhole: (candidate, origin) => admitOne({ changes: candidate, origin }),
  };
}

/**
 * Equal for candidates whose texts differ in white space at the ends of lines alone, or in how a letter or a line end
 * is written: a prompt that differs so says nothing new, and any difference in its scores is noise.
 */
function sayingOf(candidate: Candidate): string {
  const plain = (text: string) =>
    text
      .normalize('NFC')
      .replaceAll(/\r\n?/g, '\n')
      .replaceAll(/[^\S\n]+$/gm, '')
      .trim();
  return hashCandidate(
    Object.fromEntries(
      Object.entries(candidate).map(([name, parameter]) => [
        name,
        parameter?.kind === 'text' && typeof parameter.text === 'string'
          ? { ...parameter, text: plain(parameter.text) }
          : parameter,
      ]),
    ),
  );
}
