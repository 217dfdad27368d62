import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chatCompletion, type LoopbackServer, openLoopbackServer } from '../testing/loopback-server.ts';
import { type AskedBody, rowsText, type ScriptedProject, scriptedProject } from './scripted-project.ts';

const openServer = (answer: (body: AskedBody, index: number) => string) =>
  openLoopbackServer(({ body }, index) => ({ body: chatCompletion(answer(body, index)) }));

let project: ScriptedProject<LoopbackServer>;
const [header = '', ...rows] = rowsText(200).trimEnd().split('\n');
const table = (lines: readonly string[], head = header) => `${[head, ...lines].join('\n')}\n`;
const parts = { train: rows.slice(0, 80), validation: rows.slice(80, 130), test: rows.slice(130) };

beforeEach(async () => {
  project = await scriptedProject(openServer);
  for (const [part, lines] of Object.entries(parts)) project.write(`${part}.csv`, table(lines));
  const named = Object.entries(parts).flatMap(([part, lines]) =>
    lines.map((line) => `${line},${spelled[part]}`),
  );
  project.write('parted.csv', table(named, `${header},part`));
});
afterEach(() => project[Symbol.asyncDispose]());

const spelled: Readonly<Record<string, string>> = { train: 'train', validation: 'dev', test: 'TEST' };
const files = '--train train.csv --validation validation.csv --test test.csv';
const flags = () => `--expected kind ${project.remote} --optimizer labeledFewShot -q`;

describe('rows whose roles are given', () => {
  test.each([
    ['by files', files],
    ['by a column', '--data parted.csv --split-column part'],
  ])('%s are used as they are', async (_, given) => {
    const { code, output } = await project.hone(`optimize prompt.md ${given} ${flags()} --json`);
    expect(code).toBe(0);
    const report = JSON.parse(output());
    expect(report.sealedTest).toMatchObject({ rows: 70, method: 'held-out' });
    const sealed = project.read(`.hone/reports/${report.runId}/sealed-rows.jsonl`).trim().split('\n');
    expect(sealed.map((line) => JSON.parse(line).text)).toEqual(
      parts.test.map((line) => line.slice(0, line.indexOf(','))),
    );
    // The column that says what a row is for is shown to nobody.
    for (const { body } of project.server.requests) expect(JSON.stringify(body)).not.toMatch(/TEST|"dev"/);
  });

  test('are counted in a dry run, and evaluated together', async () => {
    const plan = await project.hone(`optimize prompt.md ${files} ${flags()} --dry-run`);
    expect(plan.output()).toContain('200: 80 train, 50 validation, 70 sealed test');
    const evaluated = await project.hone(`eval prompt.md ${files} --expected kind ${project.remote} --json`);
    expect(JSON.parse(evaluated.output()).summaries[0].rows).toBe(200);
  });

  test('may be named by a target of a config file', async () => {
    project.write(
      'hone.config.mjs',
      `export default { targets: { fruit: { prompt: 'prompt.md', dataset: { file: { train: 'train.csv', validation: 'validation.csv', test: 'test.csv' }, expected: ['kind'] } } } };`,
    );
    const { output } = await project.hone(
      `optimize fruit --config hone.config.mjs ${project.remote} --optimizer labeledFewShot -q --json`,
    );
    expect(JSON.parse(output()).sealedTest.rows).toBe(70);
  });

  test.each([
    ['two of three files', '--train train.csv --test test.csv', /A file for each role is needed/],
    ['files and --data', `${files} --data train.csv`, /given twice/],
    ['files and a column', `${files} --split-column part`, /given twice/],
    ['a role that is none', '--data parted.csv --split-column text --inputs part', /row 1: .* is no role/],
    ['the answer as the role', '--data parted.csv --split-column kind', /"kind" cannot say/],
    ['a sample of them', `${files} --first 10`, /used as they are/],
    ['leaks where there can be none', '--data train.csv --allow-leaks', /Nothing can leak/],
    ['a copy in the test', '--train train.csv --validation validation.csv --test train.csv', /copy/],
    ['a group that is no column', '--data train.csv --group-by customer', /no column "customer"/],
  ])('are refused with %s', async (_, given, message) => {
    const { code, errors } = await project.hone(`optimize prompt.md ${given} ${flags()}`);
    expect(code).toBe(2);
    expect(errors()).toMatch(message);
    expect(project.server.requests).toEqual([]);
  });

  test('may leak where that is allowed, and the report says so', async () => {
    project.write('leaky.csv', table([...parts.train.slice(0, 10), ...parts.test]));
    const given = '--train train.csv --validation validation.csv --test leaky.csv --allow-leaks';
    const { output } = await project.hone(`optimize prompt.md ${given} ${flags()} --json`);
    expect(JSON.parse(output()).notices.join()).toContain('the proof is weaker for it');
  });
});

test('rows of a group stay on one side and count once', async () => {
  const grouped = rows.map((row, index) => `${row},customer ${index % 90}`);
  project.write('grouped.csv', table(grouped, `${header},customer`));
  const { output } = await project.hone(
    `optimize prompt.md --data grouped.csv --group-by customer ${flags()} --json`,
  );
  const report = JSON.parse(output());
  expect(report.notices.join()).toContain('share a group');
  expect(report.sealedTest.clusters).toBeLessThan(report.sealedTest.rows);
  for (const { body } of project.server.requests) expect(JSON.stringify(body)).not.toContain('customer');
});

test('what the prompt sees is not the right answer', async () => {
  const { code, errors } = await project.hone(
    `eval prompt.md --data train.csv --inputs text,kind --expected kind ${project.remote}`,
  );
  expect([code, errors()]).toEqual([
    2,
    expect.stringContaining('both what the prompt sees and the right answer'),
  ]);
});
