import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chatCompletion, openLoopbackServer } from '../testing/loopback-server.ts';
import { type ScriptedProject, scriptedProject } from './scripted-project.ts';

let project: ScriptedProject;
/** The judge knows good replies by a word, but for those that flatter, and takes the first choice where it doubts. */
const verdictOn = (text: string) => {
  const reply = text.slice(text.lastIndexOf('Reply:'));
  if (reply.includes('doubt')) return text.indexOf('good') < text.indexOf('bad') ? 'good' : 'bad';
  return reply.includes('sorry') || reply.includes('lovely') ? 'good' : 'bad';
};

beforeAll(async () => {
  project = await scriptedProject(() =>
    openLoopbackServer(({ body }) => {
      const messages = body.messages as readonly { readonly content: string }[];
      return { body: chatCompletion(verdictOn(messages.map(({ content }) => content).join('\n'))) };
    }),
  );
  const words = ['alpha', 'bravo', 'cedar', 'delta', 'ember', 'fjord', 'glade', 'haven', 'inlet', 'jolly'];
  const rows = Array.from({ length: 80 }, (_, index) => {
    const unique = `${words[index % 10]} ${words[Math.floor(index / 10)]} ${index * 7919}`;
    const kind = index % 4;
    const text = ['sorry', 'lovely', 'no', 'doubt'][kind];
    const human = kind === 0 || kind === 3 ? 'good' : 'bad';
    return `${unique},${text} ${unique},${index < 64 ? human : ''}`;
  });
  project.write('judged.csv', `ticket,reply,verdict\n${rows.join('\n')}\n`);
  project.write(
    'judge.md',
    `---\ninputs: [ticket, reply]\noutputs: { verdict: [good, bad] }\n---\nJudge the reply.\n`,
  );
});
afterAll(() => project[Symbol.asyncDispose]());

const judge = (line: string) =>
  project.hone(`judge ${line} --data judged.csv --expected verdict ${project.remote}`);

describe('hone judge calibrate', () => {
  test('says how far a judge agrees with people, where it leans, what turns it, and what people would say', async () => {
    const ran = await judge('calibrate judge.md');
    expect(ran.code, ran.errors()).toBe(0);
    const text = ran.output();
    expect(text).toMatch(/verdict\s+For triage only/);
    expect(text).toMatch(
      /agreement\s+κ 0\.\d\d, 95 % interval .*; AC1 0\.\d\d; the same verdict on 0\.75 of 64 labels/,
    );
    expect(text).toMatch(/bias\s+good: people 0\.50, judge 0\.75 \(\+0\.25/);
    expect(text).toMatch(/flips\s+0\.25 of 80 verdicts turn/);
    expect(text).toMatch(
      /corrected\s+good: the judge says 0\.75 of 16 rows without a label, people would say 0\.50/,
    );
  });

  test('gives the same as JSON, and costs no call the second time', async () => {
    const before = project.server.count;
    const ran = await judge('calibrate judge.md --json');
    expect(project.server.count).toBe(before);
    expect(JSON.parse(ran.output())).toMatchObject({
      kind: 'judge-calibration',
      lost: 0,
      calibration: {
        labels: 64,
        unlabelled: 16,
        unread: 0,
        flips: { rows: 80, rate: 0.25 },
        verdict: 'triage-only',
      },
    });
  });

  test('counts copies of a row once, and refuses what it has no use for', async () => {
    const rows = Array.from({ length: 60 }, (_, index) => `same ticket,sorry ${index % 3},good`);
    project.write('copies.csv', `ticket,reply,verdict\n${rows.join('\n')}\n`);
    const line = `judge calibrate judge.md --data copies.csv --expected verdict ${project.remote}`;
    const ran = await project.hone(line);
    expect(ran.output()).toContain('60 labels count as 3: copies and rows of one group count once.');
    expect(ran.output()).toMatch(/verdict\s+Too few labels/);
    const odd = await project.hone(`${line} --scorer numeric`);
    expect([odd.code, odd.errors()]).toEqual([2, expect.stringContaining('has no use for --scorer')]);
  });

  test('refuses a prompt that answers no closed choice', async () => {
    project.write('open.md', '---\ninputs: [ticket]\noutputs: { reply: string }\n---\nAnswer.\n');
    const ran = await project.hone(
      `judge calibrate open.md --data judged.csv --expected reply ${project.remote}`,
    );
    expect([ran.code, ran.errors()]).toEqual([2, expect.stringContaining('is no closed choice')]);
  });
});

describe('hone judge align', () => {
  test('needs 30 labels', async () => {
    const ran = await judge('align judge.md --first 40 --optimizer labeled-few-shot');
    expect(ran.code).not.toBe(2);
    project.write('few.csv', project.read('judged.csv').split('\n').slice(0, 21).join('\n'));
    const few = await project.hone(
      `judge align judge.md --data few.csv --expected verdict --optimizer labeled-few-shot ${project.remote}`,
    );
    expect([few.code, few.errors()]).toEqual([
      2,
      expect.stringContaining('from 30 labels on, and 20 of the rows'),
    ]);
  });
});
