import { HoneError } from '../base/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { Optimizer } from '../optimizer/optimizer.ts';
import { type NamedSpec, parseNamedSpec } from './named-spec.ts';

/** The options of optimizers that are made of others, with what is meant where a name alone is given. */
const partsOf: Readonly<Record<string, Readonly<Record<string, Json>>>> = {
  sequence: { stages: ['bootstrapFewShot', 'gepa'] },
  bestOf: { of: ['bootstrapRandomSearch', 'gepa'] },
  onPlateau: { stages: ['gepa', 'capo', 'proTeGi'] },
  restarts: { optimizer: 'gepa' },
  ensemble: { optimizer: 'bootstrapFewShot' },
  betterTogether: {
    optimizers: { p: 'bootstrapRandomSearch', q: 'gepa' },
    strategy: 'p -> q -> p',
  },
  metaTextGrad: { optimizers: { climb: 'reflectiveClimb', gradients: 'textGrad' } },
};

/** Options that say themselves which optimizers are meant, so that nothing is added to them. */
const saysItself = ['optimizers', 'strategy'];

/**
 * The options of an optimizer from a flag or a file, where it is made of others: names, also with options
 * (`gepa: {rounds: 4}`), become optimizers.
 *
 * @param create The optimizer of a name with options.
 * @throws {HoneError} `HONE_OPTION_INVALID` for what is no name of an optimizer.
 */
export function withParts(
  name: string,
  options: JsonObject,
  create: (name: string, options: JsonObject) => Optimizer,
): Readonly<Record<string, unknown>> {
  const defaults = Object.hasOwn(partsOf, name) ? partsOf[name] : undefined;
  if (defaults === undefined) return options;
  const isSaid = saysItself.some((option) => Object.hasOwn(options, option));
  const all: JsonObject = isSaid && name === 'betterTogether' ? options : { ...defaults, ...options };
  const one = (value: Json | undefined): Optimizer => {
    const spec = specOf(value, name);
    return create(spec.name, spec.options);
  };
  /** Makes the optimizer anew with other prompts. */
  const maker = (value: Json | undefined) => {
    const { name: inner, options: own } = specOf(value, name);
    return (prompts?: JsonObject) => create(inner, prompts === undefined ? own : { ...own, prompts });
  };
  return Object.fromEntries(
    Object.entries(all).map(([option, value]) => {
      if (!Object.hasOwn(defaults, option) || option === 'strategy') return [option, value];
      if (Array.isArray(value)) return [option, value.map(one)];
      const isNamed = option === 'optimizers' && isJsonObject(value);
      if (!isNamed) return [option, one(value)];
      return [
        option,
        Object.fromEntries(
          Object.entries(value).map(([short, each]) => [
            short,
            name === 'metaTextGrad' ? maker(each) : one(each),
          ]),
        ),
      ];
    }),
  );
}

/** A name, or a name with options: `gepa`, `'gepa: {rounds: 4}'` or `{gepa: {rounds: 4}}`. */
function specOf(value: Json | undefined, of: string): NamedSpec {
  if (typeof value === 'string') return parseNamedSpec(value);
  const [[name, options] = ['', null], ...others] = isJsonObject(value) ? Object.entries(value) : [];
  if (name !== '' && others.length === 0 && isJsonObject(options)) return { name, options };
  throw new HoneError(`${of} is made of optimizers, and ${JSON.stringify(value)} is no name of one.`, {
    code: 'HONE_OPTION_INVALID',
    hint: `Write names, with options where they are wanted: 'sequence: {stages: [bootstrapFewShot, gepa: {rounds: 4}]}'.`,
  });
}
