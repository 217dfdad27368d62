import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../base/error-codes.ts';
import { HoneError } from '../base/errors.ts';
import { callPath } from '../model/middleware/call-path.ts';
import { program as custom } from '../program/custom-program.ts';
import { predict } from '../program/predict.ts';
import type { Program } from '../program/program.ts';
import { hashCandidate } from '../prompt/candidate.ts';
import { scorer } from '../scorer/custom-scorer.ts';
import { exactMatch } from '../scorer/exact-match.ts';
import type { Scorer } from '../scorer/scorer.ts';
import { signature } from '../signature/shorthand.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { type ScriptedModelOptions, type ScriptedReply, scriptedModel } from '../testing/scripted-model.ts';
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

  test('of a prompt that is too long leaves the row without a value', async () => {
    const { outcome } = await answerRow(job, failing(fault('HONE_MODEL_CONTEXT_OVERFLOW')));
    expect(outcome).toMatchObject({
      status: 'infrastructure-error',
      code: 'HONE_MODEL_CONTEXT_OVERFLOW',
      reason: 'It went wrong.',
    });
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

  test.each<[string, Scorer]>([
    [
      'made of a function',
      scorer('broken', () => {
        throw new TypeError('x is not a function');
      }),
    ],
    [
      'written as an object',
      {
        ...exactMatch('age'),
        score: () => {
          throw new TypeError('x is not a function');
        },
      },
    ],
  ])('of a scorer %s loses the row, and takes what the answer took', async (_, broken) => {
    const { outcome, usage, outputs } = await answerRow(job, answering('36', { scorers: [broken] }));
    expect(outcome).toMatchObject({
      status: 'infrastructure-error',
      code: 'HONE_SCORER_FAILED',
      reason: expect.stringContaining('x is not a function'),
    });
    expect([usage.calls, outputs]).toEqual([1, { age: 36 }]);
  });

  test('of a model that throws without a code loses the row', async () => {
    const { outcome } = await answerRow(job, failing(new TypeError('a bug')));
    expect(outcome).toMatchObject({
      status: 'infrastructure-error',
      code: 'HONE_MODEL_BAD_REPLY',
      reason: 'The model scripted/model threw: a bug',
    });
  });

  test('by which the provider is gone is thrown: it is no fault of this row', async () => {
    const gone = new HoneError('Gone.', { code: 'HONE_MODEL_SERVER', facts: { providerGone: true } });
    await expect(answerRow(job, failing(gone))).rejects.toBe(gone);
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

describe('a program of two steps', () => {
  const first = predict(signature('text -> query'), { name: 'first' });
  const second = predict(signature('query -> age: integer'), { name: 'second' });
  const usage = { inputTokens: 10, outputTokens: 1 };

  function taskOf(
    code: () => number,
    changes: Partial<RowTask> & Partial<ScriptedModelOptions> = {},
  ): RowTask {
    const { failures, ...rest } = changes;
    const twoSteps = custom(
      'two',
      { signature: signature('text -> age: integer'), steps: { first, second } },
      async ({ inputs, steps }) => {
        const { query } = await steps.first(inputs);
        const age = code();
        await steps.second({ query });
        return { age };
      },
    );
    const price = { input: 1e6, output: 1e6 };
    const model = callPath(scriptedModel({ replies: ['36'], failures, usage, price }));
    const clock = fakeClock();
    return {
      program: twoSteps as unknown as Program,
      model,
      scorers: [exactMatch('age')],
      clock: { ...clock, sleep: async () => undefined },
      ...rest,
    };
  }
  const twoStepJob = { ...job, candidate: {} };

  test('whose second call fails keeps what the first took', async () => {
    const down = fault('HONE_MODEL_REJECTED');
    const { outcome, usage: used } = await answerRow(
      twoStepJob,
      taskOf(() => 36, { failures: [undefined, down] }),
    );
    expect(outcome).toMatchObject({ status: 'infrastructure-error', code: 'HONE_MODEL_REJECTED' });
    expect(used).toMatchObject({
      calls: 1,
      failedCalls: 1,
      inputTokens: 10,
      costUsd: 11,
      requests: [{ role: 'task', costUsd: 11, tokens: 11 }],
    });
  });

  test('whose code throws has failed with the message, and keeps what it took', async () => {
    const broken = taskOf(() => {
      throw new RangeError('no such passage');
    });
    const { outcome, usage: used } = await answerRow(twoStepJob, broken);
    expect(outcome).toEqual({ status: 'failed', value: 0, feedback: 'no such passage', text: '' });
    expect(used).toMatchObject({ calls: 1, costUsd: 11 });
  });

  test('whose code says that a service is down is tried again, and then lost', async () => {
    let tries = 0;
    const flaky = (until: number) => () => {
      tries += 1;
      if (tries < until) throw new HoneError('The index is down.', { code: 'HONE_SERVICE_UNAVAILABLE' });
      return 36;
    };
    const healed = await answerRow(twoStepJob, taskOf(flaky(3)));
    expect([healed.outcome.status, tries]).toEqual(['scored', 3]);
    tries = 0;
    const lost = await answerRow(twoStepJob, taskOf(flaky(9)));
    expect([lost.outcome, tries]).toEqual([
      { status: 'infrastructure-error', code: 'HONE_SERVICE_UNAVAILABLE', reason: 'The index is down.' },
      3,
    ]);
  });
});

describe('a judge', () => {
  const judgeModel = scriptedModel({ replies: ['yes'], usage: { inputTokens: 100, outputTokens: 5 } });
  const judge = scorer('judge', async ({ ask, outputs }) => {
    return (await ask(`Is ${outputs.age} an age?`)) === 'yes';
  });

  test('is counted with the row, by its role', async () => {
    const task = answering('36', { scorers: [judge], models: { judge: judgeModel } });
    const { outcome, usage } = await answerRow(job, task);
    expect(outcome).toMatchObject({ status: 'scored', value: 1 });
    expect(usage).toMatchObject({ calls: 2, requests: [{ role: 'task' }, { role: 'judge', tokens: 105 }] });
    expect(judgeModel.calls[0]?.draw).toBe('0');
  });

  test('without a model is an error of the call, not of each row', async () => {
    await expect(answerRow(job, answering('36', { scorers: [judge] }))).rejects.toMatchObject({
      code: 'HONE_OPTION_INVALID',
      message: expect.stringContaining('"judge"'),
    });
  });
});
