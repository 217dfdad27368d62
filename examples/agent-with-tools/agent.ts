import { readFileSync } from 'node:fs';
import { signature } from 'hone-ai';
import { react, tool } from 'hone-ai/programs';
import { expectedTools, numeric, stepsUsed, weightedSum } from 'hone-ai/scorers';
import { z } from 'zod';

interface Shop {
  readonly orders: Readonly<Record<string, { item: string; pieces: number; price: number; state: string }>>;
  readonly rates: Readonly<Record<string, number>>;
  readonly stock: Readonly<Record<string, number>>;
}
const shop: Shop = JSON.parse(readFileSync(new URL('shop.json', import.meta.url), 'utf8'));

function known<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Error(`There is no ${what}.`);
  return value;
}

const order = tool(
  'order',
  {
    description: 'Gives an order.',
    input: z.object({ number: z.number().describe('Number of the order.') }),
  },
  ({ number }) => known(shop.orders[number], `order ${number}`),
);
const rate = tool(
  'rate',
  {
    description: 'Gives a rate.',
    input: z.object({ currency: z.enum(['crowns', 'francs', 'pounds']).describe('Name of the currency.') }),
  },
  ({ currency }) => ({ perEuro: known(shop.rates[currency], currency) }),
);
const stock = tool(
  'stock',
  { description: 'Counts.', input: z.object({ item: z.string().describe('Name of the item.') }) },
  ({ item }) => ({ pieces: known(shop.stock[item], `item called ${item}`) }),
);

/** Answers questions on orders. What it tells its model of the tools is short, and can be improved. */
export const desk = react(
  signature('question -> answer: number', { instructions: 'Answer the question on the shop.' }),
  { tools: [order, rate, stock], name: 'desk', mostSteps: 6 },
);

/** The right number counts most, then that the right things were looked up, in few steps. */
export const scorer = weightedSum([
  { scorer: numeric('answer', { absolute: 0.01 }), weight: 3 },
  { scorer: expectedTools('tools'), weight: 2 },
  { scorer: stepsUsed({ most: 3 }), weight: 1 },
]);
