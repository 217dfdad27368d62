import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { type Assertion, deterministicKinds, gradedKinds, problemOfCheck } from '../../scorer/assertion.ts';
import {
  type ConfigFiles,
  filePathOf,
  isCode,
  readFileText,
  readFileValue,
  readYaml,
} from './promptfoo-files.ts';
import type { TemplateRenderer } from './slots-of-template.ts';

/** Checks in code: the text of each by the name that rows call it by. */
export interface CodeChecks {
  /** The name of a check in code; the same text has one name. Undefined for what JavaScript cannot read. */
  nameOf(code: string, kind: 'check' | 'transform'): string | undefined;
}

export interface AssertionSetting {
  readonly files: ConfigFiles;
  readonly code: CodeChecks;
  readonly renderer: TemplateRenderer;
  /** The variables of the row, for templates in what is expected. */
  readonly vars: JsonObject;
  /** Counts what has no counterpart, by its kind. */
  readonly missing: Map<string, number>;
}

/** Other words for the same check. */
const sameAs: Readonly<Record<string, Assertion['type']>> = {
  'model-graded-factuality': 'factuality',
  'llm-as-a-judge': 'llm-rubric',
};

/** What to do instead, where there is something. */
export const insteadOf: Readonly<Record<string, string>> = {
  cost: "limit it with --objectives score,cost<=…, or withinLimit('cost', …)",
  latency: "limit it with --objectives score,latency<=…, or withinLimit('latency', …)",
  similar: 'use embeddingSimilarity of hone-ai/scorers',
  python: 'write it in TypeScript with scorer() of hone-ai/scorers',
  webhook: 'call it from scorer() of hone-ai/scorers',
  'context-faithfulness': 'use faithfulness of hone-ai/scorers',
  'context-recall': 'use contextRecall of hone-ai/scorers',
  'context-relevance': 'use contextPrecision of hone-ai/scorers',
  'answer-relevance': 'use relevance of hone-ai/scorers',
  'select-best': 'use pairwiseJudge of hone-ai/scorers',
  'javascript with variables in its code': 'write it with context.vars',
  'rouge-n': 'use tokenF1 of hone-ai/scorers',
  'f-score': 'use tokenF1 or fieldF1 of hone-ai/scorers',
};

/** The checks of a row that have a counterpart; the others are counted in `missing`. */
export function assertionsOf(list: readonly unknown[], setting: AssertionSetting): readonly Assertion[] {
  return list.flatMap((each) => assertionOf(each, setting));
}

function assertionOf(given: unknown, setting: AssertionSetting): readonly Assertion[] {
  if (!isJsonObject(given) || typeof given.type !== 'string')
    return lacking('that is no object with a type', setting);
  const { metric, transform, provider, rubricPrompt } = given;
  const left = Object.keys(given).filter((key) => !read.has(key) && given[key] !== undefined);
  if (left.length > 0) setting.files.notes.add(`${left.join(', ')} of single checks: left out.`);
  const threshold = numberOf(given, 'threshold', setting);
  const weight = numberOf(given, 'weight', setting);
  const not = given.type.startsWith('not-');
  const plain = not ? given.type.slice('not-'.length) : given.type;
  const type = sameAs[plain] ?? plain;
  const shared = {
    ...(not && { not }),
    ...(threshold !== undefined && { threshold }),
    ...(weight !== undefined && { weight }),
    ...(typeof metric === 'string' && { metric: setting.renderer.render(metric, setting.vars) }),
    ...(typeof transform === 'string' && transformOf(transform, setting)),
  };
  if (provider !== undefined || rubricPrompt !== undefined) {
    setting.files.notes.add(
      'Judges of single checks (provider, rubricPrompt): the one of --role-model judge is asked instead.',
    );
  }
  if (type === 'assert-set') {
    const listed = checksOf(given.assert);
    const inner = assertionsOf(listed, setting);
    if (listed.length === 0) return lacking('assert-set without checks', setting);
    return inner.length === 0 ? [] : [{ type, ...shared, assert: inner }];
  }
  if (type === 'javascript') return codeCheck(given.value, shared, setting);
  const known = [...deterministicKinds, ...gradedKinds].find((kind) => kind === type);
  if (known === undefined) return lacking(plain, setting);
  const value = checkedValue(known, expectedOf(given.value, setting));
  if (value === undefined && !['is-json', 'contains-json'].includes(known)) {
    return given.value === undefined
      ? lacking(`${plain} without a value`, setting)
      : lacking(`${plain} by code`, setting);
  }
  if (known === 'regex' && !isPattern(value))
    return lacking(`regex ${JSON.stringify(value)}, which JavaScript cannot read`, setting);
  const check: Assertion = { type: known, ...(value !== undefined && { value }), ...shared };
  const problem = problemOfCheck(check);
  return problem === undefined ? [check] : lacking(`${plain} ${problem}`, setting);
}

/** What is read of a check. */
const read = new Set([
  'type',
  'value',
  'weight',
  'threshold',
  'metric',
  'transform',
  'provider',
  'rubricPrompt',
  'assert',
  'description',
]);

/** A single check stands for a list of it. */
export function checksOf(given: unknown): readonly unknown[] {
  if (given === undefined || given === null) return [];
  return Array.isArray(given) ? given : [given];
}

function numberOf(
  given: JsonObject,
  key: 'threshold' | 'weight',
  { files, renderer, vars }: AssertionSetting,
): number | undefined {
  const value = given[key];
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' ? Number(renderer.render(value, vars) || Number.NaN) : value;
  if (typeof number === 'number' && Number.isFinite(number) && (key === 'threshold' || number >= 0))
    return number;
  files.notes.add(`The ${key} ${JSON.stringify(value)} of a check is none: left out.`);
  return undefined;
}

/** A schema may stand as a text of JSON or YAML. */
function checkedValue(kind: string, value: Json | undefined): Json | undefined {
  if (typeof value !== 'string' || !/-json$/.test(kind)) return value;
  try {
    return readYaml(value) as Json;
  } catch {
    return value;
  }
}

function lacking(what: string, { missing }: AssertionSetting): readonly Assertion[] {
  missing.set(what, (missing.get(what) ?? 0) + 1);
  return [];
}

function isPattern(value: Json | undefined): boolean {
  try {
    return typeof value === 'string' && new RegExp(value) instanceof RegExp;
  } catch {
    return false;
  }
}

function transformOf(transform: string, { code, files }: AssertionSetting): { transform?: string } {
  const name = filePathOf(transform) === undefined ? code.nameOf(transform, 'transform') : undefined;
  if (name !== undefined) return { transform: name };
  files.notes.add(
    `The transform ${transform} is no JavaScript of its own: left out, so its checks see the answer as it is.`,
  );
  return {};
}

/** The code itself, from the config or a file of it; it is written into the config of Hone, and not run here. */
function codeCheck(
  value: unknown,
  shared: Partial<Assertion>,
  setting: AssertionSetting,
): readonly Assertion[] {
  if (typeof value === 'function') return lacking('javascript as a function in the config', setting);
  if (typeof value !== 'string') return lacking('javascript without code', setting);
  const path = filePathOf(value);
  if (path !== undefined) return lacking(`javascript in a file (${path})`, setting);
  // Values of a row in code would be run; code reads them from `context.vars`.
  if (/\{\{|\{%/.test(value)) return lacking('javascript with variables in its code', setting);
  const name = setting.code.nameOf(value.trim(), 'check');
  if (name === undefined)
    return lacking(`javascript that cannot be read (${value.trim().slice(0, 40)})`, setting);
  return [{ type: 'javascript', value: name, ...shared }];
}

/** What is expected, with its templates filled from the row; undefined where only code can say it. */
function expectedOf(value: unknown, setting: AssertionSetting): Json | undefined {
  if (typeof value === 'function') return undefined;
  if (typeof value === 'string') {
    const path = filePathOf(value);
    if (path === undefined) return setting.renderer.render(value, setting.vars);
    const filled = setting.renderer.render(path, setting.vars);
    if (isCode(filled)) return undefined;
    if (/\.(json|ya?ml)$/i.test(filled)) return readFileValue(filled, setting.files) as Json;
    return setting.renderer.render(readFileText(filled, setting.files).trim(), setting.vars);
  }
  if (Array.isArray(value)) return value.map((each) => expectedOf(each, setting) ?? null);
  if (isJsonObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, expectedOf(each, setting) ?? null]),
    );
  }
  return value as Json | undefined;
}

/**
 * A cell of an `__expected` column: a check in one line, such as `contains: Paris` or `grade: is polite`; a text
 * without a known beginning is the answer itself.
 */
export function assertionOfCell(cell: string): JsonObject | undefined {
  const text = cell.trim();
  if (text === '') return undefined;
  const [, code] = /^(?:javascript|fn|eval):\s*([\s\S]*)$/.exec(text) ?? [];
  if (code !== undefined) return { type: 'javascript', value: code };
  const [, rubric] = /^(?:grade|llm-rubric):\s*([\s\S]*)$/.exec(text) ?? [];
  if (rubric !== undefined) return { type: 'llm-rubric', value: rubric };
  if (text.startsWith('file://')) return { type: 'javascript', value: text };
  const match = /^(not-)?([a-z][a-z-]*)(?:\((\d+(?:\.\d+)?)\))?(?::\s?([\s\S]*))?$/.exec(text);
  const [, not = '', kind = '', threshold, value] = match ?? [];
  if (!cellKinds.has(kind)) return { type: 'equals', value: text };
  return {
    type: `${not}${kind}`,
    ...(threshold !== undefined && { threshold: Number(threshold) }),
    ...(value !== undefined && value !== '' && { value: cellValue(kind, value) }),
  };
}

const cellKinds: ReadonlySet<string> = new Set([
  ...deterministicKinds.filter((kind) => kind !== 'word-count'),
  ...gradedKinds,
  ...Object.keys(sameAs),
  ...Object.keys(insteadOf),
  'is-sql',
  'is-html',
  'is-xml',
  'contains-sql',
  'contains-xml',
  'contains-html',
  'is-refusal',
  'bleu',
  'moderation',
  'perplexity',
]);

function cellValue(kind: string, value: string): Json {
  if (/-(all|any)$/.test(kind)) return value.split(',').map((part) => part.trim());
  if (/-json$/.test(kind)) {
    try {
      return JSON.parse(value) as Json;
    } catch {
      return value;
    }
  }
  return value.trim();
}
