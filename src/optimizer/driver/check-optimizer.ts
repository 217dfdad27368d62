import { checkMembers, shown } from '../../base/check-members.ts';
import { HoneError, messageOf } from '../../base/errors.ts';
import type { Model } from '../../model/model.ts';
import type { Candidate, ParameterKind } from '../../prompt/candidate.ts';
import type { Scorer } from '../../scorer/scorer.ts';
import { isUnscored } from '../../scorer/unscored.ts';
import type { CallEstimate, Decision, Optimizer, TaskSize } from '../optimizer.ts';
import { modelsOf } from './engine.ts';
import type { PlannedOptions } from './optimize-options.ts';

const hint = 'Give what a factory such as `auto()` gives, or all that `Optimizer` asks for.';

/**
 * Checks what a caller gives as its optimizer.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for what is no optimizer.
 */
export function checkOptimizer(optimizer: unknown): asserts optimizer is Optimizer {
  checkMembers(optimizer, { of: 'The optimizer', members: { name: 'text' }, hint });
  const { name } = optimizer as Optimizer;
  const of = `The optimizer "${name}"`;
  checkMembers(optimizer, {
    of,
    members: {
      version: 'number',
      options: 'object',
      needs: 'object',
      estimate: 'function',
      optimize: 'function',
    },
    hint,
  });
  const { needs } = optimizer as Optimizer;
  checkMembers(needs, {
    of: `The needs of the optimizer "${name}"`,
    members: { parameters: 'list', labels: 'boolean' },
    hint,
  });
}

/** Whether an optimizer needs neither labels nor scores, because a judge compares answers. */
export function comparesAnswers({ needs }: Pick<Optimizer, 'needs'>): boolean {
  return needs.preference === true && !needs.labels;
}

/**
 * Checks everything that an optimizer says that it needs, but for labels, which the rows tell.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for the first need that is not met.
 */
export function checkNeeds<Inputs, Outputs>(
  options: PlannedOptions<Inputs, Outputs>,
  scorers: readonly Scorer[],
): void {
  const { program, optimizer, model } = options;
  const { needs, name } = optimizer;
  const models: Readonly<Record<string, Model | undefined>> = modelsOf(options);
  const refuse = (what: string, remedy: string) => {
    throw new HoneError(`The optimizer "${name}" ${what}`, { code: 'HONE_OPTION_INVALID', hint: remedy });
  };
  for (const kind of needs.parameters) {
    if (program.shape.parameters.some((parameter) => parameter.kind === kind)) continue;
    refuse(`sets ${kind} parameters, and the program has none.`, remedyFor(kind));
  }
  const ways = (needs.oneOf ?? []).filter(({ parameter }) =>
    program.shape.parameters.some(({ kind }) => kind === parameter),
  );
  if (needs.oneOf !== undefined && ways.length === 0) {
    const kinds = needs.oneOf.map(({ parameter }) => parameter).join(' or ');
    refuse(`sets ${kinds} parameters, and the program has none.`, 'Choose another optimizer.');
  }
  if (ways.length > 0 && ways.every((way) => way.reflectionModel) && models.reflection === undefined) {
    refuse(
      `finds only ${ways.map(({ parameter }) => parameter).join(' and ')} parameters in the program, which a reflection model writes, and none was given.`,
      'Give `reflectionModel`, on the command line --reflection-model.',
    );
  }
  if (needs.reflectionModel && models.reflection === undefined) {
    refuse(
      'asks a reflection model, and none was given.',
      'Give `reflectionModel`, on the command line --reflection-model.',
    );
  }
  if (needs.preference && models.judge === undefined && models.reflection === undefined) {
    refuse(
      'has pairs of answers judged, and no model was given that judges.',
      'Give `models: { judge: … }`, or a `reflectionModel`, which judges where there is no judge.',
    );
  }
  if (scorers.some(isUnscored) && !comparesAnswers(optimizer)) {
    refuse(
      'goes by scores, and the scorer gives none.',
      'Name the column with the right answers (--expected) or another scorer; without labels take the optimizer "spo".',
    );
  }
  if (needs.choiceScores && !model.capabilities.choiceScores) {
    refuse(
      `needs a model that scores choices; ${model.id} does not.`,
      'Use a local model, or the optimizer "auto".',
    );
  }
  const [first] = scorers;
  if (needs.feedback && first?.givesFeedback !== true) {
    refuse(
      `learns from feedback, and the scorer "${first?.name}" does not say that it gives any.`,
      'Let the scorer return { score, feedback } and say so: scorer(name, …, { givesFeedback: true }).',
    );
  }
}

function remedyFor(kind: ParameterKind): string {
  return kind === 'calibration'
    ? 'Calibration needs one output with a closed choice.'
    : 'Choose another optimizer.';
}

/**
 * Most calls that an optimizer makes with its options.
 *
 * @throws {HoneError} `HONE_OPTIMIZER_FAILED` when it throws, or gives no such numbers.
 */
export function estimateOf(optimizer: Pick<Optimizer, 'name' | 'estimate'>, size: TaskSize): CallEstimate {
  let estimate: CallEstimate | undefined;
  try {
    estimate = optimizer.estimate(size);
  } catch (cause) {
    throw failed(optimizer, { what: `\`estimate\` threw: ${messageOf(cause)}`, cause });
  }
  const isCount = (count: unknown) => Number.isFinite(count) && (count as number) >= 0;
  if (isCount(estimate?.task) && isCount(estimate?.reflection)) return estimate;
  throw failed(optimizer, {
    what: `\`estimate\` gave ${shown(estimate)}, and must give { task, reflection }: the most calls of each`,
  });
}

/** What is wrong with what an optimizer yielded; undefined for a decision. */
export function faultOfDecision(decision: unknown): string | undefined {
  const { type, phase, candidate, note, message } = (decision ?? {}) as Partial<
    Record<'type' | 'phase' | 'candidate' | 'note' | 'message', unknown>
  >;
  const isDecision =
    (type === ('phase-started' satisfies Decision['type']) && typeof phase === 'string') ||
    (type === ('notice' satisfies Decision['type']) && typeof message === 'string') ||
    (type === ('candidate-accepted' satisfies Decision['type']) &&
      typeof candidate === 'string' &&
      typeof note === 'string');
  return isDecision ? undefined : `it yielded ${shown(decision)}, which is no decision`;
}

/** What is wrong with what an optimizer returned; undefined for a candidate. */
export function faultOfReturned(returned: unknown): string | undefined {
  const isCandidate =
    typeof returned === 'object' &&
    returned !== null &&
    !Array.isArray(returned) &&
    Object.values(returned as Candidate).every((parameter) => typeof parameter?.kind === 'string');
  return isCandidate
    ? undefined
    : `it returned ${shown(returned)}, and must return a candidate: parameters by name`;
}

/** An optimizer's own fault: the run ends with it, and says whose it is. */
export function failed(
  { name }: Pick<Optimizer, 'name'>,
  { what, cause }: { readonly what: string; readonly cause?: unknown },
): HoneError {
  return new HoneError(`The optimizer "${name}" is at fault: ${what}.`, {
    code: 'HONE_OPTIMIZER_FAILED',
    hint: 'Correct the optimizer; describeOptimizer of hone-ai/testing finds such faults.',
    cause,
    facts: { optimizer: name },
  });
}
