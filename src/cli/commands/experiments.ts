import { openWorkspace } from '../../config/workspace.ts';
import type { Evaluation } from '../../evaluation/evaluation.ts';
import { readSnapshot } from '../../evaluation/snapshot.ts';
import type { RunRecord } from '../../store/store.ts';
import { writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { exitCodes } from '../exit-codes.ts';
import type { CommonOptions } from '../options.ts';
import { variablesOf } from '../prepare-command.ts';
import { renderExperimentList } from '../render/comparison-terminal.ts';
import { styleFor } from '../style-for.ts';

interface ExperimentsOptions extends CommonOptions {
  readonly limit?: number | undefined;
  readonly json?: boolean | undefined;
}

/** One line of the list. */
export interface ListedExperiment {
  readonly id: string;
  readonly kind: RunRecord['kind'];
  readonly name: string;
  readonly status: RunRecord['status'];
  readonly createdAt: number;
  /** Of the first scorer; of an optimization its verdict instead. */
  readonly score?: number | undefined;
  readonly interval?: readonly [number, number] | undefined;
  readonly verdict?: string | undefined;
  readonly rows?: number | undefined;
  readonly model?: string | undefined;
  readonly dataset?: string | undefined;
  readonly commit?: string | undefined;
  readonly isDirty?: boolean | undefined;
}

/** `hone experiments`: evaluations and optimizations, newest first. */
export async function runExperiments(
  { limit = 20, json = false }: ExperimentsOptions,
  { io }: CommandContext,
): Promise<number> {
  await using workspace = openWorkspace({ folder: io.cwd, variables: variablesOf(io) });
  const { store } = workspace;
  // Looking must not make a database.
  const runs = store.exists() ? await store.runs.list({ limit }) : [];
  const listed = runs.map(listedOf);
  if (json) writeLine(io.stdout, JSON.stringify({ schemaVersion: 1, experiments: listed }));
  else writeLine(io.stdout, renderExperimentList(listed, styleFor(io, io.stdout)));
  return exitCodes.ok;
}

function listedOf({
  id,
  kind,
  name,
  status,
  createdAt,
  result,
  snapshot: stored,
}: RunRecord): ListedExperiment {
  const snapshot = readSnapshot(stored);
  const of = { id, kind, name, status, createdAt };
  if (kind === 'optimization') {
    const { verdict, model } = (result ?? {}) as { readonly verdict?: string; readonly model?: string };
    return { ...of, verdict, model };
  }
  const [summary] = (result as unknown as Partial<Evaluation> | undefined)?.summaries ?? [];
  const git = snapshot?.origin?.git;
  return {
    ...of,
    score: summary?.mean,
    interval: summary?.interval,
    rows: summary?.rows,
    model: snapshot?.models.task,
    dataset: snapshot && `${snapshot.dataset.name}@${snapshot.dataset.version}`,
    commit: git?.commit,
    isDirty: git?.isDirty,
  };
}
