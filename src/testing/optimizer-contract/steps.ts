import type { RowResult } from '../../evaluation/evaluation.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import { openMemoryStore } from '../../store/open-store.ts';
import type { Store } from '../../store/store.ts';
import type { ContractCheck } from '../contract-check.ts';
import { stepOf, triageInSteps } from '../steps-task.ts';
import { expect } from '../test-runner.ts';
import { serverError } from '../triage-run.ts';
import type { Trial } from './trial.ts';

/** A program of two steps and three calls a row, whose second step is at fault. */
export function stepChecks(trial: Trial): readonly ContractCheck[] {
  const { finish, undisturbed, split, needs, reflects, noSteps } = trial;
  return [
    {
      title: 'leaves rows out that the second step lost, with what the first step took on the bill',
      skip: noSteps,
      check: async () => {
        await using store = await openMemoryStore();
        const lost = [split.train[0]?.id, split.validation[1]?.id, split.test[2]?.id];
        const { report } = await finish({
          store,
          task: 'two steps',
          onCall: ({ rowId, draw }) => {
            if (lost.includes(rowId) && stepOf(draw) === 'sort') throw serverError();
          },
        });
        expect(report.sealedTest).toMatchObject({ rows: split.test.length - 1, lost: 1 });
        const rows = (await rowsOf(store, report.runId)).filter(({ exampleId }) => lost.includes(exampleId));
        expect(rows.length).toBeGreaterThanOrEqual(3);
        for (const { outcome, usage } of rows) {
          expect(outcome.status).toBe('infrastructure-error');
          expect(usage.calls).toBeGreaterThanOrEqual(2);
          expect(usage.failedCalls).toBeGreaterThanOrEqual(1);
        }
      },
    },
    {
      title: 'works on the second step where that is the one at fault',
      skip: noSteps,
      check: async () => {
        const { events, store } = await undisturbed('two steps');
        const changed = new Set<string>();
        for (const event of events) {
          if (event.type !== 'candidate-proposed') continue;
          const candidate = (await store.candidates.read(event.candidate)) as unknown as Candidate;
          for (const [name, parameter] of Object.entries(candidate)) {
            if (JSON.stringify(parameter) !== JSON.stringify(triageInSteps.seed[name])) changed.add(name);
          }
        }
        expect([...changed].filter((name) => name.startsWith('sort.'))).not.toEqual([]);
      },
    },
    {
      title: 'tells its reflections what went wrong in the second step',
      skip:
        noSteps ??
        (needs.feedback !== true || !reflects ? 'it does not say that it needs feedback' : undefined),
      check: async () => {
        const { report, reflections, store } = await undisturbed('two steps');
        const told = (await rowsOf(store, report.runId)).flatMap(({ outcome }) => {
          if (outcome.status === 'failed') return [outcome.feedback, outcome.text];
          return outcome.status === 'scored' ? [outcome.feedback, outcome.stepFeedback?.sort] : [];
        });
        const words = told.filter((text) => text !== undefined && text !== '');
        const asked = reflections.map(({ messages }) => messages.map(({ content }) => content).join('\n'));
        expect(asked.length).toBeGreaterThan(0);
        expect(words.some((text) => asked.some((request) => request.includes(escaped(text))))).toBe(true);
      },
    },
  ];
}

/** As it stands in JSON or in plain text: the part that is the same in both. */
function escaped(text: string | undefined): string {
  return (text ?? '')
    .split(/["\\\n]/u)
    .reduce((longest, part) => (part.length > longest.length ? part : longest), '');
}

async function rowsOf(store: Store, runId: string): Promise<readonly RowResult[]> {
  const rows: RowResult[] = [];
  for await (const { effect, example, outcome } of store.outcomes.read(runId)) {
    if (effect !== 'reflection') rows.push({ exampleId: example, ...JSON.parse(outcome) });
  }
  return rows;
}
