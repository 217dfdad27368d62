import { expectTypeOf, it } from 'vitest';
import type { JsonObject } from '../base/json.ts';
import { signature } from '../signature/shorthand.ts';
import { loadPrompt, type PromptMessage } from './load-prompt.ts';

it('takes the inputs and gives the outputs of its signature', async () => {
  const triage = await loadPrompt('winner.md', {
    signature: signature("ticket -> category: 'billing' | 'refunds'"),
  });
  expectTypeOf(triage.run).parameter(0).toEqualTypeOf<{ readonly ticket: string }>();
  expectTypeOf(triage.read('billing')).toEqualTypeOf<{ readonly category: 'billing' | 'refunds' }>();
  expectTypeOf(triage.messages({ ticket: 'x' })).toEqualTypeOf<PromptMessage[]>();
  // @ts-expect-error the input is called `ticket`
  void triage.messages({ tikcet: 'x' });
});

it('without a signature takes and gives JSON', async () => {
  const triage = await loadPrompt('winner.md');
  expectTypeOf(triage.run).parameter(0).toEqualTypeOf<JsonObject>();
  expectTypeOf(triage.run({})).resolves.toEqualTypeOf<JsonObject>();
});
