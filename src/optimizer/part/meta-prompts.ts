import { z } from 'zod';
import { type Signature, withInstructions } from '../../signature/signature.ts';

/** The prompts that a method sends itself, by name. */
export type MetaPrompts = Readonly<Record<string, Signature<unknown, unknown>>>;

/**
 * The option that replaces instructions of the prompts which a method sends itself, by their names: `{ rewrite:
 * 'Improve the prompt …' }`. What a prompt is shown and what it answers stays as it is.
 */
export function promptsOption<Prompts extends MetaPrompts>(prompts: Prompts) {
  const shape = Object.fromEntries(
    Object.keys(prompts).map((name) => [name, z.string().trim().min(1).optional()]),
  ) as Record<keyof Prompts & string, z.ZodOptional<z.ZodString>>;
  return z
    .strictObject(shape)
    .optional()
    .describe(`Instructions to send instead of its own: ${Object.keys(prompts).join(', ')}.`)
    .meta({ defaultText: 'its own' });
}

/** The prompts with the instructions that replace their own. */
export function withReplaced<Prompts extends MetaPrompts>(
  prompts: Prompts,
  replaced?: Readonly<Record<string, string | undefined>> | undefined,
): Prompts {
  return Object.fromEntries(
    Object.entries(prompts).map(([name, prompt]) => {
      const instructions = replaced?.[name];
      return [name, instructions === undefined ? prompt : withInstructions(prompt, instructions)];
    }),
  ) as Prompts;
}
