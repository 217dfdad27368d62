import { useState } from 'react';
import type { Evidence } from '../../../src/server/views.ts';
import { send } from '../api.ts';
import { Dialog } from '../shell/dialog.tsx';
import { Failure } from '../shell/panel-states.tsx';

interface ReleaseDialogProps {
  readonly kind: 'promote' | 'rollback';
  readonly name: string;
  readonly version: number;
  /** Where production stands, as this page saw it. */
  readonly production: number | undefined;
  readonly evidence: Evidence | undefined;
  readonly file: string;
  close(): void;
  done(): void;
}

/** One confirmation that repeats the evidence, and asks for a reason where there is no proof. */
export function ReleaseDialog({
  kind,
  name,
  version,
  production,
  evidence,
  file,
  close,
  done,
}: ReleaseDialogProps) {
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState<unknown>();
  const isProven = evidence?.state === 'improved';
  const isPromotion = kind === 'promote';
  const needsReason = isPromotion && !isProven;
  const act = async () => {
    try {
      const path = `/prompts/${encodeURIComponent(name)}/${kind}`;
      await send(path, { channel: 'production', version, from: production, reason });
      done();
    } catch (thrown) {
      setFault(thrown);
    }
  };
  const title = isPromotion ? `Promote ${name} v${version} to production` : `Roll ${name} back in production`;
  return (
    <Dialog label={title} className="ask" close={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void act();
        }}
      >
        <h2>{title}</h2>
        <p className="dim">
          {isPromotion
            ? isProven
              ? `Evidence: ${evidence?.spoken}, on ${evidence?.rows} rows against v${production}.`
              : production === undefined
                ? 'Production points to nothing yet, so there is nothing to be better than.'
                : `There is no proof that it is better than v${production}${evidence === undefined ? '' : `: ${evidence.spoken}`}.`
            : `Production points to v${production}; it goes back to where it pointed before.`}
        </p>
        <label>
          <span className="sm mute">
            {needsReason ? 'Why it goes there without proof (it is kept)' : 'Reason (optional)'}
          </span>
          <textarea
            className="input"
            rows={3}
            required={needsReason}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
        <p className="sm mute">
          Writes {file}. The same in a terminal:{' '}
          <code>
            {isPromotion
              ? `hone prompts promote ${name}@${version} production --force --reason "…"`
              : `hone prompts rollback ${name}@production`}
          </code>
        </p>
        {fault !== undefined && <Failure error={fault} />}
        <div className="row gap6 acts">
          <button type="button" className="btn" onClick={close}>
            Cancel
          </button>
          <button type="submit" className="btn p" disabled={needsReason && reason.trim() === ''}>
            {isPromotion ? (needsReason ? 'Promote without proof' : 'Promote') : 'Roll back'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
