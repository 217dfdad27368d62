import type { JsonObject } from '../base/json.ts';
import type { Message, ModelRequest } from '../model/model.ts';
import type { Signature } from '../signature/signature.ts';
import type { Demo } from './candidate.ts';
import type { PromptFormat } from './prompt-format.ts';

/** Everything that one prompt is made of. */
export interface PromptParts {
  readonly signature: Signature;
  /** The system section. `{{slots}}` in it are filled with the row's inputs. */
  readonly instructions: string;
  /**
   * The user section with `{{slots}}`, filled in one pass with the row's (and each demo's) inputs; where
   * neither section has a slot, every input follows it as `Name: value`, one a line. Left out: every input
   * that the system section has no slot for, so written; where that leaves none, every input.
   */
  readonly userTemplate?: string | undefined;
  readonly demos: readonly Demo[];
  readonly inputs: JsonObject;
}

/** What `render` decides of a request; the rest (temperature, limits) is the step's. */
export type RenderedPrompt = Pick<
  ModelRequest,
  'messages' | 'layout' | 'sharedMessages' | 'stopSequences' | 'responseSchema'
>;

/** A step of the tolerant reading of an answer that was needed. Counted in the report. */
export type ParseStep = 'strict' | 'repaired' | 'aliases' | 're-asked';

export type ParseResult =
  | { readonly status: 'parsed'; readonly outputs: JsonObject; readonly step: ParseStep }
  | {
      readonly status: 'unparsable';
      readonly reason: string;
      /** The fields that could be read; the others are asked for once more. */
      readonly partial: JsonObject;
      readonly missing: readonly string[];
    };

export interface ParseOptions {
  /** Whether the model stopped at its limit: what had not ended by then is not read. @default false */
  readonly cut?: boolean | undefined;
}

/** Render and parse, nothing else. Both are pure. */
export interface Adapter {
  readonly format: PromptFormat;
  render(parts: PromptParts): RenderedPrompt;
  parse(text: string, signature: Signature, options?: ParseOptions): ParseResult;
  /**
   * The message that asks for the missing fields alone, after an answer that lacked them. Its reply is read
   * with `parse(text, withOutputs(signature, missing))`.
   */
  renderReask(missing: readonly string[], signature: Signature): Message;
  /**
   * The prompt up to the answer of the one closed output, for scoring its choices: the request, and each
   * choice as the text that continues it, its end included where the layout has one.
   */
  renderChoices(parts: PromptParts, choices: readonly string[]): RenderedChoices;
}

export interface RenderedChoices {
  readonly prompt: RenderedPrompt;
  /** In the order of the choices. */
  readonly continuations: readonly string[];
}
