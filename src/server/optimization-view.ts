import { HoneError } from '../base/errors.ts';
import { wilsonInterval } from '../evaluation/statistics/wilson.ts';
import type { OptimizationReport } from '../optimizer/driver/report.ts';
import type { Candidate } from '../prompt/candidate.ts';
import { diffCandidates } from '../prompt/diff.ts';
import { saveCandidate } from '../prompt/saved-candidate.ts';
import { counted, score } from '../report/numbers.ts';
import { renderReportAsHtml } from '../report/report-html.ts';
import { isShown, stopLabel, verdictMeaning, verdictTitle } from '../report/verdict.ts';
import type { RunRecord } from '../store/store.ts';
import { evidenceOfProof } from './evidence.ts';
import { parameterViews, readRun } from './experiment-view.ts';
import type {
  BudgetView,
  CandidateDetail,
  CandidateView,
  MatrixRow,
  OptimizationView,
} from './optimization-views.ts';
import { channelsByCandidate, runLine } from './run-lines.ts';
import type { RunMatrix } from './run-matrix.ts';
import { type CourseCandidate, courseOf, type SearchCourse } from './search-course.ts';
import type { Setting } from './setting.ts';

/** Rows and candidates of the matrix: more are told, not drawn. */
const mostRows = 48;
const mostColumns = 24;

/** An optimization, at work or finished, from what its run has stored. */
export async function optimizationView(setting: Setting, id: string): Promise<OptimizationView> {
  const record = await readRun(setting, id);
  if (record.kind !== 'optimization') {
    throw new HoneError(`The run ${id} is an evaluation.`, {
      code: 'HONE_RUN_NOT_FOUND',
      hint: `Look at it as one: /runs/${id}`,
    });
  }
  const events = await setting.workspace.store.events.read(id);
  const course = courseOf(events);
  const matrix = await setting.matrices.open(id);
  const report = reportOf(record);
  const run = await runLine(record, { setting, channels: await channelsByCandidate(setting.registry) });
  const candidates = candidateViews(course, { matrix, report });
  const best = candidates.find(({ status }) => status === 'best') ?? candidates[0];
  return {
    run,
    phase: record.status === 'active' ? course.phase : record.status,
    sentence: sentenceOf(candidates, { report, best }),
    verdict: report && {
      title: verdictTitle(report),
      meaning: verdictMeaning(report),
      isShown: isShown(report.verdict),
      stopped: stopLabel(report),
    },
    sealed: sealedOf(course, report),
    rowsOf: report?.rows,
    budget: budgetOf(record, matrix),
    candidates,
    rejected: course.rejected,
    curve: curveOf(course),
    matrix: matrixOf(course, { matrix, candidates }),
    notices: [...new Set([...course.notices, ...(report?.notices ?? [])])],
    events: events.length,
  };
}

function reportOf({ result }: RunRecord): OptimizationReport | undefined {
  const report = result as unknown as OptimizationReport | undefined;
  return report?.verdict === undefined ? undefined : report;
}

function candidateViews(
  { candidates, curve }: SearchCourse,
  { matrix, report }: { readonly matrix: RunMatrix; readonly report: OptimizationReport | undefined },
): readonly CandidateView[] {
  const numbers = new Map(candidates.map(({ hash, number }) => [hash, number]));
  const seed = matrix.scores.get(candidates[0]?.hash ?? '');
  const full = Math.max(0, ...candidates.map(({ rows }) => rows));
  const leader = candidates
    .filter(({ mean, rows }) => mean !== undefined && rows === full)
    .sort((a, b) => (b.mean ?? 0) - (a.mean ?? 0) || a.number - b.number)[0];
  const best = report?.best.hash ?? leader?.hash;
  const evaluated = new Set(curve.map(({ candidate }) => candidate));
  return candidates.map((candidate) => {
    const { hash, number, origin, parents, because, becauseRows, mean, rows, isEliminated } = candidate;
    const cost = matrix.costs.get(hash);
    return {
      hash,
      number,
      origin,
      parents: parents.flatMap((parent) => numbers.get(parent) ?? []),
      because,
      becauseRows,
      mean,
      interval: intervalOf(candidate, matrix),
      rows,
      status:
        number === 0
          ? 'seed'
          : hash === best
            ? 'best'
            : isEliminated
              ? 'eliminated'
              : evaluated.has(hash)
                ? 'kept'
                : 'tried',
      ...turnedAgainst(seed, matrix.scores.get(hash)),
      costUsd: cost?.usd === undefined ? undefined : cost.usd / cost.answers,
    };
  });
}

/** Of passes and fails; what the spread of graded scores on these rows was is not kept. */
function intervalOf({ hash, mean, rows }: CourseCandidate, { scores }: RunMatrix) {
  if (mean === undefined || rows === 0) return undefined;
  const isBinary = [...(scores.get(hash)?.values() ?? [])].every((value) => value === 0 || value === 1);
  return isBinary ? wilsonInterval({ successes: mean * rows, rows }) : undefined;
}

function turnedAgainst(
  seed: ReadonlyMap<string, number> | undefined,
  own: ReadonlyMap<string, number> | undefined,
): { readonly fixed: number; readonly broken: number } {
  let [fixed, broken] = [0, 0];
  for (const [row, value] of own ?? []) {
    const before = seed?.get(row);
    if (before === undefined) continue;
    if (value > before) fixed += 1;
    if (value < before) broken += 1;
  }
  return { fixed, broken };
}

function curveOf({ curve, candidates }: SearchCourse): OptimizationView['curve'] {
  const numbers = new Map(candidates.map(({ hash, number }) => [hash, number]));
  const full = Math.max(0, ...candidates.map(({ rows }) => rows));
  let best = Number.NEGATIVE_INFINITY;
  return curve
    .filter(({ rows }) => rows === full)
    .map(({ at, candidate, mean }) => {
      const isBest = mean > best;
      if (isBest) best = mean;
      return { at, candidate: numbers.get(candidate) ?? 0, mean, isBest };
    });
}

function sealedOf(
  { isTesting }: SearchCourse,
  report: OptimizationReport | undefined,
): OptimizationView['sealed'] {
  if (report === undefined) {
    return { status: isTesting ? 'opening' : 'sealed', fixed: 0, broken: 0 };
  }
  const { sealedTest, rows, testPlan, fixed, broken } = report;
  return {
    status: sealedTest === undefined ? 'none' : 'opened',
    rows: sealedTest?.rows ?? rows.test,
    evidence: evidenceOfProof(report),
    fixed: fixed.length,
    broken: broken.length,
    smallestDifference: testPlan.smallestDifference,
    note: sealedTest?.note,
  };
}

/** The limits as they stand on the command line of the run; what has none has none here. */
function budgetOf(
  { plan, elapsedMs, createdAt, updatedAt, status }: RunRecord,
  matrix: RunMatrix,
): readonly BudgetView[] {
  const argv = Array.isArray(plan.argv) ? plan.argv.map(String) : [];
  const flag = (name: string) => {
    const at = argv.findIndex((word) => word === name || word.startsWith(`${name}=`));
    const word = at < 0 ? undefined : (argv[at]?.split('=')[1] ?? argv[at + 1]);
    const value = Number(word);
    return word === undefined || !Number.isFinite(value) ? undefined : value;
  };
  const minutes = flag('--max-minutes');
  return [
    { name: 'calls', used: matrix.calls, limit: flag('--max-calls'), isKnown: true },
    {
      name: 'spend',
      used: matrix.spentUsd ?? 0,
      limit: flag('--budget-usd'),
      isKnown: matrix.spentUsd !== undefined,
    },
    {
      name: 'time',
      used: status === 'active' ? Math.max(elapsedMs, updatedAt - createdAt) : elapsedMs,
      limit: minutes === undefined ? undefined : minutes * 60_000,
      isKnown: true,
    },
  ];
}

/** The rows on which candidates that were asked the same differ, those that most get wrong first. */
function matrixOf(
  { candidates }: SearchCourse,
  of: {
    readonly matrix: RunMatrix;
    readonly candidates: readonly CandidateView[];
  },
): OptimizationView['matrix'] {
  const { scores, inputs } = of.matrix;
  const shown = of.candidates
    .filter(
      ({ status, mean }) =>
        status === 'seed' || status === 'best' || (status === 'kept' && mean !== undefined),
    )
    .filter(({ hash, status }) => status !== 'kept' || scores.has(hash));
  const columns = [...shown.slice(0, 1), ...shown.slice(1).slice(-(mostColumns - 1))];
  const hashes = columns.map(({ number }) => candidates[number]?.hash ?? '');
  const rows: MatrixRow[] = [];
  let nobodyRight = 0;
  let total = 0;
  // Rows of the test are answered by seed and winner alone; they are not what the search chose by.
  const fewest = columns.length > 2 ? 3 : 2;
  for (const [id, input] of inputs) {
    const values = hashes.map((hash) => scores.get(hash)?.get(id) ?? null);
    const known = values.filter((value) => value !== null);
    if (known.length < Math.min(fewest, columns.length)) continue;
    total += 1;
    if (known.every((value) => value === 0)) nobodyRight += 1;
    if (known.some((value) => value !== known[0])) rows.push({ id, input, values });
  }
  const meanOf = ({ values }: MatrixRow) => {
    const known = values.filter((value) => value !== null);
    return known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  const seedOf = ({ values }: MatrixRow) => values[0] ?? 0;
  const sorted = rows.sort((a, b) => seedOf(a) - seedOf(b) || meanOf(b) - meanOf(a));
  // Both kinds stay in sight: what the seed gets wrong, and what it gets right.
  const wrong = sorted.filter((row) => seedOf(row) < 1);
  const right = sorted.filter((row) => seedOf(row) >= 1);
  const kept = Math.max(mostRows / 2, mostRows - right.length);
  return {
    candidates: columns.map(({ number }) => number),
    rows: [...wrong.slice(0, kept), ...right.slice(0, mostRows - Math.min(kept, wrong.length))],
    separating: rows.length,
    nobodyRight,
    total,
  };
}

function sentenceOf(
  candidates: readonly CandidateView[],
  {
    report,
    best,
  }: { readonly report: OptimizationReport | undefined; readonly best: CandidateView | undefined },
): string {
  const [seed] = candidates;
  if (report !== undefined) {
    const { sealedTest } = report;
    const figures =
      sealedTest?.seed === undefined || sealedTest.winner === undefined
        ? ''
        : ` Seed ${score(sealedTest.seed)}, winner ${score(sealedTest.winner)} on ${counted(sealedTest.rows, 'row')} that no search has seen.`;
    return `${verdictMeaning(report)}${figures}`;
  }
  if (best?.mean === undefined || seed?.mean === undefined)
    return 'No candidate was scored on all of validation yet.';
  if (best.number === seed.number)
    return `The seed leads with ${score(seed.mean)} on ${counted(seed.rows, 'validation row')}.`;
  return `c${best.number} leads with ${score(best.mean)} on ${counted(best.rows, 'validation row')}; the seed has ${score(seed.mean)}. The best of ${candidates.length}, so expect less on new rows.`;
}

/** The report of a finished optimization as one file that works from disk. */
export async function reportPage(setting: Setting, id: string): Promise<string> {
  const report = reportOf(await readRun(setting, id));
  if (report === undefined) {
    throw new HoneError(`The run ${id} has no report yet.`, {
      code: 'HONE_RUN_NOT_FOUND',
      hint: 'An optimization has one when it has ended.',
    });
  }
  const [bestText, seedText] = [saveCandidate(report.best.candidate), saveCandidate(report.seed.candidate)];
  return renderReportAsHtml({ report, bestText, seedText, isPrompt: false });
}

/** One candidate with what was changed and which rows turned. */
export async function candidateDetail(setting: Setting, id: string, hash: string): Promise<CandidateDetail> {
  await readRun(setting, id);
  const { store } = setting.workspace;
  const { candidates } = courseOf(await store.events.read(id));
  const candidate = candidates.find((one) => one.hash === hash);
  const parameters = await store.candidates.read(hash);
  if (candidate === undefined || parameters === undefined) {
    throw new HoneError(`The run ${id} has no candidate ${hash.slice(0, 12)}.`, {
      code: 'HONE_RUN_NOT_FOUND',
      hint: 'Choose one of its figures.',
    });
  }
  const parent = candidates.find((one) => one.hash === candidate.parents[0]) ?? candidates[0] ?? candidate;
  const before = await store.candidates.read(parent.hash);
  const matrix = await setting.matrices.open(id);
  const seed = matrix.scores.get(candidates[0]?.hash ?? '');
  const turned = [...(matrix.scores.get(hash) ?? [])].flatMap(([row, value]) => {
    const was = seed?.get(row);
    if (was === undefined || was === value) return [];
    return [
      {
        id: row,
        kind: value > was ? ('fixed' as const) : ('broken' as const),
        input: matrix.inputs.get(row) ?? '',
      },
    ];
  });
  // The store holds what this program wrote into it.
  const own = parameters as unknown as Candidate;
  return {
    number: candidate.number,
    from: parent.number,
    diff:
      before === undefined || parent === candidate ? [] : diffCandidates(before as unknown as Candidate, own),
    parameters: parameterViews(own),
    turned: turned.sort((a, b) => (a.kind === b.kind ? 0 : a.kind === 'fixed' ? -1 : 1)),
  };
}
