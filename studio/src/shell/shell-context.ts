import { createContext, type ReactNode, use, useEffect } from 'react';
import type { BindingName } from '../keys/keys.ts';

interface Shell {
  setFooter(keys: readonly BindingName[]): void;
  setCrumbs(crumbs: ReactNode): void;
  openPalette(): void;
}

export const ShellContext = createContext<Shell | undefined>(undefined);

/** Tells the shell where the page stands, and which keys it has. */
export function usePage({
  title,
  crumbs,
  keys = [],
}: {
  readonly title: string;
  readonly crumbs: ReactNode;
  readonly keys?: readonly BindingName[];
}): void {
  const shell = use(ShellContext);
  const names = keys.join(' ');
  useEffect(() => {
    document.title = `${title} · Hone Studio`;
  }, [title]);
  useEffect(() => shell?.setFooter(names === '' ? [] : (names.split(' ') as BindingName[])), [shell, names]);
  // Crumbs are built anew with every render; their title tells when they differ.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => shell?.setCrumbs(crumbs), [shell, title]);
}
