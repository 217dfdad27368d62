import * as valibot from 'valibot';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Json } from '../base/json.ts';
import { describeScorer } from '../testing/describe-scorer.ts';
import { schemaValid } from './schema-valid.ts';
import type { Scorer } from './scorer.ts';

const invoice = {
  type: 'object',
  properties: { total: { type: 'number', minimum: 0 }, currency: { enum: ['EUR', 'USD'] } },
  required: ['total'],
} as const;
const zodInvoice = z.object({ total: z.number().min(0) });

function score(scorer: Scorer, outputs: Record<string, Json>) {
  return scorer.score({ example: { id: 'row-1', inputs: {} }, outputs, trace: [] });
}

describeScorer('schemaValid', () => schemaValid(invoice), {
  samples: [{ outputs: { total: 3 } }, { outputs: { total: -3 } }, { outputs: {} }],
  variants: [
    () => schemaValid({ ...invoice, required: [] }),
    () => schemaValid(invoice, { field: 'invoice' }),
    () => schemaValid(zodInvoice),
    () => schemaValid(z.object({ total: z.string() })),
    () => schemaValid(valibot.object({ total: valibot.number() })),
    () => schemaValid(valibot.object({ total: valibot.number() }), { version: '2' }),
  ],
});

test.each([
  { schema: 'JSON Schema', scorer: () => schemaValid(invoice) },
  { schema: 'zod', scorer: () => schemaValid(zodInvoice) },
  {
    schema: 'valibot',
    scorer: () => schemaValid(valibot.object({ total: valibot.pipe(valibot.number(), valibot.minValue(0)) })),
  },
])('$schema tells what fits from what does not, and names the place', async ({ scorer }) => {
  expect(await score(scorer(), { total: 3 })).toEqual({ status: 'scored', value: 1 });
  expect(await score(scorer(), { total: -3 })).toMatchObject({
    value: 0,
    feedback: expect.stringMatching(/^The outputs do not fit the schema: at total: ./),
  });
});

test('one output can be checked, as a value or as the JSON text of one', async () => {
  const scorer = schemaValid(invoice, { field: 'invoice' });
  expect(await score(scorer, { invoice: { total: 3 } })).toMatchObject({ value: 1 });
  expect(await score(scorer, { invoice: '{"total":3}' })).toMatchObject({ value: 1 });
  expect(await score(scorer, { invoice: 'three' })).toMatchObject({
    value: 0,
    feedback: expect.stringMatching(/^"invoice" does not fit the schema: ./),
  });
});
