import { describeOptimizer } from '../../testing/describe-optimizer.ts';
import { channelEnsemble } from './channel-ensemble.ts';

describeOptimizer('channelEnsemble', () => channelEnsemble({ demos: 4 }));
