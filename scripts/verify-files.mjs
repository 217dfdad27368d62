// `npm run verify:files`: 2,000 made-up data files. What was written must be read back exactly, or refused with a
// sentence that names the file; a broken file never crashes, hangs, or loses a row in silence.
// `--files N`, `--seed N`.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '../dist/base/random.js';
import { loadDataset } from '../dist/dataset/load.js';

const { values } = parseArgs({
  options: { files: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' } },
});
const folder = mkdtempSync(join(tmpdir(), 'hone-files-'));
const limitMs = 20_000;

const words = [
  'billing',
  'hello, you',
  'a;b',
  'tab\tin it',
  'bar|bar',
  'quote " in it',
  '""',
  'two\nlines',
  'win\r\nlines',
  ' spaces ',
  '',
  '007',
  '90071992547409931',
  '-3.5',
  '{"a": 1}',
  '[x]',
  'null',
  'true',
  '#',
  '=SUM(A1)',
  'ü',
  '日本',
  '💳',
  '\ufeffx',
  '\u200b',
  '{{slot}}',
  "it's",
  '\\',
  'sep=;',
  '- item',
  'key: value',
  '<tag>',
  '\u0000'.slice(1),
];
const names = ['text', 'label', 'id', 'note', 'constructor', '__proto__', 'größe', 'with space', 'value'];

function table(random) {
  const columns = random.sample(names, 2 + random.integer(4));
  const rows = Array.from({ length: 1 + random.integer(30) }, (_, index) =>
    columns.map((_, at) => (at === 0 ? `row ${index}` : words[random.integer(words.length)])),
  );
  return { columns, rows };
}

function quoted(value, delimiter, always) {
  const needs =
    always || value.includes(delimiter) || /["\n\r]/.test(value) || value.trim() !== value || value === '';
  return needs ? `"${value.replaceAll('"', '""')}"` : value;
}

function delimited({ columns, rows }, random) {
  const delimiter = [',', ';', '\t', '|'][random.integer(4)];
  const always = random.integer(3) === 0;
  const end = ['\n', '\r\n'][random.integer(2)];
  const line = (cells) => cells.map((cell) => quoted(cell, delimiter, always)).join(delimiter);
  const hasIndex = random.integer(8) === 0;
  const lines = [
    line(hasIndex ? ['', ...columns] : columns),
    ...rows.map((row, index) => line(hasIndex ? [String(index), ...row] : row)),
  ];
  if (random.integer(4) === 0) lines.splice(1 + random.integer(lines.length), 0, '   ', '');
  const sep = random.integer(8) === 0 ? `sep=${delimiter}${end}` : '';
  const text = sep + lines.join(end) + (random.integer(4) === 0 ? '' : end);
  const encoding = random.integer(10);
  const bytes =
    encoding === 0
      ? Buffer.from(`\ufeff${text}`, 'utf16le')
      : Buffer.from(encoding < 3 ? `\ufeff${text}` : text, 'utf8');
  return { extension: delimiter === '\t' && random.integer(2) === 0 ? 'tsv' : 'csv', bytes, form: 'table' };
}

function objects({ columns, rows }, random) {
  const lines = rows.map(
    (row) => `{${columns.map((name, at) => `${JSON.stringify(name)}:${JSON.stringify(row[at])}`).join(',')}}`,
  );
  const kinds = ['jsonl', 'json', 'data.json', 'yaml', ...(rows.length > 1 ? ['lines.json'] : [])];
  const kind = kinds[random.integer(kinds.length)];
  const text =
    kind === 'jsonl' || kind === 'lines.json'
      ? `${lines.join('\n')}\n`
      : kind === 'data.json'
        ? `{"version": 1, "data": [${lines.join(',\n')}]}`
        : `[${lines.join(',\n')}]`;
  return { extension: kind, bytes: Buffer.from(text, 'utf8'), form: kind === 'yaml' ? 'YAML' : 'JSON' };
}

function broken(bytes, random) {
  const at = random.integer(Math.max(1, bytes.length));
  switch (random.integer(5)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from(['"', '\u0000', '{', ',', '\n'][random.integer(5)]),
        bytes.subarray(at),
      ]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff, 0xfe, 0x80]), bytes.subarray(at)]);
    case 3:
      return Buffer.concat([bytes, bytes]);
    default:
      return Buffer.from(Array.from({ length: random.integer(400) }, () => random.integer(256)));
  }
}

async function readAll(path) {
  const dataset = await loadDataset(path);
  const rows = [];
  for await (const { inputs } of dataset)
    rows.push(dataset.inputColumns.map((name) => (Object.hasOwn(inputs, name) ? inputs[name] : undefined)));
  return { columns: dataset.inputColumns, rows };
}

const counts = new Map();
let violations = 0;
const complain = (what, path, bytes) => {
  violations += 1;
  if (violations <= 10)
    console.log(`✗ ${what}: ${path} ${JSON.stringify(bytes.toString('utf8').slice(0, 300))}`);
};
for (let index = 0; index < Number(values.files); index += 1) {
  const random = createRandom(`${values.seed}/${index}`);
  const written = table(random);
  const file = random.integer(2) === 0 ? delimited(written, random) : objects(written, random);
  const isBroken = random.integer(3) === 0;
  const bytes = isBroken ? broken(file.bytes, random) : file.bytes;
  const path = join(folder, `${index}.${file.extension}`);
  writeFileSync(path, bytes);
  const name = `${file.form}, ${isBroken ? 'broken' : 'whole'}`;
  const count = counts.get(name) ?? { read: 0, refused: 0 };
  counts.set(name, count);
  let timer;
  const hang = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('it hangs')), limitMs);
  });
  try {
    const found = await Promise.race([readAll(path), hang]);
    count.read += 1;
    if (!isBroken && JSON.stringify(found) !== JSON.stringify(written)) {
      complain(`read ${JSON.stringify(found).slice(0, 300)}`, path, bytes);
    }
  } catch (error) {
    count.refused += 1;
    const isTold =
      typeof error.code === 'string' && error.code.startsWith('HONE_') && typeof error.hint === 'string';
    if (!isTold) complain(String(error.stack).split('\n').slice(0, 3).join(' '), path, bytes);
    else if (!isBroken) complain(`refused: ${error.message}`, path, bytes);
  } finally {
    clearTimeout(timer);
  }
}
rmSync(folder, { recursive: true, force: true });
console.log(`${values.files} files, seed ${values.seed}\n\nform                read  refused`);
for (const [name, { read, refused }] of [...counts].sort()) {
  console.log(`${name.padEnd(16)}${String(read).padStart(8)}${String(refused).padStart(9)}`);
}
console.log(`\n${violations} violations`);
process.exitCode = violations > 0 ? 1 : 0;
