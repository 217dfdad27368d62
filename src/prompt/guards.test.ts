import { describe, expect, it, test } from 'vitest';
import type { Parameter } from './candidate.ts';
import { checkDraft, type DraftCheck } from './guards.ts';
import { indexRuns } from './word-runs.ts';

const step = {
  name: 'prompt',
  inputs: [{ name: 'ticket', schema: { type: 'string' } }],
  outputs: [{ name: 'category', schema: { type: 'string', enum: ['billing', 'refunds'] } }],
};
const text = (value: string): Parameter => ({ kind: 'text', text: value });
const demos = (set: object, outputs: object = { category: 'billing' }): Parameter => ({
  kind: 'demos',
  sets: [{ demos: [{ inputs: { ticket: 'x' }, outputs: { ...outputs } }], ...set }],
});

const numberSpec: Partial<DraftCheck> = { spec: { kind: 'number', bounds: [0, 2], step: 'prompt' } };

const quotable = await indexRuns([['x ONE two, three four five six seven eight nine']]);

function check(changed: Parameter, more: Partial<DraftCheck> = {}) {
  const spec = { kind: changed.kind, step: 'prompt' };
  return checkDraft({
    name: 'p',
    spec,
    parent: undefined,
    changed,
    program: { steps: [step] },
    ...more,
  });
}

describe('a draft', () => {
  test.each<[string, Parameter, Partial<DraftCheck>]>([
    [
      'text that keeps the slots of its parent',
      text('See {{a}}, then {{b}}.'),
      { parent: text('{{a}} {{b}}') },
    ],
    ['the text of its parent, even an empty one', text(''), { parent: text('') }],
    ['a text of a step that had none', text('Sort {{ticket}}'), {}],
    ['slots in another order', text('{{b}} {{a}}'), { parent: text('{{a}} {{b}}') }],
    ['a short text that grows', text('y'.repeat(1_900)), { parent: text('x') }],
    [
      'words of the search that its parent has',
      text('Write improved instructions now'),
      { parent: text('Write improved instructions') },
    ],
    ['demos that fit the step', demos({ format: 'completion', weight: 2, offsets: { billing: 1 } }), {}],
    ['a number within its bounds', { kind: 'number', value: 0.5 }, numberSpec],
    ['offsets of allowed answers', { kind: 'calibration', offsets: { refunds: -3 } }, {}],
  ])('is let in: %s', (_, changed, more) => {
    expect(check(changed, more)).toBeUndefined();
  });

  test.each<[RegExp, Parameter, Partial<DraftCheck>]>([
    [/p is 3: it must be between 0 and 2/, { kind: 'number', value: 3 }, numberSpec],
    [/p is NaN, which is no number/, { kind: 'number', value: Number.NaN }, numberSpec],
    [/is empty/, text(' \n'), { parent: text('x') }],
    [/must keep its slots: \{\{a\}\}, but has none/, text('Hi'), { parent: text('{{a}}') }],
    [/must keep its slots/, text('{{a}} {{a}}'), { parent: text('{{a}}') }],
    [/must keep its slots: none, but has \{\{a\}\}/, text('{{a}}'), { parent: text('x') }],
    [/more than the 2000 allowed/, text('y'.repeat(2_001)), { parent: text('x') }],
    [/more than the 20000 allowed/, text('y'.repeat(20_001)), { parent: text('x'.repeat(19_000)) }],
    [/is about the search: “The current prompt scored/, text('The current prompt scored 0.8.'), {}],
    [/slot \{\{tickt\}\}, which the step does not have/, text('Sort {{tickt}}'), {}],
    [
      /characters of demos, more than the 200000 allowed/,
      demos({
        demos: Array.from({ length: 16 }, () => ({
          inputs: { ticket: 'x'.repeat(20_000) },
          outputs: { category: 'billing' },
        })),
      }),
      {},
    ],
    [/repeats a training row/, text('If one two three four five six seven eight, do'), { rows: quotable }],
    [/is a demos and cannot become a text/, text('x'), { spec: { kind: 'demos', step: 'prompt' } }],
    [
      /only one of chat, json/,
      { kind: 'choice', value: 'xml' },
      { spec: { kind: 'choice', step: 'prompt', options: ['chat', 'json'] } },
    ],
    [/“spam”, which is no allowed answer/, { kind: 'calibration', offsets: { spam: 1 } }, {}],
    [/must be between/, { kind: 'calibration', offsets: { billing: Number.NaN } }, {}],
    [/set 1 has the weight 0/, demos({ weight: 0 }), {}],
    [/unknown layout “xml”/, demos({ format: 'xml' }), {}],
    [/set 1, demo 1 has no answer/, demos({}, {}), {}],
    [/set 1, demo 1 answers "spam" for category/, demos({}, { category: 'spam' }), {}],
    [/set 1, demo 1 has the field “other”/, demos({}, { other: 1 }), {}],
    [/has 65 sets/, { kind: 'demos', sets: Array.from({ length: 65 }, () => ({ demos: [] })) }, {}],
  ])('is refused with the reason %s', (reason, changed, more) => {
    expect(check(changed, more)).toMatch(reason);
  });

  it('may repeat a row where its parent, the seed or an allowed answer has the words', async () => {
    const row = 'one two three four five six seven eight';
    const rows = await indexRuns([[row]]);
    expect(check(text(`${row} now`), { parent: text(row), rows })).toBeUndefined();
    expect(check(text(`${row} now`), { parent: text('x'), rows, mayRepeat: [row] })).toBeUndefined();
    const schema = { type: 'string', enum: [row, 'other'] };
    const long = { ...step, outputs: [{ name: 'category', schema }] };
    expect(
      check(text(`Say ${row} or other`), { parent: text('x'), rows, program: { steps: [long] } }),
    ).toBeUndefined();
    expect(check(text(`${row} now`), { parent: text('x'), rows })).toMatch(/repeats a training row/);
  });
});
