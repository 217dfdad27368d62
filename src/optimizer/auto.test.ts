import { describeOptimizer } from '../testing/describe-optimizer.ts';
import { auto } from './auto.ts';

describeOptimizer('auto on a model that scores choices', () => auto());
describeOptimizer('auto on a model that writes', () => auto(), { choiceScores: false });
