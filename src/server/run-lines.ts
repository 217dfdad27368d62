import type { Evaluation } from '../evaluation/evaluation.ts';
import { readSnapshot } from '../evaluation/snapshot.ts';
import type { OptimizationReport } from '../optimizer/driver/report.ts';
import { hashCandidate } from '../prompt/candidate.ts';
import type { Registry } from '../registry/registry.ts';
import { verdictTitle } from '../report/verdict.ts';
import type { RunRecord } from '../store/store.ts';
import { evidenceOfProof } from './evidence.ts';
import type { Setting } from './setting.ts';
import type { RunLine } from './views.ts';

/** Channels by the hash of the candidate that they point to: `triage@production`. */
export async function channelsByCandidate(
  registry: Registry,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  for (const name of await registry.names()) {
    const prompt = await registry.read(name);
    for (const [channel, number] of Object.entries(prompt?.channels ?? {})) {
      const version = prompt?.versions[number - 1];
      if (version === undefined) continue;
      const hash = hashCandidate(version.candidate);
      found.set(hash, [...(found.get(hash) ?? []), `${name}@${channel}`]);
    }
  }
  return found;
}

/** A run as a line, with how far it is where it is not at its end. */
export async function runLine(
  record: RunRecord,
  {
    setting: { workspace, jobs },
    channels,
  }: { readonly setting: Setting; readonly channels: ReadonlyMap<string, readonly string[]> },
): Promise<RunLine> {
  const isOpen = record.status !== 'completed';
  const answers = isOpen ? await workspace.store.outcomes.count(record.id, { effect: 'row' }) : undefined;
  const isOwn = jobs.list().some(({ runId, status }) => runId === record.id && status === 'running');
  const base = {
    id: record.id,
    kind: record.kind,
    name: record.name,
    status: record.status,
    createdAt: record.createdAt,
    elapsedMs: record.elapsedMs,
    answers,
    errors: 0,
    channels: [],
    isOwn,
  };
  if (record.kind === 'optimization') return { ...base, ...optimizationOf(record) };
  return { ...base, ...evaluationOf(record, channels) };
}

function evaluationOf(
  { result, snapshot: stored }: RunRecord,
  channels: ReadonlyMap<string, readonly string[]>,
): Partial<RunLine> {
  const snapshot = readSnapshot(stored);
  const evaluation = result as unknown as Partial<Evaluation> | undefined;
  const [summary] = evaluation?.summaries ?? [];
  const usage = evaluation?.usage;
  const git = snapshot?.origin?.git;
  return {
    scorer: summary?.name,
    score: summary?.mean,
    interval: summary?.interval,
    rows: summary?.rows,
    trials: evaluation?.trials,
    errors: summary?.infrastructureErrors ?? 0,
    model: snapshot?.models.task,
    dataset: snapshot?.dataset.name,
    datasetVersion: snapshot?.dataset.version,
    commit: git?.commit,
    branch: git?.branch,
    isDirty: git?.isDirty,
    latencyP50Ms: usage?.latencyP50Ms,
    latencyP95Ms: usage?.latencyP95Ms,
    costUsd: usage?.costUsd,
    savedUsd: savedOf(usage),
    candidate: evaluation?.candidate,
    channels: channels.get(evaluation?.candidate ?? '') ?? [],
  };
}

function optimizationOf({ result }: RunRecord): Partial<RunLine> {
  const report = result as unknown as OptimizationReport | undefined;
  if (report?.verdict === undefined) return {};
  const { sealedTest, usage } = report;
  return {
    scorer: undefined,
    score: sealedTest?.winner ?? report.validation.winner,
    rows: sealedTest?.rows ?? report.validation.rows,
    model: report.model,
    optimizer: report.optimizer.name,
    verdict: verdictTitle(report),
    evidence: evidenceOfProof(report),
    latencyP50Ms: usage.latencyP50Ms,
    latencyP95Ms: usage.latencyP95Ms,
    costUsd: usage.costUsd,
    savedUsd: savedOf(usage),
  };
}

function savedOf(
  usage: { readonly costUsd?: number | undefined; readonly spentUsd?: number | undefined } | undefined,
) {
  if (usage?.costUsd === undefined || usage.spentUsd === undefined) return undefined;
  return Math.max(0, usage.costUsd - usage.spentUsd);
}
