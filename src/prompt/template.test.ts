import { describe, expect, it, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import { createRandom } from '../base/random.ts';
import { checkSlots, closestName, escapeSlots, fillSlots, slotsOf } from './template.ts';

describe('slots', () => {
  it('are found with their place, repeated ones repeated', () => {
    expect(slotsOf('a {{x}}\n {{ Customer Name }}{{x}}')).toEqual([
      { name: 'x', line: 1, column: 3 },
      { name: 'Customer Name', line: 2, column: 2 },
      { name: 'x', line: 2, column: 21 },
    ]);
  });

  test.each(['{x}', '{{}}', '{{"a": 1}}', '{{1}}', '{{a: b}}', '{{a\nb}}', '\\{{x}}', '{ {x} }'])(
    'are not seen in %j',
    (text) => {
      expect(slotsOf(text)).toEqual([]);
    },
  );

  it('are filled in one pass, so that braces in data stay braces', () => {
    expect(fillSlots('{{a}} {{b}}', { a: '{{b}} $& {', b: '{{a}}' })).toBe('{{b}} $& { {{a}}');
  });

  it('stay when nothing is known for them, and lose their backslash when escaped', () => {
    expect(fillSlots('{{a}} \\{{b}} {{c}}', { b: 1, c: 2 })).toBe('{{a}} {{b}} 2');
  });

  it('are not filled from what every object inherits', () => {
    expect(fillSlots('{{constructor}}', {})).toBe('{{constructor}}');
  });

  it('survive being escaped and filled, whatever the text', () => {
    const random = createRandom('escape');
    const pieces = ['{{a}}', '\\', '{', '}', 'a', '{{', '}}', ' ', '\n', '"'];
    for (let round = 0; round < 500; round += 1) {
      const text = Array.from(
        { length: 1 + random.integer(10) },
        () => pieces[random.integer(pieces.length)],
      );
      expect(fillSlots(escapeSlots(text.join('')), { a: 'FILLED' })).toBe(text.join(''));
    }
  });
});

describe('the check of slots', () => {
  it('names the slot, the place and the closest column', () => {
    const check = () =>
      checkSlots('Hi\n see {{tikcet}}', ['id', 'ticket'], { file: 'prompt.md', firstLine: 4 });
    expect(check).toThrow('prompt.md, line 5, column 6: there is no column “tikcet”');
    try {
      check();
    } catch (thrown) {
      expect(HoneError.isInstance(thrown) && [thrown.code, thrown.hint]).toEqual([
        'HONE_PROMPT_UNKNOWN_SLOT',
        expect.stringContaining('{{ticket}}'),
      ]);
    }
  });

  it('accepts known slots', () => {
    expect(() => checkSlots('{{a}}', ['a'])).not.toThrow();
  });

  it('suggests nothing far away', () => {
    expect(closestName('weather', ['ticket', 'category'])).toBeUndefined();
  });
});
