/** What an import writes, and what it tells. */
export interface ImportPlan {
  /** The files to write, their names from the folder that they go to. */
  readonly files: readonly { readonly name: string; readonly text: string }[];
  /** What was guessed, changed or left out, in words: nothing else was. */
  readonly notes: readonly string[];
  /** Command lines to go on with. */
  readonly next: readonly string[];
}
