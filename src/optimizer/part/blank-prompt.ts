import type { ProgramShape } from '../../program/program.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import type { Field } from '../../signature/signature.ts';
import { textChange, textTargets } from './text-parameters.ts';

/** Instructions that say no more than the fields of each step do: a start without whatever the seed's say. */
export function blankChanges(program: ProgramShape): Candidate {
  const targets = textTargets(program).filter(({ parameter }) => parameter.part === 'instructions');
  return Object.assign(
    {},
    ...targets.map((target) => {
      const { inputs, outputs } = target.step;
      return textChange(target, `From ${listed(inputs)}, work out ${listed(outputs)}.`);
    }),
  );
}

function listed(fields: readonly Field[]): string {
  const names = fields.map(({ name }) => name);
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
