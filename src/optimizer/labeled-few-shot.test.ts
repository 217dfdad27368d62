import { describeOptimizer } from '../testing/describe-optimizer.ts';
import { labeledFewShot } from './labeled-few-shot.ts';

describeOptimizer('labeledFewShot', () => labeledFewShot({ demos: 6 }));
