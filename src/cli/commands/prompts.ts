import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { HoneError, messageOf } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { ownOf } from '../../base/own-property.ts';
import { openWorkspace, type Workspace } from '../../config/workspace.ts';
import { hashCandidate } from '../../prompt/candidate.ts';
import { diffCandidates, formatDiff } from '../../prompt/diff.ts';
import { previousVersion } from '../../registry/prompt-state.ts';
import type { PromptRecord, PromptVersion, Registry } from '../../registry/registry.ts';
import { noPrompt } from '../../registry/registry-errors.ts';
import { versionAt } from '../../registry/resolve-prompt.ts';
import { counted, score } from '../../report/numbers.ts';
import { type CommandIo, writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { type ExchangedPrompt, exportPrompts, importPrompts, unreadFiles } from '../exchange-prompts.ts';
import { exitCodes } from '../exit-codes.ts';
import { openNamedExperiment } from '../open-experiment.ts';
import type { CommonOptions } from '../options.ts';
import { variablesOf } from '../prepare-command.ts';

export const promptActions = [
  'list',
  'show',
  'diff',
  'history',
  'publish',
  'promote',
  'rollback',
  'export',
  'import',
] as const;
export type PromptAction = (typeof promptActions)[number];

const mostWords: Readonly<Record<PromptAction, number>> = {
  list: 0,
  show: 1,
  diff: 2,
  history: 1,
  publish: 2,
  promote: 2,
  rollback: 2,
  export: Number.POSITIVE_INFINITY,
  import: Number.POSITIVE_INFINITY,
};

export interface PromptsOptions extends CommonOptions {
  readonly message?: string | undefined;
  readonly gate?: string | undefined;
  readonly force?: boolean | undefined;
  readonly reason?: string | undefined;
  readonly actor?: string | undefined;
  readonly json?: boolean | undefined;
}

interface Setting {
  readonly registry: Registry;
  readonly workspace: Workspace;
  readonly words: readonly string[];
  readonly options: PromptsOptions;
  readonly io: CommandIo;
}

/** `hone prompts`: versions of prompts, and the channels that point to them. */
export async function runPrompts(
  { action, words }: { readonly action: PromptAction; readonly words: readonly string[] },
  options: PromptsOptions,
  { io }: CommandContext,
): Promise<number> {
  const surplus = words.slice(mostWords[action]);
  if (surplus.length > 0) {
    throw new HoneError(
      `hone prompts ${action} has no use for ${surplus.map((word) => `“${word}”`).join(', ')}.`,
      {
        code: 'HONE_OPTION_INVALID',
        hint: 'Leave it out, or give a command of its own for each; a text of several words stands in quotes.',
      },
    );
  }
  await using workspace = openWorkspace({ folder: io.cwd, variables: variablesOf(io) });
  const { prompts: registry, promptFolder } = workspace;
  const unread = await unreadFiles(registry, promptFolder);
  if (unread !== undefined && action !== 'import') writeLine(io.stderr, `note: ${unread}`);
  const work = {
    list,
    show,
    diff,
    history,
    publish,
    promote,
    rollback,
    export: exportAll,
    import: importAll,
  }[action];
  const { text, value } = await work({ registry, workspace, words, options, io });
  writeLine(io.stdout, options.json ? JSON.stringify({ schemaVersion: 1, ...value }) : text);
  return exitCodes.ok;
}

interface Shown {
  readonly text: string;
  readonly value: JsonObject;
}

const json = (value: unknown) => JSON.parse(JSON.stringify(value)) as JsonObject;

async function list({ registry }: Setting): Promise<Shown> {
  const prompts: PromptRecord[] = [];
  for (const name of await registry.names()) prompts.push(await readPrompt(registry, name));
  const lines = prompts.map(({ name, versions, channels }) => {
    const pointers = Object.entries(channels).map(([channel, version]) => `${channel} → ${version}`);
    return `${name}  ${versions.length} ${versions.length === 1 ? 'version' : 'versions'}  ${pointers.join(', ')}`.trimEnd();
  });
  const none = 'There is no prompt yet. Run: hone prompts publish <name>';
  return {
    text: lines.length === 0 ? none : lines.join('\n'),
    value: json({
      prompts: prompts.map(({ name, versions, channels }) => ({ name, versions: versions.length, channels })),
    }),
  };
}

async function show({ registry, words }: Setting): Promise<Shown> {
  const { prompt, version } = await named(
    registry,
    words[0],
    'hone prompts show <name>[@version or channel]',
  );
  const { version: number, hash, message, author, createdAt, candidate, parents } = version;
  const head = [
    `${prompt.name}@${number}  ${hash.slice(0, 16)}`,
    `by ${author} on ${new Date(createdAt).toISOString().slice(0, 10)}${parents.length === 0 ? '' : `, from ${parents.join(', ')}`}${message === '' ? '' : `: ${message}`}`,
  ];
  return {
    text: `${head.join('\n')}\n\n${formatDiff(diffCandidates({}, candidate)).replace(/^\+ /gm, '  ')}`,
    value: json(version),
  };
}

async function diff({ registry, words }: Setting): Promise<Shown> {
  const usage = 'hone prompts diff <name>@<version> <name>@<version>';
  const before = await named(registry, words[0], usage);
  const after = await named(registry, words[1], usage);
  const changed = diffCandidates(before.version.candidate, after.version.candidate);
  return {
    text: changed.length === 0 ? 'Nothing differs.' : formatDiff(changed),
    value: json({ parameters: changed }),
  };
}

async function history({ registry, words }: Setting): Promise<Shown> {
  const { prompt } = await named(registry, words[0], 'hone prompts history <name>');
  const lines = prompt.events.map(
    ({ at, channel, from, to, actor, reason }) =>
      `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')}  ${channel}  ${from ?? '–'} → ${to}  ${actor}${reason === '' ? '' : `: ${reason}`}`,
  );
  return {
    text: lines.length === 0 ? 'No channel was moved yet.' : lines.join('\n'),
    value: json({ events: prompt.events }),
  };
}

async function publish({ registry, workspace, words, options, io }: Setting): Promise<Shown> {
  const [name, reference = 'latest'] = words;
  if (name === undefined) throw usageError('hone prompts publish <name> [experiment]');
  const { id, parameters, snapshot, summaries, usage } = await openNamedExperiment(reference, workspace);
  if (parameters === undefined) {
    throw new HoneError(`The experiment ${id} does not hold its prompt.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Run the evaluation again: stored answers are not paid again.',
    });
  }
  const [summary] = summaries;
  const last = (await registry.read(name))?.versions.at(-1)?.version;
  const version = await registry.publish(name, {
    candidate: parameters,
    ...(snapshot.models.task !== undefined && { settings: { model: snapshot.models.task } }),
    parents: last === undefined ? [] : [last],
    evidence: json({
      experiment: id,
      dataset: snapshot.dataset,
      score: summary && {
        name: summary.name,
        mean: summary.mean,
        interval: summary.interval,
        rows: summary.rows,
      },
      costUsd: usage.costUsd,
    }),
    message: options.message ?? '',
    author: actorOf(options, io),
  });
  const isNew = version.version !== last && version.evidence?.experiment === id;
  const figures =
    summary?.mean === undefined ? '' : `, ${score(summary.mean)} on ${counted(summary.rows, 'row')} in ${id}`;
  return {
    text: `${name}@${version.version}  ${version.hash.slice(0, 16)}  ${isNew ? `published${figures}` : 'was published before: nothing changes behaviour'}`,
    value: json({ name, version: version.version, hash: version.hash, isNew }),
  };
}

async function promote({ registry, words, options, io }: Setting): Promise<Shown> {
  const usage = 'hone prompts promote <name>@<version> <channel> --gate gate.json';
  const [reference, channel] = words;
  if (channel === undefined) throw usageError(usage);
  const { prompt, version } = await named(registry, reference, usage);
  const evidence = gateEvidence(version, { options, io, reference: `${prompt.name}@${version.version}` });
  const from = ownOf(prompt.channels, channel);
  const actor = actorOf(options, io);
  const event = await registry.move(prompt.name, {
    channel,
    from,
    to: version.version,
    actor,
    reason: options.reason,
    evidence,
  });
  return { text: `${prompt.name}@${channel}  ${event.from ?? '–'} → ${event.to}`, value: json(event) };
}

async function rollback({ registry, words, options, io }: Setting): Promise<Shown> {
  const usage = 'hone prompts rollback <name>@<channel> [version]';
  const [name = '', channel] = (words[0] ?? '').split('@');
  if (channel === undefined) throw usageError(usage);
  const prompt = await readPrompt(registry, name);
  const to = words[1] === undefined ? previousVersion(prompt, channel) : versionAt(prompt, words[1]).version;
  if (to === undefined) {
    throw new HoneError(`${name}@${channel} pointed to nothing before.`, {
      code: 'HONE_PROMPT_NOT_FOUND',
      hint: `Name a version: ${usage}`,
    });
  }
  const reason = options.reason ?? 'rollback';
  const event = await registry.move(name, {
    channel,
    from: ownOf(prompt.channels, channel),
    to,
    actor: actorOf(options, io),
    reason,
  });
  return { text: `${name}@${channel}  ${event.from ?? '–'} → ${event.to}`, value: json(event) };
}

async function exportAll({ registry, words, io }: Setting): Promise<Shown> {
  const [folder, ...names] = words;
  if (folder === undefined) throw usageError('hone prompts export <folder> [name …]');
  return exchanged(await exportPrompts(registry, { folder: resolve(io.cwd, folder), names }), folder);
}

async function importAll({ registry, words, io }: Setting): Promise<Shown> {
  const [path, ...names] = words;
  if (path === undefined) throw usageError('hone prompts import <folder or file> [name …]');
  return exchanged(await importPrompts(registry, { path: resolve(io.cwd, path), names }), registry.location);
}

function exchanged(prompts: readonly ExchangedPrompt[], to: string): Shown {
  const lines = prompts.map(
    ({ name, versions, moves }) =>
      `${name}  ${versions + moves === 0 ? 'nothing new' : `${versions} versions and ${moves} moves`}`,
  );
  return {
    text: prompts.length === 0 ? 'There is no prompt yet.' : [`to ${to}`, ...lines].join('\n'),
    value: json({ to, prompts }),
  };
}

/** What lets a version into a channel: a gate that it has passed, or somebody's word with a reason. */
function gateEvidence(
  version: PromptVersion,
  {
    options,
    io,
    reference,
  }: { readonly options: PromptsOptions; readonly io: CommandIo; readonly reference: string },
): JsonObject {
  const { gate, force, reason } = options;
  if (gate === undefined) {
    if (force && reason !== undefined && reason.trim() !== '') return { forced: true };
    throw refused(`${reference} has no passed gate.`);
  }
  const report = readGate(resolve(io.cwd, gate), gate);
  const { result, candidate, challenger, baseline, difference } = report;
  if (candidate !== hashCandidate(version.candidate))
    throw refused(`${gate} judged another prompt than ${reference}.`);
  const model = version.settings?.model;
  if (report.model !== undefined && model !== undefined && report.model !== model)
    throw refused(
      `${gate} judged ${reference} with the model ${String(report.model)}, not ${String(model)}.`,
    );
  if (result !== 'pass' && !(force && reason))
    throw refused(`${gate} says ${String(result)} of ${reference}.`);
  return json({ gate: result, challenger, baseline, difference, ...(result !== 'pass' && { forced: true }) });
}

function refused(what: string): HoneError {
  return new HoneError(`${what} It was not promoted.`, {
    code: 'HONE_PROMPT_REFUSED',
    hint: 'Run `hone gate -o gate.json` and add --gate gate.json; or say why it goes without: --force --reason "…".',
  });
}

function readGate(path: string, shown: string): JsonObject {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as JsonObject;
    if (report?.kind === 'gate') return report;
  } catch (cause) {
    throw unreadable(shown, messageOf(cause), path);
  }
  throw unreadable(shown, existsSync(path) ? 'it is no gate' : 'it is not there', path);
}

function unreadable(shown: string, what: string, file: string): HoneError {
  return new HoneError(`${shown} cannot be read: ${what}.`, {
    code: 'HONE_FILE_UNREADABLE',
    hint: 'Write it with: hone gate -o gate.json',
    facts: { file },
  });
}

/** `name@pointer`; without one the newest version. */
async function named(registry: Registry, reference: string | undefined, usage: string) {
  if (reference === undefined) throw usageError(usage);
  const [name = '', pointer] = reference.split('@');
  const prompt = await readPrompt(registry, name);
  return { prompt, version: versionAt(prompt, pointer ?? String(prompt.versions.length)) };
}

async function readPrompt(registry: Registry, name: string): Promise<PromptRecord> {
  const prompt = await registry.read(name);
  if (prompt === undefined) throw noPrompt(name, registry.location);
  return prompt;
}

function usageError(usage: string): HoneError {
  return new HoneError('Something is missing on the command line.', {
    code: 'HONE_OPTION_INVALID',
    hint: usage,
  });
}

/** Who did it, for the record: what was said, else who is logged in. */
function actorOf({ actor }: PromptsOptions, { variables }: CommandIo): string {
  if (actor !== undefined) return actor;
  const { GITHUB_ACTOR: onGithub } = variables;
  if (onGithub !== undefined && onGithub !== '') return onGithub;
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
