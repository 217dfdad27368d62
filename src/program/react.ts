import { z } from 'zod';
import { HoneError } from '../base/errors.ts';
import { hashJson } from '../base/hash.ts';
import type { JsonObject } from '../base/json.ts';
import { resolveOptions } from '../base/resolve-options.ts';
import type { Model } from '../model/model.ts';
import { parameterName, parameterOf } from '../prompt/candidate.ts';
import type { Signature } from '../signature/signature.ts';
import { submitName } from './agent-calls.ts';
import { runAgent } from './agent-loop.ts';
import { createProgram } from './create-program.ts';
import { modelOfRole } from './model-of-role.ts';
import { defaultModel } from './predict.ts';
import type { Prediction, Program } from './program.ts';
import type { Tool } from './tool.ts';
import { toolTexts } from './tool-descriptions.ts';

const settingsSchema = z.strictObject({
  name: z.string().min(1).default('agent'),
  mostSteps: z.int().min(1).max(200).default(10),
  typicalSteps: z.int().min(1).max(200).default(3),
  calls: z.enum(['auto', 'native', 'text']).default('auto'),
  parallel: z.int().min(1).max(64).default(4),
  mostRepeats: z.int().min(1).max(200).default(3),
  onToolError: z.enum(['tell', 'fail']).default('tell'),
  historyTokens: z.int().min(100).default(24_000),
  resultCharacters: z.int().min(100).default(8_000),
  temperature: z.number().min(0).max(2).default(0),
  maxOutputTokens: z.int().min(1).default(1024),
});

export interface ReactOptions {
  /** What it may call. */
  readonly tools: readonly Tool[];
  /** Names the step; its parameters are `<name>.instructions` and so on. @default 'agent' */
  readonly name?: string | undefined;
  /** Most rounds, 1 to 200; then one more question, whose only tool is to submit. @default 10 */
  readonly mostSteps?: number | undefined;
  /** Rounds that a row usually takes, for budgets. @default 3, or `mostSteps` where that is less */
  readonly typicalSteps?: number | undefined;
  /**
   * How tools are called: as the provider has them, or as JSON in a text, for models that know none.
   * @default 'auto': natively where the model can
   */
  readonly calls?: 'auto' | 'native' | 'text' | undefined;
  /** Most calls of one round at once, 1 to 64. @default 4 */
  readonly parallel?: number | undefined;
  /** How often the same call with the same arguments is made for one row. @default 3 */
  readonly mostRepeats?: number | undefined;
  /** Whether the model is told of an error of a tool and goes on, or the row fails. @default 'tell' */
  readonly onToolError?: 'tell' | 'fail' | undefined;
  /** Tokens (estimated) from which the older rounds are shortened, at least 100. @default 24_000 */
  readonly historyTokens?: number | undefined;
  /** Most characters of one result that the model is shown; what is cut is said. @default 8_000 */
  readonly resultCharacters?: number | undefined;
  /** The model that answers when the caller names none. @default the embedded local model */
  readonly model?: Model | string | undefined;
  /** @default 0, the most likely answer */
  readonly temperature?: number | undefined;
  /** Most tokens of one round. @default 1024 */
  readonly maxOutputTokens?: number | undefined;
}

/**
 * An agent: it calls tools, several at once where they do not depend on each other, sees what they give, and submits the
 * outputs of the signature when it knows them. Its instructions, the descriptions of its tools and those of their
 * arguments are parameters that an optimizer can set.
 *
 * It always ends: rounds, the time of a tool, and how often the same call is made are bounded. An answer that cannot be
 * submitted, an unknown tool and the error of a tool are told to the model. A history that grows too long is shortened
 * from its beginning; the task stays. Where the rounds are used up, or the model asks for no tool, it is asked once more
 * to submit.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` without a tool, for two of one name, one called "submit", or an option out of
 *   range.
 * @see Yao et al. 2023, "ReAct: Synergizing Reasoning and Acting in Language Models", https://arxiv.org/abs/2210.03629;
 *   calls and answers are native instead of lines of text, and thoughts are left to the model.
 */
export function react<Inputs, Outputs>(
  task: Signature<Inputs, Outputs>,
  options: ReactOptions,
): Program<Inputs, Outputs> {
  const { tools, model: own = defaultModel, ...given } = options ?? {};
  const { typicalSteps, ...settings } = resolveOptions(settingsSchema, given, { of: 'react' });
  const { name, mostSteps, temperature, maxOutputTokens } = settings;
  const byName = toolsByName(tools, name);
  const texts = toolTexts(name, tools);
  const instructions = parameterName(name, 'instructions');
  const modelOf = modelOfRole(name, own);
  return createProgram<Inputs, Outputs>({
    name,
    version: hashJson([
      'react-1',
      settings,
      tools.map((used) => [used.name, used.version, used.timeoutMs]),
    ]).slice(0, 16),
    signature: task,
    steps: [{ name, inputs: task.inputs, outputs: task.outputs, temperature, maxOutputTokens }],
    parameters: [{ name: instructions, kind: 'text', step: name, part: 'instructions' }, ...texts.specs],
    seed: { [instructions]: { kind: 'text', text: task.instructions }, ...texts.seed },
    calls: () => ({ typical: Math.min(typicalSteps, mostSteps), most: mostSteps + 1 }),
    forward: async (inputs, runtime) =>
      (await runAgent({
        settings,
        signature: task as Signature,
        tools: byName,
        definitions: texts.definitions(runtime.candidate),
        instructions: parameterOf(runtime.candidate, instructions, 'text')?.text ?? '',
        inputs: inputs as JsonObject,
        model: await modelOf('task', runtime),
        runtime,
      })) as Prediction<Outputs>,
  });
}

function toolsByName(tools: readonly Tool[] | undefined, name: string): ReadonlyMap<string, Tool> {
  if (!Array.isArray(tools) || tools.length === 0) {
    throw invalid(
      `The agent "${name}" has no tools.`,
      "Give it some: tools: [tool('search', { … }, search)].",
    );
  }
  const byName = new Map<string, Tool>();
  for (const [place, used] of tools.entries()) {
    if (typeof used?.execute !== 'function' || typeof used.name !== 'string') {
      throw invalid(
        `Tool ${place + 1} of the agent "${name}" is none.`,
        'Make it with tool(), or mcpTools().',
      );
    }
    if (used.name === submitName) {
      throw invalid(
        `A tool of the agent "${name}" is called "submit".`,
        'Rename it: that is how the agent answers.',
      );
    }
    if (byName.has(used.name)) {
      throw invalid(
        `Two tools of the agent "${name}" are called "${used.name}".`,
        'Give each a name of its own.',
      );
    }
    byName.set(used.name, used);
  }
  return byName;
}

function invalid(message: string, hint: string): HoneError {
  return new HoneError(message, { code: 'HONE_OPTION_INVALID', hint });
}
