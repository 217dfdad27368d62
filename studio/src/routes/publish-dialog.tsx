import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { VersionLine } from '../../../src/server/prompt-views.ts';
import { send } from '../api.ts';
import { Dialog } from '../shell/dialog.tsx';
import { Failure } from '../shell/panel-states.tsx';

/** Saves what a run asked with as a version of a prompt, with the run as its evidence. */
export function PublishDialog({
  run,
  task,
  close,
}: {
  readonly run: string;
  readonly task: string;
  readonly close: () => void;
}) {
  const navigate = useNavigate();
  const [name, setName] = useState(task.toLowerCase().replaceAll(/[^a-z0-9_-]+/gu, '-'));
  const [message, setMessage] = useState('');
  const [fault, setFault] = useState<unknown>();
  const act = async () => {
    try {
      const { version } = await send<VersionLine>('/prompts', { name, run, message });
      close();
      void navigate({ to: '/prompts/$name', params: { name }, search: { v: version } });
    } catch (thrown) {
      setFault(thrown);
    }
  };
  return (
    <Dialog label="Save as version" className="ask" close={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void act();
        }}
      >
        <h2>Save as version</h2>
        <p className="dim">
          The prompt of this run becomes a version that never changes; this run is its evidence.
        </p>
        <label>
          <span className="sm mute">Prompt</span>
          <input
            className="input"
            required
            value={name}
            pattern="[a-z0-9][a-z0-9_\-]*"
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <label>
          <span className="sm mute">What is new in it</span>
          <input className="input" value={message} onChange={(event) => setMessage(event.target.value)} />
        </label>
        {fault !== undefined && <Failure error={fault} />}
        <div className="row gap6 acts">
          <button type="button" className="btn" onClick={close}>
            Cancel
          </button>
          <button type="submit" className="btn p">
            Save
          </button>
        </div>
      </form>
    </Dialog>
  );
}
