import { z } from 'zod';
import type { Random } from '../../base/random.ts';
import { resolveOptions } from '../../base/resolve-options.ts';
import type { Example } from '../../dataset/dataset.ts';
import {
  type Candidate,
  type Demo,
  hashCandidate,
  parameterName,
  parameterOf,
} from '../../prompt/candidate.ts';
import { signature } from '../../signature/shorthand.ts';
import type { Decision, Draft, OptimizationContext, Optimizer } from '../optimizer.ts';
import { tracedDemo } from '../part/bootstrap.ts';
import { accepted } from '../part/decisions.ts';
import { pickWeighted } from '../part/instance-front.ts';
import { promptsOption, withReplaced } from '../part/meta-prompts.ts';
import { minibatches } from '../part/minibatch.ts';
import { newCandidates, reflectionCalls } from '../part/reflection.ts';
import { type AnsweredRow, answeredRows, rowRecord, scoreOf } from '../part/row-records.ts';
import { bestFirst } from '../part/shared-rows.ts';
import { soundPieces } from '../part/sound-pieces.ts';
import { appendRules, describeTarget, textChange, textOf, textTargets } from '../part/text-parameters.ts';
import { isBetter, raceOnValidation, rowsOfValidationRace } from '../part/validation-race.ts';

/** What it asks. */
export const simbaPrompts = {
  contrast: signature(
    {
      inputs: { place: 'string', current: 'string', better: 'json', worse: 'json' },
      outputs: { comparison: 'string', rule: 'string' },
    },
    {
      instructions:
        'The same row was answered twice by a language model, once better and once worse. Compare how. Then write ' +
        'one rule that stands below the text and leads to what the better answer did: when it applies, in general ' +
        'words, and what to do then. It must not contradict the text or repeat it.',
      descriptions: {
        place: 'where the text is used',
        current: 'the text',
        better: 'the better answer',
        worse: 'the worse answer; null where all were alike',
        comparison: 'what made the difference',
        rule: 'one rule of one or two sentences',
      },
    },
  ),
};

/** What the options are checked by. */
export const simbaSchema = z.strictObject({
  steps: z.int().min(1).max(100).default(8).describe('Steps, each on other rows.'),
  batch: z.int().min(1).max(1_000).default(32).describe('Rows of train in a step.'),
  samples: z.int().min(2).max(32).default(6).describe('Answers to each row of a step.'),
  candidates: z.int().min(1).max(32).default(6).describe('New candidates of a step.'),
  demos: z.int().min(0).max(64).default(4).describe('Most demos of a step of the program; 0 for none.'),
  sharpness: z
    .number()
    .positive()
    .max(10)
    .default(0.2)
    .describe('How much a worse candidate is chosen: the temperature of a softmax over mean scores.'),
  temperature: z.number().min(0).max(2).default(1).describe('Of the requests.'),
  prompts: promptsOption(simbaPrompts),
});

export interface SimbaOptions {
  /** Steps, each on other rows. @default 8 */
  readonly steps?: number | undefined;
  /** Rows of train in a step. @default 32 */
  readonly batch?: number | undefined;
  /** Answers to each row of a step. @default 6 */
  readonly samples?: number | undefined;
  /** New candidates of a step. @default 6 */
  readonly candidates?: number | undefined;
  /** Most demos of a step of the program; 0 for none. @default 4 */
  readonly demos?: number | undefined;
  /** How much a worse candidate is chosen: the temperature of a softmax over mean scores. @default 0.2 */
  readonly sharpness?: number | undefined;
  /** Of the requests. @default 1 */
  readonly temperature?: number | undefined;
  /** Instructions to send instead of its own. @default its own */
  readonly prompts?: { readonly contrast?: string | undefined } | undefined;
}

/** A candidate with the mean scores that it reached on the batches so far. */
interface PoolMember {
  readonly candidate: Candidate;
  readonly scores: number[];
}

/**
 * Answers each row several times, looks first at the rows whose answers differ most in their score, and makes a
 * candidate of each: the best answer becomes a demo, or the contrast between the best and the worst a rule.
 *
 * @see Khattab et al. 2023, "DSPy", SIMBA (stochastic introspective mini-batch ascent).
 *   https://arxiv.org/abs/2310.03714. Deviations: every member of the pool has scores, the seed too; a row that no
 *   candidate can be made of makes none; the winners of the steps are compared on validation, not on train.
 */
export function simba(options: SimbaOptions = {}): Optimizer {
  const resolved = resolveOptions(simbaSchema, options, { of: 'simba' });
  const { steps, batch, samples, candidates: width, sharpness } = resolved;
  const prompts = withReplaced(simbaPrompts, resolved.prompts);
  return {
    name: 'simba',
    version: 1,
    options: resolved,
    prompts,
    needs: { parameters: ['text'], labels: true, reflectionModel: true },
    guide: {
      does: 'Looks first at rows whose answers differ most from one time to the next, and learns a demo or a rule from each.',
      when: 'Answers vary between repetitions, and a program of several steps is to learn from its own best runs.',
      cost: {
        task: 'validation + steps * min(train, batch) * (samples + candidates + 1) + race(steps)',
        reflection: '2 * steps * candidates * texts',
      },
    },
    fresh: () => simba(options),
    estimate: ({ train, validation, callsPerRow, program }) => ({
      task:
        (validation +
          steps * Math.min(train, batch) * (samples + width + 1) +
          rowsOfValidationRace(steps, { validation })) *
        callsPerRow,
      reflection: reflectionCalls(steps * width * textTargets(program).length),
    }),
    async *optimize(context) {
      const { seed, validation, train, random, evaluate } = context;
      const batches = minibatches(train, { size: batch, random: random.fork('batches') });
      const best = await evaluate(seed, validation);
      const pool: PoolMember[] = [{ candidate: seed, scores: [] }];
      const winners: Candidate[] = [];
      for (let step = 0; step < steps; step += 1) {
        const stream = random.fork(`step-${step}`);
        const rows = batches.next();
        const buckets = await answerBuckets(context, {
          pool,
          rows,
          samples,
          sharpness,
          random: stream.fork('answers'),
        });
        const made = await makeCandidates(context, buckets, {
          options: resolved,
          prompts,
          pool,
          step,
          random: stream.fork('candidates'),
        });
        yield* made.notices;
        const scored = await Promise.all(
          [seed, ...made.candidates].map((candidate) => evaluate(candidate, rows)),
        );
        for (const { candidate, mean } of scored) {
          if (mean === undefined) continue;
          const standing = pool.find(
            (member) => hashCandidate(member.candidate) === hashCandidate(candidate),
          );
          if (standing === undefined) pool.push({ candidate, scores: [mean] });
          else standing.scores.push(mean);
        }
        const [winner] = bestFirst(scored.slice(1), (each) => each);
        if (winner !== undefined) winners.push(winner.candidate);
      }
      const unique = [...new Map(winners.map((candidate) => [hashCandidate(candidate), candidate])).values()];
      const [first] = await raceOnValidation(context, unique, { label: 'winners' });
      if (!isBetter(first, best)) return best.candidate;
      yield accepted(first, 'best of the steps');
      return first.candidate;
    },
  };
}

/** The answers to one row, best first. */
interface Bucket {
  readonly answers: readonly (AnsweredRow & { readonly score: number })[];
  readonly gap: number;
}

interface Sampling {
  readonly pool: readonly PoolMember[];
  readonly rows: readonly Example[];
  readonly samples: number;
  readonly sharpness: number;
  readonly random: Random;
}

/** Independent answers to each row, each by a candidate of the pool; the rows that differ most come first. */
async function answerBuckets(
  { evaluate }: OptimizationContext,
  { pool, rows, samples, sharpness, random }: Sampling,
): Promise<readonly Bucket[]> {
  const weights = softmax(pool, sharpness);
  // Of one candidate and sample the rows are asked for together.
  const groups = Array.from({ length: samples }, (_, trial) => {
    const byMember = new Map<number, Example[]>();
    for (const row of rows) {
      const member = pickWeighted(weights, random.fork(`${trial}/${row.id}`));
      byMember.set(member, [...(byMember.get(member) ?? []), row]);
    }
    return [...byMember].map(([member, own]) => ({ trial, member, own }));
  }).flat();
  const evaluations = await Promise.all(
    groups.map(({ trial, member, own }) =>
      evaluate(pool[member]?.candidate ?? {}, own, { trial, traces: true }),
    ),
  );
  const answers = evaluations.flatMap((evaluation, index) =>
    answeredRows(evaluation, groups[index]?.own ?? []),
  );
  return rows
    .map((row): Bucket => {
      const own = answers
        .flatMap((answer) => {
          const score = scoreOf(answer.result);
          return answer.example !== row || score === undefined ? [] : [{ ...answer, score }];
        })
        .sort((a, b) => b.score - a.score);
      return { answers: own, gap: (own[0]?.score ?? 0) - (own.at(-1)?.score ?? 0) };
    })
    .filter((bucket) => bucket.answers.length > 0)
    .sort((a, b) => b.gap - a.gap || topOf(b) - topOf(a) || topOf(b) - meanOf(b) - (topOf(a) - meanOf(a)));
}

const topOf = ({ answers }: Bucket) => answers[0]?.score ?? 0;
const meanOf = ({ answers }: Bucket) => answers.reduce((sum, { score }) => sum + score, 0) / answers.length;

function softmax(pool: readonly PoolMember[], sharpness: number): readonly number[] {
  const means = pool.map(({ scores }) =>
    scores.length === 0 ? 0 : scores.reduce((sum, score) => sum + score, 0) / scores.length,
  );
  const most = Math.max(...means);
  return means.map((mean) => Math.exp((mean - most) / sharpness));
}

interface Making {
  readonly options: z.output<typeof simbaSchema>;
  readonly prompts: typeof simbaPrompts;
  readonly pool: readonly PoolMember[];
  readonly step: number;
  readonly random: Random;
}

/** A candidate of each of the first buckets: the best answer as a demo, or a rule from the contrast. */
async function makeCandidates(
  { program, ask, admit }: OptimizationContext,
  buckets: readonly Bucket[],
  { options, prompts, pool, step, random }: Making,
): Promise<{ readonly candidates: readonly Candidate[]; readonly notices: readonly Decision[] }> {
  const { candidates: width, demos, sharpness, temperature } = options;
  const weights = softmax(pool, sharpness);
  const scores = buckets.flatMap(({ answers }) => answers.map(({ score }) => score)).sort((a, b) => a - b);
  const low = scores[Math.floor(0.1 * (scores.length - 1))] ?? 0;
  const high = scores[Math.floor(0.9 * (scores.length - 1))] ?? 1;
  const hasDemos = demos > 0 && program.parameters.some(({ kind }) => kind === 'demos');
  const plans = buckets.slice(0, width).flatMap((bucket, index) => {
    const stream = random.fork(`candidate-${index}`);
    const [best, worst] = [bucket.answers[0], bucket.answers.at(-1)];
    const source = pool[pickWeighted(weights, stream)]?.candidate;
    if (best === undefined || worst === undefined || source === undefined) return [];
    const isDemo = hasDemos && stream.integer(2) === 0;
    // A bad best answer is no example, and where even the worst is good there is nothing to learn.
    const teaches = isDemo
      ? best.score > low || best.score >= 1
      : best.score > low && (bucket.gap > 0 || worst.score < high || best.score < 1);
    return teaches ? [{ best, worst, source, isDemo, gap: bucket.gap, random: stream }] : [];
  });
  const targets = textTargets(program).filter(({ parameter }) => parameter.part === 'instructions');
  const rules = plans.filter(({ isDemo }) => !isDemo);
  const requests = rules.flatMap((plan, index) => targets.map((target) => ({ plan, index, target })));
  const answers = await ask(
    requests.map(({ plan, index, target }) => ({
      label: `step-${step}/${target.parameter.name}`,
      sample: index,
      temperature,
      signature: prompts.contrast,
      inputs: {
        place: describeTarget(target),
        current: textOf(plan.source, target),
        better: plan.gap > 0 || plan.best.score >= 1 ? rowRecord(plan.best, target.step) : null,
        worse: plan.gap > 0 || plan.best.score < 1 ? rowRecord(plan.worst, target.step) : null,
      },
    })),
  );
  const notices: Decision[] = [];
  const drafts = plans.flatMap((plan): readonly Draft[] => {
    const row = plan.best.example.id;
    if (plan.isDemo) {
      const changes = withDemo(program, plan.source, { answer: plan.best, most: demos, random: plan.random });
      return changes === undefined
        ? []
        : [{ changes, parents: [plan.source], origin: `demo of row ${row}`, because: { rows: [row] } }];
    }
    const given = answers.flatMap((answer, index) => {
      const request = requests[index];
      return answer.status === 'answered' && request?.plan === plan
        ? [{ answer, target: request.target }]
        : [];
    });
    const [first] = given;
    if (first === undefined) return [];
    const changes = given.map(({ answer, target }) => {
      const sound = soundPieces([answer.outputs.rule], target);
      notices.push(...sound.notices);
      return textChange(target, appendRules(textOf(plan.source, target), sound.pieces));
    });
    const because = {
      reflection: first.answer.id,
      rows: [row],
      note: first.answer.outputs.comparison.slice(0, 500),
    };
    return [
      {
        changes: Object.assign({}, ...changes),
        parents: [plan.source],
        origin: `rule from row ${row}`,
        because,
      },
    ];
  });
  return { candidates: newCandidates(admit(drafts)), notices };
}

/** The demos of every step with one more; a full set makes room at random. */
function withDemo(
  program: OptimizationContext['program'],
  source: Candidate,
  { answer, most, random }: { readonly answer: AnsweredRow; readonly most: number; readonly random: Random },
): Candidate | undefined {
  const changes: Record<string, Candidate[string]> = {};
  for (const step of program.steps) {
    const name = parameterName(step.name, 'demos');
    const demo = tracedDemo(answer, step);
    if (demo === undefined || !program.parameters.some((parameter) => parameter.name === name)) continue;
    const standing = parameterOf(source, name, 'demos')?.sets[0]?.demos ?? [];
    const others = standing.filter(({ source: from }) => from !== demo.source);
    const kept: readonly Demo[] = others.length < most ? others : random.sample(others, most - 1);
    changes[name] = { kind: 'demos', sets: [{ demos: [...kept, demo] }] };
  }
  return Object.keys(changes).length === 0 ? undefined : changes;
}
