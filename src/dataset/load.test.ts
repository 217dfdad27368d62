import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { collectExamples } from './collect.ts';
import type { Example } from './dataset.ts';
import { type LoadDatasetOptions, loadDataset } from './load.ts';
import type { DatasetSource } from './read-rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'hone-dataset-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function file(extension: string, content: string | Uint8Array): string {
  files += 1;
  const path = join(folder, `${files}.${extension}`);
  writeFileSync(path, content);
  return path;
}

async function read(source: DatasetSource, options?: LoadDatasetOptions): Promise<Example[]> {
  const rows: Example[] = [];
  for await (const row of await loadDataset(source, options)) rows.push(row);
  return rows;
}

const inputsOf = async (source: DatasetSource, options?: LoadDatasetOptions) =>
  (await read(source, options)).map(({ inputs }) => inputs);

describe('CSV', () => {
  it.each([
    { what: 'LF', text: 'a,b\n1,2\n3,4\n' },
    { what: 'CRLF', text: 'a,b\r\n1,2\r\n3,4\r\n' },
    { what: 'CR', text: 'a,b\r1,2\r3,4' },
    { what: 'mixed line ends and blank lines', text: 'a,b\r\n1,2\n\n3,4\r' },
    { what: 'a byte order mark', text: '\ufeffa,b\n1,2\n3,4' },
    { what: 'quoted fields', text: '"a","b"\n"1","2"\n"3","4"\n' },
  ])('is read with $what, values as text', async ({ text }) => {
    expect(await inputsOf(file('csv', text))).toEqual([
      { a: '1', b: '2' },
      { a: '3', b: '4' },
    ]);
  });

  it('keeps line ends, commas, doubled quotes and spaces inside a quoted value', async () => {
    const path = file('csv', 'a,b\n"one, ""two""\r\nthree", four \n');
    expect(await inputsOf(path)).toEqual([{ a: 'one, "two"\r\nthree', b: ' four ' }]);
  });

  it('takes an empty expected cell for a row without a label', async () => {
    const rows = await read(file('csv', 'a,b\nx,\ny,1\n'), { expected: ['b'] });
    expect(rows.map(({ expected }) => expected)).toEqual([undefined, { b: '1' }]);
  });

  it.each([
    { what: 'a field too many', text: 'a,b\n1,2\n3,4,5\n', place: { line: 3, column: 3 } },
    { what: 'a field too few', text: 'a,b\n"x\ny",2\n3\n', place: { line: 4, column: 1 } },
    { what: 'a quote never closed', text: 'a,b\n"1 ""x""",2\n3,"4\nx\ny\n', place: { line: 3, column: 3 } },
    { what: 'text after a closing quote', text: 'a,b\n1,"2"x\n', place: { line: 2, column: 2 } },
    { what: 'a quote inside a bare value', text: 'a,b\n1,2"x"\n', place: { line: 2, column: 2 } },
    { what: 'two columns of one name', text: 'a,b,a\n1,2,3\n', place: { line: 1, column: 3 } },
    { what: 'a column without a name', text: 'a,\n1,2\n', place: { line: 1, column: 2 } },
  ])('with $what is refused at its line and column', async ({ text, place }) => {
    const path = file('csv', text);
    await expect(read(path)).rejects.toMatchObject({
      code: 'HONE_DATASET_INVALID',
      message: expect.stringContaining(`${path}:${place.line}:${place.column}: `),
      facts: { file: path, ...place },
    });
  });

  it('is read with tabs as TSV', async () => {
    expect(await inputsOf(file('tsv', 'a\tb\n1,5\t"2\t3"\n'))).toEqual([{ a: '1,5', b: '2\t3' }]);
  });

  it('that is not UTF-8 is refused', async () => {
    const path = file('csv', Uint8Array.from([0x61, 0x0a, 0xe9, 0x0a]));
    await expect(read(path)).rejects.toMatchObject({ code: 'HONE_DATASET_INVALID', message: /UTF-8/ });
  });
});

describe('JSON Lines, JSON and YAML', () => {
  const rows = [
    { a: 'x', b: 1 },
    { a: 'ü', b: { c: [true, null] } },
  ];
  it.each([
    { extension: 'jsonl', text: `\ufeff${JSON.stringify(rows[0])}\r\n\n${JSON.stringify(rows[1])}` },
    { extension: 'ndjson', text: `${rows.map((row) => JSON.stringify(row)).join('\n')}\n` },
    { extension: 'json', text: JSON.stringify(rows, null, 2) },
    { extension: 'yaml', text: '- a: x\n  b: 1\n- a: ü\n  b: { c: [true, null] }\n' },
    { extension: 'yml', text: '[{ a: x, b: 1 }, { a: ü, b: { c: [true, null] } }]' },
  ])('are read with their types from .$extension', async ({ extension, text }) => {
    expect(await inputsOf(file(extension, text))).toEqual(rows);
  });

  it.each([
    { extension: 'jsonl', what: 'a broken line', text: '{"a":1}\n{"a":1,}\n', place: { line: 2, column: 8 } },
    {
      extension: 'jsonl',
      what: 'a line cut off',
      text: '{"a":1}\n{"a":"tru\n',
      place: { line: 2, column: 6 },
    },
    { extension: 'jsonl', what: 'a line that is a list', text: '{"a":1}\n[1]\n', place: { line: 2 } },
    {
      extension: 'json',
      what: 'a wrong character',
      text: '[\n  {"a": 1},\n  {"a": x}\n]',
      place: { line: 3, column: 9 },
    },
    { extension: 'json', what: 'no list', text: '{"a": 1}', place: {} },
    { extension: 'json', what: 'a row that is no object', text: '[1]', place: {} },
    { extension: 'yaml', what: 'a wrong indent', text: '- a: 1\n- b: "x\n', place: { line: 3, column: 1 } },
  ])('with $what are refused at the place ($extension)', async ({ extension, text, place }) => {
    const path = file(extension, text);
    await expect(read(path)).rejects.toMatchObject({
      code: 'HONE_DATASET_INVALID',
      message: expect.stringContaining(path),
      facts: { file: path, ...place },
    });
  });

  it('are read across the pieces of a large file', async () => {
    const text = Array.from({ length: 20_000 }, (_, row) =>
      JSON.stringify({ row, text: 'ü'.repeat(row % 50) }),
    );
    const inputs = await inputsOf(file('jsonl', text.join('\n')));
    expect(inputs).toHaveLength(20_000);
    expect(inputs[19_999]).toEqual({ row: 19_999, text: 'ü'.repeat(49) });
  });
});

describe('rows in memory', () => {
  const rows = [{ a: 1 }, { a: 2 }];
  it.each([
    { what: 'an array', source: rows },
    { what: 'a set', source: new Set(rows) },
    { what: 'a function', source: () => rows },
    {
      what: 'an async generator function',
      source: async function* () {
        yield* rows;
      },
    },
  ])('are read from $what, again at each pass', async ({ source }) => {
    const dataset = await loadDataset(source as DatasetSource);
    for (let pass = 0; pass < 2; pass += 1) {
      const inputs = [];
      for await (const row of dataset) inputs.push(row.inputs);
      expect(inputs).toEqual(rows);
    }
  });

  it('are refused from a generator, which gives its rows only once', async () => {
    const once = (function* () {
      yield* rows;
    })();
    await expect(loadDataset(once)).rejects.toMatchObject({ code: 'HONE_OPTION_INVALID' });
  });
});

describe('columns', () => {
  const csv = 'nr,Body,queue,agent\n7,hello,billing,Ann\n';

  it('are inputs unless they are said to be something else', async () => {
    const options = { expected: ['queue'], id: 'nr', metadata: ['agent'], columns: { Body: 'ticket' } };
    const dataset = await loadDataset(file('csv', csv), options);
    expect(dataset).toMatchObject({ inputColumns: ['ticket'], expectedColumns: ['queue'] });
    expect(await read(file('csv', csv), options)).toEqual([
      { id: '7', inputs: { ticket: 'hello' }, expected: { queue: 'billing' }, metadata: { agent: 'Ann' } },
    ]);
  });

  it('that are not named as inputs are left out when some are', async () => {
    expect(await inputsOf(file('csv', csv), { inputs: ['Body'] })).toEqual([{ Body: 'hello' }]);
  });

  it('say what a row belongs to, seen by programs only where they are inputs too', async () => {
    const source = [
      { text: 'a', customer: 'Ann' },
      { text: 'b', customer: 7 },
      { text: 'c', customer: '' },
      { text: 'd', customer: null },
    ];
    const grouped = await loadDataset(source, { groupBy: 'customer' });
    expect(grouped.inputColumns).toEqual(['text']);
    const rows = await read(source, { groupBy: 'customer' });
    expect(rows.map(({ group }) => group)).toEqual(['Ann', '7', undefined, undefined]);
    expect(rows.map(({ inputs }) => inputs)).toEqual([
      { text: 'a' },
      { text: 'b' },
      { text: 'c' },
      { text: 'd' },
    ]);
    const seen = await read(source, { groupBy: 'customer', inputs: ['text', 'customer'] });
    expect(seen[0]).toMatchObject({ inputs: { text: 'a', customer: 'Ann' }, group: 'Ann' });
    const kept = await read(source, { groupBy: 'customer', metadata: ['customer'] });
    expect(kept[1]).toMatchObject({ inputs: { text: 'b' }, metadata: { customer: 7 }, group: '7' });
    const { examples } = await collectExamples(grouped);
    expect(examples).toEqual(rows);
  });

  it.each([
    { options: { groupBy: 'agnt' }, hint: 'Did you mean "agent"?' },
    { options: { expected: ['queu'] }, hint: 'Did you mean "queue"?' },
    { options: { inputs: ['body'] }, hint: 'Did you mean "Body"?' },
    { options: { id: 'identifier' }, hint: 'Name one of these columns' },
    { options: { columns: { agents: 'who' } }, hint: 'Did you mean "agent"?' },
  ])('that are missing are named before any row is read: $options', async ({ options, hint }) => {
    await expect(loadDataset(file('csv', csv), options)).rejects.toMatchObject({
      code: 'HONE_FIELD_MISSING',
      message: expect.stringContaining('nr, Body, queue, agent'),
      hint: expect.stringContaining(hint),
    });
  });
});

describe('ids', () => {
  it('depend on the content of a row alone, and number equal rows', async () => {
    const [first, second, third] = await read([
      { a: 1, b: 'x' },
      { a: 2, b: 'x' },
      { b: 'x', a: 1 },
    ]);
    expect(first?.id).toMatch(/^[0-9a-f]{12}$/);
    expect(second?.id).not.toBe(first?.id);
    expect(third?.id).toBe(`${first?.id}-2`);
    const [alone] = await read([{ a: 2, b: 'x' }]);
    expect(alone?.id).toBe(second?.id);
  });

  it('come from the id column, a repeated one numbered, an empty one from the content', async () => {
    const rows = await read(file('csv', 'id,a\nr1,x\nr1,y\n,z\n'), { id: 'id' });
    expect(rows.map(({ id }) => id)).toEqual(['r1', 'r1-2', expect.stringMatching(/^[0-9a-f]{12}$/)]);
  });
});

test.each([
  { what: 'a file that is not there', path: join(folder, 'none.csv'), code: 'HONE_FILE_NOT_FOUND' },
  { what: 'a folder', path: folder, code: 'HONE_FILE_UNREADABLE' },
  { what: 'an empty CSV', path: file('csv', ''), code: 'HONE_DATASET_EMPTY' },
  { what: 'a CSV of a header alone', path: file('csv', 'a,b\n'), code: 'HONE_DATASET_EMPTY' },
  { what: 'an empty JSON Lines file', path: file('jsonl', '\n\n'), code: 'HONE_DATASET_EMPTY' },
  { what: 'an empty list', path: file('json', '[]'), code: 'HONE_DATASET_EMPTY' },
  { what: 'another kind of file', path: file('xlsx', 'PK'), code: 'HONE_DATASET_INVALID' },
])('$what is refused with $code, its name and a hint', async ({ path, code }) => {
  await expect(loadDataset(path)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(path.split('/').at(-1) ?? ''),
    hint: expect.any(String),
  });
});
