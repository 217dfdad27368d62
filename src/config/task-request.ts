import type { Delimiter } from '../dataset/sniff-table.ts';

/** What a command line asks for; the flags of `hone eval` and `hone optimize` have this shape. */
export interface TaskRequest {
  readonly config?: string | undefined;
  /** The prompt itself, where no file is named: one that is only being written. @default one of which nothing is said */
  readonly promptText?: string | undefined;
  readonly data?: string | undefined;
  readonly train?: string | undefined;
  readonly validation?: string | undefined;
  readonly test?: string | undefined;
  readonly splitColumn?: string | undefined;
  readonly allowLeaks?: boolean | undefined;
  readonly groupBy?: string | undefined;
  readonly expected?: readonly string[] | undefined;
  readonly inputs?: readonly string[] | undefined;
  readonly id?: string | undefined;
  readonly delimiter?: Delimiter | undefined;
  readonly missingAsEmpty?: boolean | undefined;
  readonly model?: string | undefined;
  readonly reflectionModel?: string | undefined;
  /** By role. */
  readonly roleModel?: Readonly<Record<string, string>> | undefined;
  readonly scorer?: string | undefined;
  readonly optimizer?: string | undefined;
  readonly seed?: number | undefined;
  readonly first?: number | undefined;
  readonly sample?: number | undefined;
}
