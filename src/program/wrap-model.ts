import { HoneError, messageOf } from '../base/errors.ts';
import { checkOptionNames } from '../base/option-names.ts';
import type { AiSdkAppCall, AnyAiSdkModel } from '../model/provider/ai-sdk-model.ts';
import { isAiSdkModel, isKnownVersion } from '../model/provider/ai-sdk-model.ts';
import { streamOfResult } from '../model/provider/ai-sdk-result.ts';
import type { Candidate } from '../prompt/candidate.ts';
import { learnedText, swapPrompt } from './app-prompt.ts';
import { appRow } from './app-row.ts';

export interface WrapModelOptions {
  /** Names the prompt: its text is the parameter `<prompt>.instructions`, its turns `<prompt>.demos`. */
  readonly prompt: string;
  /**
   * The text that may be improved, as the app sends it: in the system message or in a message of the user, alone or
   * among others, with a `{{slot}}` for each part that changes from call to call. @default the system message of the
   * first call
   */
  readonly instructions?: string | undefined;
  /** Where the prompt is published: what `createPrompts` gives. @default the app's own text is sent */
  readonly prompts?: PublishedPrompts | undefined;
  /** Which published version is sent outside of a run: a channel or a number. @default 'production' */
  readonly channel?: string | undefined;
  /**
   * Is told why the app's own text is sent although there is a registry; not told where nothing is published yet.
   * @default a warning of the process
   */
  readonly onFault?: ((fault: unknown) => void) | undefined;
}

/** Published prompts, as far as a wrapped model asks for them. */
export interface PublishedPrompts {
  resolve(reference: string): Promise<{ readonly candidate: Candidate }>;
}

/** What the AI SDK asks of a model, of each version that the given one may be. */
export type WrappedModel<Model extends AnyAiSdkModel = AnyAiSdkModel> = Model extends unknown
  ? Pick<
      Model,
      Extract<
        keyof Model,
        'specificationVersion' | 'provider' | 'modelId' | 'supportedUrls' | 'doGenerate' | 'doStream'
      >
    >
  : never;

/** What is known of a wrapped prompt. */
export interface AppPrompt {
  readonly name: string;
  /** The app's own text; undefined until its first call where nobody gave it. */
  readonly text: string | undefined;
  /** Calls outside of any row. */
  readonly callsOutside: number;
  readonly model: AnyAiSdkModel;
}

interface PromptState extends AppPrompt {
  text: string | undefined;
  callsOutside: number;
}

const wrapped = new WeakMap<object, AppPrompt>();

/** The prompt of a wrapped model; undefined for anything else. */
export function appPromptOf(model: unknown): AppPrompt | undefined {
  return typeof model === 'object' && model !== null ? wrapped.get(model) : undefined;
}

/**
 * A model of the AI SDK whose prompt can be improved: it is used as before, by `generateText`, `streamText` and
 * agents. While `evaluate` or `optimize` answers a row with the app, it sends the candidate's text instead of the
 * app's own, notes the call in the trace, reads and writes the answer cache, and keeps to the budget. Otherwise it sends
 * the published prompt, or the app's own text where none is published.
 *
 * @param model Of specification V2, V3 or V4; the result is of the same.
 * @throws {HoneError} `HONE_OPTION_INVALID` for what is no such model, or a prompt without a name.
 */
export function wrapModel<Model extends AnyAiSdkModel>(
  model: Model,
  options: WrapModelOptions,
): WrappedModel<Model> {
  checkOptions(model, options);
  checkOptionNames(
    options,
    { prompt: true, instructions: true, prompts: true, channel: true, onFault: true },
    'wrapModel',
  );
  const { prompt: name, instructions, prompts, channel = 'production', onFault = warn } = options;
  const prompt: PromptState = { name, text: instructions, callsOutside: 0, model };

  /** Outside of a run. */
  const published = async (call: AiSdkAppCall): Promise<AiSdkAppCall> => {
    prompt.callsOutside += 1;
    prompt.text ??= learnedText(call);
    if (prompts === undefined) return call;
    try {
      const { candidate } = await prompts.resolve(`${name}@${channel}`);
      return swapPrompt(call, { prompt: name, own: prompt.text, candidate });
    } catch (fault) {
      // The app answers in any case.
      if (!(HoneError.isInstance(fault) && fault.code === 'HONE_PROMPT_NOT_FOUND')) onFault(fault);
      return call;
    }
  };

  const own = {
    specificationVersion: model.specificationVersion,
    provider: model.provider,
    modelId: model.modelId,
    get supportedUrls() {
      return (model as { readonly supportedUrls?: unknown }).supportedUrls;
    },
    async doGenerate(call: AiSdkAppCall) {
      const row = appRow();
      if (row !== undefined) return row.ask(name, model.specificationVersion, call);
      return model.doGenerate((await published(call)) as never);
    },
    async doStream(call: AiSdkAppCall) {
      const row = appRow();
      if (row === undefined) return model.doStream((await published(call)) as never);
      return { stream: streamOfResult(await row.ask(name, model.specificationVersion, call)) };
    },
  };
  wrapped.set(own, prompt);
  return own as unknown as WrappedModel<Model>;
}

function checkOptions(model: unknown, options: WrapModelOptions | undefined): void {
  if (typeof model === 'string') {
    throw invalid(
      `wrapModel takes a model of the AI SDK, and got the name "${model}".`,
      "Make it with its provider: openai('gpt-5-mini'), or gateway('openai/gpt-5-mini').",
    );
  }
  if (!isAiSdkModel(model) || typeof model.doStream !== 'function' || !isKnownVersion(model)) {
    throw invalid(
      'wrapModel takes a language model of the AI SDK, of specification v2, v3 or v4.',
      "Give it what openai('gpt-5-mini') and its like return.",
    );
  }
  if (typeof options?.prompt !== 'string' || !/^[\w-]+$/u.test(options.prompt)) {
    throw invalid(
      'A wrapped model needs the name of its prompt: letters, digits, "-" and "_".',
      "Write wrapModel(model, { prompt: 'triage' }).",
    );
  }
}

function warn(fault: unknown): void {
  process.emitWarning(`The app's own text was sent instead of the published prompt: ${messageOf(fault)}`, {
    code: 'HONE_PROMPT_NOT_SENT',
  });
}

function invalid(message: string, hint: string): HoneError {
  return new HoneError(message, { code: 'HONE_OPTION_INVALID', hint });
}
