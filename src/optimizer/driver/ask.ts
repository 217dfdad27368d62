import { HoneError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { type CallRecord, type Model, type ModelCall, wrapModel } from '../../model/model.ts';
import { predict } from '../../program/predict.ts';
import type { Ask } from '../optimizer.ts';
import type { BudgetMeter } from './budget.ts';

export interface AskSetting {
  readonly reflectionModel?: Model | undefined;
  readonly budget: BudgetMeter;
  readonly randomSeed: number;
  /** The scope's path: part of every draw. */
  readonly path: string;
  readonly signal: AbortSignal;
}

/**
 * Asks the reflection model through a signature. Each sample is a draw of its own, named by run seed, scope,
 * label and index, so that a replay reads the stored answer. An answer that cannot be read after its one
 * repair is left out; raw text never comes back.
 *
 * @throws {HoneError} `HONE_BUDGET_EXHAUSTED` before the call that the reflection budget does not allow.
 */
export async function ask(request: Ask, setting: AskSetting): Promise<readonly JsonObject[]> {
  const { label, signature, inputs, samples = 1, temperature = 1 } = request;
  const { reflectionModel, budget, randomSeed, path, signal } = setting;
  if (reflectionModel === undefined) {
    throw new HoneError('This optimizer asks a reflection model, and none was given.', {
      code: 'HONE_OPTION_INVALID',
      hint: 'Give `reflectionModel`, on the command line --reflection-model.',
    });
  }
  const program = predict(signature, {
    name: 'reflection',
    format: 'json',
    temperature,
    maxOutputTokens: 4096,
  });
  const model = metered(reflectionModel, budget);
  const answers: JsonObject[] = [];
  for (let index = 0; index < samples; index += 1) {
    const draw = `${randomSeed}/${path}/${label}/${index}`;
    const prediction = await program.forward(inputs, { model, draw, signal });
    if (prediction.status === 'completed') answers.push(prediction.outputs);
  }
  return answers;
}

/** Each call is charged before it is made, the second one that repairs an answer too. */
function metered(model: Model, budget: BudgetMeter): Model {
  return wrapModel(model, async <Answer extends CallRecord>(call: ModelCall<Answer>): Promise<Answer> => {
    budget.chargeReflectionCall();
    const answer = await call.proceed();
    budget.chargeReflectionCost(answer.costUsd);
    return answer;
  });
}
