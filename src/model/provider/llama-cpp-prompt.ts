import type { ChatHistoryItem, ChatWrapper, LlamaModel, LlamaText, Token } from 'node-llama-cpp';
import { HoneError } from '../../base/errors.ts';
import { contentText } from '../content.ts';
import type { Message, ModelRequest } from '../model.ts';
import type { LlamaModule } from './llama-cpp-runtime.ts';

/** A request as tokens, split where the evaluation is split. */
export interface TokenizedPrompt {
  /** What all rows of the candidate share; perhaps empty. */
  readonly prefix: readonly Token[];
  /** The rest: at least one token. */
  readonly row: readonly Token[];
  /** Ends an answer in a chat; undefined where the answer's text says itself where it ends. */
  readonly endOfTurn: Token | undefined;
  /** Texts that end an answer. */
  readonly stopTexts: readonly string[];
}

/** Turns requests of one model into tokens. Text never becomes a control token, whatever it says. */
export interface PromptTokenizer {
  tokenize(request: ModelRequest): TokenizedPrompt;
  /** Tokens of a text that follows a prompt. */
  continuation(text: string): readonly Token[];
  /** Tokens of a text that stands alone, with a token before it that opens the text. */
  document(text: string): { readonly opening: Token; readonly tokens: readonly Token[] };
}

export function createPromptTokenizer(library: LlamaModule, model: LlamaModel): PromptTokenizer {
  // SentencePiece puts a space before a text that it takes for the start of a document.
  const trim = model.vocabularyType === 'spm' ? ('trimLeadingSpace' as const) : undefined;
  const { bos, nl } = model.tokens;
  const continuation = (text: string) => model.tokenize(text, false, trim);
  const wrapper = chatWrapperOf(library, model);

  const completion = ({ messages, sharedMessages = 0 }: ModelRequest): TokenizedPrompt => {
    const shared = contentsOf(messages.slice(0, sharedMessages));
    const rest = contentsOf(messages.slice(sharedMessages));
    // As the model's own file says: where the token opens a chat's turn, plain text does not begin with it.
    const opening = bos !== null && model.tokens.shouldPrependBosToken ? [bos] : [];
    const start = (text: string) => [...opening, ...model.tokenize(text, false)];
    if (shared === '') return { ...splitBeforeLast([], start(rest)), endOfTurn: undefined, stopTexts: [] };
    return { ...splitBeforeLast(start(shared), continuation(rest)), endOfTurn: undefined, stopTexts: [] };
  };

  const chat = (request: ModelRequest): TokenizedPrompt => {
    const { head, tail, triggers } = renderChat(library, wrapper, request);
    const prefix = dropDoubled(head.tokenize(model.tokenizer), bos);
    const row = tail.tokenize(model.tokenizer, prefix.length > 0 ? trim : undefined);
    const stops = triggers.map((trigger) => trigger.tokenize(model.tokenizer));
    const endOfTurn =
      stops.find(([token, ...more]) => more.length === 0 && model.isEogToken(token))?.[0] ??
      model.tokens.eot ??
      model.tokens.eos;
    const stopTexts = triggers.map(String).filter((text) => text !== '' && !specialTokenNames.has(text));
    return {
      ...splitBeforeLast(prefix, prefix.length > 0 ? row : dropDoubled(row, bos)),
      endOfTurn: endOfTurn ?? undefined,
      stopTexts,
    };
  };

  return {
    tokenize: (request) => (request.layout === 'completion' ? completion(request) : chat(request)),
    continuation,
    document: (text) => {
      const opening = bos ?? nl ?? model.tokenize('\n', false)[0];
      if (opening === undefined) throw nothingToEvaluate();
      return { opening, tokens: continuation(text) };
    },
  };
}

/** Built-in tokens, as they are called where a wrapper lists what ends an answer. */
const specialTokenNames: ReadonlySet<string> = new Set(['BOS', 'EOS', 'NL', 'EOT', 'SEP']);

function chatWrapperOf(library: LlamaModule, model: LlamaModel): ChatWrapper {
  // Some templates name the day; a prompt that changes at midnight would never be the same request again.
  return library.resolveChatWrapper(model, {
    warningLogs: false,
    customWrapperSettings: { 'llama3.1': { todayDate: null }, 'llama3.2-lightweight': { todayDate: null } },
  });
}

interface RenderedChat {
  readonly head: LlamaText;
  readonly tail: LlamaText;
  readonly triggers: readonly LlamaText[];
}

/** Stands where a row's contents stand, to find where the part ends that all rows share. */
const placeholder = '\uE000';

/**
 * Renders a chat twice, once with the rows' contents replaced: up to where the two differ is what every row
 * shares, the markup before the first row's message included.
 */
function renderChat(
  { LlamaText: text }: LlamaModule,
  wrapper: ChatWrapper,
  { messages, sharedMessages = 0 }: ModelRequest,
): RenderedChat {
  const whole = wrapper.generateContextState({ chatHistory: toHistory(messages) });
  const triggers = whole.stopGenerationTriggers;
  const values = whole.contextText.values;
  if (sharedMessages === 0) return { head: text(), tail: whole.contextText, triggers };
  const masked = messages.map((message, index) =>
    index < sharedMessages ? message : { ...message, content: placeholder },
  );
  const others = wrapper.generateContextState({ chatHistory: toHistory(masked) }).contextText.values;
  const same = values.findIndex((value, index) => !isSameValue(value, others[index]));
  const index = same === -1 ? values.length : same;
  const differing = values[index];
  const other = others[index];
  if (typeof differing !== 'string' || typeof other !== 'string') {
    return { head: text(...values.slice(0, index)), tail: text(...values.slice(index)), triggers };
  }
  const cut = commonStart(differing, other);
  return {
    head: text(...values.slice(0, index), differing.slice(0, cut)),
    tail: text(differing.slice(cut), ...values.slice(index + 1)),
    triggers,
  };
}

function isSameValue(
  one: LlamaText['values'][number],
  other: LlamaText['values'][number] | undefined,
): boolean {
  if (typeof one === 'string' || typeof other === 'string' || other === undefined) return one === other;
  return JSON.stringify(one.toJSON()) === JSON.stringify(other.toJSON());
}

function commonStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && length < other.length && one[length] === other[length]) length += 1;
  return length;
}

function toHistory(messages: readonly Message[]): ChatHistoryItem[] {
  const history = messages.map((message): ChatHistoryItem => {
    const { role } = message;
    const content = contentText(message.content);
    if (role === 'system') return { type: 'system', text: content };
    if (role === 'assistant') return { type: 'model', response: [content] };
    return { type: 'user', text: content };
  });
  // An assistant's message at the end is the beginning of the answer.
  return messages.at(-1)?.role === 'assistant' ? history : [...history, { type: 'model', response: [] }];
}

function contentsOf(messages: readonly Message[]): string {
  return messages.map(({ content }) => contentText(content)).join('');
}

/** The answer is read off the row's last token, so a row is never empty. */
function splitBeforeLast(
  prefix: readonly Token[],
  row: readonly Token[],
): Pick<TokenizedPrompt, 'prefix' | 'row'> {
  if (row.length > 0) return { prefix, row };
  if (prefix.length === 0) throw nothingToEvaluate();
  return { prefix: prefix.slice(0, -1), row: prefix.slice(-1) };
}

function nothingToEvaluate(): HoneError {
  return new HoneError('The prompt is empty and the model has no token that opens a text.', {
    code: 'HONE_MODEL_REJECTED',
    hint: 'Give the prompt at least one word.',
  });
}

/** Some templates write the opening token that the wrapper writes too. */
function dropDoubled(tokens: readonly Token[], bos: Token | null): readonly Token[] {
  return bos !== null && tokens[0] === bos && tokens[1] === bos ? tokens.slice(1) : tokens;
}
