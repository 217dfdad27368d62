import { openWorkspace } from '../../config/workspace.ts';
import { writeLine } from '../command-io.ts';
import type { CommandContext } from '../declare-commands.ts';
import { type Check, runChecks } from '../doctor-checks.ts';
import { exitCodes } from '../exit-codes.ts';
import type { CommonOptions } from '../options.ts';
import { variablesOf } from '../prepare-command.ts';
import type { Style } from '../render/style.ts';
import { styleFor } from '../style-for.ts';

interface DoctorOptions extends CommonOptions {
  readonly json?: boolean | undefined;
}

/** `hone doctor`: whether everything needed is here, and what to do where it is not. */
export async function runDoctor({ json = false }: DoctorOptions, { io }: CommandContext): Promise<number> {
  await using workspace = openWorkspace({ folder: io.cwd, variables: variablesOf(io) });
  const checks = await runChecks(workspace);
  const failed = checks.some(({ status }) => status === 'fail');
  if (json) writeLine(io.stdout, JSON.stringify({ schemaVersion: 1, ok: !failed, checks }));
  else for (const check of checks) writeLine(io.stdout, renderCheck(check, styleFor(io, io.stdout)));
  return failed ? exitCodes.error : exitCodes.ok;
}

function renderCheck({ name, status, found, fix }: Check, style: Style): string {
  const mark = { ok: style.good('ok  '), warn: style.warn('warn'), fail: style.bad('fail') }[status];
  const lines = [`${mark}  ${name.padEnd(14)} ${found}`];
  if (fix !== undefined) lines.push(`${' '.repeat(21)}${style.accent('fix:')} ${fix}`);
  return lines.join('\n');
}
