import { join } from 'node:path';
import { HoneError, messageOf } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import { openExperiment } from '../experiment/stored-experiment.ts';
import { diffCandidates } from '../prompt/diff.ts';
import { previousVersion } from '../registry/prompt-state.ts';
import type { PromptRecord, PromptVersion, ReleaseEvent } from '../registry/registry.ts';
import { noPrompt, noVersion } from '../registry/registry-errors.ts';
import type { BoardTable, BoardVariant } from './boards.ts';
import { evidenceOf } from './evidence.ts';
import { parameterViews, readRun } from './experiment-view.ts';
import type { PromotionLine, PromptLine, PromptView, VersionLine, VersionView } from './prompt-views.ts';
import type { Setting } from './setting.ts';

export async function promptLines({ registry }: Setting): Promise<readonly PromptLine[]> {
  const lines: PromptLine[] = [];
  for (const name of await registry.names()) {
    const prompt = await registry.read(name);
    if (prompt !== undefined) lines.push(lineOf(prompt));
  }
  return lines;
}

function lineOf({ name, versions, channels }: PromptRecord): PromptLine {
  return { name, versions: versions.length, channels };
}

/** @throws {HoneError} `HONE_PROMPT_NOT_FOUND`. */
async function readPrompt({ registry }: Setting, name: string): Promise<PromptRecord> {
  const prompt = await registry.read(name);
  if (prompt === undefined) throw noPrompt(name, registry.location);
  return prompt;
}

function versionOf(prompt: PromptRecord, number: number): PromptVersion {
  const version = prompt.versions[number - 1];
  if (version === undefined) throw noVersion(prompt.name, number);
  return version;
}

export async function promptView(setting: Setting, name: string): Promise<PromptView> {
  const prompt = await readPrompt(setting, name);
  return {
    ...lineOf(prompt),
    list: prompt.versions.map((version) => versionLine(version, prompt)).reverse(),
    promotions: prompt.events.map(promotionLine).reverse(),
    file: join(setting.registry.location, `${name}.json`),
  };
}

function versionLine(version: PromptVersion, { channels }: PromptRecord): VersionLine {
  const { evidence = {}, settings = {} } = version;
  const score = isJsonObject(evidence.score) ? evidence.score : {};
  const dataset = isJsonObject(evidence.dataset) ? evidence.dataset : {};
  const interval = score.interval;
  const [low, high] = Array.isArray(interval) ? interval : [];
  return {
    version: version.version,
    hash: version.hash,
    message: version.message,
    author: version.author,
    createdAt: version.createdAt,
    parents: version.parents,
    channels: Object.entries(channels).flatMap(([channel, to]) => (to === version.version ? [channel] : [])),
    model: typeof settings.model === 'string' ? settings.model : undefined,
    score: numberOf(score.mean),
    interval: typeof low === 'number' && typeof high === 'number' ? [low, high] : undefined,
    rows: numberOf(score.rows),
    dataset: typeof dataset.name === 'string' ? dataset.name : undefined,
    experiment: experimentOf(version),
    characters: parameterViews(version.candidate).reduce((sum, { text }) => sum + text.length, 0),
  };
}

function experimentOf({ evidence }: PromptVersion): string | undefined {
  return typeof evidence?.experiment === 'string' ? evidence.experiment : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function promotionLine({
  number,
  at,
  channel,
  from,
  to,
  actor,
  reason,
  evidence = {},
}: ReleaseEvent): PromotionLine {
  const words = [
    ...(typeof evidence.gate === 'string' ? [`gate ${evidence.gate}`] : []),
    ...(typeof evidence.difference === 'string' ? [evidence.difference] : []),
    ...(evidence.forced === true ? ['without proof'] : []),
  ];
  return { number, at, channel, from, to, actor, reason, evidence: words.join(', ') };
}

/** One version beside another: what was changed, and what speaks for it. */
export async function versionView(
  setting: Setting,
  {
    name,
    version,
    against,
  }: { readonly name: string; readonly version: number; readonly against?: number | undefined },
): Promise<VersionView> {
  const prompt = await readPrompt(setting, name);
  const own = versionOf(prompt, version);
  const base = against ?? own.parents[0] ?? (version > 1 ? version - 1 : undefined);
  const other = base === undefined ? undefined : versionOf(prompt, base);
  return {
    version,
    against: base,
    diff: other === undefined ? [] : diffCandidates(other.candidate, own.candidate),
    parameters: parameterViews(own.candidate),
    ...(await evidenceBetween(setting, { own, other })),
  };
}

/** Compares the evaluations that the two were published with, where this store still has both. */
async function evidenceBetween(
  { comparisons }: Setting,
  { own, other }: { readonly own: PromptVersion; readonly other: PromptVersion | undefined },
): Promise<Pick<VersionView, 'evidence' | 'fixed' | 'broken' | 'missing' | 'runs'>> {
  const none = { fixed: 0, broken: 0 };
  if (other === undefined) return { ...none, missing: 'There is no other version to compare it with.' };
  if (own.version === other.version) return { ...none, missing: 'This is the version itself.' };
  const [a, b] = [experimentOf(other), experimentOf(own)];
  if (a === undefined || b === undefined) {
    return {
      ...none,
      missing: `v${a === undefined ? other.version : own.version} was published without an evaluation.`,
    };
  }
  try {
    const [comparison] = await comparisons.compare({ baseline: a, challengers: [b] });
    const [first] = comparison?.scores ?? [];
    if (first === undefined) return { ...none, missing: 'The two evaluations have no scorer in common.' };
    const { fixed = [], broken = [] } = first.comparison ?? {};
    return { evidence: evidenceOf(first), fixed: fixed.length, broken: broken.length, runs: { a, b } };
  } catch (thrown) {
    return { ...none, missing: `The evaluations cannot be compared: ${messageOf(thrown)}` };
  }
}

export interface Promotion {
  readonly name: string;
  readonly version: number;
  readonly channel: string;
  /** Where the page saw the channel. */
  readonly from?: number | undefined;
  readonly reason: string;
}

/**
 * Points a channel to a version. Without a proof that it is better than what stands there, somebody must say why.
 *
 * @throws {HoneError} `HONE_PROMPT_REFUSED` without proof and reason; `HONE_PROMPT_MOVED` when another one was faster.
 */
export async function promote(setting: Setting, promotion: Promotion): Promise<PromotionLine> {
  const { name, version, channel, from, reason } = promotion;
  const prompt = await readPrompt(setting, name);
  const own = versionOf(prompt, version);
  const stands = from === undefined ? undefined : versionOf(prompt, from);
  const { evidence, runs } = await evidenceBetween(setting, { own, other: stands });
  const isProven = evidence?.state === 'improved';
  if (!isProven && reason.trim() === '') {
    throw new HoneError(`${name} v${version} is not proven better than what stands in ${channel}.`, {
      code: 'HONE_PROMPT_REFUSED',
      hint: 'Say why it goes there all the same; the reason is kept.',
    });
  }
  const event = await setting.registry.move(name, {
    channel,
    from,
    to: version,
    actor: setting.actor,
    reason,
    evidence: {
      ...(evidence !== undefined && { difference: evidence.spoken, rows: evidence.rows }),
      ...(runs !== undefined && { baseline: runs.a, challenger: runs.b }),
      ...(!isProven && { forced: true }),
    } satisfies JsonObject,
  });
  return promotionLine(event);
}

/** Points a channel to where it pointed before. */
export async function rollBack(
  setting: Setting,
  { name, channel, from, reason }: Omit<Promotion, 'version'>,
): Promise<PromotionLine> {
  const prompt = await readPrompt(setting, name);
  const to = previousVersion(prompt, channel);
  if (to === undefined) {
    throw new HoneError(`${name}@${channel} pointed to nothing before.`, {
      code: 'HONE_PROMPT_NOT_FOUND',
      hint: 'Promote a version instead.',
    });
  }
  const event = await setting.registry.move(name, {
    channel,
    from,
    to,
    actor: setting.actor,
    reason: reason || 'rollback',
  });
  return promotionLine(event);
}

/** Publishes what an evaluation asked with, as a version. */
export async function publishRun(
  setting: Setting,
  { name, run, message }: { readonly name: string; readonly run: string; readonly message: string },
): Promise<VersionLine> {
  const experiment = await openExperiment(setting.workspace.store, await readRun(setting, run));
  const { id, parameters, snapshot, summaries, usage } = experiment;
  if (parameters === undefined) {
    throw new HoneError(`The run ${id} does not hold its prompt.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Run the evaluation again: stored answers are not paid again.',
    });
  }
  const [summary] = summaries;
  const last = (await setting.registry.read(name))?.versions.at(-1)?.version;
  const evidence = {
    experiment: id,
    dataset: snapshot.dataset,
    score: summary && {
      name: summary.name,
      mean: summary.mean,
      interval: summary.interval,
      rows: summary.rows,
    },
    costUsd: usage.costUsd,
  };
  const version = await setting.registry.publish(name, {
    candidate: parameters,
    ...(snapshot.models.task !== undefined && { settings: { model: snapshot.models.task } }),
    parents: last === undefined ? [] : [last],
    evidence: JSON.parse(JSON.stringify(evidence)) as JsonObject,
    message,
    author: setting.actor,
  });
  return versionLine(version, await readPrompt(setting, name));
}

/** Publishes a text that was tried, as a version that no evaluation speaks for. */
export async function publishText(
  setting: Setting,
  {
    name,
    message,
    table,
    ...variant
  }: {
    readonly name: string;
    readonly message: string;
    readonly table: BoardTable;
  } & Omit<BoardVariant, 'id'>,
): Promise<VersionLine> {
  const { task, model } = await setting.boards.open(table, variant);
  const last = (await setting.registry.read(name))?.versions.at(-1)?.version;
  const version = await setting.registry.publish(name, {
    candidate: task.program.seed,
    settings: { model: model.id },
    parents: last === undefined ? [] : [last],
    message,
    author: setting.actor,
  });
  return versionLine(version, await readPrompt(setting, name));
}
