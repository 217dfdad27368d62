/** The part of jStat that `distributions.ts` uses; the package carries no types of its own. */
declare module 'jstat' {
  interface Special {
    gammaln(x: number): number;
    readonly normal: {
      cdf(x: number, mean: number, deviation: number): number;
      inv(p: number, mean: number, deviation: number): number;
    };
    readonly beta: { inv(p: number, alpha: number, beta: number): number };
    readonly studentt: { cdf(x: number, degrees: number): number; inv(p: number, degrees: number): number };
    readonly chisquare: { cdf(x: number, degrees: number): number };
  }
  const jStat: Special;
  export = jStat;
}
