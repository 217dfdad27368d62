import { expectTypeOf, it } from 'vitest';
import type { Dataset } from '../dataset/dataset.ts';
import { predict } from '../program/predict.ts';
import type { Scorer } from '../scorer/scorer.ts';
import { signature } from '../signature/shorthand.ts';
import { defineConfig } from './define-config.ts';
import { evaluate, optimize } from './library.ts';

declare const dataset: Dataset;
declare const scorer: Scorer;
const program = predict(signature("ticket -> category: 'billing' | 'refunds'"));

it('takes typed programs, names of models and of optimizers', () => {
  const run = optimize({
    program,
    dataset,
    scorer,
    optimizer: 'auto',
    model: 'openai/gpt-5-mini',
    budget: { usd: 2 },
  });
  expectTypeOf(run.id).toEqualTypeOf<Promise<string>>();
  expectTypeOf(evaluate({ program, dataset, scorer }).id).toEqualTypeOf<Promise<string>>();
  // @ts-expect-error a program is needed
  optimize({ dataset, scorer });
  // @ts-expect-error dollars are a number
  optimize({ program, dataset, scorer, budget: { usd: '2' } });
});

it('takes typed programs in a config, and keeps the names of its targets', () => {
  const config = defineConfig({ targets: { triage: { program, dataset, scorer } } });
  expectTypeOf(config.targets.triage.program).toEqualTypeOf(program);
  // @ts-expect-error a target has rows
  defineConfig({ targets: { triage: { program } } });
});
