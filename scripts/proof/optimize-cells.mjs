export const optimizeCells = [];
export async function runOptimizeCell() {
  throw new Error('No cells yet.');
}
