import { type Document, visit } from 'yaml';
import { isBeyondExact } from './decimal.ts';

/**
 * Keeps numbers that are names as they are written: `007` is not 7, and a number of twenty digits is not the nearest
 * that a `number` can hold. Changes the document.
 */
export function keepSpelling(document: Document | Document.Parsed): void {
  visit(document, {
    Scalar(_, node) {
      const { source, value } = node;
      if (typeof value !== 'number' || source === undefined) return;
      if (/^[-+]?0\d/.test(source) || (/^[-+]?\d+$/.test(source) && isBeyondExact(source)))
        node.value = source;
    },
  });
}
