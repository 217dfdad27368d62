import { z } from 'zod';
import { promptFormats } from './adapters.ts';

const values = z.record(z.string(), z.json());

/** Numbers by answer, in nats. */
export const offsetsSchema = z.record(z.string(), z.number());

/** A demo as files and saved candidates hold it. */
export const demoSchema = z.strictObject({ inputs: values, outputs: values, source: z.string().optional() });

const verbalizerSchema = z.strictObject({
  words: z.array(z.string().min(1)).min(1).max(1_000),
  expected: z.array(z.number()),
  weights: z.record(z.string(), z.array(z.number())),
});

/** A demo set as files and saved candidates hold it. */
export const demoSetSchema = z.strictObject({
  demos: z.array(demoSchema),
  nearest: z.number().int().positive().optional(),
  format: z.enum(promptFormats).optional(),
  words: z.number().int().positive().optional(),
  weight: z.number().positive().optional(),
  offsets: offsetsSchema.optional(),
  verbalizer: verbalizerSchema.optional(),
});
