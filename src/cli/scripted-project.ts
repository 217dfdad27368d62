import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type MemoryIo, type MemoryIoOptions, memoryIo } from './memory-io.ts';
import { runCommandLine } from './run-command-line.ts';

/** A server on this machine whose answers are given. */
export interface ScriptedServer {
  readonly baseUrl: string;
  readonly count: number;
  close(): Promise<void>;
}

/** What a server is asked. */
export interface AskedBody {
  readonly messages?: unknown;
}

/** Opens a server that answers each request with a text. */
export type OpenScriptedServer<Server> = (
  answer: (body: AskedBody, index: number) => string,
) => Promise<Server>;

/** A folder with a prompt, 100 rows and a server that gets better with examples: for tests of the commands. */
export interface ScriptedProject<Server extends ScriptedServer = ScriptedServer> extends AsyncDisposable {
  readonly folder: string;
  readonly server: Server;
  /** The flags that name the model. */
  readonly remote: string;
  /** The prompt, the rows and the model, as they stand on a command line. */
  readonly task: string;
  write(path: string, text: string): void;
  read(path: string): string;
  hone(line: string, options?: Partial<MemoryIoOptions>): Promise<Ran>;
}

export interface Ran extends MemoryIo {
  readonly code: number;
}

/** @param beforeAnswer Called before each answer of the server, with its number from 0. */
export async function scriptedProject<Server extends ScriptedServer>(
  open: OpenScriptedServer<Server>,
  beforeAnswer: (index: number, folder: string) => void = () => undefined,
): Promise<ScriptedProject<Server>> {
  const folder = mkdtempSync(join(tmpdir(), 'hone-cli-'));
  const server = await open(({ messages }, index) => {
    beforeAnswer(index, folder);
    return answerTo(messages as readonly { readonly content: string }[]);
  });
  const remote = `--model test --base-url ${server.baseUrl}`;
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write('prompt.md', 'Say what it is.\n');
  write('rows.csv', rowsText(100));
  return {
    folder,
    server,
    remote,
    task: `prompt.md --data rows.csv --expected kind ${remote}`,
    write,
    read: (path) => readFileSync(join(folder, path), 'utf8'),
    async hone(line, options = {}) {
      const io = memoryIo({ cwd: folder, ...options });
      const code = await runCommandLine(
        line.split(' ').filter((word) => word !== ''),
        io,
      );
      return { ...io, code };
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Knows the answer where the prompt shows examples, and guesses without. */
function answerTo(messages: readonly { readonly content: string }[]): string {
  const question = messages.at(-1)?.content ?? '';
  const whole = messages.map(({ content }) => content).join('\n');
  const hasDemos = (whole.match(/apple|carrot/g) ?? []).length > 2;
  if (!hasDemos) return 'fruit';
  return question.includes('carrot') ? 'vegetable' : 'fruit';
}

/** Texts far enough apart that no two count as near-duplicates. */
export function rowsText(count: number): string {
  const word = (index: number) =>
    [7, 31, 101]
      .map((step) => String.fromCharCode(97 + ((index * step) % 26), 97 + ((index * step * 3) % 26)))
      .join('');
  const rows = Array.from({ length: count }, (_, index) => {
    const kind = index % 2 === 0 ? 'apple' : 'carrot';
    return `${word(index)} ${kind} ${index * 7919} ${word(index + 50)},${index % 2 === 0 ? 'fruit' : 'vegetable'}`;
  });
  return `text,kind\n${rows.join('\n')}\n`;
}
