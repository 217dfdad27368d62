/** The baseline of a task that a person has pinned in this browser. */
export function pinnedBaseline(task: string): string | undefined {
  return localStorage.getItem(`hone-baseline ${task}`) ?? undefined;
}

export function pinBaseline(task: string, run: string): void {
  localStorage.setItem(`hone-baseline ${task}`, run);
}
