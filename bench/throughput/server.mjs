// An OpenAI-compatible server that answers every chat request after a fixed latency. Runs in a process of its
// own, so that its work is not counted as the client's.
import { createServer } from 'node:http';

const latencyMs = Number(process.argv[2] ?? 50);
const labels = ['billing', 'refunds', 'technical_support', 'account_access'];
let calls = 0;

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    calls += 1;
    const content = labels[body.length % labels.length];
    setTimeout(() => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({
          id: `chatcmpl-${calls}`,
          object: 'chat.completion',
          created: 1_700_000_000,
          model: 'bench',
          choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
          usage: { prompt_tokens: 120, completion_tokens: 3, total_tokens: 123 },
        }),
      );
    }, latencyMs);
  });
});

server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }));
process.on('disconnect', () => process.exit(0));
