import type { ProgramShape } from '../../program/program.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import { textOf, textTargets } from './text-parameters.ts';

/**
 * What a good answer of a program is, by what the instructions of its seed ask for: those of its one step, or of all
 * steps in their order, since what the first asks for is not what the last one answers. Empty without instructions.
 */
export function requirementOf(program: ProgramShape, seed: Candidate): string {
  const told = textTargets(program)
    .filter(({ parameter }) => parameter.part === 'instructions')
    .flatMap((target) => {
      const text = textOf(seed, target).trim();
      return text === '' ? [] : [{ step: target.step.name, text }];
    });
  const [first] = told;
  if (told.length < 2) return first?.text ?? '';
  return [
    'What all steps together are to achieve, the last of them giving the answer:',
    ...told.map(({ step, text }) => `${step}: ${text}`),
  ].join('\n');
}
