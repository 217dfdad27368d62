// The landscape as an OpenAI-compatible server: any tool can search on it. Started as a process of its own:
// node server.mjs <seed> [latency in ms]; prints its port and counts calls (GET /counts).
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { answerOf, createLandscape, reflectOn } from './landscape.mjs';

/** @returns {Promise<{ port: number, counts: { task: number, reflection: number }, close: () => Promise<void> }>} */
export async function openLandscapeServer(landscape, { latencyMs = 0 } = {}) {
  const counts = { task: 0, reflection: 0 };
  const asked = new Map();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      const reply = (content) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(content));
      };
      if (request.method === 'GET')
        return reply(
          request.url.endsWith('/counts') ? counts : { data: [{ id: 'task' }, { id: 'reflection' }] },
        );
      const { model, messages, response_format: format, n = 1 } = JSON.parse(body);
      const texts = messages.map(({ content }) =>
        typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('\n'),
      );
      const key = createHash('sha256')
        .update(`${model}\u0000${texts.join('\u0000')}`)
        .digest('hex');
      // The same question again is another sample of its answer, in the order of asking.
      const choices = Array.from({ length: n }, () => {
        const sample = asked.get(key) ?? 0;
        asked.set(key, sample + 1);
        const content = model.includes('reflection')
          ? reflection(landscape, { texts, format, draw: `${key}/${sample}` })
          : task(landscape, texts, format);
        return { index: 0, finish_reason: 'stop', message: { role: 'assistant', content } };
      });
      counts[model.includes('reflection') ? 'reflection' : 'task'] += 1;
      setTimeout(
        () =>
          reply({
            id: 'x',
            object: 'chat.completion',
            created: 0,
            model,
            choices,
            usage: {
              prompt_tokens: Math.ceil(texts.join('').length / 4),
              completion_tokens: 20,
              total_tokens: 0,
            },
          }),
        latencyMs,
      );
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    counts,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** The prompt is everything before the row's own note, which comes last. */
function task(landscape, texts, format) {
  const all = texts.join('\n');
  const last = [...all.matchAll(/#\d{3} [a-z ]+/g)].at(-1);
  const prompt = last === undefined ? all : all.slice(0, last.index);
  const answer = answerOf(landscape, { note: last?.[0] ?? '', prompt });
  return written([['action', answer]], { all, format });
}

/** Fills whatever form the request asks for with texts of the reflection model, each drawn anew. */
function reflection(landscape, { texts, format, draw }) {
  const all = texts.join('\n');
  const write = (name) => reflectOn(landscape, { request: all, draw: `${draw}/${name}` });
  const schema = format?.json_schema?.schema ?? format?.schema;
  if (schema !== undefined) return JSON.stringify(sampleOf(schema, write));
  // DSPy's GEPA asks for the new instruction between three backticks, and shows answers in other forms before.
  if (/within ``` blocks/.test(all)) return `\`\`\`\n${write('instruction')}\n\`\`\``;
  const fields = [...(texts[0] ?? '').matchAll(/\[\[ ## (\w+) ## \]\]/g)].map(([, name]) => name);
  const outputs =
    outputFields(texts[0] ?? '') ?? [...new Set(fields)].filter((name) => name !== 'completed').slice(-1);
  // DSPy's JSON adapter, which stands in where its chat adapter was not understood.
  if (/JSON object (?:with|in) the following/.test(all)) {
    return JSON.stringify(Object.fromEntries(outputs.map((name) => [name, write(name)])));
  }
  if (all.includes('[[ ## '))
    return written(
      outputs.map((name) => [name, write(name)]),
      { all },
    );
  return write('text');
}

/** Names of the output fields, as DSPy's chat adapter lists them. */
function outputFields(system) {
  const part = /Your output fields are:([\s\S]*?)(?:All interactions|$)/.exec(system)?.[1];
  return part === undefined ? undefined : [...part.matchAll(/`(\w+)`/g)].map(([, name]) => name);
}

function written(fields, { all, format }) {
  if (format?.type?.startsWith('json')) return JSON.stringify(Object.fromEntries(fields));
  if (all.includes('[[ ## '))
    return `${fields.map(([name, value]) => `[[ ## ${name} ## ]]\n${value}`).join('\n\n')}\n\n[[ ## completed ## ]]`;
  return fields[0][1];
}

/** A value of a JSON schema; texts are written, choices are the first, numbers small. */
function sampleOf(schema, write, name = 'text') {
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.anyOf !== undefined) return sampleOf(schema.anyOf[0], write, name);
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([key, value]) => [
          key,
          sampleOf(value, write, `${name}/${key}`),
        ]),
      );
    case 'array':
      return Array.from({ length: 3 }, (_, index) =>
        sampleOf(schema.items ?? { type: 'string' }, write, `${name}/${index}`),
      );
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return true;
    case 'string':
      return write(name);
    default:
      // Any JSON: rows of names and texts are what such fields hold.
      return [{ name: 'rewrite', instructions: write(name), text: write(`${name}/text`) }];
  }
}

if (process.argv[1]?.endsWith('server.mjs')) {
  const landscape = createLandscape(process.argv[2] ?? '1');
  const { port } = await openLandscapeServer(landscape, { latencyMs: Number(process.argv[3] ?? 0) });
  console.log(JSON.stringify({ port, rows: landscape.rows, rules: landscape.rules }));
}
