import type { Field, JsonSchema } from './signature.ts';

/** An image or any other file as an input: what a message of a model takes. */
export interface FileValue {
  readonly type: 'image' | 'file';
  /** The bytes in base64, or an address that the provider fetches. */
  readonly data: string;
  /** IANA media type, such as 'image/png'. */
  readonly mediaType: string;
  readonly name?: string | undefined;
}

/** One turn of a conversation before the row. */
export interface HistoryTurn {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

const fileSchema = (format: 'image' | 'file'): JsonSchema => ({
  type: 'object',
  format,
  properties: { type: { enum: ['image', 'file'] }, data: { type: 'string' }, mediaType: { type: 'string' } },
  required: ['type', 'data', 'mediaType'],
});

/** The schemas of what becomes more than text in a message, by the names of a shorthand. */
export const mediaSchemas: Readonly<Record<'image' | 'file' | 'history', JsonSchema>> = {
  image: fileSchema('image'),
  file: fileSchema('file'),
  history: {
    type: 'array',
    format: 'history',
    items: {
      type: 'object',
      properties: { role: { enum: ['user', 'assistant'] }, content: { type: 'string' } },
      required: ['role', 'content'],
    },
  },
};

/** Whether an input is the conversation before the row. */
export function isHistory({ schema }: Field): boolean {
  return schema.format === 'history';
}

/** Whether an input is an image, a file, or a list of them. */
export function isMedia({ schema }: Field): boolean {
  const { items } = schema;
  const inner =
    typeof items === 'object' && items !== null && !Array.isArray(items) ? (items as JsonSchema) : schema;
  return inner.format === 'image' || inner.format === 'file';
}
