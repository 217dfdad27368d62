import { beforeAll, describe, expect, it, test } from 'vitest';
import { collectExamples } from '../src/dataset/collect.ts';
import type { Example } from '../src/dataset/dataset.ts';
import { loadDataset } from '../src/dataset/load.ts';
import { groupNearDuplicates } from '../src/dataset/near-duplicates.ts';

const labelWords = {
  billing: /\b(?:bill|bills|billed|billing)\b/iu,
  refunds: /\brefund(?:s|ed|ing|able)?\b/iu,
  technical_support: /\b(?:technical|support)\b/iu,
  account_access: /\b(?:accounts?|access)\b/iu,
};

describe('the support tickets', () => {
  let rows: readonly Example[];
  beforeAll(async () => {
    const dataset = await loadDataset('examples/support-tickets/tickets.csv', { expected: ['category'] });
    rows = (await collectExamples(dataset)).examples;
  });

  const ticketsOf = (category: string) =>
    rows.filter(({ expected }) => expected?.category === category).map(({ inputs }) => String(inputs.ticket));

  it('are 240 rows of a ticket and its category', () => {
    expect(rows).toHaveLength(240);
    expect(rows.every(({ inputs }) => Object.keys(inputs).join() === 'ticket')).toBe(true);
  });

  test.each(Object.entries(labelWords))(
    'hold 60 of %s, at most a fifth with its own words',
    (category, words) => {
      const tickets = ticketsOf(category);
      expect(tickets).toHaveLength(60);
      expect(tickets.filter((ticket) => words.test(ticket)).length).toBeLessThanOrEqual(12);
    },
  );

  it('have no near-duplicates', () => {
    const groups = groupNearDuplicates(rows);
    expect(groups).toEqual(rows.map((_, index) => index));
  });

  it('share no phrases: of the three-word sequences of two tickets, at most a fifth are common', () => {
    const phrases = rows.map(({ inputs }) => phrasesOf(String(inputs.ticket)));
    const alike = phrases.flatMap((first, index) =>
      phrases.slice(index + 1).filter((second) => overlap(first, second) > 0.2),
    );
    expect(alike).toEqual([]);
  });
});

function phrasesOf(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return new Set(words.slice(2).map((word, index) => `${words[index]} ${words[index + 1]} ${word}`));
}

function overlap(first: ReadonlySet<string>, second: ReadonlySet<string>): number {
  const common = [...first].filter((phrase) => second.has(phrase)).length;
  return common / Math.max(1, first.size + second.size - common);
}
