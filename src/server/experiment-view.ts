import { HoneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import type { Evaluation, ScoreSummary } from '../evaluation/evaluation.ts';
import { readSnapshot } from '../evaluation/snapshot.ts';
import type { Candidate, Parameter } from '../prompt/candidate.ts';
import { diffCandidates } from '../prompt/diff.ts';
import { counted, score } from '../report/numbers.ts';
import type { RunRecord } from '../store/store.ts';
import { countStatuses, figuresOf, slicedFields } from './row-pages.ts';
import { channelsByCandidate, runLine } from './run-lines.ts';
import type { Setting } from './setting.ts';
import type { ExperimentView, ParameterView, RowStatus, RunLine, ScoreView } from './views.ts';

/** @throws {HoneError} `HONE_RUN_NOT_FOUND`. */
export async function readRun({ workspace }: Pick<Setting, 'workspace'>, id: string): Promise<RunRecord> {
  const record = await workspace.store.runs.read(id);
  if (record !== undefined) return record;
  throw new HoneError(`There is no run ${id}.`, {
    code: 'HONE_RUN_NOT_FOUND',
    hint: 'Choose one of the list of runs.',
  });
}

/** An evaluation, at work or finished, with everything above its rows. */
export async function experimentView(setting: Setting, id: string): Promise<ExperimentView> {
  const record = await readRun(setting, id);
  if (record.kind !== 'evaluation') {
    throw new HoneError(`The run ${id} is an optimization.`, {
      code: 'HONE_RUN_NOT_FOUND',
      hint: `Look at it as one: /optimize/${id}`,
    });
  }
  const index = await setting.indexes.open(id);
  const rows = index?.rows ?? [];
  const snapshot = readSnapshot(record.snapshot);
  const evaluation = record.result as unknown as Partial<Evaluation> | undefined;
  const run = await runLine(record, { setting, channels: await channelsByCandidate(setting.registry) });
  const counts = countStatuses(rows);
  const summaries = evaluation?.summaries;
  const scores: readonly ScoreView[] =
    summaries?.map((summary, place) => scoreViewOf(summary, snapshot?.scorers[place]?.passFail ?? false)) ??
    (rows.length === 0 ? [] : [soFar(rows.length, { counts, ...figuresOf(rows, id) })]);
  const parameters = await setting.workspace.store.candidates.read(index?.candidate ?? '');
  return {
    run,
    sentence: sentenceOf(run, { scores, counts, total: rows.length }),
    scores,
    fields: slicedFields(rows),
    counts,
    total: rows.length,
    usage: evaluation?.usage as unknown as JsonObject | undefined,
    // The store holds what this program wrote into it.
    parameters: parameters && parameterViews(parameters as unknown as Candidate),
    models: snapshot?.models ?? {},
    notes: evaluation?.notices ?? [],
  };
}

function scoreViewOf(summary: ScoreSummary, passFail: boolean): ScoreView {
  const { name, mean, interval, rows, failed, unscored, infrastructureErrors, note } = summary;
  return { name, passFail, mean, interval, rows, failed, unscored, lost: infrastructureErrors, note };
}

/** What can be said before the end. */
function soFar(
  rows: number,
  of: {
    readonly counts: Readonly<Record<RowStatus, number>>;
    readonly mean?: number;
    readonly interval?: readonly [number, number];
  },
): ScoreView {
  const { counts, mean, interval = [0, 1] } = of;
  return {
    name: 'score so far',
    passFail: counts.partial === 0,
    mean,
    interval,
    rows: rows - counts.lost - counts.unscored,
    failed: counts.failed,
    unscored: counts.unscored,
    lost: counts.lost,
    note: 'The evaluation has not ended: rows that are still to come may differ from these.',
  };
}

function sentenceOf(
  { status, model }: RunLine,
  {
    scores: [first],
    counts,
    total,
  }: {
    readonly scores: readonly ScoreView[];
    readonly counts: Readonly<Record<RowStatus, number>>;
    readonly total: number;
  },
): string {
  if (first?.mean === undefined) {
    return total === 0 ? 'No row was answered yet.' : `None of ${counted(total, 'row')} has a score.`;
  }
  const of = first.passFail
    ? `${counts.right} of ${counted(first.rows, 'row')} right`
    : `a mean of ${score(first.mean)} on ${counted(first.rows, 'row')}`;
  const [low, high] = first.interval;
  const asked = model === undefined ? '' : ` with ${model}`;
  const state = {
    active: 'So far ',
    interrupted: 'Stopped at ',
    failed: 'Ended by a fault at ',
    cancelled: 'Cancelled at ',
    completed: '',
  }[status];
  const faults = [
    ...(first.failed > 0 ? [`${counted(first.failed, 'answer')} could not be used`] : []),
    ...(counts.lost > 0
      ? [`${counted(counts.lost, 'row')} got no answer and ${counts.lost === 1 ? 'counts' : 'count'} nowhere`]
      : []),
  ];
  const figures = `${state}${of}${asked}: between ${score(low)} and ${score(high)} with 95 % confidence`;
  return `${[figures, ...faults].join('; ')}.`;
}

/** A candidate as people read it: demos and numbers too. */
export function parameterViews(candidate: Candidate): readonly ParameterView[] {
  return Object.entries(candidate)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, parameter]) => ({ name, kind: parameter.kind, text: parameterText(name, parameter) }));
}

function parameterText(name: string, parameter: Parameter): string {
  // What a comparison with nothing adds is the whole, in the words of every other comparison.
  const [diff] = diffCandidates({}, { [name]: parameter });
  return (diff?.lines ?? []).map(({ text }) => text).join('\n');
}
