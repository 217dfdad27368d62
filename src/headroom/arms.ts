import type { Random } from '../base/random.ts';
import type { Example } from '../dataset/dataset.ts';
import { balancedSample, demoChanges, labelledDemos } from '../optimizer/part/demo-sets.ts';
import { textChange, textOf, textTargets } from '../optimizer/part/text-parameters.ts';
import type { ProgramShape } from '../program/program.ts';
import { type Candidate, hashCandidate, withParameters } from '../prompt/candidate.ts';

/** One prompt that is sampled. */
export interface Arm {
  readonly name: string;
  /** What is other than in the seed, in words. */
  readonly what: string;
  readonly candidate: Candidate;
  /** Whether it says what the seed says: a difference from it is none of skill. */
  readonly isTrivial: boolean;
}

export interface ArmsOptions {
  readonly program: ProgramShape;
  readonly seed: Candidate;
  /** Rows that are not measured: demos are taken from them. */
  readonly others: readonly Example[];
  readonly random: Random;
}

const shownDemos = 8;

/**
 * Prompts near the seed, at most three: two that say the same in another form, and one with labelled rows as demos,
 * or a third form where there are none.
 */
export function armsOf({ program, seed, others, random }: ArmsOptions): readonly Arm[] {
  const trivial = [
    lineAround(program, seed, 'before'),
    otherLayout(program, seed),
    lineAround(program, seed, 'after'),
  ];
  const shown = withDemos({ program, seed, others, random });
  const seen = new Set([hashCandidate(seed)]);
  const distinct = [...trivial.slice(0, 2), shown, trivial[2]].flatMap((arm) => {
    if (arm === undefined || seen.has(hashCandidate(arm.candidate))) return [];
    seen.add(hashCandidate(arm.candidate));
    return [arm];
  });
  return distinct.slice(0, 3);
}

const lines = {
  before: 'Please read everything before you answer.',
  after: 'Answer what is asked, with care.',
} as const;

/** The first text of each step with a line beside it that changes nothing. */
function lineAround(program: ProgramShape, seed: Candidate, place: keyof typeof lines): Arm | undefined {
  const targets = textTargets(program).filter(
    ({ step }, index, all) => all.findIndex((other) => other.step === step) === index,
  );
  if (targets.length === 0) return undefined;
  const line = lines[place];
  const changes = targets.map((target) => {
    const text = textOf(seed, target);
    const parts = place === 'before' ? [line, text] : [text, line];
    return textChange(target, parts.filter((part) => part.trim() !== '').join('\n\n'));
  });
  return {
    name: `a line ${place}`,
    what: `the line "${line}" ${place} the text`,
    candidate: withParameters(seed, Object.assign({}, ...changes)),
    isTrivial: true,
  };
}

/** Every step in the next layout that it may have, answers in the same words. */
function otherLayout(program: ProgramShape, seed: Candidate): Arm | undefined {
  const layouts = ['chat', 'json', 'xml'];
  const changes: Record<string, Candidate[string]> = {};
  let to = '';
  for (const { name, part, options = [] } of program.parameters) {
    const current = seed[name];
    if (part !== 'format' || current?.kind !== 'choice') continue;
    const other = layouts.find((layout) => options.includes(layout) && layout !== current.value);
    if (other === undefined) continue;
    changes[name] = { kind: 'choice', value: other };
    to = other;
  }
  if (to === '') return undefined;
  return {
    name: 'another layout',
    what: `the layout ${to}`,
    candidate: withParameters(seed, changes),
    isTrivial: true,
  };
}

function withDemos({ program, seed, others, random }: ArmsOptions): Arm | undefined {
  const settable = new Set(program.parameters.map(({ name }) => name));
  const changes = demoChanges(program, (step) => {
    const demos = balancedSample(labelledDemos(others, step), shownDemos, random.fork(step.name));
    return { demos };
  });
  const kept = Object.fromEntries(Object.entries(changes).filter(([name]) => settable.has(name)));
  const [first] = Object.values(kept);
  if (first?.kind !== 'demos') return undefined;
  const count = first.sets[0]?.demos.length ?? 0;
  return {
    name: 'with demos',
    what: `${count} labelled rows as demos`,
    candidate: withParameters(seed, kept),
    isTrivial: false,
  };
}
