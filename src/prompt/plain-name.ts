import { labelOf } from '../signature/signature.ts';

/** Names that differ in case, separators or markup alone are the same name to a model. */
export function plainName(name: string): string {
  return labelOf(name)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '');
}
