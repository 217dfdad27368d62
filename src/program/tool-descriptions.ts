import { isJsonObject, type JsonObject } from '../base/json.ts';
import type { ToolDefinition } from '../model/model.ts';
import { type Candidate, type Parameter, parameterName, parameterOf } from '../prompt/candidate.ts';
import type { ParameterSpec } from './program.ts';
import type { Tool } from './tool.ts';

/** What a model is told of tools: parameters of the step that may call them. */
export interface ToolTexts {
  readonly specs: readonly ParameterSpec[];
  readonly seed: Readonly<Record<string, Parameter>>;
  /** The tools as a candidate describes them. */
  definitions(candidate: Candidate): readonly ToolDefinition[];
}

/**
 * The description of each tool, `<step>.tools.<tool>.description`, and of each of its arguments that has one,
 * `<step>.tools.<tool>.arguments.<argument>`, as parameters.
 */
export function toolTexts(step: string, tools: readonly Tool[]): ToolTexts {
  const texts = tools.flatMap((used) => [
    {
      part: descriptionPart(used),
      text: used.description,
      of: `what the model is told of the tool "${used.name}": what it is for, when to call it and what it gives.`,
    },
    ...Object.entries(propertiesOf(used)).flatMap(([argument, schema]) =>
      typeof schema.description === 'string'
        ? [
            {
              part: argumentPart(used, argument),
              text: schema.description,
              of: `what the model is told of the argument "${argument}" of the tool "${used.name}".`,
            },
          ]
        : [],
    ),
  ]);
  const specs = texts.map(
    ({ part, of }): ParameterSpec => ({
      name: parameterName(step, part),
      kind: 'text',
      step,
      part,
      description: of,
    }),
  );
  const seed = Object.fromEntries(
    texts.map(({ part, text }): readonly [string, Parameter] => [
      parameterName(step, part),
      { kind: 'text', text },
    ]),
  );
  const known = new WeakMap<Candidate, readonly ToolDefinition[]>();
  return {
    specs,
    seed,
    definitions(candidate) {
      const made = known.get(candidate) ?? tools.map((used) => define(used, { step, candidate }));
      known.set(candidate, made);
      return made;
    },
  };
}

function define(
  used: Tool,
  { step, candidate }: { readonly step: string; readonly candidate: Candidate },
): ToolDefinition {
  const textOf = (part: string, own: string) =>
    parameterOf(candidate, parameterName(step, part), 'text')?.text ?? own;
  const properties = Object.fromEntries(
    Object.entries(propertiesOf(used)).map(([argument, schema]) => [
      argument,
      typeof schema.description === 'string'
        ? { ...schema, description: textOf(argumentPart(used, argument), schema.description) }
        : schema,
    ]),
  );
  return {
    name: used.name,
    description: textOf(descriptionPart(used), used.description),
    parameters: { ...used.parameters, properties },
  };
}

function descriptionPart({ name }: Tool): string {
  return `tools.${name}.description`;
}

/** An argument may be called `description` itself. */
function argumentPart({ name }: Tool, argument: string): string {
  return `tools.${name}.arguments.${argument}`;
}

function propertiesOf({ parameters }: Tool): Readonly<Record<string, JsonObject>> {
  const { properties } = parameters;
  if (!isJsonObject(properties)) return {};
  return Object.fromEntries(
    Object.entries(properties).filter((entry): entry is [string, JsonObject] => isJsonObject(entry[1])),
  );
}
