import { canonicalJson } from '../../base/canonical-json.ts';
import { deepFreeze } from '../../base/deep-freeze.ts';
import { HoneError } from '../../base/errors.ts';
import { hashJson } from '../../base/hash.ts';
import { ownOf } from '../../base/own-property.ts';
import { collectExamples } from '../../dataset/collect.ts';
import type { DatasetSplit, Example } from '../../dataset/dataset.ts';
import { collectRoles, isRowRoles } from '../../dataset/roles.ts';
import { scorersHash } from '../../evaluation/snapshot.ts';
import { checkModel } from '../../model/check-model.ts';
import { checkProgram } from '../../program/check-program.ts';
import { checkScorers } from '../../scorer/check-scorers.ts';
import type { Scorer } from '../../scorer/scorer.ts';
import { checkNeeds, checkOptimizer } from './check-optimizer.ts';
import { modelsOf } from './engine.ts';
import type { OptimizeOptions, PlannedOptions } from './optimize-options.ts';

/** The options with the optimizer that they name or make. */
export function withOptimizer<Inputs, Outputs>(
  options: OptimizeOptions<Inputs, Outputs>,
): PlannedOptions<Inputs, Outputs> {
  const { optimizer: given } = options;
  if (typeof given !== 'function') {
    checkOptimizer(given);
    return { ...options, optimizer: given, fresh: given.fresh };
  }
  const optimizer: unknown = given();
  checkOptimizer(optimizer);
  // Whoever makes one makes another, so that each fold of a cross-fit has its own.
  return { ...options, optimizer, fresh: given };
}

/** What a run works on, checked. */
export interface PreparedTask {
  readonly examples: readonly Example[];
  /** Where the caller decides which rows are for what. */
  readonly roles?: DatasetSplit | undefined;
  readonly scorers: readonly Scorer[];
  readonly notices: readonly string[];
  /** Hash of everything that decides the run's course: another value is another run. */
  readonly identity: string;
}

/**
 * Reads the rows and checks that they, the program, the model and the optimizer fit together, before anything
 * is spent.
 */
export async function prepareTask<Inputs, Outputs>(
  options: PlannedOptions<Inputs, Outputs>,
): Promise<PreparedTask> {
  const { program, optimizer, model, randomSeed = 1 } = options;
  const scorers: readonly Scorer[] = Array.isArray(options.scorer)
    ? options.scorer
    : [options.scorer as Scorer];
  checkParts(options, scorers);
  const { task: _, ...others } = modelsOf(options);
  const { examples, roles, notices } = frozen(await collectRows(options, scorers));
  checkRows(examples, options);
  return {
    examples,
    ...(roles !== undefined && { roles }),
    scorers,
    notices,
    identity: hashJson({
      program: program.shape,
      seed: program.seed,
      examples: hashJson(examples),
      roles: roles && [roles.train.length, roles.validation.length, roles.test.length],
      scorers: scorersHash(scorers),
      optimizer: [optimizer.name, optimizer.version, optimizer.options],
      model: [model.endpoint, model.id],
      models: Object.entries(others).map(([role, { endpoint, id }]) => [role, endpoint, id]),
      objectives: options.objectives,
      evenIfSaturated: options.evenIfSaturated,
      stopWhen: options.stopWhen?.map(({ name, options: settings }) => ({ name, settings })),
      randomSeed,
      shares: options.shares,
      budget: options.budget,
      maxCandidates: options.maxCandidates,
    }),
  };
}

/** Everything that the run works with is what it says, and the optimizer has what it needs. */
function checkParts<Inputs, Outputs>(
  options: PlannedOptions<Inputs, Outputs>,
  scorers: readonly Scorer[],
): void {
  checkProgram(options.program);
  if (scorers.length === 0) {
    throw new HoneError('An optimization needs a scorer, and the list of scorers is empty.', {
      code: 'HONE_OPTION_INVALID',
      hint: 'Give one, such as exactMatch(field).',
    });
  }
  checkScorers(scorers);
  const { task, ...others } = modelsOf(options);
  checkModel(task, 'task');
  for (const [role, model] of Object.entries(others)) checkModel(model, role);
  checkNeeds(options, scorers);
}

/** The rows with an expected value, each in its role where roles are given. */
async function collectRows<Inputs, Outputs>(
  { dataset, randomSeed: seed = 1 }: PlannedOptions<Inputs, Outputs>,
  scorers: readonly Scorer[],
): Promise<Pick<PreparedTask, 'examples' | 'roles' | 'notices'>> {
  const limits = { limit: 10_000, seed };
  if (!isRowRoles(dataset)) {
    const { examples: all, notices } = await collectExamples(dataset, limits);
    const { examples, dropped } = withExpectations(all, scorers);
    return { examples, notices: [...notices, ...droppedNotice(dropped)] };
  }
  const { examples: all, ...given } = await collectRoles(dataset, limits);
  const { examples, dropped } = withExpectations(all, scorers);
  const kept = new Set(examples.map(({ id }) => id));
  const labelled = (role: 'train' | 'validation' | 'test') => {
    const rows = given[role].filter(({ id }) => kept.has(id));
    if (rows.length > 0) return rows;
    throw new HoneError(`${role}: no row has an expected value.`, {
      code: 'HONE_DATASET_EMPTY',
      hint: 'Name the column with the expected answer, on the command line --expected.',
    });
  };
  const roles = {
    ...given,
    train: labelled('train'),
    validation: labelled('validation'),
    test: labelled('test'),
  };
  return { examples, roles, notices: droppedNotice(dropped) };
}

/** The rows as copies that nobody changes: the caller's own stay as they are. */
function frozen({
  examples,
  roles,
  notices,
}: Pick<PreparedTask, 'examples' | 'roles' | 'notices'>): Pick<
  PreparedTask,
  'examples' | 'roles' | 'notices'
> {
  const copies = new Map<Example, Example>();
  const copyOf = (row: Example): Example => {
    const copy = copies.get(row) ?? deepFreeze(structuredClone(row));
    copies.set(row, copy);
    return copy;
  };
  const side = (rows: readonly Example[]) => Object.freeze(rows.map(copyOf));
  return {
    examples: side(examples),
    ...(roles !== undefined && {
      roles: {
        ...roles,
        train: side(roles.train),
        validation: side(roles.validation),
        test: side(roles.test),
      },
    }),
    notices,
  };
}

function droppedNotice(dropped: number): readonly string[] {
  if (dropped === 0) return [];
  const rows =
    dropped === 1 ? '1 row without an expected value was' : `${dropped} rows without an expected value were`;
  return [`${rows} left out.`];
}

function withExpectations(examples: readonly Example[], scorers: readonly Scorer[]) {
  const expected = scorers.flatMap((scorer) => scorer.expects ?? []);
  const labelled = examples.filter((example) =>
    expected.every((name) => hasValue(ownOf(example.expected ?? {}, name))),
  );
  return { examples: labelled, dropped: examples.length - labelled.length };
}

function hasValue(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function checkRows<Inputs, Outputs>(
  examples: readonly Example[],
  { optimizer, scorer }: PlannedOptions<Inputs, Outputs>,
): void {
  const [first] = examples;
  const hasLabels = examples.some(({ expected }) => Object.values(expected ?? {}).some(hasValue));
  if (first === undefined || (optimizer.needs.labels && !hasLabels)) {
    throw new HoneError('No row has an expected value.', {
      code: 'HONE_DATASET_EMPTY',
      hint: 'Name the column with the expected answer, on the command line --expected.',
    });
  }
  if (!optimizer.needs.labels) return;
  const answers = new Set(examples.map(({ expected }) => canonicalJson(expected ?? null)));
  if (
    answers.size === 1 &&
    examples.length > 1 &&
    [scorer].flat().every(({ expects }) => expects !== undefined)
  ) {
    throw new HoneError(
      `All ${examples.length} rows expect the same answer, ${[...answers][0]}: nothing can be learned from one class.`,
      {
        code: 'HONE_DATASET_ONE_CLASS',
        hint: 'Add rows with other expected answers, or check which column is the expected one.',
      },
    );
  }
}
