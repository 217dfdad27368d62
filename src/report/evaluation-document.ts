import type { EvaluationView } from './report.ts';

/** The summary of an evaluation as one JSON document. */
export function evaluationDocument({ name, model, evaluation, notes, columns }: EvaluationView) {
  return { schemaVersion: 1, kind: 'evaluation', name, model, ...evaluation, columns, notes } as const;
}
