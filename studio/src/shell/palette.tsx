import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useMemo, useState } from 'react';
import type { RunList } from '../../../src/server/views.ts';
import { get } from '../api.ts';
import { ago, score, shortId } from '../evidence/numbers.ts';
import { Dialog } from './dialog.tsx';
import { Icon } from './icon.tsx';
import { places } from './places.ts';

interface Item {
  readonly id: string;
  readonly group: string;
  readonly icon: string;
  readonly name: string;
  readonly more: string;
  readonly hint?: string;
  open(): void;
}

const mostItems = 40;

/** Runs and places in one list. */
export function Palette({ close }: { readonly close: () => void }) {
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [place, setPlace] = useState(0);
  const { data: runs } = useQuery({
    queryKey: ['runs'],
    queryFn: ({ signal }) => get<RunList>('/runs', signal),
  });
  const items = useMemo<readonly Item[]>(
    () => [
      ...places.map(({ to, icon, label }) => ({
        id: to,
        group: 'Places',
        icon,
        name: label,
        more: '',
        open: () => void navigate({ to }),
      })),
      ...(runs?.runs ?? []).map((run) => ({
        id: run.id,
        group: 'Runs',
        icon: run.kind === 'optimization' ? 'grow' : 'runs',
        name: `${shortId(run.id)} ${run.name}`,
        more: [run.model, run.dataset, ago(run.createdAt)].filter(Boolean).join(' · '),
        hint: run.verdict ?? (run.score === undefined ? run.status : score(run.score)),
        open: () =>
          void navigate({
            to: run.kind === 'optimization' ? '/optimize/$run' : '/runs/$run',
            params: { run: run.id },
          }),
      })),
    ],
    [runs, navigate],
  );
  const words = text.toLowerCase().split(/\s+/u).filter(Boolean);
  const found = items
    .filter(({ name, more, group }) =>
      words.every((word) => `${name} ${more} ${group}`.toLowerCase().includes(word)),
    )
    .slice(0, mostItems);
  const chosen = Math.min(place, found.length - 1);
  const open = (item: Item | undefined) => {
    if (item === undefined) return;
    close();
    item.open();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setPlace(Math.max(0, Math.min(found.length - 1, chosen + step)));
    }
    if (event.key === 'Enter') {
      event.preventDefault();
      open(found[chosen]);
    }
  };
  return (
    <Dialog label="Command palette" className="pal" close={close}>
      <div className="q">
        <Icon name="search" />
        <input
          // The palette is opened to type in it.
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={found[chosen] && `palette-${chosen}`}
          aria-label="Jump to anything"
          placeholder="Runs and places"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setPlace(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div className="plist" id="palette-list" role="listbox" aria-label="Found">
        {found.map((item, index) => (
          <button
            type="button"
            key={item.id}
            id={`palette-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            onClick={() => open(item)}
          >
            <Icon name={item.icon} />
            <b>{item.name}</b>
            <span className="trunc">{item.more}</span>
            <span className="e">{item.hint ?? item.group}</span>
          </button>
        ))}
        {found.length === 0 && <p className="none">Nothing has these words.</p>}
      </div>
      <div className="z">
        <span>
          <kbd>↑</kbd> <kbd>↓</kbd> move
        </span>
        <span>
          <kbd>↵</kbd> open
        </span>
        <span>
          <kbd>esc</kbd> close
        </span>
      </div>
    </Dialog>
  );
}
