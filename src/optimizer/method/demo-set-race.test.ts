import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { demoSetRace } from './demo-set-race.ts';

describeOptimizer('demoSetRace', () => demoSetRace({ sets: 3, demos: 6, votes: 3 }));
describeOptimizer('demoSetRace on a model that writes', () => demoSetRace({ sets: 3, demos: 6, votes: 3 }), {
  choiceScores: false,
});
