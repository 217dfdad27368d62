import { basename } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { setOwn } from '../../base/own-property.ts';
import type { Assertion } from '../../scorer/assertion.ts';
import { invalidImport } from '../exchange-errors.ts';
import type { ImportPlan } from '../import-plan.ts';
import { type CodeChecks, insteadOf } from './promptfoo-assertions.ts';
import { type ConfigFiles, filePathOf, readFileValue, withoutReferences } from './promptfoo-files.ts';
import { modelOf } from './promptfoo-model.ts';
import { type PromptfooPrompt, promptsOf } from './promptfoo-prompts.ts';
import { type PromptfooRow, rowsOf } from './promptfoo-tests.ts';
import {
  openTemplateRenderer,
  type SlottedText,
  slotsOfTemplate,
  type TemplateRenderer,
} from './slots-of-template.ts';
import { type CodeFunction, sourceOfCode } from './source-of-code.ts';
import { type ImportedTarget, writeConfig } from './write-config.ts';

/** Keys that are read, or that change nothing of what is measured. */
const known = new Set([
  'prompts',
  'providers',
  'targets',
  'tests',
  'scenarios',
  'defaultTest',
  'description',
  'tags',
  '$schema',
  'metadata',
  'sharing',
  'outputPath',
  'writeLatestResults',
  'assertionTemplates',
  'evaluateOptions',
  'env',
  'commandLineOptions',
]);

/**
 * What Hone makes of a promptfoo config: a program for each prompt, rows with their checks, and the list of what has
 * no counterpart. Its code is neither run nor called; checks in code are written into the config that is made.
 *
 * @param value The content of the config.
 * @throws {HoneError} `HONE_IMPORT_INVALID` where there is no prompt that can be taken over, or a file is missing.
 */
export async function importPromptfoo(
  value: unknown,
  { file, folder }: { readonly file: string; readonly folder: string },
): Promise<ImportPlan> {
  const config = withoutReferences(value);
  if (!isJsonObject(config)) {
    throw invalidImport(`${file} holds no promptfoo config.`, { hint: 'Name promptfooconfig.yaml.', file });
  }
  const files: ConfigFiles = { folder, notes: new Set() };
  const environment = isJsonObject(config.env) ? config.env : {};
  const renderer = await openTemplateRenderer({
    environment,
    onMissing: (name) =>
      files.notes.add(`env.${name} is no part of the config, and is empty here: write it under \`env\`.`),
  });
  const code = codeChecks();
  const missing = new Map<string, number>();
  const left = Object.keys(config).filter((key) => !known.has(key));
  if (left.length > 0) files.notes.add(`${left.join(', ')} of the config: left out.`);
  const { repeat, maxConcurrency, ...run } = isJsonObject(config.evaluateOptions)
    ? config.evaluateOptions
    : {};
  const ways = Object.keys(run).filter((key) => !['showProgressBar', 'cache', 'verbose'].includes(key));
  if (ways.length > 0) files.notes.add(`${ways.join(', ')} of evaluateOptions: left out.`);
  const prompts = promptsOf(config.prompts, files);
  if (prompts.length === 0) {
    throw invalidImport(`${file} has no prompt that can be taken over. ${[...files.notes].join(' ')}`, {
      hint: 'Write a text, or a file with a text, under `prompts`.',
      file,
    });
  }
  const path = filePathOf(config.defaultTest);
  const defaults = path === undefined ? config.defaultTest : readFileValue(path, files);
  if (defaults !== undefined && !isJsonObject(defaults))
    files.notes.add('defaultTest is no object: left out.');
  const rows = rowsOf(
    { tests: config.tests, scenarios: config.scenarios },
    { files, code, renderer, missing, defaults: isJsonObject(defaults) ? defaults : {} },
  );
  for (const [kind, count] of missing) {
    const instead = insteadOf[kind];
    const how = instead === undefined ? 'it has no counterpart' : instead;
    files.notes.add(`The check ${kind} (${count === 1 ? 'once' : `${count} times`}): left out; ${how}.`);
  }
  const unchecked = rows.filter(({ assertions }) => assertions.length === 0).length;
  if (unchecked > 0)
    files.notes.add(`${unchecked} of ${rows.length} rows have no check left: they stay unscored.`);
  const model = modelOf(config.providers ?? config.targets, files.notes);
  const targets = targetsOf(prompts, { rows, renderer, files, code });
  if (code.list.length > 0) {
    files.notes.add(
      `Checks and transforms in code (${code.list.length}) stand in hone.config.ts and were not run: read them.`,
    );
  }
  const isJudged = JSON.stringify(rows).match(
    /"type":"(llm-rubric|g-eval|factuality|model-graded-closedqa)"/,
  );
  const shared = {
    ...model,
    source: basename(file),
    code: code.list,
    trials: typeof repeat === 'number' && repeat > 1 ? repeat : undefined,
    concurrency: typeof maxConcurrency === 'number' ? maxConcurrency : undefined,
    isJudged: isJudged !== null,
  };
  const [first] = targets;
  return {
    files: [
      { name: 'hone.config.ts', text: writeConfig(targets, shared) },
      ...targets.map(({ rowsFile, rows: own }) => ({
        name: rowsFile,
        text: own.map((row) => `${JSON.stringify(row)}\n`).join(''),
      })),
    ],
    notes: [...files.notes],
    next: [`hone eval ${first?.name}`, `hone optimize ${first?.name}`],
  };
}

interface CodeList extends CodeChecks {
  readonly list: CodeFunction[];
}

function codeChecks(): CodeList {
  const list: CodeFunction[] = [];
  return {
    list,
    nameOf(code, kind) {
      const same = list.find((each) => each.code === code && each.name.startsWith(kind));
      if (same !== undefined) return same.name;
      const name = `${kind}${list.filter((each) => each.name.startsWith(kind)).length + 1}`;
      const source = sourceOfCode(code);
      if (source === undefined) return undefined;
      list.push({ name, code, source });
      return name;
    },
  };
}

/** The one right answer of a row that asks for one. */
function labelOfRow(assertions: readonly Assertion[]): Json | undefined {
  const right = assertions.filter(
    ({ type, not, transform }) => type === 'equals' && !not && transform === undefined,
  );
  const [only, another] = right;
  return another === undefined && typeof only?.value === 'string' ? only.value : undefined;
}

interface TargetSetting {
  readonly code: CodeList;
  readonly rows: readonly PromptfooRow[];
  readonly renderer: TemplateRenderer;
  readonly files: ConfigFiles;
}

/** A target for each prompt: its variables are its inputs, and what a slot cannot say is a column. */
function targetsOf(prompts: readonly PromptfooPrompt[], setting: TargetSetting): readonly ImportedTarget[] {
  const names = new Set<string>();
  const targets = prompts.flatMap((prompt) => {
    const name = targetName(prompt.label, names);
    try {
      return [targetOf(prompt, { ...setting, name, isOnly: prompts.length === 1 })];
    } catch (cause) {
      setting.files.notes.add(`${name}: left out. ${messageOf(cause)}`);
      return [];
    }
  });
  if (targets.length > 0) return targets;
  throw invalidImport(`No prompt can be filled: ${[...setting.files.notes].at(-1)}`, {
    hint: 'Filters in code have no counterpart: write what they do into the prompt or the variables.',
  });
}

function targetName(label: string, taken: Set<string>): string {
  const plain = label
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40);
  const wanted = /^[A-Za-z]/.test(plain) ? plain : `prompt-${plain || '1'}`;
  let name = wanted;
  for (let count = 2; taken.has(name); count += 1) name = `${wanted}-${count}`;
  taken.add(name);
  return name;
}

function targetOf(
  prompt: PromptfooPrompt,
  {
    rows,
    renderer,
    files,
    code,
    name,
    isOnly,
  }: TargetSetting & { readonly name: string; readonly isOnly: boolean },
): ImportedTarget {
  const variables = new Set(rows.flatMap(({ vars }) => Object.keys(vars)));
  const affix = (side: 'prompt_prefix' | 'prompt_suffix') => (variables.has(side) ? `{{${side}}}` : '');
  const user = slotsOfTemplate(`${affix('prompt_prefix')}${prompt.user}${affix('prompt_suffix')}`, variables);
  const taken = new Set([...variables, ...user.computed.map((column) => column.name)]);
  const system: SlottedText | undefined =
    prompt.system === undefined ? undefined : slotsOfTemplate(prompt.system, taken);
  const parts = system === undefined ? [user] : [system, user];
  const computed = parts.flatMap((part) => part.computed);
  for (const { name: column, source } of computed) {
    files.notes.add(`${name}: ${oneLine(source)} is the column ${column}, worked out for each row.`);
  }
  const plain = [...new Set(parts.flatMap((part) => part.plain))];
  const inputs = [...plain, ...computed.map((column) => column.name)];
  if (inputs.length === 0) {
    files.notes.add(`${name}: the prompt shows no variable, so Hone writes all of them after it.`);
    inputs.push(...variables);
  }
  if (inputs.length === 0) inputs.push('input');
  const unset = plain.filter((variable) => !variables.has(variable));
  if (unset.length > 0)
    files.notes.add(`${name}: no test sets ${unset.join(', ')}; it is empty, as it was there.`);
  const output = inputs.includes('answer') ? 'reply' : 'answer';
  const column = inputs.includes('assertions') ? 'checks' : 'assertions';
  const varsColumn = inputs.includes('vars') ? 'variables' : 'vars';
  // Rows with one right answer have a label, of which demos can be made.
  const hasLabels = rows.every(({ assertions }) => labelOfRow(assertions) !== undefined);
  // What no slot shows is for the checks in code alone: a program that saw it could know the answer.
  const needsVars =
    code.list.some((each) => /\b(context|vars)\b/.test(each.code)) &&
    rows.some(({ vars }) => Object.keys(vars).some((key) => !inputs.includes(key)));
  return {
    name,
    label: prompt.label,
    system: system?.text,
    user: user.text,
    inputs: [...new Set(inputs)],
    output,
    column,
    expected: [...(hasLabels ? [output] : []), ...(needsVars ? [varsColumn] : []), column],
    varsColumn: needsVars ? varsColumn : undefined,
    rowsFile: isOnly ? 'rows.jsonl' : `rows-${name}.jsonl`,
    rows: rows.map(({ vars, assertions }) => {
      const row: Record<string, Json> = {};
      for (const input of plain) setOwn(row, input, vars[input] ?? '');
      for (const { name: column, source } of computed)
        setOwn(row, column, renderer.render(source, readable(vars)));
      for (const input of inputs) if (!Object.hasOwn(row, input)) setOwn(row, input, vars[input] ?? '');
      const label = hasLabels ? labelOfRow(assertions) : undefined;
      const hidden = Object.entries(vars).filter(([key]) => !inputs.includes(key));
      return {
        ...row,
        ...(label !== undefined && { [output]: label }),
        ...(needsVars && { [varsColumn]: Object.fromEntries(hidden) }),
        [column]: assertions as unknown as Json,
      } satisfies JsonObject;
    }),
  };
}

/** Objects in a prompt are JSON, and their parts can still be reached. */
function readable(vars: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(vars).map(([name, value]) => {
      if (!isJsonObject(value)) return [name, value];
      const text = JSON.stringify(value);
      return [
        name,
        Object.defineProperty({ ...value }, 'toString', { value: () => text, enumerable: false }),
      ];
    }),
  );
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= 60 ? line : `${line.slice(0, 59)}…`;
}
