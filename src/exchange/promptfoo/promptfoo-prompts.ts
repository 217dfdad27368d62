import { parse as parseCsv } from 'csv-parse/sync';
import { parse } from 'yaml';
import { isJsonObject } from '../../base/json.ts';
import { type ConfigFiles, filePathOf, filesOf, isCode, readFileText } from './promptfoo-files.ts';

/** A prompt of the config: what the system says, and what the user says. Templates. */
export interface PromptfooPrompt {
  readonly label: string;
  readonly system?: string | undefined;
  readonly user: string;
}

/** The prompts of a config; what is none that Hone can show is noted. */
export function promptsOf(given: unknown, files: ConfigFiles): readonly PromptfooPrompt[] {
  const list = given === undefined ? ['{{prompt}}'] : Array.isArray(given) ? given : entriesOf(given);
  return list.flatMap((each, index) => promptsOfEntry(each, { index, files }));
}

/** One text, or prompts by their labels as older configs have them. */
function entriesOf(given: unknown): readonly unknown[] {
  if (!isJsonObject(given)) return [given];
  return Object.entries(given).map(([id, label]) => ({ id, label }));
}

interface EntryPlace {
  readonly index: number;
  readonly files: ConfigFiles;
}

function promptsOfEntry(entry: unknown, { index, files }: EntryPlace): readonly PromptfooPrompt[] {
  const label = `prompt-${index + 1}`;
  if (typeof entry === 'string') return promptsOfText(entry, { label, files });
  if (isJsonObject(entry)) {
    const { raw, id, path, label: said, function: code } = entry as Readonly<Record<string, unknown>>;
    const text = [raw, path, id].find((each) => typeof each === 'string' && each !== '');
    const own = typeof said === 'string' && said !== '' ? said : label;
    const left = Object.keys(entry).filter((key) => !['raw', 'id', 'path', 'label', 'display'].includes(key));
    if (code === undefined && left.length > 0)
      files.notes.add(`${left.join(', ')} of the prompt ${own}: left out.`);
    if (code === undefined && typeof text === 'string') return promptsOfText(text, { label: own, files });
  }
  files.notes.add(`${label} is made by code: left out.`);
  return [];
}

interface TextPlace {
  readonly label: string;
  readonly files: ConfigFiles;
}

const promptFile = /^[\w@./\\ -]+\.(?:txt|md|j2|json|ya?ml|csv|jsonl)$/i;

function promptsOfText(text: string, { label, files }: TextPlace): readonly PromptfooPrompt[] {
  const path = filePathOf(text) ?? (promptFile.test(text.trim()) ? text.trim() : undefined);
  if (path === undefined) {
    if (
      /^(exec:|langfuse:\/\/|portkey:\/\/|helicone:\/\/|package:)/.test(text) ||
      /^[\w./-]+\.(?:py|[cm]?[jt]s)(?::\w+)?$/.test(text)
    ) {
      files.notes.add(`${label} (${text}) is made by code, or kept elsewhere: left out.`);
      return [];
    }
    return promptOf(text, { label, files });
  }
  if (isCode(path) && !/[*?]/.test(path)) {
    files.notes.add(`${label} (${path}) is made by code: left out.`);
    return [];
  }
  const paths = filesOf(path, files);
  if (paths.length === 0) files.notes.add(`${label}: no file is called ${path}.`);
  return paths.flatMap((each) => {
    if (isCode(each)) {
      files.notes.add(`${label} (${each}) is made by code: left out.`);
      return [];
    }
    const parts = partsOfFile(each, files);
    const name = each.replace(/^.*[/\\]/, '').replace(/\.\w+$/, '');
    return parts
      .filter((part) => part.trim() !== '')
      .flatMap((part, at) =>
        promptOf(part.trim(), { label: parts.length > 1 ? `${name}-${at + 1}` : name, files }),
      );
  });
}

/** Prompts of a file: a line or a row each where it is a table, parts between lines of `---` where it is a text. */
function partsOfFile(path: string, files: ConfigFiles): readonly string[] {
  const content = readFileText(path, files);
  if (/\.txt$/i.test(path)) return content.split(/\r?\n---\r?\n/);
  if (/\.jsonl$/i.test(path)) return content.split(/\r?\n/);
  if (!/\.csv$/i.test(path)) return [content];
  const rows = parseCsv(content, { relax_column_count: true, skip_empty_lines: true }) as string[][];
  const [head = []] = rows;
  const column = head.findIndex((name) => name.trim().toLowerCase() === 'prompt');
  if (head.length > 1) files.notes.add(`Of ${path} the column ${column < 0 ? '1' : 'prompt'} is read alone.`);
  return (column < 0 ? rows : rows.slice(1)).map((row) => row[Math.max(0, column)] ?? '');
}

/** A text for the user, or a conversation in JSON or YAML. */
function promptOf(text: string, { label, files }: TextPlace): readonly PromptfooPrompt[] {
  const looksLikeChat = /^\s*(\[\s*(\{|$)|-\s*role\s*:|\{%)/m.test(text) && /["']?role["']?\s*:/.test(text);
  if (!looksLikeChat) return [{ label, user: text }];
  const messages = readMessages(text);
  if (messages === undefined) {
    files.notes.add(
      `${label} is a conversation that its template builds, which a prompt here cannot: left out.`,
    );
    return [];
  }
  const system = messages.filter(({ role }) => role === 'system' || role === 'developer');
  const others = messages.filter((message) => !system.includes(message));
  const [user, another] = others;
  if (user === undefined || another !== undefined || user.role !== 'user') {
    files.notes.add(
      `${label} is a conversation of ${others.length} turns, and a prompt here has one question: left out.`,
    );
    return [];
  }
  const said = system.map(({ content }) => content).join('\n\n');
  return [{ label, user: user.content, ...(said !== '' && { system: said }) }];
}

interface ChatMessage {
  readonly role: string;
  readonly content: string;
}

function readMessages(text: string): readonly ChatMessage[] | undefined {
  const found = readValue(text);
  const { messages: inside } = isJsonObject(found) ? found : {};
  const list = isJsonObject(found) ? inside : found;
  if (!Array.isArray(list)) return undefined;
  const messages = list.map((each): ChatMessage | undefined => {
    const { role, content } = (isJsonObject(each) ? each : {}) as Readonly<Record<string, unknown>>;
    const parts = Array.isArray(content) ? content : [{ type: 'text', text: content }];
    const texts = parts.map((part) => (isJsonObject(part) && part.type === 'text' ? part.text : undefined));
    if (typeof role !== 'string' || texts.some((part) => typeof part !== 'string')) return undefined;
    return { role, content: texts.join('\n') };
  });
  return messages.every((message) => message !== undefined) ? messages : undefined;
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    try {
      return parse(text, { logLevel: 'silent' });
    } catch {
      return undefined;
    }
  }
}
