import type { Example } from '../../dataset/dataset.ts';
import type { ProgramShape } from '../../program/program.ts';
import { type Candidate, type CandidateHash, hashCandidate } from '../../prompt/candidate.ts';
import { checkDraft } from '../../prompt/guards.ts';
import type { Draft, OptimizationEvent } from '../optimizer.ts';

/** Where admitted candidates come from, by hash. */
export interface Origin {
  readonly parent: CandidateHash;
  readonly origin: string;
}

export interface Admission {
  admit(drafts: readonly Draft[], parent: Candidate): readonly Candidate[];
  readonly origins: ReadonlyMap<CandidateHash, Origin>;
}

export interface AdmissionOptions {
  readonly program: ProgramShape;
  readonly seed: Candidate;
  /** A proposed text may not quote them. */
  readonly train: readonly Example[];
  readonly maxCandidates?: number | undefined;
  readonly emit: (event: OptimizationEvent) => void;
}

/**
 * Lets proposals in: only declared parameters, of their own kind, within the guards of their kind, never a
 * candidate twice. What is refused becomes an event, so that nothing disappears silently.
 */
export function createAdmission(options: AdmissionOptions): Admission {
  const { program, seed, train, maxCandidates, emit } = options;
  const rowTexts = train.flatMap(({ inputs }) =>
    Object.values(inputs).filter((value) => typeof value === 'string'),
  );
  const origins = new Map<CandidateHash, Origin>();
  const seedHash = hashCandidate(seed);

  const refusalOf = (draft: Draft, parent: Candidate): string | undefined => {
    for (const [name, changed] of Object.entries(draft.changes)) {
      const spec = program.parameters.find((parameter) => parameter.name === name);
      if (spec === undefined) return `The program has no parameter "${name}".`;
      const reason = checkDraft({ name, spec, parent: parent[name], changed, program, rowTexts });
      if (reason !== undefined) return reason;
    }
    return undefined;
  };

  return {
    origins,
    admit: (drafts, parent) =>
      drafts.flatMap((draft) => {
        const { origin } = draft;
        const candidate = { ...parent, ...draft.changes };
        const hash = hashCandidate(candidate);
        const isKnown = hash === seedHash || origins.has(hash);
        const isTooMany = maxCandidates !== undefined && origins.size >= maxCandidates;
        const reason = isKnown
          ? 'It was proposed before.'
          : isTooMany
            ? `The limit of ${maxCandidates} candidates is reached.`
            : refusalOf(draft, parent);
        if (reason !== undefined) {
          emit({ type: 'candidate-rejected', origin, reason });
          return [];
        }
        const parentHash = hashCandidate(parent);
        origins.set(hash, { parent: parentHash, origin });
        emit({ type: 'candidate-proposed', candidate: hash, parent: parentHash, origin });
        return [candidate];
      }),
  };
}
