import { canonicalJson } from '../../base/canonical-json.ts';
import type { JsonObject } from '../../base/json.ts';
import { ownOf, setOwn } from '../../base/own-property.ts';
import type { Random } from '../../base/random.ts';
import type { Example } from '../../dataset/dataset.ts';
import type { ProgramShape, StepShape } from '../../program/program.ts';
import { type Candidate, type Demo, type DemoSet, parameterName } from '../../prompt/candidate.ts';

/**
 * A row as a demo of one step: the values of the step's fields. Undefined for a row that lacks an input or has
 * none of the outputs, as happens at inner steps of a program.
 */
export function labelledDemo(example: Example, step: StepShape): Demo | undefined {
  const inputs: Record<string, JsonObject[string]> = {};
  for (const { name, optional } of step.inputs) {
    const value = ownOf(example.inputs, name);
    if (value === undefined && !optional) return undefined;
    if (value !== undefined) setOwn(inputs, name, value);
  }
  const outputs: Record<string, JsonObject[string]> = {};
  for (const { name } of step.outputs) {
    const value = ownOf(example.expected ?? {}, name);
    if (value !== undefined && value !== null && value !== '') setOwn(outputs, name, value);
  }
  return Object.keys(outputs).length === 0 ? undefined : { inputs, outputs, source: example.id };
}

/** Every row that can be a demo of the step. */
export function labelledDemos(examples: readonly Example[], step: StepShape): readonly Demo[] {
  return examples.flatMap((example) => labelledDemo(example, step) ?? []);
}

/**
 * `size` demos with their answers as even as the pool allows: random within an answer, the answers taken in
 * turn in random order. Where nearly every answer differs this is a random sample.
 */
export function balancedSample(pool: readonly Demo[], size: number, random: Random): readonly Demo[] {
  const byAnswer = new Map<string, Demo[]>();
  for (const demo of random.shuffle(pool)) {
    const answer = canonicalJson(demo.outputs);
    byAnswer.set(answer, [...(byAnswer.get(answer) ?? []), demo]);
  }
  const groups = random.shuffle([...byAnswer.keys()].sort()).map((answer) => byAnswer.get(answer) ?? []);
  const sample: Demo[] = [];
  for (let turn = 0; sample.length < size && sample.length < pool.length; turn += 1) {
    for (const group of groups) {
      const demo = group[turn];
      if (demo !== undefined && sample.length < size) sample.push(demo);
    }
  }
  return sample;
}

/** The changes that give every step of the program its own set of demos. */
export function demoChanges(
  program: ProgramShape,
  setOf: (step: StepShape) => DemoSet | undefined,
): Candidate {
  const changes: Record<string, Candidate[string]> = {};
  for (const step of program.steps) {
    const set = setOf(step);
    if (set !== undefined && set.demos.length > 0)
      changes[parameterName(step.name, 'demos')] = { kind: 'demos', sets: [set] };
  }
  return changes;
}
