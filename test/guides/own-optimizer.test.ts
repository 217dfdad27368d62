import { describeOptimizer, scriptedModel } from 'hone-ai/testing';
import { rewriteFailures } from '../../examples/write-your-own/optimizer.ts';

/** Learns what the tickets are about, each time in other words. */
const reflectionModel = () =>
  scriptedModel({
    id: 'scripted/reflection',
    respond: (_, { draw }) =>
      JSON.stringify({ improved: `Look at the telling words, way ${draw.replaceAll('/', ' ')}.` }),
  });

describeOptimizer('an optimizer of your own', () => rewriteFailures({ rounds: 2 }), { reflectionModel });

describeOptimizer('an optimizer of your own, on a model that writes', () => rewriteFailures({ rounds: 2 }), {
  reflectionModel,
  choiceScores: false,
});
