import { describeOptimizer } from '../testing/describe-optimizer.ts';
import { bootstrapFewShot } from './bootstrap-few-shot.ts';

describeOptimizer('bootstrapFewShot', () => bootstrapFewShot({ bootstrapped: 3, demos: 6 }));
