import { useEffect, useRef } from 'react';

/** One binding: the overlay, the footer, the palette and the tests read this. */
export interface Binding {
  /** As `KeyboardEvent.key`; two of them with a space are a sequence; `mod+k` is ⌘ or Ctrl. */
  readonly keys: string;
  readonly says: string;
  readonly group:
    | 'Everywhere'
    | 'Go to'
    | 'Lists'
    | 'Runs'
    | 'Compare'
    | 'Optimization'
    | 'Playground'
    | 'Prompts'
    | 'Rows';
}

export const bindings = {
  palette: { keys: 'mod+k', says: 'jump to anything', group: 'Everywhere' },
  help: { keys: '?', says: 'all keys', group: 'Everywhere' },
  filter: { keys: '/', says: 'filter', group: 'Everywhere' },
  theme: { keys: 't', says: 'light, dark', group: 'Everywhere' },
  back: { keys: '[', says: 'back', group: 'Everywhere' },
  forward: { keys: ']', says: 'forward', group: 'Everywhere' },
  goRuns: { keys: 'g r', says: 'runs', group: 'Go to' },
  goPlayground: { keys: 'g p', says: 'playground', group: 'Go to' },
  goPrompts: { keys: 'g m', says: 'prompts', group: 'Go to' },
  goDatasets: { keys: 'g d', says: 'datasets', group: 'Go to' },
  goSettings: { keys: 'g s', says: 'settings', group: 'Go to' },
  down: { keys: 'j', says: 'next', group: 'Lists' },
  up: { keys: 'k', says: 'previous', group: 'Lists' },
  open: { keys: 'Enter', says: 'open', group: 'Lists' },
  select: { keys: 'x', says: 'select', group: 'Lists' },
  compare: { keys: 'c', says: 'compare', group: 'Runs' },
  pin: { keys: 'b', says: 'pin baseline', group: 'Runs' },
  flips: { keys: 'f', says: 'only flips', group: 'Compare' },
  swap: { keys: 's', says: 'swap', group: 'Compare' },
  markdown: { keys: 'm', says: 'copy Markdown', group: 'Compare' },
  previousCandidate: { keys: 'ArrowLeft', says: 'parent', group: 'Optimization' },
  nextCandidate: { keys: 'ArrowRight', says: 'child', group: 'Optimization' },
  runBoard: { keys: 'mod+enter', says: 'run', group: 'Playground' },
  runCell: { keys: 'mod+shift+enter', says: 'run the cell', group: 'Playground' },
  difference: { keys: 'd', says: 'difference to A', group: 'Playground' },
  saveVersion: { keys: 'mod+s', says: 'save', group: 'Playground' },
  leftCell: { keys: 'h', says: 'cell to the left', group: 'Playground' },
  rightCell: { keys: 'l', says: 'cell to the right', group: 'Playground' },
  promote: { keys: 'P', says: 'promote', group: 'Prompts' },
  rollBack: { keys: 'R', says: 'roll back', group: 'Prompts' },
  close: { keys: 'Escape', says: 'close', group: 'Rows' },
} as const satisfies Readonly<Record<string, Binding>>;

export type BindingName = keyof typeof bindings;

const shown: Readonly<Record<string, string>> = {
  Enter: '↵',
  Escape: 'esc',
  ArrowLeft: '←',
  ArrowRight: '→',
  P: '⇧P',
  R: '⇧R',
};

const modified: Readonly<Record<string, string>> = { enter: '↵', shift: '⇧' };

/** A binding's keys as they are printed on a keyboard. */
export function keyLabels(name: BindingName): readonly string[] {
  const { keys } = bindings[name];
  if (keys.startsWith('mod+')) {
    const isMac = /mac/iu.test(navigator.userAgent);
    const names = keys
      .split('+')
      .slice(1)
      .map((key) => modified[key] ?? key.toUpperCase());
    return [isMac ? `⌘${names.join('')}` : `Ctrl ${names.join(isMac ? '' : ' ')}`];
  }
  return keys.split(' ').map((key) => shown[key] ?? key);
}

const offKey = 'hone-single-keys';

/** Whether single letters act; whoever speaks to the computer may turn them off. */
export function singleKeysOn(): boolean {
  return localStorage.getItem(offKey) !== 'off';
}

export function setSingleKeys(on: boolean): void {
  localStorage.setItem(offKey, on ? 'on' : 'off');
}

export type Actions = Partial<Record<BindingName, () => void>>;

/** Calls an action when its keys are pressed: not while somebody types, nor behind a dialog. */
export function useKeys(actions: Actions, isOn = true): void {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    if (!isOn) return;
    let first = '';
    let firstAt = 0;
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const isMod = event.metaKey || event.ctrlKey;
      const shift = event.shiftKey && event.key === 'Enter' ? 'shift+' : '';
      const pressed = isMod ? `mod+${shift}${event.key.toLowerCase()}` : event.key;
      if (!isMod && (isTyping(event.target) || event.altKey)) return;
      if (!isMod && event.key.length === 1 && !singleKeysOn()) return;
      if (!isMod && event.key === 'Enter' && isControl(event.target)) return;
      const sequence = event.timeStamp - firstAt < 1_200 ? `${first} ${pressed}` : pressed;
      for (const [name, act] of Object.entries(latest.current)) {
        const { keys } = bindings[name as BindingName];
        if (act !== undefined && (keys === sequence || (keys === pressed && first !== 'g'))) {
          event.preventDefault();
          first = '';
          act();
          return;
        }
      }
      first = pressed;
      firstAt = event.timeStamp;
      if (first !== 'g') first = '';
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [isOn]);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (/^(INPUT|TEXTAREA|SELECT)$/u.test(target.tagName) || target.isContentEditable)
  );
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(BUTTON|A|SUMMARY)$/u.test(target.tagName);
}
