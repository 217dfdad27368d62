import type { DiffView } from './compare-views.ts';
import type { Bounds, Evidence, ParameterView } from './views.ts';

export interface PromptLine {
  readonly name: string;
  readonly versions: number;
  /** Version number by channel. */
  readonly channels: Readonly<Record<string, number>>;
}

export interface VersionLine {
  readonly version: number;
  readonly hash: string;
  readonly message: string;
  readonly author: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly parents: readonly number[];
  readonly channels: readonly string[];
  readonly model?: string | undefined;
  /** The score with which it was published. */
  readonly score?: number | undefined;
  readonly interval?: Bounds | undefined;
  readonly rows?: number | undefined;
  readonly dataset?: string | undefined;
  /** The run that speaks for it. */
  readonly experiment?: string | undefined;
  readonly characters: number;
}

export interface PromotionLine {
  readonly number: number;
  readonly at: number;
  readonly channel: string;
  readonly from?: number | undefined;
  readonly to: number;
  readonly actor: string;
  readonly reason: string;
  /** What spoke for it, in words. */
  readonly evidence: string;
}

export interface PromptView extends PromptLine {
  /** Newest first. */
  readonly list: readonly VersionLine[];
  /** Newest first. */
  readonly promotions: readonly PromotionLine[];
  /** Where its file lies. */
  readonly file: string;
}

export interface VersionView {
  readonly version: number;
  /** The version that it is compared with. */
  readonly against?: number | undefined;
  readonly diff: readonly DiffView[];
  readonly parameters: readonly ParameterView[];
  /** On the rows that both were evaluated on; absent where one of them has no evaluation here. */
  readonly evidence?: Evidence | undefined;
  readonly fixed: number;
  readonly broken: number;
  /** Why there is no evidence. */
  readonly missing?: string | undefined;
  readonly runs?: { readonly a: string; readonly b: string } | undefined;
}
