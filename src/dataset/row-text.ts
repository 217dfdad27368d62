import { canonicalJson } from '../base/canonical-json.ts';
import { ownOf } from '../base/own-property.ts';
import type { Example } from './dataset.ts';

/** From this share of different values on, a column of single tokens beside a text names rows. */
const identifierFrom = 0.9;
/** A column with this many words on average is a text. */
const textFrom = 3;

/** The words of a row's inputs: compatible forms, lower case, without punctuation, numbers kept. */
export function normalForm(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/**
 * What rows are compared by: their inputs in normal form, columns in the order of their names. Left out are inputs
 * that are the same in every row, and beside a text those that name the row (numbers, keys, times: single tokens,
 * nearly all different), because copies have other ones.
 */
export function rowTexts(examples: readonly Example[]): string[] {
  const columns = new Map<string, ColumnFacts>();
  for (const { inputs } of examples) {
    for (const name of Object.keys(inputs)) {
      let facts = columns.get(name);
      if (facts === undefined) {
        facts = { values: new Set(), words: 0, isTokens: true, rows: 0 };
        columns.set(name, facts);
      }
      addValue(facts, inputText(ownOf(inputs, name)));
    }
  }
  const varying = [...columns].filter(([, { values, rows }]) => values.size > 1 || rows < examples.length);
  const hasText = varying.some(([, { words, rows }]) => words >= rows * textFrom);
  const compared = varying
    .filter(([, facts]) => !(hasText && isIdentifier(facts)))
    .map(([name]) => name)
    .sort();
  return examples.map(({ inputs }) => {
    const text = compared.map((name) => inputText(Object.hasOwn(inputs, name) ? inputs[name] : '')).join(' ');
    // Rows of signs alone ("+", "<=") would all have the same empty normal form.
    return normalForm(text) || text.trim();
  });
}

interface ColumnFacts {
  readonly values: Set<string>;
  words: number;
  rows: number;
  /** Whether no value so far has words: each is one token, or figures and signs. */
  isTokens: boolean;
}

function addValue(facts: ColumnFacts, text: string): void {
  facts.rows += 1;
  facts.values.add(text);
  // A few hundred letters tell a text from a key.
  facts.words += text.slice(0, 400).trim().split(/\s+/).length;
  facts.isTokens &&= text.length <= 80 && /^(?:\S*|[\d\s\p{P}\p{S}TZ]*)$/u.test(text);
}

function isIdentifier({ values, rows, isTokens }: ColumnFacts): boolean {
  return isTokens && rows > 1 && values.size >= rows * identifierFrom;
}

function inputText(value: Example['inputs'][string] | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : canonicalJson(value);
}
