// An OpenAI-compatible server on this machine whose answers depend on the request alone, and which knows every
// request that ever arrived: what a client that is killed and started again asks twice shows here.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

/**
 * @param {ReadonlyMap<string, string>} truth The right answer of each row by its text.
 * @param {string} slot What stands before a row's text in the prompt, such as `Ticket: `.
 * @param {Record<string, { input: number, output: number }>} prices US dollars per million tokens, by model.
 */
export async function openCountingServer(truth, slot, prices = {}) {
  const answers = [...new Set(truth.values())].sort();
  /** Times that each request was made, by the hash of its body. */
  const asked = new Map();
  /** Dollars of each request, by the hash of its body. */
  const costs = new Map();
  let active = 0;
  let isHeld = false;
  const server = createServer((incoming, outgoing) => {
    let text = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (part) => {
      text += part;
    });
    incoming.on('end', () => {
      const hash = createHash('sha256').update(text).digest('hex');
      asked.set(hash, (asked.get(hash) ?? 0) + 1);
      active += 1;
      outgoing.on('close', () => {
        active -= 1;
      });
      if (isHeld) return;
      const request = JSON.parse(text);
      const reply = completion(hash, request);
      costs.set(hash, costOf(reply.usage, prices[request.model]));
      const body = JSON.stringify(reply);
      const latencyMs = 20 + (Number.parseInt(hash.slice(8, 12), 16) % 41);
      setTimeout(() => {
        outgoing.writeHead(200, {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        });
        outgoing.end(body);
      }, latencyMs);
    });
  });

  /** Right as often as the demos before the row deserve, which their hash decides; seldom without any. */
  function completion(hash, { messages, response_format: format }) {
    const whole = messages.map(({ content }) => content).join('\n');
    const start = whole.lastIndexOf(slot);
    const row = whole.slice(start + slot.length).replace(/\nCategory:$/, '');
    const before = whole.slice(0, start);
    const deserved = 0.4 + 0.55 * fraction(createHash('sha256').update(before).digest('hex'));
    if (format?.json_schema?.schema?.properties?.improved || whole.includes('"improved"')) {
      return answered(
        hash,
        whole,
        JSON.stringify({ improved: `Read it twice, the way of ${hash.slice(0, 12)}.` }),
      );
    }
    // Instructions that came of a reflection deserve more or less, which their hash decides.
    const quality = before.includes(slot) || before.includes('the way of') ? deserved : 0.3;
    const right = truth.get(row) ?? answers[0];
    const others = answers.filter((answer) => answer !== right);
    const answer =
      fraction(hash) < quality ? right : others[Number.parseInt(hash.slice(16, 20), 16) % others.length];
    return answered(hash, whole, format ? JSON.stringify({ category: answer }) : answer);
  }

  function answered(hash, whole, content) {
    return {
      id: `chatcmpl-${hash.slice(0, 12)}`,
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content },
          // Kept with the stored answer, and so says which request it answers.
          logprobs: { content: [{ token: hash, logprob: -0.1 }] },
          finish_reason: 'stop',
        },
      ],
      usage: {
        prompt_tokens: Math.ceil(whole.length / 4),
        completion_tokens: Math.ceil(content.length / 4),
      },
    };
  }

  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    baseUrl: `http://127.0.0.1:${server.address().port}/v1`,
    asked,
    /** All requests so far, repeated ones included. */
    get total() {
      return [...asked.values()].reduce((sum, times) => sum + times, 0);
    },
    /** Dollars of all requests so far, repeated ones included. */
    get paidUsd() {
      return [...asked].reduce((sum, [hash, times]) => sum + times * (costs.get(hash) ?? 0), 0);
    },
    /** Dollars of the dearest request. */
    get dearestUsd() {
      return Math.max(0, ...costs.values());
    },
    get active() {
      return active;
    },
    /** From now on requests arrive and are never answered, until `release`. */
    hold() {
      isHeld = true;
    },
    release() {
      isHeld = false;
    },
    /** Forgets what was asked. */
    reset() {
      asked.clear();
      costs.clear();
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Dollars of one answer; nothing where the price is not known. */
function costOf({ prompt_tokens, completion_tokens }, price = { input: 0, output: 0 }) {
  return (prompt_tokens * price.input + completion_tokens * price.output) / 1e6;
}

/** The first 32 bits of a hash as a number from 0 to 1. */
function fraction(hash) {
  return Number.parseInt(hash.slice(0, 8), 16) / 2 ** 32;
}
