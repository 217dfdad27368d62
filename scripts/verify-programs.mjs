// 10,000 runs of a program of several steps, all at once, on a model of which every twentieth call fails, stalls or
// returns junk. Each run must end with the answer to its own row, every call must be in its trace, and the process must
// stay under 1 GB. Run: npm run verify:programs [-- runs]
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { HoneError, predict, signature } from '../dist/public/index.js';
import { callPath } from '../dist/public/models.js';
import {
  branch,
  chainOfThought,
  majority,
  parallel,
  pipeline,
  withPolicy,
  withRowBudget,
} from '../dist/public/programs.js';
import { scriptedModel } from '../dist/public/testing.js';

const runs = Number(process.argv[2] ?? 10_000);
const mostMegabytes = 1024;
const faultShare = 0.05;

const topic = predict(signature('ticket -> topic'), { name: 'topic' });
const urgency = predict(signature('ticket -> urgency: "high" | "low"'), { name: 'urgency' });
const reply = chainOfThought(signature('ticket, topic -> reply'), { name: 'reply' });
const urgent = chainOfThought(signature('ticket, topic -> reply'), { name: 'urgent' });
const again = (program) => withPolicy(program, { onUnreadable: { again: 3 }, onTimeout: { again: 3 } });

/** Two steps at once, a branch by what one of them says, a vote on one of the branches: five calls or three. */
const desk = withRowBudget(
  pipeline([
    parallel([again(topic), again(urgency)]),
    branch({
      by: ({ urgency: how }) => how,
      takes: { urgency: 'string' },
      to: { high: majority(again(urgent), { samples: 3, field: 'reply' }), low: again(reply) },
    }),
  ]),
  { calls: 60 },
);

const chance = (text) => createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
const counts = { calls: 0, answered: 0, probes: 0, failed: 0, stalled: 0, junk: 0 };
const seen = new Set();
const textOf = ({ messages }) => messages.map(({ content }) => content).join('\n');
const keyOf = (request, draw) =>
  createHash('sha256')
    .update(`${draw}\n${textOf(request)}`)
    .digest('base64')
    .slice(0, 16);

/** What a run is about, and what is asked of it. */
function answerTo(text, isChain) {
  const number = /Case (\d+)/.exec(text)?.[1];
  if (text.includes('one of: high, low')) return Number(number) % 4 === 0 ? 'high' : 'low';
  if (!isChain) return `topic of ${number}`;
  const about = /topic of (\d+)/.exec(text)?.[1];
  return `<reasoning>I thought.</reasoning><reply>Reply to ${number} about ${about}.</reply>`;
}

const model = scriptedModel({
  id: 'scripted/desk',
  keepCalls: false,
  respond: async (request, { draw }) => {
    counts.calls += 1;
    const text = textOf(request);
    const key = keyOf(request, draw);
    const isFirst = !seen.has(key);
    seen.add(key);
    await new Promise((resolve) => setTimeout(resolve, 1 + chance(`wait ${key}`) * 20));
    const dice = chance(`fault ${key}`);
    if (dice < faultShare) {
      // Each kind a third; a call that is tried again is answered, junk stays junk for the same question.
      if (dice < faultShare / 3) {
        if (isFirst) {
          counts.failed += 1;
          throw new HoneError('The server is out of order.', {
            code: 'HONE_MODEL_SERVER',
            facts: { retryable: true },
          });
        }
      } else if (dice < (2 * faultShare) / 3) {
        if (isFirst) {
          counts.stalled += 1;
          return new Promise(() => {});
        }
      } else {
        counts.junk += 1;
        return ['', '%%% \u0000 %%%', '<reply>', '{"reply": '][Math.floor(chance(`junk ${key}`) * 4)];
      }
    }
    return answerTo(text, text.includes('<reasoning>'));
  },
});

const answeredKeys = new Set();

/**
 * Counts the answers that somebody still waited for, each question once: a call path that suspects the provider to be
 * gone asks once more what was answered before.
 */
const counted = {
  ...model,
  generate: async (request, options) => {
    const answer = await model.generate(request, options);
    const key = keyOf(request, options.draw);
    if (options.signal?.aborted) return answer;
    if (answeredKeys.has(key)) counts.probes += 1;
    else counts.answered += 1;
    answeredKeys.add(key);
    return answer;
  },
};

const path = callPath(counted, {
  concurrency: 4_000,
  timeoutMs: 5_000,
  retry: { baseDelayMs: 20 },
  cache: 'off',
});

async function peakMegabytes() {
  const kernel = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const peak = /VmHWM:\s+(\d+) kB/.exec(kernel);
  return peak === null ? process.resourceUsage().maxRSS / 1024 : Number(peak[1]) / 1024;
}

const started = performance.now();
let most = 0;
let underWay = 0;
const problems = [];
const endings = { completed: 0, failed: 0, lost: 0 };
let traced = 0;
/** Attempts that a time-out ended: an answer that came before it in the same step is in no trace. */
let interrupted = 0;
await Promise.all(
  Array.from({ length: runs }, async (_, index) => {
    underWay += 1;
    most = Math.max(most, underWay);
    try {
      const prediction = await desk.forward({ ticket: `Case ${index}: where is it?` }, { model: path });
      endings[prediction.status] += 1;
      for (const step of prediction.trace) {
        if (step.kind === 'predict') traced += step.calls.length;
        else if (step.arguments?.trouble === 'timeout') interrupted += 1;
      }
      if (prediction.status === 'failed') problems.push(`${index} failed: ${prediction.reason}`);
      // A topic that is junk is a text like any other; whose reply it is must be right all the same.
      else if (!prediction.outputs.reply.startsWith(`Reply to ${index} `)) {
        problems.push(`${index} got: ${prediction.outputs.reply}`);
      }
    } catch (thrown) {
      endings.lost += 1;
      problems.push(`${index} was lost: ${thrown}`);
    } finally {
      underWay -= 1;
    }
  }),
);
const seconds = (performance.now() - started) / 1000;
const peak = await peakMegabytes();
console.log(
  `${runs} runs, ${most} at once, in ${seconds.toFixed(1)} s: ${endings.completed} completed, ${endings.failed} failed, ${endings.lost} lost.`,
);
console.log(
  `${counts.calls} calls: ${counts.failed} failed, ${counts.stalled} stalled, ${counts.junk} junk, ${counts.answered} answered (and ${counts.probes} asked once more to see whether anybody answers), ${traced} in the traces, ${interrupted} attempts ended by a time-out.`,
);
console.log(`${peak.toFixed(0)} MB at most, of ${mostMegabytes}.`);
const untraced = counts.answered - traced;
if (untraced < 0 || untraced > interrupted) problems.push(`${untraced} answers are in no trace.`);
if (peak > mostMegabytes) problems.push(`The process took ${peak.toFixed(0)} MB.`);
if (most < runs) problems.push(`Only ${most} runs were under way at once.`);
for (const problem of problems.slice(0, 20)) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
process.exit();
