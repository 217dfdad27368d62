import { describe, expect, test } from 'vitest';
import { asList, asParagraph, joinSections, sectionsOf } from './text-sections.ts';

const text =
  'Sort the ticket.\n\n# Rules\n\n- refunds: money back.\n- billing: invoices\n\nAnswer with one word.';

describe('the sections of a text', () => {
  test('are its blocks and list items, a heading with what it heads', () => {
    expect(sectionsOf(text)).toEqual([
      'Sort the ticket.',
      '# Rules\n- refunds: money back.',
      '- billing: invoices',
      'Answer with one word.',
    ]);
  });

  test.each(['One.', 'One.\n\nTwo.', '- a\n- b', '', 'Line one\nline two'])(
    '%j joined are the text',
    (whole) => {
      expect(joinSections(sectionsOf(whole))).toBe(whole);
    },
  );
});

test('a paragraph becomes a list, and a list a paragraph', () => {
  expect(asList('Read it. Then sort it! Answer.')).toBe('- Read it.\n- Then sort it!\n- Answer.');
  expect(asList('Only one.')).toBeUndefined();
  expect(asList('- an item. And more.')).toBeUndefined();
  expect(asParagraph(['Rules:', '- first', '- second.', 'End.'])).toEqual([
    'Rules:',
    'first. second.',
    'End.',
  ]);
  expect(asParagraph(['No list.'])).toBeUndefined();
});
