import type { Clock } from '../base/clock.ts';
import type { Workspace } from '../config/workspace.ts';
import type { Registry } from '../registry/registry.ts';
import type { Boards } from './boards.ts';
import type { Comparisons } from './comparisons.ts';
import type { Jobs } from './jobs.ts';
import type { RowIndexes } from './row-index.ts';
import type { RunMatrices } from './run-matrix.ts';

/** What the routes work with. */
export interface Setting {
  readonly workspace: Workspace;
  readonly registry: Registry;
  readonly indexes: RowIndexes;
  readonly comparisons: Comparisons;
  readonly matrices: RunMatrices;
  readonly jobs: Jobs;
  readonly boards: Boards;
  readonly clock: Clock;
  /** Who acts, for the record of promotions. */
  readonly actor: string;
  /** Of this package. */
  readonly version: string;
}
