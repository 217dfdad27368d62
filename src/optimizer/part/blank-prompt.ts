import type { ProgramShape } from '../../program/program.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import { slotsOf } from '../../prompt/template.ts';
import type { Field } from '../../signature/signature.ts';
import { textChange, textOf, textTargets } from './text-parameters.ts';

/**
 * Instructions that say no more than the fields of each step do: a start without whatever the seed's say. The slots of
 * the seed's stay, each on a line of its own.
 */
export function blankChanges(program: ProgramShape, seed: Candidate): Candidate {
  const targets = textTargets(program).filter(({ parameter }) => parameter.part === 'instructions');
  return Object.assign(
    {},
    ...targets.map((target) => {
      const { inputs, outputs } = target.step;
      const slots = slotsOf(textOf(seed, target)).map(({ name }) => `\n\n{{${name}}}`);
      return textChange(target, `From ${listed(inputs)}, work out ${listed(outputs)}.${slots.join('')}`);
    }),
  );
}

function listed(fields: readonly Field[]): string {
  const names = fields.map(({ name }) => name);
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
