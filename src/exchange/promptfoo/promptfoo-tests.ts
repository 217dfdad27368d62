import { parse as parseCsv } from 'csv-parse/sync';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { setOwn } from '../../base/own-property.ts';
import type { Assertion } from '../../scorer/assertion.ts';
import { invalidImport } from '../exchange-errors.ts';
import { type AssertionSetting, assertionOfCell, assertionsOf, checksOf } from './promptfoo-assertions.ts';
import {
  type ConfigFiles,
  filePathOf,
  filesOf,
  isCode,
  readFileText,
  readFileValue,
} from './promptfoo-files.ts';

/** One row: the variables, and what is checked. */
export interface PromptfooRow {
  readonly vars: JsonObject;
  readonly assertions: readonly Assertion[];
}

export interface TestsSetting extends Omit<AssertionSetting, 'vars'> {
  /** What every test has too. */
  readonly defaults: JsonObject;
}

/** Keys of a test that change nothing here. */
const quiet = new Set([
  'vars',
  'assert',
  'description',
  'threshold',
  'options',
  'metadata',
  'assertScoringFunction',
]);

/** The rows of a config's `tests` and `scenarios`. */
export function rowsOf(
  { tests, scenarios }: { readonly tests: unknown; readonly scenarios: unknown },
  setting: TestsSetting,
): readonly PromptfooRow[] {
  const own = testsOf(tests, setting.files);
  const played = listOf(scenarios, setting.files).flatMap((each) => testsOfScenario(each, setting.files));
  const all = [...own, ...played];
  // Without tests a prompt is asked once, with what every test has.
  return (all.length === 0 ? [{}] : all).flatMap((test) => rowsOfTest(test, setting));
}

function listOf(given: unknown, files: ConfigFiles): readonly unknown[] {
  if (given === undefined || given === null) return [];
  const path = filePathOf(given);
  if (path !== undefined) return listOf(readFileValue(path, files), files);
  return Array.isArray(given) ? given : [given];
}

function testsOf(given: unknown, files: ConfigFiles): readonly JsonObject[] {
  if (given === undefined || given === null) return [];
  if (Array.isArray(given)) return given.flatMap((each) => testsOf(each, files));
  if (isJsonObject(given)) {
    const { path } = given;
    return typeof path === 'string' && given.vars === undefined ? testsOfFile(path, files) : [given];
  }
  if (typeof given === 'string') return testsOfFile(filePathOf(given) ?? given, files);
  files.notes.add('Tests that code makes: left out.');
  return [];
}

function testsOfFile(path: string, files: ConfigFiles): readonly JsonObject[] {
  if (/^(https?|huggingface|az|s3):/.test(path) || /\.xlsx?(#|$)/i.test(path)) {
    files.notes.add(`Tests of ${path}: left out; save them as CSV or JSON Lines and name that file.`);
    return [];
  }
  if (isCode(path)) {
    files.notes.add(`Tests of ${path} are made by code: left out.`);
    return [];
  }
  const paths = filesOf(path, files);
  if (paths.length === 0) files.notes.add(`No file of tests is called ${path}.`);
  return paths.flatMap((each) => {
    if (/\.(csv|tsv)$/i.test(each)) return testsOfTable(each, files);
    const value = readFileValue(each, files);
    return (Array.isArray(value) ? value : [value]).flatMap((test) =>
      isJsonObject(test) ? [test] : testsOf(test, files),
    );
  });
}

function testsOfTable(path: string, files: ConfigFiles): readonly JsonObject[] {
  const records = parseCsv(readFileText(path, files), {
    columns: true,
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    delimiter: /\.tsv$/i.test(path) ? '\t' : ',',
    on_record: (record: unknown, { error, lines }: { error?: unknown; lines: number }) => {
      if (error !== undefined)
        files.notes.add(`${path}, line ${lines}: its cells do not fit the columns; check its row.`);
      return record;
    },
  }) as readonly Readonly<Record<string, string>>[];
  return records.map((record) => {
    const vars: Record<string, string> = {};
    const checks: JsonObject[] = [];
    const options: Record<string, string> = {};
    for (const [column, cell] of Object.entries(record)) {
      const name = column.trim();
      if (/^__expected\d*$/.test(name)) {
        const check = assertionOfCell(cell);
        if (check !== undefined) checks.push(check);
      } else if (name === '__prefix' || name === '__suffix') options[name.slice(2)] = cell;
      else if (name.startsWith('__')) {
        if (!/^__(description|metadata.*)$/.test(name))
          files.notes.add(`The column ${name} of ${path}: left out.`);
      } else if (name !== '') setOwn(vars, name, cell);
    }
    return { vars, assert: checks, options };
  });
}

/** Every setting of a scenario with every of its tests. */
function testsOfScenario(given: unknown, files: ConfigFiles): readonly JsonObject[] {
  if (!isJsonObject(given)) {
    files.notes.add(`A scenario that is no object (${JSON.stringify(given)}): left out.`);
    return [];
  }
  const left = Object.keys(given).filter((key) => !['config', 'tests', 'description'].includes(key));
  if (left.length > 0) files.notes.add(`${left.join(', ')} of scenarios: left out.`);
  const configs = listOf(given.config, files);
  const settings = configs.filter(isJsonObject);
  if (settings.length < configs.length)
    files.notes.add('A config of a scenario that is no object: left out.');
  const tests = testsOf(given.tests, files);
  return (settings.length === 0 ? [{}] : settings).flatMap((base) =>
    (tests.length === 0 ? [{}] : tests).map((test) => merged(base, test)),
  );
}

function merged(base: JsonObject, own: JsonObject): JsonObject {
  const both = (key: string) => ({ ...objectOf(base[key]), ...objectOf(own[key]) });
  const checks = [base.assert, own.assert].flatMap(checksOf) as Json;
  return { ...base, ...own, vars: both('vars'), options: both('options'), assert: checks };
}

function objectOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function rowsOfTest(test: JsonObject, setting: TestsSetting): readonly PromptfooRow[] {
  const { files, defaults, missing } = setting;
  const left = (given: JsonObject) =>
    Object.keys(given).filter((key) => !quiet.has(key) && given[key] !== undefined);
  if (left(test).length > 0) files.notes.add(`${left(test).join(', ')} of single tests: left out.`);
  if (left(defaults).length > 0) files.notes.add(`${left(defaults).join(', ')} of defaultTest: left out.`);
  const whole = merged(withVars(defaults, files), withVars(test, files));
  if (whole.threshold !== undefined || whole.assertScoringFunction !== undefined) {
    files.notes.add(
      'A threshold or a scoring function of a whole test: a row counts the weighted mean of its checks here.',
    );
  }
  const options = objectOf(whole.options);
  const unknown = Object.keys(options).filter(
    (key) =>
      !['prefix', 'suffix', 'transform', 'postprocess', 'disableVarExpansion'].includes(key) &&
      options[key] !== undefined,
  );
  if (unknown.length > 0) files.notes.add(`${unknown.join(', ')} of the options of tests: left out.`);
  const transform = options.transform ?? options.postprocess;
  const listed = checksOf(whole.assert);
  return combinations(loaded(objectOf(whole.vars), files), options.disableVarExpansion === true).map(
    (vars) => {
      const filled = nested(vars, setting);
      const checks = assertionsOf(listed, { ...setting, vars: filled, missing });
      return { vars: withAffixes(filled, options), assertions: transformed(checks, transform, setting) };
    },
  );
}

/** Variables that stand in files, or in a list of them, as an object. */
function withVars(test: JsonObject, files: ConfigFiles): JsonObject {
  const { vars } = test;
  if (vars === undefined || vars === null || isJsonObject(vars)) return test;
  const values: Record<string, Json> = {};
  for (const named of [vars].flat()) {
    const pattern = typeof named === 'string' ? (filePathOf(named) ?? named) : '';
    const paths = pattern === '' || isCode(pattern) ? [] : filesOf(pattern, files);
    const read = paths.map((path) => readFileValue(path, files));
    if (paths.length === 0 || !read.every(isJsonObject)) {
      files.notes.add(`Variables of tests that no file says (${JSON.stringify(named)}): left out.`);
    }
    for (const each of read.filter(isJsonObject)) {
      for (const [name, value] of Object.entries(each)) setOwn(values, name, (value ?? '') as Json);
    }
  }
  return { ...test, vars: values };
}

/** What stands before and after the prompt is a variable too, so that it stays with its row. */
function withAffixes(vars: JsonObject, { prefix, suffix }: JsonObject): JsonObject {
  return {
    ...vars,
    ...(typeof prefix === 'string' && prefix !== '' && { prompt_prefix: prefix }),
    ...(typeof suffix === 'string' && suffix !== '' && { prompt_suffix: suffix }),
  };
}

function transformed(
  checks: readonly Assertion[],
  transform: Json | undefined,
  { code, files }: TestsSetting,
): readonly Assertion[] {
  if (transform === undefined) return checks;
  if (typeof transform !== 'string' || filePathOf(transform) !== undefined) {
    files.notes.add('A transform that is a file of code: left out, so the checks see the answer as it is.');
    return checks;
  }
  const name = code.nameOf(transform, 'transform');
  if (name === undefined) {
    files.notes.add(
      `The transform ${transform} cannot be read: left out, so the checks see the answer as it is.`,
    );
    return checks;
  }
  return checks.map((check) => ({ ...check, transform: [name, ...[check.transform ?? []].flat()] }));
}

/** Variables from files, as texts. */
function loaded(vars: JsonObject, files: ConfigFiles): JsonObject {
  const values: Record<string, Json> = {};
  for (const [name, value] of Object.entries(vars)) {
    const path = filePathOf(value);
    if (value === undefined) continue;
    if (path === undefined) setOwn(values, name, value);
    else if (/\.(png|jpe?g|gif|webp|pdf|mp3|wav|mp4)$/i.test(path)) {
      files.notes.add(`The variable ${name} holds files that are no text (${path}): left out.`);
    } else if (isCode(path)) files.notes.add(`The variable ${name} is made by code (${path}): left out.`);
    else {
      const texts = filesOf(path, files).map((each) => textOfFile(each, files));
      setOwn(values, name, texts.length === 1 ? (texts[0] ?? '') : texts);
    }
  }
  return values;
}

function textOfFile(path: string, files: ConfigFiles): Json {
  return /\.(ya?ml|json)$/i.test(path)
    ? (readFileValue(path, files) as Json)
    : readFileText(path, files).trim();
}

/** Most rows that one test may stand for. */
const mostRows = 100_000;

/** A list of texts stands for one test each, of several lists for every combination. */
function combinations(vars: JsonObject, isOff: boolean): readonly JsonObject[] {
  let rows: readonly JsonObject[] = [{}];
  const counts = Object.values(vars).map((value) =>
    Array.isArray(value) && !isOff ? Math.max(1, value.length) : 1,
  );
  if (counts.reduce((product, count) => product * count, 1) > mostRows) {
    throw invalidImport(`The lists of one test stand for more than ${mostRows} rows.`, {
      hint: 'Write shorter lists, or a file with the rows that matter.',
    });
  }
  for (const [name, value] of Object.entries(vars)) {
    const isList = Array.isArray(value) && value.length > 0 && typeof value[0] === 'string' && !isOff;
    const choices = (isList ? value : [value]) as readonly Json[];
    rows = rows.flatMap((row) => choices.map((choice) => ({ ...row, [name]: choice })));
  }
  return rows;
}

/** A variable may use others. */
function nested(vars: JsonObject, { renderer }: TestsSetting): JsonObject {
  const filled: Record<string, Json> = {};
  for (const [name, value] of Object.entries(vars)) {
    const isTemplate = typeof value === 'string' && /\{\{|\{%/.test(value);
    setOwn(filled, name, isTemplate ? renderer.render(value, vars) : (value ?? ''));
  }
  return filled;
}
