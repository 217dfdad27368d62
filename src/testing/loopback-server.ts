import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isJsonObject, type JsonObject } from '../base/json.ts';

/** A request as it arrived. */
export interface LoopbackRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The JSON body; empty when there is none. */
  readonly body: JsonObject;
}

/** What to send back; every part is optional. */
export interface LoopbackReply {
  /** @default 200 */
  readonly status?: number | undefined;
  /** @default JSON */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** A text as it is, anything else as JSON. */
  readonly body?: unknown;
  /** Server-sent events instead of a body. */
  readonly events?: readonly unknown[] | undefined;
  /** Milliseconds before the answer starts. @default 0 */
  readonly delayMs?: number | undefined;
  /** Sends this many characters, then cuts the connection. */
  readonly cutAfter?: number | undefined;
  /** Never answers. */
  readonly stalls?: boolean | undefined;
}

export interface LoopbackServer extends AsyncDisposable {
  /** With `/v1`, on a free port of 127.0.0.1. */
  readonly baseUrl: string;
  /** In order of arrival. Empty it at will. */
  readonly requests: LoopbackRequest[];
  /** How many requests arrived in all. */
  readonly count: number;
  /** Requests under way. */
  readonly active: number;
  /** The largest number of requests that were under way at once. */
  readonly peak: number;
  close(): Promise<void>;
}

/** A real HTTP server in this process, for tests and measurements of remote models. */
export async function openLoopbackServer(
  answer: (request: LoopbackRequest, index: number) => LoopbackReply | Promise<LoopbackReply>,
  { keepRequests = true }: { readonly keepRequests?: boolean | undefined } = {},
): Promise<LoopbackServer> {
  const requests: LoopbackRequest[] = [];
  let count = 0;
  let active = 0;
  let peak = 0;
  const server = createServer((incoming, outgoing) => {
    const index = count;
    count += 1;
    active += 1;
    peak = Math.max(peak, active);
    outgoing.on('close', () => {
      active -= 1;
    });
    readRequest(incoming)
      .then(async (request) => {
        if (keepRequests) requests.push(request);
        await send(await answer(request, index), outgoing);
      })
      .catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    requests,
    get count() {
      return count;
    },
    get active() {
      return active;
    },
    get peak() {
      return peak;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A chat completion as OpenAI's API writes it. */
export function chatCompletion(text: string, changes: Readonly<Record<string, unknown>> = {}): JsonObject {
  const { finish_reason = 'stop', message, logprobs, ...rest } = changes;
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_767_225_600,
    model: 'test-model',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: text, ...(isJsonObject(message) ? message : {}) },
        ...(isJsonObject(logprobs) && { logprobs }),
        finish_reason: String(finish_reason),
      },
    ],
    usage: { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 },
    ...(rest as JsonObject),
  };
}

/** The same answer as a stream: a chunk for each word, then the end and the usage. */
export function chatCompletionEvents(text: string): readonly unknown[] {
  const chunk = (choices: readonly unknown[], rest: object = {}) => ({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_767_225_600,
    model: 'test-model',
    choices,
    ...rest,
  });
  const words = text.match(/\S+\s*/g) ?? [];
  return [
    ...words.map((content) => chunk([{ index: 0, delta: { content }, finish_reason: null }])),
    chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]),
    chunk([], { usage: { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 } }),
    '[DONE]',
  ];
}

async function readRequest(incoming: IncomingMessage): Promise<LoopbackRequest> {
  let text = '';
  incoming.setEncoding('utf8');
  for await (const part of incoming) text += part;
  const body: unknown = text === '' ? {} : JSON.parse(text);
  const { method = 'GET', url = '/', headers } = incoming;
  return { method, path: url, headers, body: isJsonObject(body) ? body : {} };
}

async function send(reply: LoopbackReply, outgoing: ServerResponse): Promise<void> {
  if (reply.stalls) return;
  if (reply.delayMs) await new Promise((resolve) => setTimeout(resolve, reply.delayMs));
  const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  const body = reply.events
    ? reply.events.map((event) => `data: ${asText(event)}\n\n`).join('')
    : asText(reply.body ?? '');
  const type = reply.events ? 'text/event-stream' : 'application/json';
  outgoing.writeHead(reply.status ?? 200, {
    'content-type': type,
    ...(!reply.events && { 'content-length': Buffer.byteLength(body) }),
    ...reply.headers,
  });
  if (reply.cutAfter === undefined) outgoing.end(body);
  else outgoing.write(body.slice(0, reply.cutAfter), () => outgoing.destroy());
}
