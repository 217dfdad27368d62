import { appendFileSync, readFileSync } from 'node:fs';
import { HoneError, messageOf } from '../base/errors.ts';
import { commentMarker, type GateView, gateTitle, renderGateAsMarkdown } from '../report/gate-comment.ts';
import { oneLine } from '../report/numbers.ts';
import { type CommandIo, writeLine } from './command-io.ts';
import { putStickyComment } from './sticky-comment.ts';

/**
 * Tells a pull request and its job what a gate says: one comment a suite, the job's summary, outputs, and an
 * annotation of the evaluated file. What cannot be written is said and changes no result: a fork may not comment.
 */
export async function reportToGithub(
  view: GateView,
  { io, file }: { readonly io: CommandIo; readonly file?: string | undefined },
): Promise<void> {
  const { gate } = view;
  const text = renderGateAsMarkdown(view);
  annotate(view, { io, file });
  append(io, 'GITHUB_STEP_SUMMARY', text);
  const [first] = gate.comparison?.scores ?? [];
  const outputs = {
    result: gate.result,
    verdict: first?.verdict ?? '',
    difference: String(first?.comparison?.difference ?? ''),
    'interval-low': String(first?.comparison?.interval[0] ?? ''),
    'interval-high': String(first?.comparison?.interval[1] ?? ''),
    broken: String(gate.broken.length),
  };
  append(
    io,
    'GITHUB_OUTPUT',
    Object.entries(outputs)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  const {
    GITHUB_TOKEN: token,
    GITHUB_REPOSITORY: repository,
    GITHUB_API_URL: apiUrl = 'https://api.github.com',
  } = io.variables;
  const number = pullRequestOf(io);
  if (number === undefined || !repository) return;
  if (!token) {
    writeLine(
      io.stderr,
      '::notice::No GITHUB_TOKEN: the gate is in the summary of the job, not in a comment.',
    );
    return;
  }
  try {
    const { action } = await putStickyComment({
      apiUrl,
      repository,
      number,
      token,
      marker: commentMarker(gate.suite),
      body: text,
    });
    writeLine(io.stderr, `${action} the comment on pull request ${number}`);
  } catch (thrown) {
    const hint = HoneError.isInstance(thrown) ? ` ${thrown.hint ?? ''}` : '';
    writeLine(
      io.stderr,
      command('warning', {}, `The comment could not be written: ${messageOf(thrown)}${hint}`),
    );
  }
}

function annotate(
  { gate }: GateView,
  { io, file }: { readonly io: CommandIo; readonly file?: string | undefined },
) {
  const kinds = { pass: 'notice', fail: 'error', inconclusive: 'warning' } as const;
  const place: Readonly<Record<string, string>> = file === undefined ? {} : { file, line: '1' };
  const title = `${gate.suite}: ${gateTitle(gate)}`;
  for (const { name, result, reason } of gate.checks.filter(({ result: one }) => one !== 'pass')) {
    writeLine(io.stderr, command(kinds[result], { ...place, title }, `${name}: ${oneLine(reason, 500)}`));
  }
}

/** A command to the runner; nothing in its texts is another one. */
function command(name: string, properties: Readonly<Record<string, string>>, message: string): string {
  const escaped = (text: string) =>
    text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const given = Object.entries(properties).map(
    ([key, value]) => `${key}=${escaped(value).replaceAll(':', '%3A').replaceAll(',', '%2C')}`,
  );
  return `::${name}${given.length === 0 ? '' : ` ${given.join(',')}`}::${escaped(message)}`;
}

function append({ variables, stderr }: CommandIo, variable: string, text: string): void {
  const path = variables[variable];
  if (!path) return;
  try {
    appendFileSync(path, text);
  } catch (thrown) {
    writeLine(stderr, command('warning', {}, `${variable} could not be written: ${messageOf(thrown)}`));
  }
}

/** The number of the pull request that the event is of. */
function pullRequestOf({ variables }: CommandIo): number | undefined {
  const path = variables.GITHUB_EVENT_PATH;
  if (!path) return undefined;
  try {
    const { pull_request: request } = JSON.parse(readFileSync(path, 'utf8')) as {
      readonly pull_request?: { readonly number?: unknown };
    };
    return typeof request?.number === 'number' ? request.number : undefined;
  } catch {
    return undefined;
  }
}
