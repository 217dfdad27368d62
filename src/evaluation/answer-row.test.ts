import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../base/error-codes.ts';
import { HoneError } from '../base/errors.ts';
import { predict } from '../program/predict.ts';
import type { Program } from '../program/program.ts';
import { hashCandidate } from '../prompt/candidate.ts';
import { scorer } from '../scorer/custom-scorer.ts';
import { exactMatch } from '../scorer/exact-match.ts';
import type { Scorer } from '../scorer/scorer.ts';
import { signature } from '../signature/shorthand.ts';
import { type ScriptedReply, scriptedModel } from '../testing/scripted-model.ts';
import { answerRow, type RowJob, type RowTask } from './answer-row.ts';

const program = predict(signature('text -> age: integer')) as unknown as Program;
const example = { id: 'ada', inputs: { text: 'Ada, 36' }, expected: { age: 36 } };
const job: RowJob = {
  candidate: program.seed,
  hash: hashCandidate(program.seed),
  example,
  trial: 0,
};

function answering(reply: ScriptedReply, changes: Partial<RowTask> = {}): RowTask {
  return { program, model: scriptedModel({ replies: [reply] }), scorers: [exactMatch('age')], ...changes };
}

function failing(thrown: unknown, changes: Partial<RowTask> = {}): RowTask {
  return answering('36', { model: scriptedModel({ replies: ['36'], failures: [thrown] }), ...changes });
}

const fault = (code: ErrorCode) => new HoneError('It went wrong.', { code });

describe('the outcome of a row', () => {
  test.each([
    { what: 'right', reply: '36', outcome: { status: 'scored', value: 1 } },
    { what: 'wrong', reply: '37', outcome: { status: 'scored', value: 0, feedback: expect.any(String) } },
    {
      what: 'unreadable',
      reply: 'I do not know.',
      outcome: { status: 'failed', value: 0, text: 'I do not know.', feedback: expect.any(String) },
    },
    {
      what: 'cut off',
      reply: { text: '', finishReason: 'length' as const },
      outcome: { status: 'failed', value: 0, text: '', feedback: expect.stringContaining('cut off') },
    },
  ])('of an answer that is $what is $outcome.status', async ({ reply, outcome }) => {
    const result = await answerRow(job, answering(reply));
    expect(result.outcome).toMatchObject(outcome);
    expect(result).toMatchObject({ candidate: job.hash, exampleId: 'ada', trial: 0, expected: { age: 36 } });
  });

  test('without a label is unscored', async () => {
    const unlabelled = { ...job, example: { id: 'x', inputs: example.inputs } };
    const { outcome } = await answerRow(unlabelled, answering('36'));
    expect(outcome).toMatchObject({ status: 'unscored' });
  });

  test('that failed has the fail value of the scorer', async () => {
    const lenient = scorer('lenient', () => true, { failValue: 0.25 });
    const { outcome } = await answerRow(job, answering('none', { scorers: [lenient] }));
    expect(outcome).toMatchObject({ status: 'failed', value: 0.25 });
  });

  test('by every further scorer is kept by its name', async () => {
    const graded = scorer('graded', () => ({ score: 0.5, feedback: 'Half.' }));
    const { outcome, others } = await answerRow(
      job,
      answering('36', { scorers: [exactMatch('age'), graded] }),
    );
    expect(outcome).toMatchObject({ value: 1 });
    expect(others).toEqual({ graded: { status: 'scored', value: 0.5, feedback: 'Half.' } });
  });
});

describe('a fault', () => {
  test.each<ErrorCode>([
    'HONE_MODEL_RATE_LIMITED',
    'HONE_MODEL_SERVER',
    'HONE_MODEL_TIMEOUT',
    'HONE_MODEL_UNREACHABLE',
    'HONE_MODEL_BAD_REPLY',
    'HONE_MODEL_REJECTED',
  ])('%s of the model loses the row, and takes nothing', async (code) => {
    const { outcome, usage } = await answerRow(job, failing(fault(code)));
    expect(outcome).toEqual({ status: 'infrastructure-error', code, reason: 'It went wrong.' });
    expect(usage).toMatchObject({ calls: 0, costUsd: 0 });
  });

  test('of a judge loses the row as well, never scores it', async () => {
    const judge: Scorer = {
      ...exactMatch('age'),
      score: () => {
        throw fault('HONE_MODEL_SERVER');
      },
    };
    const { outcome } = await answerRow(job, answering('36', { scorers: [judge] }));
    expect(outcome).toMatchObject({ status: 'infrastructure-error', code: 'HONE_MODEL_SERVER' });
  });

  test('of a prompt that is too long is the candidate’s failure', async () => {
    const { outcome } = await answerRow(job, failing(fault('HONE_MODEL_CONTEXT_OVERFLOW')));
    expect(outcome).toMatchObject({ status: 'failed', value: 0, feedback: 'It went wrong.' });
  });

  test.each<ErrorCode>([
    'HONE_MODEL_AUTHENTICATION',
    'HONE_MODEL_UNKNOWN',
    'HONE_BUDGET_EXHAUSTED',
    'HONE_MISSING_DEPENDENCY',
    'HONE_ANSWER_MISSING',
    'HONE_STORE_CORRUPTED',
  ])('%s, which every row would meet, is thrown', async (code) => {
    await expect(answerRow(job, failing(fault(code)))).rejects.toMatchObject({ code });
  });

  test('of the scorer is thrown: a broken scorer judges nothing', async () => {
    const broken = scorer('broken', () => {
      throw new TypeError('undefined is not a function');
    });
    await expect(answerRow(job, answering('36', { scorers: [broken] }))).rejects.toMatchObject({
      code: 'HONE_SCORER_FAILED',
    });
  });

  test('that no one foresaw is thrown', async () => {
    await expect(answerRow(job, failing(new TypeError('a bug')))).rejects.toThrow('a bug');
  });

  test('after an abort is the abort, not a lost row', async () => {
    const controller = new AbortController();
    const model = scriptedModel({
      respond: () => {
        controller.abort();
        throw fault('HONE_MODEL_SERVER');
      },
    });
    const task = answering('36', { model, signal: controller.signal });
    await expect(answerRow(job, task)).rejects.toMatchObject({ code: 'HONE_MODEL_SERVER' });
  });
});

describe('what a row keeps', () => {
  test('is the trace only when asked for', async () => {
    expect(await answerRow(job, answering('36'))).not.toHaveProperty('trace');
    const { trace } = await answerRow(job, answering('36', { traces: true }));
    expect(trace).toMatchObject([{ kind: 'predict', step: 'answer', text: '36' }]);
  });
});
