import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { isJsonObject, type Json, type JsonObject } from '../../src/base/json.ts';
import { memoryIo } from '../../src/cli/memory-io.ts';
import { runCommandLine } from '../../src/cli/run-command-line.ts';
import { csvCell } from '../../src/report/csv-cell.ts';
import {
  chatCompletion,
  type LoopbackServer,
  openLoopbackServer,
} from '../../src/testing/loopback-server.ts';

/** A folder as a team has it: tickets, prompts, and a model that does better the more rules it is told. */
export interface SupportDesk extends AsyncDisposable {
  readonly folder: string;
  readonly server: LoopbackServer;
  /** Flags that name the model and its price. */
  readonly model: string;
  write(path: string, text: string): void;
  /** Runs a command line in the folder, and fails where it does. */
  hone(line: string): Promise<string>;
  /** Requests that hold this text are refused. */
  refused: string;
  /** How long each answer takes, in milliseconds. */
  delayMs: number;
}

const teams = ['billing', 'refunds', 'technical_support', 'account_access'];

/** What a prompt may say, one sentence a team: each is worth the rows of its team. */
const rules: Readonly<Record<string, string>> = {
  refunds: 'Money that has to go back: refunds.',
  account_access: 'A person who cannot get in: account_access.',
  billing: 'A charge, an invoice or a plan that has to be corrected: billing.',
  technical_support: 'A step that keeps failing: technical_support.',
};

interface TicketLine {
  readonly ticket: string;
  readonly category: string;
}

interface Ticket {
  readonly text: string;
  readonly team: string;
}

/** A number from 0 to 1 that a text always gives. */
function share(text: string): number {
  let hash = 2_166_136_261;
  for (const sign of text) hash = Math.imul(hash ^ (sign.codePointAt(0) ?? 0), 16_777_619);
  return ((hash >>> 0) % 10_007) / 10_007;
}

export async function openSupportDesk({ rows = 240 } = {}): Promise<SupportDesk> {
  const folder = join(mkdtempSync(join(tmpdir(), 'hone-studio-')), 'support-desk');
  mkdirSync(folder);
  const table = parse<TicketLine>(readFileSync('examples/support-tickets/tickets.csv'), { columns: true });
  const tickets = table.slice(0, rows).map(({ ticket, category }) => ({ text: ticket, team: category }));
  const channels = ['email', 'chat', 'in-app form'];
  const lines = tickets.map(({ text, team }, at) =>
    [`T-${1_000 + at * 7}`, channels[Math.floor(share(text) * 3)] ?? '', text, team].map(csvCell).join(','),
  );
  const desk = { delayMs: 0, refused: '' };
  const server = await openLoopbackServer(async ({ body }, index) => {
    if (desk.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, desk.delayMs));
    if (desk.refused !== '' && JSON.stringify(body).includes(desk.refused)) {
      return { status: 400, body: { error: { message: 'This text is refused.' } } };
    }
    return { body: chatCompletion(answer(body, { tickets, index })) };
  });
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('tickets.csv', `id,channel,ticket,category\n${lines.join('\n')}\n`);
  write('triage.md', 'Decide which team the ticket belongs to.\n');
  const prices = '--price-input 0.25 --price-output 2';
  return Object.assign(desk, {
    folder,
    server,
    model: `--model gpt-5-mini --base-url ${server.baseUrl} ${prices}`,
    write,
    async hone(line: string) {
      const io = memoryIo({ cwd: folder, variables: { HONE_API_KEY: 'sk-test-key-that-nobody-may-see' } });
      const code = await runCommandLine(line.split(' ').filter(Boolean), io);
      if (code !== 0 && code !== 5)
        throw new Error(`hone ${line} ended with ${code}:\n${io.errors()}\n${io.output()}`);
      return io.output();
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      rmSync(dirname(folder), { recursive: true, force: true });
    },
  });
}

export const task = 'triage.md --data tickets.csv --id id --inputs ticket,channel --expected category --yes';

/** Three evaluations of one prompt that grows, and an optimization. */
export async function fill(desk: SupportDesk, { optimize = true } = {}): Promise<void> {
  await desk.hone(`eval ${task} ${desk.model}`);
  desk.write('triage.md', `Decide which team the ticket belongs to.\n\n${rules.refunds}\n`);
  await desk.hone(`eval ${task} ${desk.model}`);
  desk.write(
    'triage.md',
    `Decide which team the ticket belongs to.\n\n${rules.refunds}\n${rules.account_access}\nAnswer with the team alone.\n`,
  );
  await desk.hone(`eval ${task} ${desk.model} --trials 3`);
  await desk.hone(`prompts publish triage latest~1 --message first`);
  await desk.hone(`prompts publish triage latest --message rules`);
  await desk.hone(`prompts promote triage@1 production --force --reason start`);
  if (!optimize) return;
  desk.write('triage.md', 'Decide which team the ticket belongs to.\n');
  await desk.hone(
    `optimize ${task} ${desk.model} --optimizer gepa --reflection-model openai-compatible:${desk.server.baseUrl}#reflector --max-calls 1400 --budget-usd none`,
  );
}

function answer(
  body: JsonObject,
  { tickets, index }: { readonly tickets: readonly Ticket[]; readonly index: number },
): string {
  const messages = body.messages as readonly { readonly content: string }[];
  const whole = messages.map(({ content }) => content).join('\n');
  const question = messages.at(-1)?.content ?? '';
  const asked = tickets.filter(({ text }) => question.includes(text));
  const format = body.response_format as
    | { readonly json_schema?: { readonly schema?: JsonObject } }
    | undefined;
  const schema = format?.json_schema?.schema;
  if (asked.length !== 1 || whole.includes('reflect')) return reflection(whole, { schema, index });
  const [ticket] = asked;
  const team = ticket?.team ?? 'billing';
  const isTold = whole.includes(rules[team] ?? '');
  const isRight = share(`${ticket?.text}/knows`) < (isTold ? 0.94 : 0.6);
  const wrong = teams.filter((other) => other !== team);
  const reply = isRight ? team : (wrong[Math.floor(share(`${ticket?.text}/wrong`) * wrong.length)] ?? team);
  return schema === undefined ? reply : JSON.stringify(sample(schema, reply));
}

/** A prompt with one rule more than the one that is shown. */
function reflection(
  whole: string,
  { schema, index }: { readonly schema: JsonObject | undefined; readonly index: number },
): string {
  const known = Object.values(rules).filter((rule) => whole.includes(rule));
  const missing = Object.values(rules).filter((rule) => !whole.includes(rule));
  const next = missing[Math.floor(share(`${index}`) * missing.length)];
  const kept = share(`${index}/forgets`) < 0.25 ? known.slice(1) : known;
  const text = [
    'Decide which team the ticket belongs to.',
    '',
    ...kept,
    ...(next === undefined ? [] : [next]),
  ].join('\n');
  if (schema === undefined) return `\`\`\`\n${text}\n\`\`\``;
  return JSON.stringify(sample(schema, text));
}

/** A value of a schema whose texts are all the same. */
function sample(schema: JsonObject, text: string): Json {
  if (Array.isArray(schema.enum)) return (schema.enum.includes(text) ? text : schema.enum[0]) as Json;
  if (schema.type === 'array') {
    const items = schema.items;
    return isJsonObject(items) ? [sample(items, text)] : [];
  }
  if (schema.type === 'object') {
    const properties = isJsonObject(schema.properties) ? schema.properties : {};
    return Object.fromEntries(
      Object.entries(properties).map(([name, of]) => [
        name,
        isJsonObject(of) ? sample(of, isReason(name) ? reason : text) : text,
      ]),
    );
  }
  if (schema.type === 'number' || schema.type === 'integer') return 1;
  if (schema.type === 'boolean') return true;
  return text;
}

const reason = 'Most of these misses name what went wrong, and the team is the one that closes the ticket.';

function isReason(name: string): boolean {
  return /reason|why|diagnos|note|analys|because|insight|critique|feedback/u.test(name);
}
