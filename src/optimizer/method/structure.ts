import { z } from 'zod';
import type { Random } from '../../base/random.ts';
import { resolveOptions } from '../../base/resolve-options.ts';
import { type Candidate, parameterOf } from '../../prompt/candidate.ts';
import { signature } from '../../signature/shorthand.ts';
import type { CandidateEvaluation, Draft, OptimizationContext, Optimizer } from '../optimizer.ts';
import { accepted } from '../part/decisions.ts';
import { promptsOption, withReplaced } from '../part/meta-prompts.ts';
import { pairedDifference } from '../part/paired-difference.ts';
import { promptTokens } from '../part/prompt-length.ts';
import { newCandidates, reflectionCalls } from '../part/reflection.ts';
import { bestFirst } from '../part/shared-rows.ts';
import { describeTarget, type TextTarget, textChange, textOf, textTargets } from '../part/text-parameters.ts';
import { asList, asParagraph, joinSections, sectionsOf } from '../part/text-sections.ts';

/** What it asks, where a reflection model is there. */
export const structurePrompts = {
  rewrite: signature(
    { inputs: { place: 'string', current: 'string', how: 'string' }, outputs: { text: 'string' } },
    {
      instructions:
        'Rewrite a text that tells a language model how to do a task, in the way that is asked for. Nothing that it ' +
        'asks for may be lost or added, and every {{slot}} stays.',
      descriptions: {
        place: 'where the text is used',
        current: 'the text as it is',
        how: 'in which way',
        text: 'the rewritten text, whole',
      },
    },
  ),
};

/** What the options are checked by. */
export const structureSchema = z.strictObject({
  width: z.int().min(1).max(64).default(4).describe('Candidates that are kept at each depth.'),
  depth: z.int().min(1).max(100).default(6).describe('Changes one after the other.'),
  mutations: z.int().min(1).max(64).default(8).describe('Changes of each kept candidate.'),
  rows: z.int().min(1).max(10_000).default(40).describe('Validation rows on which candidates are compared.'),
  words: z
    .boolean()
    .default(true)
    .describe('Whether a reflection model, where one is there, may also reword and shorten texts.'),
  prompts: promptsOption(structurePrompts),
});

export interface StructureOptions {
  /** Candidates that are kept at each depth. @default 4 */
  readonly width?: number | undefined;
  /** Changes one after the other. @default 6 */
  readonly depth?: number | undefined;
  /** Changes of each kept candidate. @default 8 */
  readonly mutations?: number | undefined;
  /** Validation rows on which candidates are compared. @default 40 */
  readonly rows?: number | undefined;
  /** Whether a reflection model, where one is there, may also reword and shorten texts. @default true */
  readonly words?: boolean | undefined;
  /** Instructions to send instead of its own. @default its own */
  readonly prompts?: { readonly rewrite?: string | undefined } | undefined;
}

/** One way of changing a candidate; undefined where it does not apply. */
interface Mutation {
  readonly name: string;
  apply(candidate: Candidate, random: Random): Candidate | undefined;
}

/** Two sums of the same numbers in another order differ by less. */
const rounding = 1e-9;

/** How a reflection model may rewrite a text. */
const wordings = [
  { name: 'reworded', how: 'Say the same in other words.' },
  { name: 'listed', how: 'As a list of items of at most ten words.' },
  { name: 'shortened', how: 'In half as many words.' },
] as const;

/**
 * A beam search over the structure of prompts: sections left out, repeated, moved, set as lists or paragraphs; the
 * layout; fewer demos and their order; and, with a reflection model, texts reworded and shortened. Of candidates that
 * do equally well the shorter one is kept.
 *
 * @see Schnabel & Neville 2024, "Symbolic Prompt Program Search" (SAMMO), https://arxiv.org/abs/2404.02319. Deviations:
 *   a change is compared with its own parent on the same rows; a beam whose rows are all right goes on, because it may
 *   still get shorter.
 */
export function structure(options: StructureOptions = {}): Optimizer {
  const resolved = resolveOptions(structureSchema, options, { of: 'structure' });
  const { width, depth, mutations, rows, words } = resolved;
  const prompts = withReplaced(structurePrompts, resolved.prompts);
  return {
    name: 'structure',
    version: 1,
    options: resolved,
    prompts,
    needs: { parameters: ['text'], labels: true },
    guide: {
      does: 'Searches the structure of a prompt: sections left out, moved or listed, the layout, fewer demos.',
      when: 'A prompt is long and grown, and is to become shorter without getting worse.',
      cost: {
        task: 'min(rows, validation) * (1 + mutations * (1 + (depth - 1) * width))',
        reflection: 'words ? 2 * mutations * (1 + (depth - 1) * width) : 0',
      },
    },
    fresh: () => structure(options),
    estimate: ({ validation, callsPerRow }) => {
      const children = mutations * (1 + (depth - 1) * width);
      return {
        task: Math.min(rows, validation) * (1 + children) * callsPerRow,
        reflection: words ? reflectionCalls(children) : 0,
      };
    },
    async *optimize(context) {
      const { seed, validation, random, evaluate, models } = context;
      const compared = random.fork('rows').sample(validation, rows);
      const reflects = words && models.includes('reflection');
      let best = await evaluate(seed, compared);
      let beam: readonly CandidateEvaluation[] = [best];
      for (let level = 0; level < depth; level += 1) {
        const drafts = await Promise.all(
          beam.map((parent, place) =>
            childrenOf(context, parent, {
              count: mutations,
              random: random.fork(`level-${level}/${place}`),
              label: `level-${level}/${place}`,
              rewrite: reflects ? prompts.rewrite : undefined,
            }),
          ),
        );
        const candidates = newCandidates(context.admit(drafts.flat()));
        if (candidates.length === 0) break;
        const children = await Promise.all(candidates.map((candidate) => evaluate(candidate, compared)));
        beam = ranked([...beam, ...children]).slice(0, width);
        const [first] = beam;
        if (first === undefined || first === best || !isAhead(first, best)) continue;
        best = first;
        yield accepted(best, `depth ${level + 1}`);
      }
      return best.candidate;
    },
  };
}

const byLength = (a: CandidateEvaluation, b: CandidateEvaluation) =>
  promptTokens(a.candidate) - promptTokens(b.candidate);

/** The higher mean first, then the shorter prompt. */
function ranked(evaluations: readonly CandidateEvaluation[]): readonly CandidateEvaluation[] {
  return bestFirst(evaluations, (each) => each, byLength);
}

/** Whether one is better than another, or as good and shorter, with the rows that it lost at 0. */
function isAhead(one: CandidateEvaluation, other: CandidateEvaluation): boolean {
  const { rows, meanWithLost } = pairedDifference(other, one);
  return meanWithLost > rounding || (rows > 0 && meanWithLost > -rounding && byLength(one, other) < 0);
}

interface Children {
  readonly count: number;
  readonly random: Random;
  readonly label: string;
  readonly rewrite: typeof structurePrompts.rewrite | undefined;
}

async function childrenOf(
  { program, ask }: OptimizationContext,
  { candidate }: CandidateEvaluation,
  { count, random, label, rewrite }: Children,
): Promise<readonly Draft[]> {
  const targets = textTargets(program);
  const ways = mutationsOf(program, targets);
  const drafts: Draft[] = [];
  for (const [turn, way] of random.fork('ways').shuffle(repeated(ways, count)).entries()) {
    const changes = way.apply(candidate, random.fork(`change-${turn}`));
    if (changes !== undefined) drafts.push({ changes, parents: [candidate], origin: way.name });
  }
  if (rewrite === undefined || targets.length === 0) return drafts.slice(0, count);
  const tasks = Array.from({ length: Math.ceil(count / 3) }, (_, task) => {
    const target = targets[random.fork(`target-${task}`).integer(targets.length)];
    const wording = wordings[random.fork(`wording-${task}`).integer(wordings.length)];
    return target === undefined || wording === undefined ? [] : [{ target, wording }];
  }).flat();
  const answers = await ask(
    tasks.map(({ target, wording }, task) => ({
      label: `${label}/${wording.name}/${target.parameter.name}`,
      sample: task,
      signature: rewrite,
      inputs: { place: describeTarget(target), current: textOf(candidate, target), how: wording.how },
    })),
  );
  const rewritten = answers.flatMap((answer, task): readonly Draft[] => {
    const one = tasks[task];
    if (answer.status !== 'answered' || one === undefined) return [];
    return [
      {
        changes: textChange(one.target, answer.outputs.text.trim()),
        parents: [candidate],
        origin: one.wording.name,
        because: { reflection: answer.id },
      },
    ];
  });
  return [...rewritten, ...drafts].slice(0, count);
}

/** Every way at least once before any comes again. */
function repeated<Item>(items: readonly Item[], count: number): readonly Item[] {
  if (items.length === 0) return [];
  return Array.from(
    { length: Math.max(count, items.length) },
    (_, index) => items[index % items.length],
  ).filter((item) => item !== undefined);
}

function mutationsOf(
  program: OptimizationContext['program'],
  targets: readonly TextTarget[],
): readonly Mutation[] {
  return [
    ...targets.flatMap(textMutations),
    ...program.parameters.flatMap(({ name, kind, part, options = [] }): readonly Mutation[] => {
      if (kind === 'demos') return demoMutations(name);
      return part === 'format' ? [layoutMutation(name, options)] : [];
    }),
  ];
}

function textMutations(target: TextTarget): readonly Mutation[] {
  const onSections = (
    name: string,
    change: (sections: readonly string[], random: Random) => readonly string[] | undefined,
  ): Mutation => ({
    name,
    apply: (candidate, random) => {
      const text = textOf(candidate, target);
      const changed = change(sectionsOf(text), random);
      const next = changed === undefined ? text : joinSections(changed);
      return next === text || next.trim() === '' ? undefined : textChange(target, next);
    },
  });
  const several = (sections: readonly string[]) => sections.length > 1;
  return [
    onSections('a section left out', (sections, random) => {
      const at = random.integer(sections.length);
      return several(sections) ? sections.filter((_, index) => index !== at) : undefined;
    }),
    onSections('a section moved', (sections, random) => {
      if (!several(sections)) return undefined;
      const from = random.integer(sections.length);
      const rest = sections.filter((_, index) => index !== from);
      const to = random.integer(rest.length + 1);
      return [...rest.slice(0, to), sections[from] ?? '', ...rest.slice(to)];
    }),
    onSections('a section repeated at the end', (sections, random) =>
      several(sections) ? [...sections, sections[random.integer(sections.length)] ?? ''] : undefined,
    ),
    onSections('a paragraph set as a list', (sections, random) => {
      const long = sections.flatMap((section, index) => (asList(section) === undefined ? [] : [index]));
      const at = long[random.integer(Math.max(1, long.length))];
      return at === undefined
        ? undefined
        : sections.map((section, index) => (index === at ? (asList(section) ?? section) : section));
    }),
    onSections('lists set as paragraphs', (sections) => asParagraph(sections)),
  ];
}

function demoMutations(name: string): readonly Mutation[] {
  const onSet = (
    what: string,
    change: <Demo>(demos: readonly Demo[], random: Random) => readonly Demo[],
  ): Mutation => ({
    name: what,
    apply: (candidate, random) => {
      const sets = parameterOf(candidate, name, 'demos')?.sets ?? [];
      const [first, ...others] = sets;
      if (first === undefined || first.demos.length < 2) return undefined;
      return {
        [name]: { kind: 'demos', sets: [{ ...first, demos: change(first.demos, random) }, ...others] },
      };
    },
  });
  return [
    onSet('fewer demos', (demos, random) => {
      const kept = Math.max(1, Math.min(demos.length - 1, Math.floor(0.8 * demos.length)));
      const order = random.sample(
        demos.map((_, index) => index),
        kept,
      );
      return demos.filter((_, index) => order.includes(index));
    }),
    onSet('demos in another order', (demos, random) => random.shuffle(demos)),
  ];
}

function layoutMutation(name: string, options: readonly string[]): Mutation {
  return {
    name: 'another layout',
    apply: (candidate, random) => {
      const current = parameterOf(candidate, name, 'choice')?.value;
      const others = options.filter((option) => option !== current && option !== 'channel');
      const value = others[random.integer(Math.max(1, others.length))];
      return value === undefined ? undefined : { [name]: { kind: 'choice', value } };
    },
  };
}
