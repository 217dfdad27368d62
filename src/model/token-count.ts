import { canonicalJson } from '../base/canonical-json.ts';
import { type Content, type FilePart, isAddress } from './content.ts';
import type { ModelRequest } from './model.ts';

/** What providers bill for a picture of about 1,000 by 1,000 points, and for a page of a document, at most. */
const tokensPerImage = 1_500;
const tokensPerPage = 3_000;
/** Bytes that a page of a document takes at least. */
const bytesPerPage = 60_000;

/** Tokens that a chat format adds around each message, and once for the answer's start. */
const tokensPerMessage = 4;

/**
 * A text's tokens, without a tokenizer: for plans and limits, not for bills. A word counts one token for
 * every six letters begun, digits one for two, punctuation and line breaks one each, letters of scripts
 * without spaces one each, those of other scripts beyond Latin one for two.
 *
 * @returns 0 for an empty text.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const [run] of text.matchAll(pieces)) tokens += tokensOfRun(run);
  return tokens;
}

const pieces =
  /[\p{Script=Latin}\p{M}]+|\d+|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]+|\p{L}+|\n+|[^\p{L}\d\s]/gu;

function tokensOfRun(run: string): number {
  const code = run.codePointAt(0) ?? 0;
  if (code >= 48 && code <= 57) return Math.ceil(run.length / 2);
  if (code === 10) return 1;
  if (code < 0x250) return Math.ceil(run.length / 6);
  return code < 0xe00 ? Math.ceil(run.length / 2) : run.length;
}

/** The tokens of a content; images and files by what providers bill for their kind and size. */
function estimateContentTokens(content: Content): number {
  if (typeof content === 'string') return estimateTokens(content);
  let tokens = 0;
  for (const part of content) tokens += part.type === 'text' ? estimateTokens(part.text) : fileTokens(part);
  return tokens;
}

function fileTokens(part: FilePart): number {
  if (part.type === 'image') return tokensPerImage;
  if (isAddress(part)) return tokensPerPage;
  const bytes = (part.data.length * 3) / 4;
  // Text is read as text: four bytes a token.
  if (part.mediaType.startsWith('text/')) return Math.ceil(bytes / 4);
  return Math.ceil(bytes / bytesPerPage) * tokensPerPage;
}

/** The input tokens of a whole request: messages, tools and the schema of the answer. */
export function estimateRequestTokens(request: ModelRequest): number {
  let tokens = tokensPerMessage;
  for (const { content, toolCalls = [] } of request.messages) {
    tokens += tokensPerMessage + estimateContentTokens(content);
    for (const call of toolCalls) tokens += estimateTokens(call.name) + estimateTokens(call.arguments);
  }
  if (request.tools !== undefined) tokens += estimateTokens(canonicalJson(request.tools));
  if (request.responseSchema !== undefined) tokens += estimateTokens(canonicalJson(request.responseSchema));
  return tokens;
}
