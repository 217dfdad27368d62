import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { signature } from '../signature/shorthand.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { type McpClient, mcpTools } from './mcp-tools.ts';
import { react } from './react.ts';

function server(): McpServer {
  const made = new McpServer({ name: 'desk', version: '1' });
  made.registerTool(
    'order',
    { description: 'Looks an order up.', inputSchema: { number: z.number().describe('Its number.') } },
    async ({ number }) => {
      if (number < 0) return { isError: true, content: [{ type: 'text', text: 'no such order' }] };
      return { content: [{ type: 'text', text: `order ${number} is late` }] };
    },
  );
  made.registerTool(
    'stock',
    { description: 'Counts.', inputSchema: {}, outputSchema: { left: z.number() } },
    async () => ({ content: [{ type: 'text', text: '{"left":3}' }], structuredContent: { left: 3 } }),
  );
  made.registerTool('stall', { description: 'Never ends.' }, () => new Promise(() => undefined));
  return made;
}

async function connected() {
  const [near, far] = InMemoryTransport.createLinkedPair();
  const made = server();
  await made.connect(far);
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(near);
  return { client: client as unknown as McpClient, end: () => made.close() };
}

const call = (name: string, given: object) => ({
  toolCalls: [{ id: '', name, arguments: JSON.stringify(given) }],
  finishReason: 'tool-calls' as const,
});
const ask = signature('question -> answer');

describe('the tools of an MCP server', () => {
  test('are those of an agent, with their descriptions as parameters', async () => {
    const { client } = await connected();
    const { tools } = await mcpTools({ client, only: ['order', 'stock'] });
    const agent = react(ask, { tools });
    expect(agent.seed).toMatchObject({
      'agent.tools.order.description': { text: 'Looks an order up.' },
      'agent.tools.order.arguments.number': { text: 'Its number.' },
    });
    const model = scriptedModel({
      replies: [
        call('order', { number: 7 }),
        call('stock', {}),
        call('order', { number: -1 }),
        call('submit', { answer: 'late' }),
      ],
    });
    const prediction = await agent.forward({ question: 'where?' }, { model });
    expect(prediction).toMatchObject({
      outputs: { answer: 'late' },
      trace: [
        {},
        { kind: 'tool', name: 'order', result: 'order 7 is late' },
        {},
        { kind: 'tool', name: 'stock', result: { left: 3 } },
        {},
        { kind: 'tool', name: 'order', error: 'no such order' },
        {},
      ],
    });
  });

  test('take no longer than they may', async () => {
    const { client } = await connected();
    const { tools } = await mcpTools({ client, only: ['stall'], timeoutMs: 20 });
    const model = scriptedModel({ replies: [call('stall', {}), call('submit', { answer: 'none' })] });
    const { trace } = await react(ask, { tools }).forward({ question: '?' }, { model });
    expect(trace).toMatchObject([{}, { error: expect.stringMatching(/20 ms|timed out/iu) }, {}]);
  });

  test('lose the row when the server goes away', async () => {
    const { client, end } = await connected();
    const { tools } = await mcpTools({ client, only: ['order'] });
    await end();
    const model = scriptedModel({ replies: [call('order', { number: 1 })] });
    await expect(react(ask, { tools }).run({ question: '?' }, { model })).rejects.toMatchObject({
      code: 'HONE_SERVICE_UNAVAILABLE',
    });
  });

  test('come from a server that is started, and that ends with them', async () => {
    const script = `
      import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
      import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
      const server = new McpServer({ name: 'clock', version: '1' });
      server.registerTool('now', { description: 'Tells the hour.' }, async () => ({ content: [{ type: 'text', text: 'noon' }] }));
      await server.connect(new StdioServerTransport());`;
    const opened = await mcpTools({ command: process.execPath, args: ['--input-type=module', '-e', script] });
    await using _ = opened;
    const [now] = opened.tools;
    expect(await now?.execute({}, { signal: new AbortController().signal })).toBe('noon');
    await opened.close();
    await opened.close();
  });

  test.each([
    { what: 'no server', options: {}, code: 'HONE_OPTION_INVALID' },
    {
      what: 'two servers',
      options: { command: 'x', url: 'http://127.0.0.1:9' },
      code: 'HONE_OPTION_INVALID',
    },
    {
      what: 'a command that is not there',
      options: { command: '/no/such/server' },
      code: 'HONE_SERVICE_UNAVAILABLE',
    },
    {
      what: 'an address that nobody answers',
      options: { url: 'http://127.0.0.1:9/mcp' },
      code: 'HONE_SERVICE_UNAVAILABLE',
    },
  ])('are not to be had from $what', async ({ options, code }) => {
    await expect(mcpTools(options)).rejects.toMatchObject({ code });
  });

  test('that are wanted must be there', async () => {
    const { client } = await connected();
    await expect(mcpTools({ client, only: ['refund'] })).rejects.toThrow(/no tool "refund"/);
  });
});
