import type { RowStatus } from '../../../src/server/views.ts';

/** What became of a row, in a word. */
export const statusLabels: Readonly<Record<RowStatus, string>> = {
  wrong: 'Wrong',
  partial: 'Partly',
  right: 'Right',
  failed: 'Unusable',
  lost: 'Lost',
  unscored: 'Unscored',
};
