import { describe, expect, test } from 'vitest';
import { HoneError } from '../../base/errors.ts';
import type { Model } from '../../model/model.ts';
import { parameterOf } from '../../prompt/candidate.ts';
import { finishTriage } from '../../testing/triage-run.ts';
import { bootstrapFewShot } from '../method/bootstrap-few-shot.ts';
import { bootstrapRandomSearch } from '../method/bootstrap-random-search.ts';
import { demoSetRace } from '../method/demo-set-race.ts';

/** A model whose context ends at so many tickets. */
function shortContext(most: number): (model: Model) => Model {
  return (model) => {
    const check = ({ messages }: Parameters<Model['generate']>[0]) => {
      const tickets =
        messages
          .map(({ content }) => String(content))
          .join('')
          .match(/#\d{3} /g)?.length ?? 0;
      if (tickets > most) {
        throw new HoneError('The request is longer than the context.', {
          code: 'HONE_MODEL_CONTEXT_OVERFLOW',
        });
      }
    };
    return {
      ...model,
      generate: async (request, options) => {
        check(request);
        return model.generate(request, options);
      },
    };
  };
}

describe('demos that do not fit into the context', () => {
  test.each([
    ['demoSetRace', () => demoSetRace({ demos: 16, sets: 3 })],
    ['bootstrapFewShot', () => bootstrapFewShot({ demos: 16 })],
    ['bootstrapRandomSearch', () => bootstrapRandomSearch({ demos: 16, candidates: 3 })],
  ])('are halved until a row is answered, and it is said (%s)', async (_, optimizer) => {
    const { events, report } = await finishTriage({
      optimizer: optimizer(),
      choiceScores: false,
      around: shortContext(6),
    });
    const notices = events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
    expect(notices).toContainEqual(
      expect.stringContaining('16 demos is longer than the model’s context'.replace('’', "'")),
    );
    expect(notices).toContainEqual(expect.stringContaining('8 demos'));
    const shown = parameterOf(report.best.candidate, 'answer.demos', 'demos')?.sets[0]?.demos.length ?? 0;
    expect(shown).toBeGreaterThan(0);
    expect(shown).toBeLessThanOrEqual(5);
  });

  test('leave the seed where not even one fits', async () => {
    const { report } = await finishTriage({
      optimizer: demoSetRace({ demos: 4 }),
      choiceScores: false,
      around: shortContext(1),
    });
    expect(report.best.hash).toBe(report.seed.hash);
    expect(report.notices.join()).toContain('none is shown');
  });
});
