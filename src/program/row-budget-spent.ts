/** Thrown in the place of a call that a row has no budget for; the step that asked has then failed. */
export class RowBudgetSpent extends Error {
  override readonly name = 'RowBudgetSpent';
}
