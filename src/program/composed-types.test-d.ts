import { expectTypeOf, it } from 'vitest';
import { signature } from '../signature/shorthand.ts';
import { bestOfN } from './best-of-n.ts';
import { branch } from './branch.ts';
import { majority } from './majority.ts';
import { multiChainComparison } from './multi-chain-comparison.ts';
import { parallel } from './parallel.ts';
import { pipeline } from './pipeline.ts';
import { predict } from './predict.ts';
import type { AnyProgram } from './program.ts';
import { refine } from './refine.ts';
import { renameSteps } from './rename-steps.ts';
import { withRowBudget } from './row-budget.ts';
import { selfRefine } from './self-refine.ts';
import { withPolicy } from './step-policy.ts';

const search = predict(signature('question, hint?: string -> query, sure: number'), { name: 'search' });
const answer = predict(signature('question, query -> answer: "yes" | "no"'), { name: 'answer' });
const explain = predict(signature('answer, tone: "kind" | "dry" -> text'), { name: 'explain' });

it('infers what a pipeline takes and gives from its steps', () => {
  const both = pipeline([search, answer]);
  expectTypeOf(both.run).parameter(0).toEqualTypeOf<{ readonly question: string; readonly hint?: string }>();
  expectTypeOf(both.run).returns.resolves.toEqualTypeOf<{ readonly answer: 'yes' | 'no' }>();
});

it('infers pipelines within pipelines', () => {
  const whole = pipeline([pipeline([search, answer], { name: 'inner' }), explain]);
  expectTypeOf(whole.run).parameter(0).toEqualTypeOf<{
    readonly question: string;
    readonly hint?: string;
    readonly tone: 'kind' | 'dry';
  }>();
  expectTypeOf(whole.run).returns.resolves.toEqualTypeOf<{ readonly text: string }>();
});

it('infers the outputs that a pipeline is asked for', () => {
  const both = pipeline([search, answer], { outputs: ['query', 'answer'] });
  expectTypeOf(both.run).returns.resolves.toEqualTypeOf<{
    readonly query: string;
    readonly answer: 'yes' | 'no';
  }>();
  // @ts-expect-error no step gives `anwser`
  pipeline([search, answer], { outputs: ['anwser'] });
});

it('refuses a step that takes another type than an earlier one gives, in a sentence', () => {
  const needsNumber = predict(signature('query: number -> total: number'), { name: 'total' });
  // @ts-expect-error “query” is of another type in the step that gives it
  pipeline([search, needsNumber]);
  // A narrower answer fits a wider input, not the other way round.
  const closed = predict(signature('query: "a" | "b" -> total: number'), { name: 'closed' });
  // @ts-expect-error “query” is of another type in the step that gives it
  pipeline([search, closed]);
});

it('refuses inputs that are missing, misspelt or of another type', () => {
  const both = pipeline([search, answer]);
  // @ts-expect-error `question` is missing
  void both.run({});
  // @ts-expect-error the input is called `question`
  void both.run({ qestion: 'Why?' });
  // @ts-expect-error `question` is a text
  void both.run({ question: 3 });
});

it('joins what parallel programs take and give, and refuses two that give the same', () => {
  const mood = predict(signature('text -> mood: "good" | "bad"'), { name: 'mood' });
  const topic = predict(signature('text, language -> topic'), { name: 'topic' });
  const both = parallel([mood, topic]);
  expectTypeOf(both.run).parameter(0).toEqualTypeOf<{ readonly text: string; readonly language: string }>();
  expectTypeOf(both.run).returns.resolves.toEqualTypeOf<{
    readonly mood: 'good' | 'bad';
    readonly topic: string;
  }>();
  const again = predict(signature('text -> topic'), { name: 'again' });
  // @ts-expect-error “topic” is given by a program before it
  parallel([topic, again]);
});

it('keeps the types of the program that is wrapped', () => {
  type Answer = { readonly answer: 'yes' | 'no' };
  const both = pipeline([search, answer]);
  expectTypeOf(majority(both, { field: 'answer' }).run).returns.resolves.toEqualTypeOf<Answer>();
  const limited = withRowBudget(renameSteps(both, 'a'), { calls: 3 });
  expectTypeOf(limited.run).returns.resolves.toEqualTypeOf<Answer>();
  expectTypeOf(limited.run)
    .parameter(0)
    .toEqualTypeOf<{ readonly question: string; readonly hint?: string }>();
  const safe = withPolicy(both, { onUnreadable: { use: { answer: 'no' } } });
  expectTypeOf(safe.run).returns.resolves.toEqualTypeOf<Answer>();
  refine(both, {
    reward: ({ outputs, inputs }) => (outputs.answer === 'yes' && inputs.question !== '' ? 1 : 0),
  });
  bestOfN(both, { reward: ({ outputs }) => ({ score: outputs.answer.length, feedback: 'short' }) });
  // @ts-expect-error there is no output `anwser`
  majority(both, { field: 'anwser' });
  // @ts-expect-error the answer is `yes` or `no`
  withPolicy(both, { onUnreadable: { use: { answer: 'maybe' } } });
  // @ts-expect-error a reward is a number
  bestOfN(both, { reward: ({ outputs }) => outputs.answer });
});

it('gives the outputs of whichever branch a row took', () => {
  const route = predict(signature('ticket -> queue: "refund" | "other"'), { name: 'route' });
  const refund = predict(signature('ticket, order -> reply'), { name: 'refund' });
  const other = predict(signature('ticket, queue -> link'), { name: 'other' });
  const desk = branch({ by: route, to: { refund, other } });
  expectTypeOf(desk.run).parameter(0).toEqualTypeOf<{ readonly ticket: string; readonly order: string }>();
  expectTypeOf(desk.run).returns.resolves.toEqualTypeOf<
    { readonly reply: string } | { readonly link: string }
  >();
});

it('adds what comparing and refining add, and nothing else', () => {
  const plain = signature('question -> answer: number');
  expectTypeOf(multiChainComparison(plain).run).returns.resolves.toEqualTypeOf<
    { readonly rationale: string } & { readonly answer: number }
  >();
  expectTypeOf(selfRefine(plain).run).returns.resolves.toEqualTypeOf<{ readonly answer: number }>();
});

it('streams an output of the program alone', () => {
  const both = pipeline([search, answer]);
  expectTypeOf(both.stream({ question: 'Why?' }, { field: 'answer' }).result).returns.resolves.toHaveProperty(
    'status',
  );
  // @ts-expect-error `query` is given by an inner step and not by the pipeline
  both.stream({ question: 'Why?' }, { field: 'query' });
});

it('takes programs whose fields are only known at run time', () => {
  const open: readonly AnyProgram[] = [search, answer];
  expectTypeOf(pipeline(open).run).parameter(0).toBeObject();
  pipeline([predict(signature('question -> answer' as string)), explain]);
});
