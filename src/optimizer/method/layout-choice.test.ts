import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { layoutChoice } from './layout-choice.ts';

describeOptimizer('layoutChoice', () => layoutChoice({ demos: 6 }));
describeOptimizer('layoutChoice on a model that writes', () => layoutChoice({ demos: 6 }), {
  choiceScores: false,
});
