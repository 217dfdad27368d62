import { HoneError } from '../base/errors.ts';

/**
 * Refuses a text that is surely another kind of file: it would be sent to the model word for word, and scored.
 *
 * @throws {HoneError} `HONE_PROMPT_INVALID` for a saved candidate, a report, a table or a page.
 */
export function checkPromptText(text: string, file: string): void {
  const kind = kindOf(text, file);
  if (kind === undefined) return;
  throw new HoneError(`${file} is ${kind.name}, not a prompt.`, {
    code: 'HONE_PROMPT_INVALID',
    hint: kind.hint,
    facts: { file },
  });
}

interface OtherKind {
  readonly name: string;
  readonly hint: string;
}

const nameAPrompt = 'Name the text file with the prompt; its rows go to --data.';

function kindOf(text: string, file: string): OtherKind | undefined {
  if (/^\s*<!doctype html/i.test(text)) return { name: 'a web page', hint: nameAPrompt };
  if (/\.(?:csv|tsv|jsonl|ndjson|yaml|yml|xlsx?|parquet)$/i.test(file)) {
    return { name: 'a table', hint: nameAPrompt };
  }
  const { schemaVersion, candidate, runId, verdict } = jsonObjectOf(text) ?? {};
  if (schemaVersion === undefined) return undefined;
  if (verdict !== undefined && runId !== undefined) {
    return { name: 'the report of a run', hint: 'Name the winner that lies beside it.' };
  }
  if (candidate === undefined) return undefined;
  return {
    name: 'a saved candidate in JSON',
    hint: `Run its program with it: hone eval <target> --candidate ${file}`,
  };
}

function jsonObjectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
