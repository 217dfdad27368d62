import type { ParameterSpec, ProgramShape, StepShape } from '../../program/program.ts';
import { type Candidate, parameterOf } from '../../prompt/candidate.ts';
import { slotsOf } from '../../prompt/template.ts';
import { describeField } from '../../signature/describe-field.ts';

/** A text that a search may rewrite, with the step that reads it. */
export interface TextTarget {
  readonly parameter: ParameterSpec;
  readonly step: StepShape;
}

/** Every text of the program, in the order of its steps: instructions, messages, descriptions. */
export function textTargets({ parameters, steps }: ProgramShape): readonly TextTarget[] {
  return parameters.flatMap((parameter) => {
    const step = steps.find(({ name }) => name === parameter.step);
    return parameter.kind === 'text' && step !== undefined ? [{ parameter, step }] : [];
  });
}

/** The text of a parameter; empty where the candidate has none. */
export function textOf(candidate: Candidate, { parameter }: TextTarget): string {
  return parameterOf(candidate, parameter.name, 'text')?.text ?? '';
}

/** The change that gives a target another text. */
export function textChange({ parameter }: TextTarget, text: string): Candidate {
  return { [parameter.name]: { kind: 'text', text } };
}

/**
 * What whoever rewrites a text must know of its place: what the step is shown, what it answers, and that both
 * are said to the model beside the text.
 *
 * @param instead The text that a new one replaces, where whoever writes it does not see it: its slots must stay.
 */
export function describeTarget({ parameter, step }: TextTarget, instead = ''): string {
  const list = (fields: StepShape['inputs']) =>
    fields.map((field) => `- ${field.name}: ${describeField(field)}`).join('\n');
  const purpose =
    parameter.description === undefined
      ? `The text is the ${parameter.part} of the step "${step.name}".`
      : `The text is the ${parameter.part} of the step "${step.name}": ${parameter.description}`;
  return [
    purpose,
    `For each row a language model reads it together with:\n${list(step.inputs)}`,
    `and answers with:\n${list(step.outputs)}`,
    'The form of the answer is asked for elsewhere and cannot be changed here.',
    ...slotsToKeep(instead),
  ].join('\n');
}

function slotsToKeep(text: string): readonly string[] {
  const slots = slotsOf(text).map(({ name }) => `{{${name}}}`);
  return slots.length === 0
    ? []
    : [`Values of the row stand in the text where it says ${slots.join(', ')}: each must be in it as often.`];
}

/** A text with rules below it, one a line; those that it holds already are left out. */
export function appendRules(text: string, rules: readonly string[]): string {
  const fresh = [...new Set(rules.map((rule) => rule.trim().replace(/^[-*•]\s+/, '')))].filter(
    (rule) => rule !== '' && !text.includes(rule),
  );
  if (fresh.length === 0) return text;
  return `${text.trimEnd()}\n\n${fresh.map((rule) => `- ${rule}`).join('\n')}`;
}
