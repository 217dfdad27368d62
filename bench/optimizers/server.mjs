// The landscape as an OpenAI-compatible server: any tool can search on it. Started as a process of its own:
// node server.mjs <seed> ['one step' | 'two steps'] [latency in ms]; prints its port.
// GET /counts: completions so far. POST /observe: from now on nothing is counted, and GET /observed gives, for each row
// that was asked since, the probability of its right answer under the prompt that was sent: what a winner is worth.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { answerOf, createLandscape, probabilityOf, reflectOn } from './landscape.mjs';

/** @returns {Promise<{ port: number, counts: { task: number, reflection: number }, observe: () => void, heldOut: () => number, close: () => Promise<void> }>} */
export async function openLandscapeServer(landscape, { latencyMs = 0 } = {}) {
  const counts = { task: 0, reflection: 0 };
  const asked = new Map();
  let observed;
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
      if (request.url.endsWith('/observe')) {
        observed = [];
        return reply({});
      }
      if (request.url.endsWith('/observed')) return reply({ heldOut: heldOutOf(landscape, observed ?? []) });
      if (request.method === 'GET')
        return reply(
          request.url.endsWith('/counts') ? counts : { data: [{ id: 'task' }, { id: 'reflection' }] },
        );
      const { model, messages, response_format: format, n = 1, seed, temperature = 1 } = JSON.parse(body);
      const texts = messages.map(({ role, content }) => {
        const text = typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('\n');
        return role === 'assistant' ? labelled(landscape, text) : text;
      });
      const isReflection = model.includes('reflection');
      const key = createHash('sha256')
        .update([model, ...texts].join('\u0000'))
        .digest('hex');
      const choices = Array.from({ length: n }, (_, index) => {
        // A seed says which sample it is; without one, the same question again is the next.
        const sample = seed === undefined ? (asked.get(key) ?? 0) : `${seed}/${index}`;
        if (seed === undefined) asked.set(key, sample + 1);
        const draw = temperature === 0 ? '' : `${sample}`;
        const content = isReflection
          ? reflection(landscape, { texts, format, draw: `${key}/${draw}` })
          : task(landscape, { texts, format, draw, observed });
        return { index, finish_reason: 'stop', message: { role: 'assistant', content } };
      });
      // What is paid is completions, not requests.
      if (observed === undefined) counts[isReflection ? 'reflection' : 'task'] += n;
      const usage = {
        prompt_tokens: Math.ceil(texts.join('').length / 4),
        completion_tokens: 20 * n,
        total_tokens: 0,
      };
      setTimeout(
        () => reply({ id: 'x', object: 'chat.completion', created: 0, model, choices, usage }),
        latencyMs,
      );
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    counts,
    observe: () => {
      observed = [];
    },
    heldOut: () => heldOutOf(landscape, observed ?? []),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** An answer in a demo's turn that stands there without its name says the same as one with it. */
function labelled({ steps }, text) {
  const step = steps.find(({ answers }) => answers.includes(text.trim()));
  return step === undefined ? text : `${step.output}: ${text}`;
}

/** The mean over rows of the probability that all steps are right; of several prompts for a step their mean. */
function heldOutOf({ rows, steps }, observed) {
  const values = rows.flatMap((row) => {
    const own = observed.filter(({ id }) => id === row.id);
    if (own.length === 0) return [];
    return steps.reduce((product, { name }) => {
      const of = own.filter(({ step }) => step === name);
      return product * (of.reduce((sum, { probability }) => sum + probability, 0) / Math.max(1, of.length));
    }, 1);
  });
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** The prompt is everything before the row's own note, which comes last. */
function task(landscape, { texts, format, draw, observed }) {
  const all = texts.join('\n');
  const last = [...all.matchAll(/#(\d{3}) [a-z ]+/g)].at(-1);
  const row = landscape.rows[Number(last?.[1] ?? 0)];
  const prompt = last === undefined ? all : all.slice(0, last.index);
  const after = last === undefined ? '' : all.slice(last.index + last[0].length);
  const given = /code[^a-z]{1,30}(amber|basil|cobalt|dune|ember|fern)/i.exec(after)?.[1].toLowerCase();
  const isDecision = landscape.steps.length === 1 || given !== undefined;
  const step = isDecision ? landscape.steps.at(-1) : landscape.steps[0];
  if (observed !== undefined) {
    // What a step is worth where the one before it was right.
    const probability = probabilityOf(landscape, { step, row, prompt });
    observed.push({ id: row.id, step: step.name, probability });
  }
  const answer = answerOf(landscape, { step, row, prompt, given, draw });
  return written([[step.output, answer]], { all, format });
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
  const fieldOf = (name) =>
    // SIMBA asks for advice by module; every module gets its own.
    name === 'module_advice'
      ? JSON.stringify(Object.fromEntries(modulesIn(all).map((module) => [module, write(module)])))
      : write(name);
  // DSPy's JSON adapter, which stands in where its chat adapter was not understood.
  if (/JSON object (?:with|in) the following/.test(all)) {
    return JSON.stringify(
      Object.fromEntries(
        outputs.map((name) => [name, name === 'module_advice' ? JSON.parse(fieldOf(name)) : fieldOf(name)]),
      ),
    );
  }
  if (all.includes('[[ ## '))
    return written(
      outputs.map((name) => [name, fieldOf(name)]),
      { all },
    );
  return write('text');
}

/** The modules of a program that SIMBA asks about. */
function modulesIn(all) {
  const listed = /\[\[ ## module_names ## \]\]\s*\[([^\]]*)\]/.exec(all)?.[1] ?? '';
  const names = [...listed.matchAll(/"([^"]+)"/g)].map(([, name]) => name);
  return names.length > 0 ? names : ['self'];
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
  const [seed = '1', kind = 'one step', latency = '0'] = process.argv.slice(2);
  const landscape = createLandscape(seed, kind);
  const { port } = await openLandscapeServer(landscape, { latencyMs: Number(latency) });
  console.log(JSON.stringify({ port, rows: landscape.rows }));
}
