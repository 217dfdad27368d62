import { HoneError } from '../../base/errors.ts';
import type { Example } from '../../dataset/dataset.ts';
import { normalise } from '../../program/normalise.ts';
import { poolChoiceScores } from '../../program/pool-choice-scores.ts';
import type { ProgramShape, StepShape } from '../../program/program.ts';
import { predictStepsOf } from '../../program/trace.ts';
import { type Candidate, parameterName, parameterOf } from '../../prompt/candidate.ts';
import type { CandidateEvaluation } from '../optimizer.ts';

/** A step whose one output is a closed choice. */
export type ClosedStep = StepShape & { readonly choice: NonNullable<StepShape['choice']> };

/** The named step, or the first with one closed choice as its output; undefined when there is none. */
export function findClosedStep(program: ProgramShape, name?: string): ClosedStep | undefined {
  return program.steps.find(
    (step): step is ClosedStep => step.choice !== undefined && (name === undefined || step.name === name),
  );
}

/**
 * The named step, or the first with one closed choice as its output.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` when there is none.
 */
export function closedStep(program: ProgramShape, name?: string): ClosedStep {
  const step = findClosedStep(program, name);
  if (step !== undefined) return step;
  throw new HoneError(
    `The program has no step${name === undefined ? '' : ` "${name}"`} whose one output is a closed choice.`,
    {
      code: 'HONE_OPTION_INVALID',
      hint: 'Calibration and channels need a single output with a list of allowed answers.',
    },
  );
}

/** The share of each answer among the rows, each counted once more than it is seen so that none is 0. */
export function answerShares(
  rows: readonly Example[],
  { field, choices }: ClosedStep['choice'],
): readonly number[] {
  const counts = choices.map(
    (choice) => 1 + rows.filter(({ expected }) => expected?.[field] === choice).length,
  );
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / total);
}

/**
 * The offsets (nats, one for each choice) that make the mean probabilities over `scores` equal to `target`,
 * found by repeated division by the mean. Their own mean is 0.
 *
 * @param scores Log-probabilities of the choices, one list a row; normalised or not.
 */
export function priorOffsets(
  scores: readonly (readonly number[])[],
  target: readonly number[],
): readonly number[] {
  let offsets = target.map(() => 0);
  if (scores.length === 0) return offsets;
  for (let round = 0; round < rounds; round += 1) {
    const means = target.map(() => 0);
    for (const row of scores) {
      const probabilities = normalise(row.map((value, index) => value + (offsets[index] ?? 0)));
      for (const [index, probability] of probabilities.entries()) {
        means[index] = (means[index] ?? 0) + probability / scores.length;
      }
    }
    offsets = offsets.map(
      (offset, index) => offset + Math.log((target[index] ?? 1) / Math.max(means[index] ?? 0, 1e-12)),
    );
  }
  const mean = offsets.reduce((sum, offset) => sum + offset, 0) / offsets.length;
  return offsets.map((offset) => Math.round((offset - mean) * 1e4) / 1e4);
}

/** Enough for four digits on anything that models give. */
const rounds = 60;

/** Offsets by answer, as a candidate holds them. */
export function namedOffsets(
  choices: readonly string[],
  offsets: readonly number[],
): Readonly<Record<string, number>> {
  return Object.fromEntries(choices.map((choice, index) => [choice, offsets[index] ?? 0]));
}

/** A row whose choices were scored: the log-probability of each choice, one list for each demo set. */
export interface ScoredRow {
  readonly exampleId: string;
  readonly scores: readonly (readonly number[])[];
}

/** The rows of an evaluation, made with traces, whose choices a step scored; others say nothing. */
export function scoredRows({ results }: CandidateEvaluation, step: string): readonly ScoredRow[] {
  return results.flatMap(({ exampleId, trace }) => {
    const scores = predictStepsOf(trace ?? [], step)[0]?.choiceScores;
    return scores === undefined ? [] : [{ exampleId, scores }];
  });
}

/** The seed with its answers' priors subtracted; undefined where the program or the model has no scores. */
export function calibratedOn(
  program: ProgramShape,
  candidate: Candidate,
  { evaluation, train }: { readonly evaluation: CandidateEvaluation; readonly train: readonly Example[] },
): Candidate | undefined {
  const step = findClosedStep(program);
  if (step === undefined || scoredRows(evaluation, step.name).length === 0) return undefined;
  const target = answerShares(train, step.choice);
  return {
    ...candidate,
    [parameterName(step.name, 'calibration')]: calibrationOf(evaluation, { step, target, strength: 1 }),
  };
}

/** The offsets that make the pooled answers of an evaluation as frequent as `target`, as a parameter. */
export function calibrationOf(
  evaluation: CandidateEvaluation,
  {
    step,
    target,
    strength,
  }: { readonly step: ClosedStep; readonly target: readonly number[]; readonly strength: number },
) {
  const pooled = pooledRows(evaluation, step).map(({ logProbabilities }) => logProbabilities);
  const offsets = priorOffsets(pooled, target).map((offset) => Math.round(offset * strength * 1e4) / 1e4);
  return { kind: 'calibration', offsets: namedOffsets(step.choice.choices, offsets) } as const;
}

/** The pooled log-probabilities of each scored row, before the step's own calibration. */
export function pooledRows(
  evaluation: CandidateEvaluation,
  { name, choice: { choices } }: ClosedStep,
): readonly { readonly exampleId: string; readonly logProbabilities: readonly number[] }[] {
  const sets = parameterOf(evaluation.candidate, parameterName(name, 'demos'), 'demos')?.sets ?? [];
  return scoredRows(evaluation, name).map(({ exampleId, scores }) => ({
    exampleId,
    logProbabilities: poolChoiceScores(scores, { choices, sets, offsets: {} }).probabilities.map((value) =>
      Math.log(Math.max(value, 1e-300)),
    ),
  }));
}
