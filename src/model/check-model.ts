import { checkMembers } from '../base/check-members.ts';
import type { Model } from './model.ts';

const hint = 'Give a model of hone-ai/models, or an object with all that `Model` asks for.';

/**
 * Checks what a caller gives as a model before it is asked.
 *
 * @param role What it is to answer as, for the message.
 * @throws {HoneError} `HONE_OPTION_INVALID` for what is no model.
 */
export function checkModel(model: unknown, role: string): void {
  checkMembers(model, { of: `The ${role} model`, members: { id: 'text' }, hint });
  checkMembers(model, {
    of: `The ${role} model "${(model as Model).id}"`,
    members: { endpoint: 'text', capabilities: 'object', generate: 'function' },
    hint,
  });
}
