import { HoneError } from '../base/errors.ts';
import type { Message } from '../model/model.ts';
import { noAnswerOf } from '../model/no-answer.ts';
import type { ModelRole } from '../program/program.ts';
import type { Sample } from './scorer.ts';

export interface AskJudgeOptions {
  /** Who is asked. @default 'judge' */
  readonly role?: ModelRole | undefined;
  /** Most tokens of the answer. @default 512 */
  readonly maxOutputTokens?: number | undefined;
  /** @default 0, the most likely answer */
  readonly temperature?: number | undefined;
  /** Which independent answer to the same question: each name answers on its own. @default the row's trial */
  readonly draw?: string | undefined;
}

/** Asks a model of the evaluation: one question, or a whole conversation. The text of its answer. */
export type AskJudge = (question: string | readonly Message[], options?: AskJudgeOptions) => Promise<string>;

/**
 * The way for a scorer to ask a model: its calls are counted with the row, stored, limited and replayed.
 *
 * @throws {HoneError} When asking, `HONE_OPTION_INVALID` where the evaluation has no model of the role, and
 *   `HONE_MODEL_…` when it cannot be asked or answers nothing: then the row is lost, not scored.
 */
export function askWith(scorer: string, { runtime }: Pick<Sample, 'runtime'>): AskJudge {
  return async (question, { role = 'judge', maxOutputTokens = 512, temperature = 0, draw } = {}) => {
    const model = runtime?.models[role];
    if (runtime === undefined || model === undefined) {
      throw new HoneError(`Scorer "${scorer}" asks the model of the role "${role}", and none was given.`, {
        code: 'HONE_OPTION_INVALID',
        hint: `Give the model: models: { ${JSON.stringify(role)}: … } in code or in the config, --role-model ${role}=<id> on the command line.`,
      });
    }
    const messages: readonly Message[] =
      typeof question === 'string' ? [{ role: 'user', content: question }] : question;
    const own = draw === undefined ? runtime.draw : `${runtime.draw}/${draw}`;
    const response = await model.generate(
      { messages, maxOutputTokens, temperature },
      { signal: runtime.signal, draw: own },
    );
    const none = noAnswerOf(response);
    if (none === undefined) return response.text;
    throw new HoneError(`Scorer "${scorer}" got no answer from ${model.id}. ${none.reason}`, {
      code: 'HONE_MODEL_BAD_REPLY',
      hint:
        none.fault === 'cut-off'
          ? 'Raise `maxOutputTokens` where the scorer asks.'
          : 'Ask in other words, or take another model as the judge.',
      facts: { modelId: model.id, endpoint: model.endpoint, fault: none.fault, retryable: false },
    });
  };
}
