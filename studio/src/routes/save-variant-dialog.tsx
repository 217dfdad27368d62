import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { VersionLine } from '../../../src/server/prompt-views.ts';
import { send } from '../api.ts';
import { Dialog } from '../shell/dialog.tsx';
import { Failure } from '../shell/panel-states.tsx';
import { requestOf, type Variant } from './playground-board.ts';

/** Keeps a text: as a version of a prompt, or as a file of the folder. */
export function SaveVariantDialog({
  variant,
  table,
  task,
  close,
}: {
  readonly variant: Variant;
  readonly table: unknown;
  readonly task: string;
  readonly close: () => void;
}) {
  const navigate = useNavigate();
  const [as, setAs] = useState<'version' | 'file'>('version');
  const [name, setName] = useState(task.toLowerCase().replaceAll(/[^a-z0-9_-]+/gu, '-'));
  const [message, setMessage] = useState('');
  const [fault, setFault] = useState<unknown>();
  const [written, setWritten] = useState<string | undefined>();
  const act = async () => {
    setFault(undefined);
    try {
      if (as === 'file') {
        setWritten(
          (await send<{ readonly path: string }>('/files/prompt', { name, text: variant.text })).path,
        );
        return;
      }
      const { id: _, maxOutputTokens: __, ...asked } = requestOf(variant);
      const { version } = await send<VersionLine>('/prompts', { name, message, table, ...asked });
      close();
      void navigate({ to: '/prompts/$name', params: { name }, search: { v: version } });
    } catch (thrown) {
      setFault(thrown);
    }
  };
  return (
    <Dialog label={`Save ${variant.id}`} className="ask" close={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void act();
        }}
      >
        <h2>Save {variant.id}</h2>
        <div className="seg" role="group" aria-label="Save as">
          {(['version', 'file'] as const).map((of) => (
            <button key={of} type="button" aria-pressed={as === of} onClick={() => setAs(of)}>
              {of === 'version' ? 'A version' : 'A file'}
            </button>
          ))}
        </div>
        <p className="dim">
          {as === 'version'
            ? 'The text becomes a version that never changes. No evaluation speaks for it yet: promoting it will ask for a reason.'
            : `The text is written to ${name || '…'}.md in this folder; nothing is overwritten.`}
          {as === 'version' &&
            variant.maxOutputTokens !== '' &&
            ' The limit of its answers is no part of it.'}
        </p>
        <label>
          <span className="sm mute">{as === 'version' ? 'Prompt' : 'Name'}</span>
          <input
            className="input"
            required
            value={name}
            pattern={as === 'version' ? '[a-z0-9][a-z0-9_\\-]*' : '[\\w][\\w.\\-]*'}
            onChange={(event) => {
              setName(event.target.value);
              setWritten(undefined);
            }}
          />
        </label>
        {as === 'version' && (
          <label>
            <span className="sm mute">What is new in it</span>
            <input className="input" value={message} onChange={(event) => setMessage(event.target.value)} />
          </label>
        )}
        {fault !== undefined && <Failure error={fault} />}
        {written !== undefined && (
          <p role="status">
            Written to <code>{written}</code>.
          </p>
        )}
        <div className="row gap6 acts">
          <button type="button" className="btn" onClick={close}>
            {written === undefined ? 'Cancel' : 'Close'}
          </button>
          <button
            type="submit"
            className="btn p"
            disabled={written !== undefined || variant.text.trim() === ''}
          >
            Save
          </button>
        </div>
      </form>
    </Dialog>
  );
}
