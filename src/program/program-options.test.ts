import { describe, expect, test } from 'vitest';
import { signature } from '../signature/shorthand.ts';
import { bestOfN } from './best-of-n.ts';
import { branch } from './branch.ts';
import { chainOfThought } from './chain-of-thought.ts';
import { conductor } from './conductor.ts';
import { program } from './custom-program.ts';
import { embeddingIndex } from './embedding-index.ts';
import { ensemble } from './ensemble.ts';
import { freezeSteps } from './freeze-steps.ts';
import { keywordIndex } from './keyword-index.ts';
import { majority } from './majority.ts';
import { mcpTools } from './mcp-tools.ts';
import { multiChainComparison } from './multi-chain-comparison.ts';
import { multiHop } from './multi-hop.ts';
import { parallel } from './parallel.ts';
import { pipeline } from './pipeline.ts';
import { predict } from './predict.ts';
import { programOfThought } from './program-of-thought.ts';
import { react } from './react.ts';
import { refine } from './refine.ts';
import { retrieve } from './retrieve.ts';
import { withRowBudget } from './row-budget.ts';
import { selfRefine } from './self-refine.ts';
import { withPolicy } from './step-policy.ts';
import { textualGradientDescent } from './text-gradient.ts';
import { tool } from './tool.ts';
import { withTracing } from './tracing.ts';

const task = signature('question -> answer');
const step = predict(task);
const index = keywordIndex([{ id: '1', text: 'a' }]);
const add = tool('add', { description: 'Adds.' }, () => 1);
const reward = () => 1;
const embedding = { id: 'e', embed: async () => [] };

/** Options as code without types may give them. */
const odd = (given: object = {}) => ({ ...given, nmae: 'x' }) as never;

describe('an option that is none', () => {
  test.each<[string, () => unknown]>([
    ['predict', () => predict(task, odd())],
    ['predict', () => chainOfThought(task, odd())],
    ['bestOfN', () => bestOfN(step, odd({ reward }))],
    ['refine', () => refine(step, odd({ reward }))],
    ['majority', () => majority(step, odd())],
    ['selfRefine', () => selfRefine(task, odd())],
    ['multiChainComparison', () => multiChainComparison(task, odd())],
    ['ensemble', () => ensemble([step], odd())],
    ['parallel', () => parallel([step], odd())],
    ['branch', () => branch(odd({ by: () => 'a', to: { a: step } }))],
    ['pipeline', () => pipeline([step], odd())],
    ['programOfThought', () => programOfThought(task, odd())],
    ['conductor', () => conductor(task, odd())],
    ['react', () => react(task, odd({ tools: [add] }))],
    ['withPolicy', () => withPolicy(step, odd())],
    ['withRowBudget', () => withRowBudget(step, odd({ calls: 1 }))],
    ['withTracing', () => withTracing(step, odd())],
    ['retrieve', () => retrieve(index, odd())],
    ['multiHop', () => multiHop(task, odd({ index }))],
    ['keywordIndex', () => keywordIndex([{ id: '1', text: 'a' }], odd())],
    ['embeddingIndex', () => embeddingIndex([{ id: '1', text: 'a' }], odd({ model: embedding }))],
    ['freezeSteps', () => freezeSteps(step, odd())],
    ['tool', () => tool('add', odd({ description: 'Adds.' }), () => 1)],
    ['textualGradientDescent', () => textualGradientDescent([], odd())],
    [
      'program',
      () => program('own', odd({ signature: task, steps: { step } }), async () => ({ answer: '' })),
    ],
  ])('of %s is refused by its name', (of, make) => {
    expect(make).toThrow(`${of} has no option "nmae".`);
  });

  test('of mcpTools is refused before a server is started', async () => {
    await expect(mcpTools(odd({ command: 'none' }))).rejects.toThrow('mcpTools has no option "nmae".');
  });

  test('names the one that is meant, and all that there are', () => {
    const make = () => majority(step, { sampels: 3 } as never);
    expect(make).toThrow(expect.objectContaining({ hint: expect.stringMatching(/^Did you mean samples\?/) }));
    expect(() => majority(step, 'three' as never)).toThrow("majority: the options are 'three'");
  });

  test.each([
    [{ onError: { again: 2, otherwize: 'fail' } }],
    [{ onError: {} }],
    [{ onTimeout: 'ignore' }],
    [{ onUnreadable: { use: {}, ask: step } }],
    [{ onOverflow: { again: 1, otherwise: { retry: 3 } } }],
  ])('of a remedy is refused: %j', (policy) => {
    expect(() => withPolicy(step, policy as never)).toThrow(/is no remedy/);
  });

  test.each([
    [{ temperature: 3 }],
    [{ temperature: 'hot' }],
    [{ maxOutputTokens: 0 }],
    [{ maxOutputTokens: 1.5 }],
  ])('of a step has a value that it can have: %j', (given) => {
    expect(() => predict(task, given as never)).toThrow(
      expect.objectContaining({ code: 'HONE_OPTION_INVALID' }),
    );
  });
});
