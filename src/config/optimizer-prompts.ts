import type { Optimizer } from '../optimizer/optimizer.ts';
import { describeValue } from '../signature/describe-field.ts';
import type { Field } from '../signature/signature.ts';
import { kebabCase } from './named-spec.ts';

/** The prompts that an optimizer sends itself, as they will be sent. JSON. */
export interface NamedPrompts {
  readonly optimizer: string;
  /** Its name on the command line. */
  readonly flag: string;
  readonly prompts: readonly OptimizerPrompt[];
}

/** One of them. JSON. */
export interface OptimizerPrompt {
  readonly name: string;
  readonly instructions: string;
  readonly inputs: readonly PromptField[];
  readonly outputs: readonly PromptField[];
}

export interface PromptField {
  readonly name: string;
  /** What a value may be: 'text', 'one of: a, b'. */
  readonly value: string;
  readonly description?: string | undefined;
}

/** The prompts of an optimizer, replaced ones with what replaces them. */
export function promptsOf({ name, prompts = {} }: Pick<Optimizer, 'name' | 'prompts'>): NamedPrompts {
  return {
    optimizer: name,
    flag: kebabCase(name),
    prompts: Object.entries(prompts).map(([prompt, { instructions, inputs, outputs }]) => ({
      name: prompt,
      instructions,
      inputs: inputs.map(promptField),
      outputs: outputs.map(promptField),
    })),
  };
}

function promptField({ name, schema, description }: Field): PromptField {
  return { name, value: describeValue(schema), description };
}
