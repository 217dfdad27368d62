import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { HoneError } from '../../base/errors.ts';
import { commitsOfBase } from '../../config/git-history.ts';
import { openWorkspace, type Workspace } from '../../config/workspace.ts';
import type { DifferenceRule } from '../../evaluation/gate.ts';
import { baselineInHistory } from '../../experiment/choose-baseline.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { saveExperiment } from '../../experiment/experiment-file.ts';
import { type GateReport, gateExperiments } from '../../experiment/gate-experiments.ts';
import { listExperiments, openExperiment } from '../../experiment/stored-experiment.ts';
import { renderComparisonAsHtml } from '../../report/comparison-html.ts';
import { renderComparisonAsJunit } from '../../report/comparison-junit.ts';
import { type GateView, gateTitle, renderGateAsMarkdown } from '../../report/gate-comment.ts';
import { counted } from '../../report/numbers.ts';
import { writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { exitCodes } from '../exit-codes.ts';
import { reportToGithub } from '../github-actions.ts';
import { openNamedExperiment } from '../open-experiment.ts';
import type { CommonOptions } from '../options.ts';
import { checkOutputs } from '../output-files.ts';
import { variablesOf } from '../prepare-command.ts';
import { row } from '../render/report-terminal.ts';
import { shellCommand } from '../render/shell-command.ts';
import type { Style } from '../render/style.ts';
import { styleFor } from '../style-for.ts';
import { writeWholeFile } from '../write-file.ts';
import { comparisonFormatOf, viewOf } from './compare.ts';

export interface GateOptions extends CommonOptions {
  readonly baseline?: string | undefined;
  readonly baseRef?: string | undefined;
  readonly rule?: DifferenceRule | 'none' | undefined;
  readonly margin?: number | undefined;
  readonly threshold?: number | undefined;
  readonly mustPass?: readonly string[] | undefined;
  readonly maxBroken?: number | undefined;
  readonly maxCost?: number | undefined;
  readonly maxLatency?: number | undefined;
  readonly failOnInconclusive?: boolean | undefined;
  readonly note?: readonly string[] | undefined;
  readonly github?: boolean | undefined;
  readonly annotate?: string | undefined;
  readonly output?: readonly string[] | undefined;
  readonly json?: boolean | undefined;
}

/** `hone gate`: whether an experiment may go on. */
export async function runGate(
  name: string | undefined,
  options: GateOptions,
  { io, argv }: CommandContext,
): Promise<number> {
  checkSomething(options);
  const outputs = (options.output ?? []).map((path) => ({ path, format: formatOf(path) }));
  await using workspace = openWorkspace({ folder: io.cwd, variables: variablesOf(io) });
  const challenger = await openNamedExperiment(name ?? 'latest', workspace);
  const chosen = await chooseBaseline(challenger, { options, workspace });
  checkOutputs(options.output ?? [], {
    folder: io.cwd,
    inputs: [
      baselineFile(io.cwd, challenger.name),
      ...(options.baseline === undefined ? [] : [resolve(io.cwd, options.baseline)]),
    ],
  });
  const gate = await gateExperiments({
    baseline: chosen.baseline,
    challenger,
    rule: options.rule,
    margin: options.margin,
    threshold: options.threshold,
    mustPass: options.mustPass,
    maxBroken: options.maxBroken,
    maxCostUsd: options.maxCost,
    maxLatencyMs: options.maxLatency,
  });
  const view: GateView = {
    gate,
    baselineWords: chosen.words,
    command: shellCommand(['hone', ...argv]),
    notes: options.note,
    ...(gate.comparison !== undefined &&
      chosen.baseline !== undefined && {
        view: await viewOf(gate.comparison, {
          baseline: chosen.baseline,
          challenger,
          options: { show: ['regressed', 'error'], limit: 50 },
        }),
      }),
  };
  for (const { path, format } of outputs) {
    writeWholeFile(resolve(io.cwd, path), gateText(view, format));
    writeLine(io.stderr, `wrote ${path}`);
  }
  if (options.github) await reportToGithub(view, { io, file: options.annotate });
  if (options.json) writeLine(io.stdout, JSON.stringify(gateDocument(view)));
  else writeLine(io.stdout, renderGate(view, styleFor(io, io.stdout)));
  if (gate.result === 'fail') return exitCodes.gateFailed;
  return gate.result === 'inconclusive' && options.failOnInconclusive ? exitCodes.inconclusive : exitCodes.ok;
}

/** `hone baseline accept`: writes the file that later gates compare with, to be committed. */
export async function runBaseline(
  name: string | undefined,
  _: CommonOptions,
  { io }: CommandContext,
): Promise<number> {
  await using workspace = openWorkspace({ folder: io.cwd, variables: variablesOf(io) });
  const experiment = await openNamedExperiment(name ?? 'latest', workspace);
  const path = baselineFile(io.cwd, experiment.name);
  const shown = shownBaseline(experiment.name);
  const before = existsSync(path)
    ? await openNamedExperiment(shown, workspace).catch(() => undefined)
    : undefined;
  writeWholeFile(path, await saveExperiment(experiment));
  const { rows } = experiment.snapshot.dataset;
  writeLine(io.stdout, `wrote ${shown} with ${counted(rows, 'row')}; commit it`);
  const hasAll = before === undefined || before.snapshot.dataset.rows <= rows;
  if (!hasAll) {
    writeLine(
      io.stderr,
      `note: the one before had ${counted(before.snapshot.dataset.rows, 'row')}; later gates see none of those that are gone. Name another experiment to accept all: hone experiments.`,
    );
  }
  return exitCodes.ok;
}

/** A gate that checks nothing would pass everything. */
function checkSomething({ rule, ...options }: GateOptions): void {
  const { threshold, mustPass = [], maxBroken, maxCost, maxLatency } = options;
  const others = [threshold, maxBroken, maxCost, maxLatency].some((limit) => limit !== undefined);
  if (rule !== 'none' || others || mustPass.length > 0) return;
  throw new HoneError('Nothing is left to judge: --rule none without another check.', {
    code: 'HONE_OPTION_INVALID',
    hint: 'Add --threshold, --must-pass, --max-broken, --max-cost or --max-latency, or leave --rule out.',
  });
}

interface Chosen {
  readonly baseline?: Experiment | undefined;
  /** How it was chosen. */
  readonly words: string;
}

/** What was said wins; then the committed file; then the newest experiment of where the branch began. */
async function chooseBaseline(
  challenger: Experiment,
  { options, workspace }: { readonly options: GateOptions; readonly workspace: Workspace },
): Promise<Chosen> {
  const { baseline: named, baseRef } = options;
  if (named !== undefined) {
    const baseline = await openNamedExperiment(named, workspace);
    if (baseline.id === challenger.id && !/\.json$/i.test(named)) {
      throw new HoneError(`${challenger.id} cannot be its own baseline.`, {
        code: 'HONE_OPTION_INVALID',
        hint: 'Name an earlier one: hone experiments.',
      });
    }
    return { baseline, words: `named with --baseline ${named}` };
  }
  if (existsSync(baselineFile(workspace.folder, challenger.name))) {
    const shown = shownBaseline(challenger.name);
    return { baseline: await openNamedExperiment(shown, workspace), words: `the committed ${shown}` };
  }
  const refs = baseRef === undefined ? defaultRefs(workspace) : [baseRef];
  const commits = await commitsOfBase(workspace.folder, refs);
  if (baseRef !== undefined && commits.length === 0) {
    throw new HoneError(`HEAD and "${baseRef}" have no commit in common here.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Name a branch that there is (git branch --all), and fetch its whole history.',
      facts: { baseRef },
    });
  }
  const run =
    commits.length === 0 || !workspace.store.exists()
      ? undefined
      : baselineInHistory(await listExperiments(workspace.store, 10_000), {
          commits,
          name: challenger.name,
          except: challenger.id,
        });
  if (run === undefined) {
    return {
      words: `no baseline: none named, no ${shownBaseline(challenger.name)}, and no experiment of a commit that this branch began from`,
    };
  }
  return {
    baseline: await openExperiment(workspace.store, run),
    words: 'the newest experiment of the history that this branch began from',
  };
}

function defaultRefs({ variables }: Workspace): readonly string[] {
  const base = variables.GITHUB_BASE_REF;
  return [
    ...(base === undefined || base === '' ? [] : [`origin/${base}`]),
    'origin/HEAD',
    'origin/main',
    'main',
    'master',
  ];
}

/** The committed baseline of a suite, from the project's folder. */
function shownBaseline(suite: string): string {
  return `hone/baselines/${suite.replace(/[^\p{L}\p{N}_.-]+/gu, '-').replace(/^\.+/, '')}.json`;
}

function baselineFile(folder: string, suite: string): string {
  return join(folder, shownBaseline(suite));
}

type GateFormat = 'json' | 'md' | 'html' | 'xml';

function formatOf(path: string): GateFormat {
  const format = comparisonFormatOf(path);
  if (format !== 'csv') return format;
  throw new HoneError(`A gate cannot be written as "${path}".`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'End the name with .md, .html, .json, or .xml for JUnit; `hone compare` writes rows as .csv.',
  });
}

function gateText(view: GateView, format: GateFormat): string {
  const views = view.view === undefined ? [] : [view.view];
  switch (format) {
    case 'json':
      return `${JSON.stringify(gateDocument(view), null, 2)}\n`;
    case 'md':
      return renderGateAsMarkdown(view);
    case 'html':
      return renderComparisonAsHtml(views);
    case 'xml':
      return renderComparisonAsJunit(views);
  }
}

function gateDocument({ gate, baselineWords }: GateView) {
  const { comparison, ...rest } = gate;
  const [first] = comparison?.scores ?? [];
  return {
    schemaVersion: 1,
    kind: 'gate',
    ...rest,
    baselineChosen: baselineWords,
    verdict: first?.verdict,
    difference: first?.comparison?.difference,
    interval: first?.comparison?.interval,
    pValue: first?.comparison?.pValue,
    notes: comparison?.notes ?? [],
  } as const;
}

function renderGate(view: GateView, style: Style): string {
  const { gate } = view;
  const paint = paintOf(gate.result, style);
  return [
    `${style.bold(paint(gateTitle(gate)))}  ${style.dim(`${gate.baseline ?? 'no baseline'} → ${gate.challenger}`)}`,
    ...gate.checks.map(({ name, result, reason }) =>
      row(name, `${paintOf(result, style)(result)}  ${reason}`),
    ),
    ...(gate.comparison === undefined
      ? []
      : [row('rows', `${gate.fixed.length} fixed, ${gate.broken.length} broken`)]),
    ...(gate.broken.length === 0 ? [] : [row('broken', gate.broken.slice(0, 20).join(', '))]),
    row('baseline', view.baselineWords),
    ...(gate.comparison?.notes ?? []).map((note) => row('note', style.warn(note))),
  ].join('\n');
}

function paintOf(result: GateReport['result'], style: Style): (text: string) => string {
  if (result === 'fail') return style.bad;
  return result === 'pass' ? style.good : style.warn;
}
