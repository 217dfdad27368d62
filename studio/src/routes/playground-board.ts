import type { CellView } from '../../../src/server/board-views.ts';
import type { SpanView } from '../../../src/server/views.ts';

/** A column: a text with what it is asked of. Empty settings are the folder's own. */
export interface Variant {
  /** A letter; A is what the others are held against. */
  readonly id: string;
  readonly text: string;
  readonly model: string;
  readonly baseUrl: string;
  readonly maxOutputTokens: string;
}

/** An answer as it outlives a reload: its messages do not. */
export type KeptCell = Omit<CellView, 'spans'>;

/** All that the page knows; kept in this browser alone. */
export interface Board {
  readonly data?: string | undefined;
  /** @default the last column */
  readonly expected?: readonly string[] | undefined;
  /** Columns that the prompt does not see. @default what only names a row */
  readonly left?: readonly string[] | undefined;
  readonly size: number;
  readonly draw: number;
  readonly maxCalls: string;
  readonly budgetUsd: string;
  readonly variants: readonly Variant[];
  /** Key of a variant → id of a row → its answer. */
  readonly cells: Readonly<Record<string, Readonly<Record<string, KeptCell>>>>;
}

export const letters = ['A', 'B', 'C', 'D', 'E', 'F'] as const;
export const sizes = [4, 8, 12, 24, 50, 100] as const;

/** Texts whose answers are kept: what was typed before comes back with its answers. */
const mostTexts = 16;

const empty: Variant = { id: 'A', text: '', model: '', baseUrl: '', maxOutputTokens: '' };

export const newBoard: Board = {
  size: 12,
  draw: 1,
  maxCalls: '200',
  budgetUsd: '',
  variants: [empty],
  cells: {},
};

/** The board of a folder: studios of other folders share the browser's storage. */
export function readBoard(folder: string): Board {
  try {
    const stored = JSON.parse(localStorage.getItem(keyOf(folder)) ?? '{}') as Partial<Board>;
    return { ...newBoard, ...stored };
  } catch {
    return newBoard;
  }
}

export function keepBoard(folder: string, board: Board): void {
  try {
    localStorage.setItem(keyOf(folder), JSON.stringify(board));
  } catch {
    // The browser gives no more room: texts and settings matter more than answers, which are stored in the folder.
    try {
      localStorage.setItem(keyOf(folder), JSON.stringify({ ...board, cells: {} }));
    } catch {
      // A browser that stores nothing keeps the board until it is closed.
    }
  }
}

function keyOf(folder: string): string {
  return `hone-playground:${folder}`;
}

/** The first free letter with the text of another column. */
export function addVariant(board: Board, from: Variant | undefined): Board {
  const id = letters.find((letter) => !board.variants.some((variant) => variant.id === letter));
  if (id === undefined) return board;
  const variants = [...board.variants, { ...(from ?? empty), id }];
  return { ...board, variants: variants.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

/** A new answer; those of texts that were tried long ago make room. */
export function withCell(
  board: Board,
  { key, row, cell }: { readonly key: string; readonly row: string; readonly cell: KeptCell },
): Board {
  const { [key]: known = {}, ...others } = board.cells;
  const kept = Object.entries(others).slice(1 - mostTexts);
  return { ...board, cells: { ...Object.fromEntries(kept), [key]: { ...known, [row]: cell } } };
}

/** What decides the answers of a column. */
export function variantKey(table: unknown, { id: _, ...settings }: Variant): string {
  return hashOf(JSON.stringify([table, settings]));
}

/** A short name of a text: 53 bits, two columns are never taken for each other by chance. */
function hashOf(text: string): string {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (const sign of text) {
    const code = sign.codePointAt(0) ?? 0;
    a = Math.imul(a ^ code, 2_654_435_761);
    b = Math.imul(b ^ code, 1_597_334_677);
  }
  a = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909);
  b = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909);
  return (4_294_967_296 * (2_097_151 & b) + (a >>> 0)).toString(36);
}

/** Messages of the answers of this visit, by key of the variant and id of the row. */
export const messagesOf = new Map<string, readonly SpanView[]>();

/** A variant as the server takes it: what is empty is left out. */
export function requestOf({ id, text, model, baseUrl, maxOutputTokens }: Variant) {
  return {
    id,
    text,
    ...(model.trim() !== '' && { model: model.trim() }),
    ...(baseUrl.trim() !== '' && { baseUrl: baseUrl.trim() }),
    // What is no number is refused by the server, which says so.
    ...(maxOutputTokens.trim() !== '' && { maxOutputTokens: Number(maxOutputTokens) }),
  };
}

const draftKey = 'hone-draft';

/** A column on its way to the form that starts a run. */
export interface Draft extends Omit<Variant, 'id'> {
  readonly expected: readonly string[];
  readonly left: readonly string[];
}

export function keepDraft(draft: Draft): void {
  sessionStorage.setItem(draftKey, JSON.stringify(draft));
}

export function readDraft(): Draft | undefined {
  const stored = sessionStorage.getItem(draftKey);
  return stored === null ? undefined : (JSON.parse(stored) as Draft);
}
