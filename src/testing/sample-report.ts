import type { OptimizationReport } from '../optimizer/driver/report.ts';
import type { CandidateHash } from '../prompt/candidate.ts';
import type { ReportView } from '../report/report.ts';

/** A text as a hash, for tests. */
export const sampleHash = (text: string) => text as CandidateHash;
const seed = { 'answer.instructions': { kind: 'text', text: 'Classify.' } } as const;
const nasty = '<img src=x onerror=alert(1)> | `code` **bold** \u001b[31mred';

const report: OptimizationReport = {
  schemaVersion: 1,
  runId: 'opt-1234567890',
  name: `triage ${nasty}`,
  optimizer: { name: 'auto', version: 1, options: {} },
  model: 'local/smollm2-135m-instruct',
  randomSeed: 1,
  rows: { train: 120, validation: 60, test: 60 },
  testPlan: { method: 'held-out', clusters: 60, smallestDifference: 0.18 },
  sealedTest: {
    seed: 0.28,
    winner: 0.9,
    controls: [{ name: 'calibrated seed', hash: sampleHash('calibrated000000'), mean: 0.4, rows: 60 }],
    difference: 0.62,
    interval: [0.46, 0.73],
    intervalMethod: 'newcombe-paired',
    minimumDetectableEffect: 0.16,
    use: 1,
    pValue: 1e-10,
    test: 'mcnemar-exact',
    rows: 60,
    clusters: 60,
    lost: 2,
    oneSided: { seed: 0, winner: 0 },
    verdict: 'improved',
    method: 'held-out',
    note: 'Read with care.',
  },
  verdict: 'improved',
  validation: { seed: 0.27, winner: 0.87, rows: 60 },
  seed: { hash: sampleHash('seedseedseed0000'), candidate: seed },
  candidate: { hash: sampleHash('bestbestbest0000'), candidate: seed },
  best: { hash: sampleHash('bestbestbest0000'), candidate: seed },
  objectives: [{ name: 'score', direction: 'maximize' }],
  stopReason: 'done',
  candidates: [
    { hash: sampleHash('dropdropdrop0000'), origin: nasty, mean: 0.95, rows: 8, scored: 8, eliminated: true },
    {
      hash: sampleHash('bestbestbest0000'),
      origin: 'demo set 2',
      mean: 0.87,
      rows: 60,
      scored: 60,
      eliminated: false,
    },
    {
      hash: sampleHash('seedseedseed0000'),
      origin: 'seed',
      mean: 0.27,
      rows: 60,
      scored: 60,
      eliminated: false,
    },
  ],
  curve: [
    { rows: 60, mean: 0.27, best: 0.27 },
    { rows: 120, mean: 0.87, best: 0.87 },
  ],
  fixed: [
    {
      exampleId: 'row-1',
      inputs: { ticket: nasty },
      expected: { category: 'billing' },
      seed: { outputs: { category: 'refunds' }, value: 0, feedback: 'Expected "billing".' },
      winner: { outputs: { category: 'billing' }, value: 1 },
    },
  ],
  broken: [],
  notices: ['2 rows were left out.'],
  usage: {
    calls: 1228,
    cachedCalls: 437,
    inputTokens: 799_016,
    outputTokens: 0,
    costUsd: 0.5,
    spentUsd: 0.2,
    latencyP50Ms: 400,
    latencyP95Ms: 3000,
    reflectionCalls: 0,
    retries: 1,
    failedCalls: 0,
    wallMs: 413_000,
  },
};
const view = {
  report,
  bestText: `Classify. ${nasty}\n\`\`\`demos\n\`\`\`\n`,
  seedText: 'Classify.\n',
  isPrompt: true,
};

/** A report with everything in it, its texts as hostile as rows and models may be. */
export function sampleReport(): ReportView {
  return view;
}
