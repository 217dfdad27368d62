import { describeOptimizer } from '../testing/describe-optimizer.ts';
import { bootstrapRandomSearch } from './bootstrap-random-search.ts';

describeOptimizer('bootstrapRandomSearch', () => bootstrapRandomSearch({ candidates: 4, demos: 6 }));
