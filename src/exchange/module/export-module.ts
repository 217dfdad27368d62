import { completeCandidate } from '../../program/check-candidate.ts';
import { pipeline } from '../../program/pipeline.ts';
import { predict } from '../../program/predict.ts';
import type { AnyProgram, ProgramShape, StepShape } from '../../program/program.ts';
import type { Candidate } from '../../prompt/candidate.ts';
import { stepPromptsOf } from '../../prompt/step-prompts.ts';
import { type StepSource, stepSourceOf } from './message-source.ts';
import { missingSource, readerHelpers, readerSource } from './reader-source.ts';
import { type ModuleSdk, type SdkSource, sdkSource } from './sdk-source.ts';
import { capital, identifierOf, interfaceSource } from './type-source.ts';

export interface ExportModuleOptions {
  /** The SDK that asks. */
  readonly sdk: ModuleSdk;
  /** The parameters to write. @default the program's seed */
  readonly candidate?: Candidate | undefined;
  /** The model to name, such as `openai/gpt-5-mini`. @default a small one of the provider */
  readonly model?: string | undefined;
}

export interface ExportedModule {
  readonly text: string;
  /** What the module does otherwise than what was measured, in words. */
  readonly notes: readonly string[];
}

/**
 * A TypeScript module with the prompts of a program: for each step typed inputs and outputs, the exact messages, a
 * strict reader of the answer, and a function that asks by an SDK; of a pipeline also the whole of it. It needs
 * nothing of Hone.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a step whose prompts no code can write out.
 */
export function exportModule(
  program: AnyProgram,
  { sdk, candidate, model }: ExportModuleOptions,
): ExportedModule {
  const { shape, seed } = program;
  const whole = completeCandidate(candidate ?? seed, { program: shape, seed });
  const asked = sdkSource(sdk, { model });
  const names = stepNames(shape.steps);
  const steps = shape.steps.map((step) => ({
    step,
    name: names.get(step.name) ?? step.name,
    source: stepSourceOf(step, whole),
  }));
  const notes = shape.steps.flatMap((step) => noteOf(step, whole));
  const isWhole = shape.steps.length > 1 && isPipeline(shape);
  if (shape.steps.length > 1 && !isWhole) {
    notes.push(
      `How the steps of "${shape.name}" are connected is code of its own: the module has each step by itself.`,
    );
  }
  const parts = [
    `// Written by \`hone export --as ${sdk}\`: the prompts of "${shape.name.replaceAll(/[\r\n]/g, ' ')}" as they were measured.`,
    asked.imports,
    `export interface PromptMessage {\n  readonly role: 'system' | 'user' | 'assistant';\n  readonly content: string;\n}`,
    ...steps.map((each) => stepModule(each, asked)),
    ...(isWhole ? [wholeModule(shape, names, asked)] : []),
    `/** A value as it stands in a prompt. */\nfunction text(value: unknown): string {\n  return value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);\n}`,
    readerHelpers,
    missingSource,
  ];
  return { text: `${parts.join('\n\n')}\n`, notes };
}

/** Names in code, each its own. */
function stepNames(steps: readonly StepShape[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  return new Map(
    steps.map(({ name }) => {
      const wanted = identifierOf(name);
      let own = wanted;
      for (let count = 2; taken.has(own.toLowerCase()); count += 1) own = `${wanted}${count}`;
      taken.add(own.toLowerCase());
      return [name, own];
    }),
  );
}

function noteOf({ name, choice }: StepShape, candidate: Candidate): string[] {
  const { sets, calibration } = stepPromptsOf(candidate, name);
  const hasOffsets =
    Object.keys(calibration).length > 0 || sets.some(({ offsets, verbalizer }) => offsets ?? verbalizer);
  if (hasOffsets) {
    return [`${name}: its calibration needs the log-probabilities of the answers, and is left out.`];
  }
  return choice === undefined
    ? []
    : [
        `${name}: a model that scores choices was asked for their probabilities; the module reads the text of the answer.`,
      ];
}

/** Whether the program does what a pipeline of its steps does: then its version is the pipeline's. */
function isPipeline(shape: ProgramShape): boolean {
  const steps = shape.steps.map(({ name, inputs, outputs }) =>
    predict({ instructions: '', inputs, outputs }, { name }),
  ) as readonly AnyProgram[];
  const outputs = shape.outputs.map(({ name }) => name);
  const pipelineOf = pipeline as (
    steps: readonly AnyProgram[],
    options?: { outputs: readonly string[] },
  ) => AnyProgram;
  const candidates = [() => pipelineOf(steps), () => pipelineOf(steps, { outputs })];
  return candidates.some((make) => {
    try {
      return make().shape.version === shape.version;
    } catch {
      return false;
    }
  });
}

interface ModuleStep {
  readonly step: StepShape;
  readonly name: string;
  readonly source: StepSource;
}

function stepModule({ step, name, source }: ModuleStep, sdk: SdkSource): string {
  const type = capital(name);
  const reader = readerSource(step.outputs, source.format).replaceAll('OUTPUTS', `${type}Outputs`);
  return `/** What the step "${step.name.replaceAll('*/', '* /')}" takes. */
${interfaceSource(`${type}Inputs`, step.inputs)}

/** What it gives. */
${interfaceSource(`${type}Outputs`, step.outputs)}

export const ${name} = {
  /** The messages for one row, as they were measured. */
  messages(inputs: ${type}Inputs): PromptMessage[] {
    return ${source.messages};
  },
  /** The outputs of an answer. @throws UnreadableAnswer */
  read(answer: string): ${type}Outputs {
${reader}${type}Outputs;
  },
  /** Asks for one row. @throws UnreadableAnswer */
  async run(
    inputs: ${type}Inputs,
    ${sdk.parameter},
    settings: ${sdk.settings} = {},
  ): Promise<${type}Outputs> {
${sdk.ask(step, source, name)}
    return ${name}.read(said);
  },
};`;
}

/** The steps one after another: each takes by name what the row and the steps before it give, the latest first. */
function wholeModule(shape: ProgramShape, names: ReadonlyMap<string, string>, sdk: SdkSource): string {
  const type = capital(identifierOf(shape.name));
  const argument = /^\w+/.exec(sdk.parameter)?.[0] ?? 'model';
  const from = new Map<string, string>();
  for (const { name } of shape.inputs) from.set(name, `inputs[${JSON.stringify(name)}]`);
  const lines = shape.steps.map((step) => {
    const own = names.get(step.name) ?? step.name;
    const given = step.inputs.map(({ name }) => {
      const source = from.get(name) ?? 'undefined';
      return `${JSON.stringify(name)}: ${source}`;
    });
    for (const { name } of step.outputs) from.set(name, `${own}Outputs[${JSON.stringify(name)}]`);
    return `  const ${own}Outputs = await ${own}.run({ ${given.join(', ')} }, ${argument}, settings);`;
  });
  const outputs = shape.outputs.map(
    ({ name }) => `${JSON.stringify(name)}: ${from.get(name) ?? 'undefined'}`,
  );
  return `/** What the whole program takes. */
${interfaceSource(`${type}ProgramInputs`, shape.inputs)}

/** What it gives. */
${interfaceSource(`${type}ProgramOutputs`, shape.outputs)}

/** Asks the steps one after another. @throws UnreadableAnswer */
export async function run${type}(
  inputs: ${type}ProgramInputs,
  ${sdk.parameter},
  settings: ${sdk.settings} = {},
): Promise<${type}ProgramOutputs> {
${lines.join('\n')}
  return { ${outputs.join(', ')} };
}`;
}
