import type { ModelRequest, ModelResponse } from '../model.ts';
import type { ServerComplaint } from './server-complaint.ts';

/** What some servers or models do not take. */
export const serverLacks = [
  'json-schema',
  'temperature',
  'top-p',
  'seed',
  'stop',
  'log-probabilities',
] as const;
export type ServerLack = (typeof serverLacks)[number];

export type MaxTokensField = 'max_tokens' | 'max_completion_tokens';

/**
 * What one server takes for one model: declared, or learned from what it refused. A request is asked without
 * what is not taken, and every answer that was made so says it.
 */
export interface ServerDialect {
  readonly lacks: ReadonlySet<ServerLack>;
  readonly maxTokensField: MaxTokensField;
  /** The request without what the server does not take; itself when it takes all. */
  adapt(request: ModelRequest): ModelRequest;
  /**
   * Learns from a refusal.
   *
   * @param sent What was refused, as it was sent.
   * @returns whether asking again, without what was refused, can help.
   */
  learn(refusal: Refusal, sent: Sent): boolean;
  /** The answer with what `request` had and the server did not take. */
  noted(answer: ModelResponse, request: ModelRequest): ModelResponse;
}

export interface Refusal {
  readonly status: number;
  readonly complaint: ServerComplaint | undefined;
}

export interface Sent {
  readonly request: ModelRequest;
  /** Undefined where the package of the provider names the field. */
  readonly maxTokensField?: MaxTokensField | undefined;
}

export interface ServerDialectOptions {
  /** Whom the notices are about, such as 'gpt-5 at https://api.openai.com/v1'. */
  readonly about: string;
  /** @default none */
  readonly lacks?: readonly ServerLack[] | undefined;
  /** @default 'max_tokens' */
  readonly maxTokensField?: MaxTokensField | undefined;
}

interface Option {
  readonly field: keyof ModelRequest;
  /** How servers call it. */
  readonly names: readonly string[];
  readonly notice: string;
}

const options: Readonly<Record<ServerLack, Option>> = {
  'json-schema': {
    field: 'responseSchema',
    names: ['response_format', 'json_schema', 'responseSchema', 'output_format', 'structured outputs?'],
    notice: 'takes no `response_format` with a schema: the form of an answer is asked for in words alone.',
  },
  temperature: {
    field: 'temperature',
    names: ['temperature'],
    notice: 'takes no `temperature`: the answers were made at its own.',
  },
  'top-p': {
    field: 'topP',
    names: ['top_p', 'topP'],
    notice: 'takes no `top_p`: the answers were made at its own.',
  },
  seed: {
    field: 'seed',
    names: ['seed'],
    notice: 'takes no `seed`: the same request may be answered otherwise another time.',
  },
  stop: {
    field: 'stopSequences',
    names: ['stop', 'stop_sequences', 'stopSequences'],
    notice: 'takes no `stop`: the answers were cut after they were written.',
  },
  'log-probabilities': {
    field: 'tokenLogProbabilities',
    names: ['logprobs', 'top_logprobs'],
    notice: 'takes no `logprobs`: the answers come without the probabilities of their tokens.',
  },
};

export function createServerDialect(given: ServerDialectOptions): ServerDialect {
  const { about } = given;
  const lacks = new Set(given.lacks);
  let maxTokensField = given.maxTokensField ?? 'max_tokens';
  let isRenamed = false;
  const isSent = ({ request }: Sent, lack: ServerLack) => request[options[lack].field] !== undefined;

  return {
    lacks,
    get maxTokensField() {
      return maxTokensField;
    },
    adapt(request) {
      if (lacks.size === 0) return request;
      const adapted: Record<string, unknown> = { ...request };
      for (const lack of lacks) adapted[options[lack].field] = undefined;
      return adapted as unknown as ModelRequest;
    },
    learn({ status, complaint }, sent) {
      if (complaint === undefined || (status !== 400 && status !== 422)) return false;
      const field = sent.maxTokensField;
      if (field !== undefined && sent.request.maxOutputTokens !== undefined && isAbout(complaint, [field])) {
        // Another call may have learned it meanwhile; a server that takes neither is asked no further.
        if (field !== maxTokensField) return true;
        if (!isRenamed) {
          isRenamed = true;
          maxTokensField = otherField(field);
          return true;
        }
      }
      const refused = serverLacks.find(
        (lack) => isSent(sent, lack) && isAbout(complaint, options[lack].names),
      );
      if (refused === undefined) return false;
      lacks.add(refused);
      return true;
    },
    noted(answer, request) {
      if (lacks.size === 0 && !isRenamed) return answer;
      const notices = [...lacks]
        .filter((lack) => request[options[lack].field] !== undefined)
        .map((lack) => `${about} ${options[lack].notice}`);
      if (isRenamed && request.maxOutputTokens !== undefined) {
        const refused = otherField(maxTokensField);
        notices.push(`${about} wants \`${maxTokensField}\` instead of \`${refused}\`, and got it.`);
      }
      if (notices.length === 0) return answer;
      const text = lacks.has('stop') ? cutAt(answer.text, request.stopSequences) : answer.text;
      const isCut = text.length < answer.text.length;
      return {
        ...answer,
        text,
        // What came after the end does not matter, so neither does why it ended.
        ...(isCut && { finishReason: 'stop' }),
        notices: [...(answer.notices ?? []), ...notices],
      };
    },
  };
}

function otherField(field: MaxTokensField): MaxTokensField {
  return field === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
}

const unsupportedCodes = /unsupported|unknown_parameter|unrecognized/i;
const unsupportedWords =
  /unsupported|not support(?:ed)?\b|not (?:available|allowed|permitted|accepted)|unavailable|unrecognized|unknown|unexpected|extra (?:inputs|fields)|deprecated|only the default|must be one of|use '?max_(?:completion_)?tokens/i;

/** Whether a complaint says that an option is not taken at all, rather than that its value is out of range. */
function isAbout({ message, code, parameter }: ServerComplaint, names: readonly string[]): boolean {
  const words = message.slice(0, 2_000);
  if (!unsupportedCodes.test(code) && !unsupportedWords.test(words)) return false;
  if (parameter !== undefined && parameter !== '') {
    const named = parameter.replace(/^body\./, '');
    return names.some((name) => named === name || named.startsWith(`${name}.`));
  }
  return names.some((name) => mentions(words, name));
}

/** A name of several words or marks stands for itself; a plain word such as "stop" only in quotes. */
function mentions(words: string, name: string): boolean {
  const isPlainWord = /^(?:stop|seed)$/.test(name);
  const pattern = isPlainWord ? `['"\`]${name}['"\`]` : `(?<![\\w])${name}(?![\\w])`;
  return new RegExp(pattern, 'i').test(words);
}

function cutAt(text: string, stopSequences: readonly string[] = []): string {
  let end = text.length;
  for (const stop of stopSequences) {
    const at = stop === '' ? -1 : text.indexOf(stop);
    if (at >= 0 && at < end) end = at;
  }
  return text.slice(0, end);
}
