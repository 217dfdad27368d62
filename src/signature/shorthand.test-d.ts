import * as v from 'valibot';
import { expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import type { Json, JsonObject } from '../base/json.ts';
import { field } from './field.ts';
import { signature } from './shorthand.ts';
import type { Signature } from './signature.ts';

type InputsOf<S> = S extends Signature<infer Inputs, infer _> ? Inputs : never;
type OutputsOf<S> = S extends Signature<infer _, infer Outputs> ? Outputs : never;

it('infers inputs and outputs of a text', () => {
  const triage = signature(
    `ticket, tier?: "gold" | 'silver' -> category: "billing" | "refunds", confidence: number`,
  );
  expectTypeOf<InputsOf<typeof triage>>().toEqualTypeOf<{
    readonly ticket: string;
    readonly tier?: 'gold' | 'silver';
  }>();
  expectTypeOf<OutputsOf<typeof triage>>().toEqualTypeOf<{
    readonly category: 'billing' | 'refunds';
    readonly confidence: number;
  }>();
});

it('infers every named type, lists and answers with signs in them', () => {
  const all = signature(
    `a, b: string[]\n -> c: integer, d: boolean, g: ("x, y" | 'it->s')[], h: number[][], i: "only"`,
  );
  type Outputs = OutputsOf<typeof all>;
  expectTypeOf<keyof Outputs>().toEqualTypeOf<'c' | 'd' | 'g' | 'h' | 'i'>();
  expectTypeOf<Outputs['c']>().toEqualTypeOf<number>();
  expectTypeOf<Outputs['d']>().toEqualTypeOf<boolean>();
  expectTypeOf<Outputs['g']>().toEqualTypeOf<readonly ('x, y' | 'it->s')[]>();
  expectTypeOf<Outputs['h']>().toEqualTypeOf<readonly (readonly number[])[]>();
  expectTypeOf<Outputs['i']>().toEqualTypeOf<'only'>();
  expectTypeOf<InputsOf<typeof all>>().toEqualTypeOf<{
    readonly a: string;
    readonly b: readonly string[];
  }>();
});

it('infers JSON', () => {
  const open = signature('a -> e: json, f: object');
  expectTypeOf<OutputsOf<typeof open>['e']>().toEqualTypeOf<Json>();
  expectTypeOf<OutputsOf<typeof open>['f']>().toEqualTypeOf<JsonObject>();
});

it('takes a text that is known only at run time', () => {
  const text: string = 'a -> b';
  expectTypeOf(signature(text)).toEqualTypeOf<Signature<JsonObject, JsonObject>>();
});

it('refuses wrong texts', () => {
  // @ts-expect-error unknown type “strng”
  const wrongType = () => signature('ticket -> category: strng');
  // @ts-expect-error there is no “->”
  const noArrow = () => signature('ticket category');
  // @ts-expect-error “a” is there twice
  const twice = () => signature('a, a -> b');
  // @ts-expect-error “a” is both an input and an output
  const both = () => signature('a -> a');
  // @ts-expect-error there is no field on one side
  const empty = () => signature('-> a');
  // @ts-expect-error there is no field after the last comma
  const trailing = () => signature('a -> b,');
  // @ts-expect-error a quote is not closed
  const quote = () => signature('a -> b: "x');
  // @ts-expect-error there must be a comma
  const comma = () => signature('a -> b: "x" c');
  // @ts-expect-error “a b” is no name
  const name = () => signature('a b -> c');
  // @ts-expect-error unknown type “any” in a list
  const list = () => signature('a -> b: any[]');
  expectTypeOf([wrongType, noArrow, twice, both, empty, trailing, quote, comma, name, list]).not.toBeAny();
});

it('infers fields of every kind', () => {
  const mixed = signature({
    inputs: { ticket: 'string', tier: field('"gold" | "silver"', { optional: true }) },
    outputs: {
      category: z.enum(['billing', 'refunds']),
      confidence: field('number', { minimum: 0, maximum: 1 }),
      note: field(v.string(), { jsonSchema: { type: 'string' }, optional: true }),
      length: z.string().transform((text) => text.length),
    },
  });
  expectTypeOf<InputsOf<typeof mixed>>().toEqualTypeOf<{
    readonly ticket: string;
    readonly tier?: 'gold' | 'silver' | undefined;
  }>();
  expectTypeOf<OutputsOf<typeof mixed>>().toEqualTypeOf<{
    readonly category: 'billing' | 'refunds';
    readonly confidence: number;
    readonly note?: string | undefined;
    readonly length: number;
  }>();
});

it('is accepted where any signature is', () => {
  expectTypeOf(signature('a -> b: number')).toExtend<Signature>();
});
