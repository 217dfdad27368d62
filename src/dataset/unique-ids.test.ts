import { describe, expect, it } from 'vitest';
import { collectExamples } from './collect.ts';
import type { Example } from './dataset.ts';
import { createRowGate } from './unique-ids.ts';

const example = (id: string, text = id): Example => ({ id, inputs: { text } });

describe('repeated ids', () => {
  it.each([
    { ids: ['a', 'b', 'a', 'a'], given: ['a', 'b', 'a-2', 'a-3'] },
    { ids: ['a', 'a', 'a-2', 'a'], given: ['a', 'a-2', 'a-2-2', 'a-3'] },
    { ids: ['a-2', 'a', 'a', 'a'], given: ['a-2', 'a', 'a-3', 'a-4'] },
    { ids: ['__proto__', '__proto__'], given: ['__proto__', '__proto__-2'] },
  ])('$ids become $given', ({ ids, given }) => {
    const gate = createRowGate('rows');
    expect(ids.map((id) => gate.admit(example(id)).id)).toEqual(given);
  });

  it('are renamed in every kind of source, and it is said once', async () => {
    const rows = Array.from({ length: 240 }, (_, index) => example(`r${index % 120}`, `text ${index}`));
    const sources = [
      rows,
      new Set(rows),
      (async function* () {
        yield* rows;
      })() as unknown as Iterable<Example>,
    ];
    for (const source of sources) {
      const { examples, notices } = await collectExamples(source);
      expect(new Set(examples.map(({ id }) => id)).size).toBe(240);
      expect(notices).toEqual([
        '120 rows have the id of an earlier one and were renamed, the first one from “r0” to “r0-2”.',
      ]);
    }
  });
});

it.each([
  { what: 'a plain row', row: { text: 'a', label: 'b' }, problem: 'has no id' },
  { what: 'a number as id', row: { id: 7, inputs: {} }, problem: 'has no id' },
  { what: 'an empty id', row: { id: '', inputs: {} }, problem: 'has no id' },
  { what: 'inputs that are a text', row: { id: 'a', inputs: 'text' }, problem: 'no inputs by name' },
  { what: 'a label without its name', row: { id: 'a', inputs: {}, expected: 'b' }, problem: '`expected`' },
  { what: 'a group that is a number', row: { id: 'a', inputs: {}, group: 3 }, problem: '`group`' },
  { what: 'nothing', row: null, problem: 'no example' },
])('$what is refused with its place', async ({ row, problem }) => {
  await expect(collectExamples([example('x'), row as unknown as Example])).rejects.toMatchObject({
    code: 'HONE_DATASET_INVALID',
    message: expect.stringMatching(new RegExp(`row 2: .*${problem}`)),
    hint: expect.stringContaining('loadDataset'),
  });
});
