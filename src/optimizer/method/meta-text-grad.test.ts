import { describe, expect, test } from 'vitest';
import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { finishRules, textOfCall } from '../../testing/rule-run.ts';
import { ruleReflection } from '../../testing/rule-task.ts';
import { gepa } from './gepa.ts';
import { metaPrompt } from './meta-prompt.ts';
import { metaTextGrad } from './meta-text-grad.ts';

const quick = {
  climb: (prompts?: Readonly<Record<string, string>>) => gepa({ rounds: 1, patience: 1, prompts }),
  once: (prompts?: Readonly<Record<string, string>>) => metaPrompt({ rounds: 1, prompts }),
};
const small = () => metaTextGrad({ optimizers: quick, proposals: 1, compositions: 1, stages: 2 });

describeOptimizer('metaTextGrad', small, { reflectionModel: ruleReflection });

/** Rewrites the prompts of optimizers and composes them, and reflects like the other one. */
const meta = (compose: object) => {
  const plain = ruleReflection();
  return {
    onCall: (request: Parameters<typeof textOfCall>[0]['request']) => {
      const text = request.messages.map(({ content }) => String(content)).join('\n');
      if (text.includes('must watch for on this very task')) {
        return JSON.stringify({
          watch: 'words',
          rewritten: [
            { name: 'rewrite', instructions: 'MIND THE WORDS and write the text anew.' },
            { name: 'unknown', instructions: 'x' },
          ],
        });
      }
      return text.includes('Compose them: in a row')
        ? JSON.stringify({ reason: 'r', ...compose })
        : undefined;
    },
    plain,
  };
};

describe('metaTextGrad', () => {
  test('tries optimizers with the prompts that were written for the task', async () => {
    const { onCall } = meta({ how: 'in a row', names: ['once', 'climb'] });
    const { reflections, events, report } = await finishRules({ optimizer: small(), reflection: { onCall } });
    expect(reflections.some((call) => textOfCall(call).startsWith('MIND THE WORDS'))).toBe(true);
    const phases = events.flatMap((event) => (event.type === 'phase-started' ? [event.phase] : []));
    expect(phases).toEqual(
      expect.arrayContaining(['climb as it is', 'climb, version 1', 'composition 1: once -> climb (2)']),
    );
    expect(report.validation.winner ?? 0).toBeGreaterThan(report.validation.seed ?? 1);
  });

  test('runs optimizers apart where it is told so, and none that is not there', async () => {
    const { onCall } = meta({ how: 'apart', names: ['nobody', 'climb', 'once', 'climb'] });
    const { events } = await finishRules({ optimizer: small(), reflection: { onCall } });
    const phases = events.flatMap((event) => (event.type === 'phase-started' ? [event.phase] : []));
    expect(phases.filter((phase) => phase.startsWith('composition'))).toEqual([
      'composition 1: climb | once (1)',
      'composition 1: climb | once (2)',
    ]);
  });

  test('shows what earlier versions came to', async () => {
    const { reflections } = await finishRules({
      optimizer: metaTextGrad({ optimizers: { climb: quick.climb }, proposals: 2, compositions: 0 }),
      reflection: { onCall: meta({}).onCall },
    });
    const asked = reflections.filter(({ draw }) => draw.includes('retune/climb-1')).map(textOfCall);
    expect(asked.join()).toMatch(/"score"\s*:\s*\d+/);
    expect(asked.join()).toContain('MIND THE WORDS');
  });
});
