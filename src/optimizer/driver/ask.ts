import { HoneError, messageOf } from '../../base/errors.ts';
import { hashJson } from '../../base/hash.ts';
import type { JsonObject } from '../../base/json.ts';
import { usageOf } from '../../evaluation/row-usage.ts';
import { createMeter } from '../../model/middleware/meter.ts';
import type { Model } from '../../model/model.ts';
import { cutOffReason } from '../../model/no-answer.ts';
import { predict } from '../../program/predict.ts';
import type { Program } from '../../program/program.ts';
import type { Signature } from '../../signature/signature.ts';
import type { Ask, AskResult } from '../optimizer.ts';
import type { Unit } from './effects.ts';
import type { AskRecord, EffectKey } from './record.ts';

/** A request of the search to be asked. */
export interface AskUnit extends Unit {
  readonly kind: 'ask';
  readonly ask: Ask;
  /** Run seed, path of the search, label and sample. */
  readonly draw: string;
}

/** The draw and the content of a request, so that neither another label nor another question reads its answer. */
export function askKey(
  draw: string,
  { signature, inputs, temperature, maxOutputTokens, role }: Ask,
): EffectKey {
  const { instructions, inputs: takes, outputs: gives } = signature;
  const content = hashJson([
    instructions,
    takes,
    gives,
    inputs,
    temperature ?? 1,
    maxOutputTokens ?? 0,
    role ?? '',
  ] as JsonObject[]);
  return { effect: 'reflection', candidate: content.slice(0, 16), example: draw, trial: 0 };
}

export interface AskSetting {
  readonly models: Readonly<Record<string, Model>>;
  readonly signal: AbortSignal;
  /** Whether an answer that cannot be read may be asked again. */
  readonly reask: boolean;
}

/**
 * Asks once, through a signature, and once more for what cannot be read. Raw text never comes back: an answer
 * that stays unreadable, or was cut off, says why. A call that the infrastructure lost is a value as well; an
 * abort and what would meet every other call throws.
 */
export async function performAsk(
  { ask, draw }: AskUnit,
  { models, signal, reask }: AskSetting,
): Promise<AskRecord> {
  const model = modelOf(ask, models);
  const meter = createMeter();
  const program = predict(ask.signature as unknown as Signature, {
    name: 'reflection',
    // The one layout in which a text can never be taken for a value: an apology stays an apology.
    format: 'json',
    temperature: ask.temperature ?? 1,
    maxOutputTokens: ask.maxOutputTokens ?? 4096,
  }) as Program;
  const metered = meter.wrap(model, ask.role ?? 'reflection');
  let isCut = false;
  const watched: Model = {
    ...metered,
    generate: async (request, options) => {
      const response = await metered.generate(request, options);
      isCut = response.finishReason === 'length';
      return response;
    },
  };
  const settle = (result: AskResult): AskRecord => ({ result, usage: usageOf(meter.calls) });
  try {
    const prediction = await program.forward(ask.inputs, { model: watched, draw, signal, reask });
    // What closed before the limit may still be less than what was meant.
    if (isCut) return settle({ status: 'unreadable', id: draw, reason: `${cutOffReason}.` });
    return settle(
      prediction.status === 'completed'
        ? { status: 'answered', id: draw, outputs: prediction.outputs }
        : { status: 'unreadable', id: draw, reason: prediction.reason },
    );
  } catch (thrown) {
    if (signal.aborted || !isLost(thrown)) throw thrown;
    return settle({ status: 'lost', id: draw, reason: messageOf(thrown) });
  }
}

/**
 * The model of a role.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` when there is none.
 */
export function modelOf(
  { role = 'reflection' }: Pick<Ask, 'role'>,
  models: Readonly<Record<string, Model>>,
): Model {
  const model = models[role];
  if (model !== undefined) return model;
  throw new HoneError(`This optimizer asks a ${role} model, and none was given.`, {
    code: 'HONE_OPTION_INVALID',
    hint:
      role === 'reflection'
        ? 'Give `reflectionModel`, on the command line --reflection-model.'
        : `Give one in \`models\`: { ${role}: … }.`,
  });
}

/** Faults that another call would meet as well end the run instead. */
const endsEverything = new Set<string>([
  'HONE_MODEL_AUTHENTICATION',
  'HONE_MODEL_FILE_INVALID',
  'HONE_MODEL_UNKNOWN',
]);

function isLost(thrown: unknown): boolean {
  if (!HoneError.isInstance(thrown) || thrown.facts.providerGone === true) return false;
  return thrown.code.startsWith('HONE_MODEL_') && !endsEverything.has(thrown.code);
}
