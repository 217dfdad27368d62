import { HoneError, messageOf } from '../base/errors.ts';
import { hashJson } from '../base/hash.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { checkOptionNames } from '../base/option-names.ts';
import { loadOptional } from '../model/load-optional.ts';
import type { FieldValidation, JsonSchema } from '../signature/signature.ts';
import { checkBySchema, type Tool } from './tool.ts';

/** A connected client of the Model Context Protocol, as `@modelcontextprotocol/sdk` has it. */
export interface McpClient {
  listTools(params?: {
    cursor?: string;
  }): Promise<{ readonly tools: readonly unknown[]; readonly nextCursor?: string | undefined }>;
  callTool(
    params: { name: string; arguments?: Record<string, unknown> },
    schema?: undefined,
    options?: { signal?: AbortSignal; timeout?: number },
  ): Promise<unknown>;
  close(): Promise<void>;
}

export interface McpToolsOptions {
  /** Starts a server that speaks on its standard input and output. Give this, `url` or `client`. */
  readonly command?: string | undefined;
  /** Of the command. @default none */
  readonly args?: readonly string[] | undefined;
  /** Environment variables of the command, beside the few that are safe to inherit. @default none */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Working folder of the command. @default the current one */
  readonly cwd?: string | undefined;
  /** Asks a server that speaks streamable HTTP. */
  readonly url?: string | undefined;
  /** Sent with each request to `url`, such as an authorization. @default none */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** A client that is connected already; closing it stays with the caller. */
  readonly client?: McpClient | undefined;
  /** Names of the tools that are wanted. @default all */
  readonly only?: readonly string[] | undefined;
  /** Longest time of one call in milliseconds. @default 30_000 */
  readonly timeoutMs?: number | undefined;
}

/** The tools of a server, until it is closed. */
export interface McpTools extends AsyncDisposable {
  readonly tools: readonly Tool[];
  /** Ends the connection, and the server where it was started. Safe to call twice. */
  close(): Promise<void>;
}

/** Pages of tools that are read at most: a server may never end. */
const mostPages = 100;

/** Codes of `McpError`. */
const connectionClosed = -32000;

/**
 * The tools of a server of the Model Context Protocol, for agents. Of a result its structured content is taken, else its
 * texts; a result that says that it is an error is told to the model as one. A server that is gone loses the row instead
 * of failing it.
 *
 * @throws {HoneError} `HONE_SERVICE_UNAVAILABLE` when the server cannot be reached; `HONE_OPTION_INVALID` for no server
 *   or several, or a tool in `only` that it does not have; `HONE_MISSING_DEPENDENCY` without `@modelcontextprotocol/sdk`.
 */
export async function mcpTools(options: McpToolsOptions): Promise<McpTools> {
  checkOptionNames(
    options,
    {
      command: true,
      args: true,
      env: true,
      cwd: true,
      url: true,
      headers: true,
      client: true,
      only: true,
      timeoutMs: true,
    },
    'mcpTools',
  );
  const { timeoutMs = 30_000, only } = options;
  const given = [options.command, options.url, options.client].filter((each) => each !== undefined);
  if (given.length !== 1) {
    throw invalid(
      'mcpTools takes one server.',
      'Give `command` with `args`, or `url`, or a connected `client`.',
    );
  }
  const client = options.client ?? (await connect(options));
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= options.client === undefined ? client.close() : Promise.resolve();
    return closing;
  };
  try {
    const listed = (await listTools(client)).map((described) => toolOf(described, { client, timeoutMs }));
    const missing = only?.find((name) => !listed.some((each) => each.name === name));
    if (missing !== undefined) {
      throw invalid(
        `The server has no tool "${missing}".`,
        `It has ${listed.map(({ name }) => name).join(', ') || 'none'}.`,
      );
    }
    const tools = only === undefined ? listed : listed.filter(({ name }) => only.includes(name));
    return { tools, close, [Symbol.asyncDispose]: close };
  } catch (thrown) {
    await close();
    throw HoneError.isInstance(thrown) ? thrown : unavailable(thrown);
  }
}

async function connect({ command, args = [], env, cwd, url, headers }: McpToolsOptions): Promise<McpClient> {
  const { Client } = await loadOptional(
    '@modelcontextprotocol/sdk',
    () => import('@modelcontextprotocol/sdk/client/index.js'),
  );
  const client = new Client({ name: 'hone', version: '1' });
  try {
    if (command !== undefined) {
      const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js');
      const transport = new StdioClientTransport({
        command,
        args: [...args],
        ...(env !== undefined && { env: { ...env } }),
        ...(cwd !== undefined && { cwd }),
        stderr: 'ignore',
      });
      await client.connect(transport);
    } else {
      const { StreamableHTTPClientTransport } = await import(
        '@modelcontextprotocol/sdk/client/streamableHttp.js'
      );
      const address = new URL(url ?? '');
      const transport = new StreamableHTTPClientTransport(address, {
        requestInit: { headers: { ...headers } },
      });
      await client.connect(transport as Parameters<typeof client.connect>[0]);
    }
  } catch (thrown) {
    await client.close().catch(() => undefined);
    throw unavailable(thrown);
  }
  return client as unknown as McpClient;
}

interface DescribedTool {
  readonly name: string;
  readonly description?: string | undefined;
  readonly title?: string | undefined;
  readonly inputSchema: JsonSchema;
}

async function listTools(client: McpClient): Promise<readonly DescribedTool[]> {
  const tools: DescribedTool[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const listed = await client.listTools(cursor === undefined ? {} : { cursor });
    tools.push(...(listed.tools as readonly DescribedTool[]));
    cursor = listed.nextCursor;
    if (cursor === undefined) break;
  }
  return tools;
}

function toolOf(
  { name, description, title, inputSchema }: DescribedTool,
  { client, timeoutMs }: { readonly client: McpClient; readonly timeoutMs: number },
): Tool {
  const said = [description, title].find((text) => text !== undefined && text.trim() !== '');
  const { $schema: _, ...parameters } = inputSchema;
  return {
    name,
    description: said ?? `The tool ${name}.`,
    parameters,
    version: hashJson(['mcp-1', name, parameters]).slice(0, 16),
    timeoutMs,
    check: (given) => checkWhereKnown(given, parameters),
    async execute(given, { signal }) {
      let result: unknown;
      try {
        const params = { name, arguments: given as Record<string, unknown> };
        result = await client.callTool(params, undefined, { signal, timeout: timeoutMs });
      } catch (thrown) {
        if (isGone(thrown)) throw unavailable(thrown);
        throw thrown;
      }
      return read(result as McpResult);
    },
  };
}

/** Servers write schemas of every kind and check arguments themselves: what cannot be checked here is left to them. */
function checkWhereKnown(given: JsonObject, schema: JsonSchema): FieldValidation {
  try {
    return checkBySchema(given, schema);
  } catch {
    return { status: 'valid', value: given };
  }
}

interface McpResult {
  readonly content?: readonly JsonObject[] | undefined;
  readonly structuredContent?: Json | undefined;
  readonly isError?: boolean | undefined;
}

function read({ content = [], structuredContent, isError }: McpResult): Json {
  const text = content
    .map((part) =>
      part.type === 'text' ? String(part.text) : `(${String(part.type)} ${String(part.mimeType ?? '')})`,
    )
    .join('\n');
  if (isError) throw new Error(text === '' ? 'The tool failed.' : text);
  return structuredContent ?? text;
}

function isGone(thrown: unknown): boolean {
  const { code, message = '' } = (thrown ?? {}) as { readonly code?: unknown; readonly message?: string };
  return code === connectionClosed || /not connected|fetch failed|ECONNREFUSED|ECONNRESET/iu.test(message);
}

function unavailable(cause: unknown): HoneError {
  return new HoneError(`The MCP server cannot be reached: ${messageOf(cause)}`, {
    code: 'HONE_SERVICE_UNAVAILABLE',
    hint: 'Check that its command or address is right, and that it runs.',
    cause,
  });
}

function invalid(message: string, hint: string): HoneError {
  return new HoneError(message, { code: 'HONE_OPTION_INVALID', hint });
}
