import { receivedValue } from './allowed-values.ts';
import { closestMatch } from './closest-match.ts';
import { HoneError } from './errors.ts';

/** Every name of a type of options: the compiler asks for a new one here too. */
export type OptionNames<Options> = { readonly [Name in keyof Options]-?: true };

/**
 * Checks that options have no other names than these, where a schema of them would say no more.
 *
 * @param of What they are of, as its user calls it: `bestOfN`.
 * @throws {HoneError} `HONE_OPTION_INVALID` for an unknown name, with the nearest known one, or for what is no object.
 */
export function checkOptionNames<Options extends object>(
  options: Options,
  names: OptionNames<NoInfer<Options>>,
  of: string,
): void {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new HoneError(`${of}: the options are ${receivedValue(given, undefined)}, but must be an object.`, {
      code: 'HONE_OPTION_INVALID',
      hint: `It has ${Object.keys(names).join(', ')}.`,
    });
  }
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(names, name));
  if (unknown !== undefined) throw unknownOption({ of, names: Object.keys(names) }, unknown);
}

/** @param path Of the option within the options. @default its name */
export function unknownOption(
  { of, names, path }: { readonly of: string; readonly names: readonly string[]; readonly path?: string },
  unknown: string,
): HoneError {
  const closest = closestMatch(unknown, names);
  const others = names.length === 0 ? 'It has no options.' : `It has ${names.join(', ')}.`;
  return new HoneError(`${of} has no option "${unknown}".`, {
    code: 'HONE_OPTION_INVALID',
    hint: closest === undefined ? others : `Did you mean ${closest}? ${others}`,
    facts: { option: path ?? unknown, closest },
  });
}
