import { describeOptimizer } from '../testing/describe-optimizer.ts';
import { calibrate } from './calibrate.ts';

describeOptimizer('calibrate', () => calibrate());
