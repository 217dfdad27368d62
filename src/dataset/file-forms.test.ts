import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadDataset } from './load.ts';

const folder = mkdtempSync(join(tmpdir(), 'hone-forms-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function write(extension: string, content: string | Uint8Array): string {
  files += 1;
  const path = join(folder, `${files}.${extension}`);
  writeFileSync(path, content);
  return path;
}
async function read(path: string, options: Parameters<typeof loadDataset>[1] = { expected: ['label'] }) {
  const dataset = await loadDataset(path, options);
  const rows = [];
  for await (const { inputs, expected } of dataset) rows.push({ ...inputs, ...expected });
  return { rows, notices: dataset.notices ?? [], columns: dataset.inputColumns };
}
const two = [
  { text: 'hello, you', label: 'a' },
  { text: 'bye', label: 'b' },
];

describe('tables of text', () => {
  test.each([
    ['semicolons', 'csv', 'text;label\nhello, you;a\nbye;b\n', /semicolons/],
    ['tabs', 'csv', 'text\tlabel\nhello, you\ta\nbye\tb\n', /tabs/],
    ['bars', 'csv', 'text|label\nhello, you|a\nbye|b\n', /bars/],
    ['commas under .tsv', 'tsv', 'text,label\n"hello, you",a\nbye,b\n', /commas/],
  ])('with %s between values are read, and it is said', async (...[, extension, content, notice]) => {
    const { rows, notices } = await read(write(extension, content));
    expect(rows).toEqual(two);
    expect(notices).toEqual([expect.stringMatching(notice)]);
  });

  test('a line sep=; says what stands between values', async () => {
    const { rows, notices } = await read(write('csv', 'sep=;\ntext;label\nhello, you;a\nbye;b\n'));
    expect(rows).toEqual(two);
    expect(notices).toEqual([]);
  });

  test('what the caller says wins', async () => {
    const path = write('csv', 'text;label\nx;y\n');
    await expect(loadDataset(path, { expected: ['label'], delimiter: ',' })).rejects.toMatchObject({
      code: 'HONE_FIELD_MISSING',
    });
  });

  test('lines of spaces are no rows', async () => {
    const { rows } = await read(write('csv', 'text,label\n  \n"hello, you",a\n \t \nbye,b\n\n'));
    expect(rows).toEqual(two);
  });

  test('a row with too many values is named by its line, behind lines of spaces and lines within quotes', async () => {
    const path = write('csv', 'text,label\n  \n"two\nlines",a\nx,y,z\n');
    await expect(read(path)).rejects.toMatchObject({
      message: expect.stringContaining(':5:3: this row has 3 values'),
    });
  });

  test('an index column without a name is left out, and it is said', async () => {
    const { rows, notices } = await read(write('csv', ',text,label\n0,"hello, you",a\n   \n1,bye,b\n'));
    expect(rows).toEqual(two);
    expect(notices[0]).toContain('counts the rows');
  });

  test('a column without a name that is no index is refused', async () => {
    await expect(read(write('csv', ',text,label\nx,hello,a\n'))).rejects.toMatchObject({
      code: 'HONE_DATASET_INVALID',
    });
  });

  test.each(['utf-16le', 'utf-16be'])('UTF-16 with a byte order mark is read (%s)', async (encoding) => {
    const little = Buffer.from('\ufefftext,label\n"hello, you",a\nbye,b\n', 'utf16le');
    const { rows } = await read(write('csv', encoding === 'utf-16le' ? little : little.swap16()));
    expect(rows).toEqual(two);
  });

  test('another encoding is refused by name', async () => {
    const path = write('csv', Buffer.from('text,label\nW\xe4hle,a\n', 'latin1'));
    await expect(read(path)).rejects.toMatchObject({
      message: expect.stringContaining('neither UTF-8 nor UTF-16'),
    });
  });

  test('columns may be called as anything, in tables and in JSON', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const table = write('csv', `${names.join(',')},label\n1,2,3,4,a\n`);
    const lines = write(
      'jsonl',
      `{${names.map((name, index) => `"${name}":"${index + 1}"`).join(',')},"label":"a"}\n`,
    );
    for (const path of [table, lines]) {
      const dataset = await loadDataset(path, { expected: ['label'] });
      expect(dataset.inputColumns).toEqual(names);
      for await (const { inputs } of dataset) {
        expect(Object.entries(inputs)).toEqual(names.map((name, index) => [name, String(index + 1)]));
      }
    }
  });

  test('a workbook is refused with what to do', async () => {
    await expect(read(write('xlsx', 'PK'))).rejects.toMatchObject({
      hint: expect.stringContaining('as CSV'),
    });
  });
});

describe('JSON', () => {
  const lines = two.map((row) => `${JSON.stringify(row)}\n`).join('');
  test.each([
    ['an object on each line under .json', 'json', lines, /JSON Lines/],
    ['a list under a key', 'json', JSON.stringify({ version: 1, data: two }), /under “data”/],
    ['a list under a key of YAML', 'yaml', JSON.stringify({ rows: two }), /under “rows”/],
  ])('%s is read, and it is said', async (...[, extension, content, notice]) => {
    const { rows, notices } = await read(write(extension, content));
    expect(rows).toEqual(two);
    expect(notices).toEqual([expect.stringMatching(notice)]);
  });

  test('YAML keeps the spelling of numbers that are names', async () => {
    const path = write(
      'yaml',
      '- {text: x, label: 007}\n- {text: y, label: 7}\n- {text: z, label: 9007199254740993}\n',
    );
    expect((await read(path)).rows.map(({ label }: { label?: unknown }) => label)).toEqual([
      '007',
      7,
      '9007199254740993',
    ]);
  });

  test('two lists under keys are refused by their names', async () => {
    const path = write('json', JSON.stringify({ train: two, test: two }));
    await expect(read(path)).rejects.toMatchObject({ message: expect.stringContaining('train, test') });
  });

  test.each(['jsonl', 'json'])('conversations are columns (%s)', async (extension) => {
    const chats = two.map(({ text, label }) => ({
      messages: [
        { role: 'system', content: 'Sort.' },
        { role: 'user', content: text },
        { role: 'assistant', content: label },
      ],
    }));
    const content =
      extension === 'json'
        ? JSON.stringify(chats)
        : chats.map((chat) => `${JSON.stringify(chat)}\n`).join('');
    const { rows, notices, columns } = await read(write(extension, content), { expected: ['assistant'] });
    expect(columns).toEqual(['system', 'user']);
    expect(rows).toEqual(two.map(({ text, label }) => ({ system: 'Sort.', user: text, assistant: label })));
    expect(notices[0]).toContain('conversations');
  });

  test('a conversation of several turns is refused by its row', async () => {
    const turns = ['user', 'assistant', 'user', 'assistant'].map((role) => ({ role, content: 'x' }));
    const path = write('jsonl', `${JSON.stringify({ messages: turns })}\n`);
    await expect(read(path, {})).rejects.toMatchObject({ message: expect.stringContaining('row 1 ') });
  });

  test('numbers with more digits than a number keeps stay different, elsewhere text is left alone', async () => {
    const path = write(
      'jsonl',
      '{"text":"id 90071992547409931 and \\"90071992547409932\\"","label":9007199254740993}\n{"text":"x","label":12}\n',
    );
    const { rows } = await read(path);
    expect(rows).toEqual([
      { text: 'id 90071992547409931 and "90071992547409932"', label: '9007199254740993' },
      { text: 'x', label: 12 },
    ]);
  });

  test('a key that only later rows have is refused by its row', async () => {
    const rows = Array.from({ length: 150 }, (_, index) => ({
      text: `${index}`,
      label: 'a',
      ...(index > 120 && { late: 1 }),
    }));
    const path = write('jsonl', rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    await expect(read(path)).rejects.toMatchObject({ message: expect.stringMatching(/row 122 has “late”/) });
    expect((await read(path, { expected: ['label'], inputs: ['text'] })).rows).toHaveLength(150);
  });

  test('what a row lacks is empty where that is asked for', async () => {
    const path = write('jsonl', '{"text":"x","more":"y","label":"a"}\n{"text":"z","label":"b"}\n');
    const { rows } = await read(path, { expected: ['label'], missingAsEmpty: true });
    expect(rows[1]).toEqual({ text: 'z', more: '', label: 'b' });
  });
});
