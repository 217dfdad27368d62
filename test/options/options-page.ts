import { existsSync, readFileSync } from 'node:fs';
import type { z } from 'zod';
import { allowedValues, type OptionSchema } from '../../src/base/allowed-values.ts';
import { describeOptions } from '../../src/base/resolve-options.ts';
import { kebabCase } from '../../src/config/named-spec.ts';
import {
  budgetSchema,
  configSchema,
  datasetFileSchema,
  targetSchema,
} from '../../src/config/option-schemas.ts';
import * as optimizers from '../../src/public/optimizers.ts';
import * as scorers from '../../src/public/scorers.ts';

/** What has options: its name in code, its file and the schema that the file exports. */
export interface Configurable {
  readonly name: string;
  readonly file: string;
  readonly source: string;
  readonly schema: OptionSchema;
}

/** Those that are put together from others and take no options of their own. */
const withoutOptions = new Set(['defaultScorer', 'unscored']);

/** Every factory of an export list, with the schema beside it: `<name>Schema`. */
async function configurables(exports: object, folder: string): Promise<readonly Configurable[]> {
  const names = Object.entries(exports)
    .filter(([name, value]) => typeof value === 'function' && !withoutOptions.has(name))
    .map(([name]) => name)
    .sort();
  return Promise.all(
    names.map(async (name) => {
      const file = fileOf(name, folder);
      const module: Readonly<Record<string, unknown>> = await import(/* @vite-ignore */ `../../${file}`);
      const schema = module[`${name}Schema`];
      if (schema === undefined)
        throw new Error(`${file} must export ${name}Schema, which checks its options.`);
      return {
        name,
        file,
        source: readFileSync(file, 'utf8'),
        schema: describeOptions(schema as z.ZodType),
      };
    }),
  );
}

function fileOf(name: string, folder: string): string {
  // `scorer()` makes a scorer of a function; `scorer.ts` is the contract.
  const custom = `${folder}/custom-${kebabCase(name)}.ts`;
  return existsSync(custom) ? custom : `${folder}/${kebabCase(name)}.ts`;
}

/** Every optimizer that has a name. */
export const optimizersWithOptions = () => configurables(optimizers, 'src/optimizer/method');

/** Every scorer that has a name. */
export const scorersWithOptions = () => configurables(scorers, 'src/scorer');

/** `docs/reference/options.md`, made from the schemas that check the options. */
export async function optionsPage(): Promise<string> {
  const sections = (kind: readonly Configurable[]) =>
    kind.map(({ name, schema }) => `### ${name}\n\n${table(schema)}`).join('\n\n');
  return `# Options

<!-- Made from the schemas that check the options. \`npx vitest run --project unit test/options -u\` writes it again. -->

An option that is not listed, a value of another type or a number out of range is refused with
\`HONE_OPTION_INVALID\`, before anything is called. The message names the place, the value, what is allowed and the
nearest name. What a default leaves open depends on the task.

## Optimizers

In code \`labeledFewShot({ demos: 8 })\`; on the command line and in a config file a name with its options,
\`--optimizer 'labeledFewShot: {demos: 8}'\`. Names may also be written as \`labeled-few-shot\`.

${sections(await optimizersWithOptions())}

## Scorers

In code \`numeric('total', { absolute: 0.5 })\`; on the command line \`--scorer 'numeric: {absolute: 0.5}'\`; in the
front matter of a prompt file also \`scorer: { name: numeric, absolute: 0.5 }\`. \`scorer\` makes one of a function, in
code only.

${sections(await scorersWithOptions())}

## Budget

\`budget\` of \`optimize()\`, of a config file and of its targets; \`evaluate()\` takes the same without
\`reflectionCalls\`. Flags: \`--budget-usd\`, \`--max-calls\`, \`--max-reflection-calls\`, \`--max-tokens\`,
\`--max-minutes\`. A config file and the flag also take \`none\` as \`usd\`: no dollar limit.

${table(describeOptions(budgetSchema))}

## Config file

\`hone.config.ts\`, \`.mts\`, \`.js\`, \`.mjs\`, \`.json\`, \`.yaml\` or \`.yml\`. What a target says wins over what the file
says for all; flags win over both.

${table(describeOptions(configSchema))}

### A target

\`targets.<name>\`, with \`program\` or \`prompt\`.

${table(describeOptions(targetSchema))}

### Rows in a file

\`targets.<name>.dataset\`.

${table(describeOptions(datasetFileSchema))}
`;
}

function table({ properties = {}, required = [] }: OptionSchema): string {
  const rows = Object.entries(properties).map(([name, schema]) => {
    const usual = required.includes(name) ? 'required' : (defaultOf(schema) ?? '');
    return `| \`${name}\` | ${schema.description ?? ''} | ${shortAllowed(schema)} | ${usual} |`;
  });
  return ['| option | meaning | allowed | default |', '|---|---|---|---|', ...rows].join('\n');
}

/** Objects with options of their own are explained where they stand. */
function shortAllowed(schema: OptionSchema): string {
  if (schema.properties !== undefined) return 'an object';
  if (typeof schema.additionalProperties === 'object') return 'an object';
  const words =
    schema.anyOf === undefined ? allowedValues(schema) : schema.anyOf.map(shortAllowed).join(' or ');
  return words.replaceAll('|', '\\|');
}

/** A default as the reference and the editor's tooltip write it. */
export function defaultOf({ default: usual, defaultText }: OptionSchema): string | undefined {
  if (defaultText !== undefined) return defaultText;
  if (usual === undefined) return undefined;
  return typeof usual === 'string' ? `'${usual}'` : JSON.stringify(usual);
}
