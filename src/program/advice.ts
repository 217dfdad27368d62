import type { Json, JsonObject } from '../base/json.ts';
import { beginningOf } from '../base/plain-text.ts';
import { isFilePart } from '../model/content.ts';
import { type Candidate, parameterName, parameterOf } from '../prompt/candidate.ts';
import { escapeSlots } from '../prompt/template.ts';
import type { Field, Signature } from '../signature/signature.ts';
import type { AnyProgram } from './program.ts';
import type { Trace } from './trace.ts';

/** Most characters of one value of a trace that are shown. */
const longestValue = 4_000;

/** A step that can be given advice: its instructions are a parameter. */
export interface AdvisedStep {
  readonly step: string;
  /** The output of the advising step that is for it. */
  readonly field: string;
}

/** The steps of a program that can be advised. */
export function advisedSteps({ shape }: AnyProgram): readonly AdvisedStep[] {
  const steps = shape.parameters.filter(({ part, kind }) => part === 'instructions' && kind === 'text');
  if (steps.length === 1) return steps.map(({ step }) => ({ step, field: 'advice' }));
  const used = new Set<string>();
  return steps.map(({ step }, index) => {
    const word = `advice_for_${step.replaceAll(/\W+/gu, '_')}`;
    const field = used.has(word) ? `${word}_${index + 1}` : word;
    used.add(field);
    return { step, field };
  });
}

const text = { type: 'string' } as const;

/** What the advising step takes and gives for these steps. */
export function advisingSignature(steps: readonly AdvisedStep[]): Signature {
  const field = (name: string, description: string): Field => ({ name, schema: text, description });
  return {
    instructions: [
      'An attempt at a task fell short. Say what to do differently in the next attempt at the very same inputs.',
      'Find the cause in what each step took and gave before you advise. Be concrete: name what was wrong, and what to do instead. Do not solve the task yourself and do not repeat its instructions.',
    ].join('\n'),
    inputs: [
      field('instructions', 'what each step was told'),
      field('inputs', 'what the task was given'),
      field('attempt', 'what each step took and gave, in order'),
      field('outcome', 'how the attempt did'),
    ],
    outputs: steps.map(({ step, field: name }) =>
      steps.length === 1
        ? field(name, 'one to four sentences')
        : {
            ...field(name, `one to four sentences for the step ${step}; none where it is not to blame`),
            optional: true,
          },
    ),
  };
}

/** What the advising step is told about an attempt. */
export function attemptInputs(
  program: AnyProgram,
  {
    candidate,
    inputs,
    trace,
    outcome,
  }: {
    readonly candidate: Candidate;
    readonly inputs: JsonObject;
    readonly trace: Trace;
    readonly outcome: string;
  },
): JsonObject {
  const told = advisedSteps(program).map(({ step }) => {
    const instructions = parameterOf(candidate, parameterName(step, 'instructions'), 'text')?.text ?? '';
    return `${step}: ${instructions}`;
  });
  return {
    instructions: told.join('\n\n'),
    inputs: shown(inputs),
    attempt: trace.map(describeStep).join('\n') || '(nothing was asked)',
    outcome,
  };
}

function describeStep(step: Trace[number]): string {
  switch (step.kind) {
    case 'predict':
      return `${step.step} took ${shown(step.inputs)} and gave ${
        step.outputs === undefined ? `what could not be read: ${shown(step.text ?? '')}` : shown(step.outputs)
      }`;
    case 'tool':
      return `the tool ${step.name} was given ${shown(step.arguments)} and gave ${
        step.error === undefined ? shown(step.result ?? null) : `the error ${shown(step.error)}`
      }`;
    case 'retrieve':
      return `looked up ${shown(step.query)} and found ${shown(step.passages)}`;
  }
}

/** A value as text: files by their kind, long ones cut. */
function shown(value: Json): string {
  const written = JSON.stringify(value, (_, inner: unknown) =>
    isFilePart(inner) ? `(${inner.type} of ${inner.mediaType})` : inner,
  );
  return written.length <= longestValue ? written : `${beginningOf(written, longestValue)}… (cut)`;
}

/** The candidate with advice at the end of the instructions of each step that it is for. */
export function withAdvice(
  candidate: Candidate,
  advice: JsonObject,
  steps: readonly AdvisedStep[],
): { readonly candidate: Candidate; readonly advised: boolean } {
  const changes: Record<string, Candidate[string]> = {};
  for (const { step, field } of steps) {
    const given = advice[field];
    if (typeof given !== 'string' || given.trim() === '') continue;
    const name = parameterName(step, 'instructions');
    const told = parameterOf(candidate, name, 'text')?.text ?? '';
    // What a model wrote is text, whatever braces it has.
    changes[name] = {
      kind: 'text',
      text: `${told}\n\nAn earlier attempt at this very input fell short. ${escapeSlots(given.trim())}`,
    };
  }
  return { candidate: { ...candidate, ...changes }, advised: Object.keys(changes).length > 0 };
}
