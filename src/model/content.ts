import { HoneError } from '../base/errors.ts';

/** What a message says: a text, or parts of which some are images or files. */
export type Content = string | readonly ContentPart[];

export type ContentPart = TextPart | FilePart;

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
}

/** An image, or any other file. It is JSON, and all of it is part of the key of a stored answer. */
export interface FilePart {
  readonly type: 'image' | 'file';
  /** The bytes in base64, or an `https://…` or `http://…` address that the provider fetches. */
  readonly data: string;
  /** IANA media type, such as 'image/png' or 'application/pdf'. */
  readonly mediaType: string;
  /** How the file is called, where the provider shows it to the model. */
  readonly name?: string | undefined;
}

/** The text of a content: its text parts joined as they are; images and files say nothing here. */
export function contentText(content: Content): string {
  if (typeof content === 'string') return content;
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** The contents of several messages as one, in their order; a text where all are texts. */
export function joinContents(contents: readonly Content[]): Content {
  if (contents.every((content) => typeof content === 'string')) return contents.join('');
  return contents.flatMap((content): readonly ContentPart[] =>
    typeof content === 'string' ? [{ type: 'text', text: content }] : content,
  );
}

/** The text of a content where nothing but text can be sent. */
export interface TextPlace {
  readonly modelId: string;
  /** What takes text alone, such as 'the model' or 'a message of the system'. */
  readonly place: string;
}

/**
 * The text of a content, where only text can stand.
 *
 * @throws {HoneError} `HONE_MODEL_REJECTED` when it has an image or a file.
 */
export function requireText(content: Content, { modelId, place }: TextPlace): string {
  if (typeof content === 'string') return content;
  const file = content.find((part): part is FilePart => part.type !== 'text');
  if (file === undefined) return contentText(content);
  throw new HoneError(
    `${modelId} cannot be asked: ${place} takes text alone, and the request has ${describeFile(file)}.`,
    {
      code: 'HONE_MODEL_REJECTED',
      hint: 'Choose a model that takes images and files, and put them into a message of the user.',
      facts: { modelId, mediaType: file.mediaType, retryable: false },
    },
  );
}

function describeFile({ type, mediaType, name }: FilePart): string {
  const called = name === undefined ? '' : ` "${name}"`;
  return `${type === 'image' ? 'an image' : 'a file'}${called} (${mediaType})`;
}

/** Whether a part names an address instead of carrying its bytes. */
export function isAddress({ data }: FilePart): boolean {
  return /^https?:\/\//i.test(data);
}

/** Whether a value is an image or a file. */
export function isFilePart(value: unknown): value is FilePart {
  if (typeof value !== 'object' || value === null) return false;
  const { type, data, mediaType } = value as Readonly<Record<string, unknown>>;
  return (type === 'image' || type === 'file') && typeof data === 'string' && typeof mediaType === 'string';
}
