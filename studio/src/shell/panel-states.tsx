import { useEffect, useState } from 'react';
import { Fault } from '../api.ts';

/** Nothing for 200 ms, then still bars. */
export function Loading() {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 200);
    return () => clearTimeout(timer);
  }, []);
  if (!isLate) return null;
  return (
    <div className="loading" role="status" aria-label="Loading">
      <i />
      <i />
      <i />
    </div>
  );
}

/** What went wrong, what to do, and a way to try again: only this panel fails. */
export function Failure({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const fault = error instanceof Fault ? error : undefined;
  const message = error instanceof Error ? error.message : String(error);
  return (
    <div className="failure" role="alert">
      <span className="tag err">{fault?.code ?? 'HONE_INTERNAL'}</span>
      <p>{message}</p>
      {fault?.hint !== undefined && <p className="mute">{fault.hint}</p>}
      <div className="row gap6">
        {retry !== undefined && (
          <button type="button" className="btn" onClick={retry}>
            Try again
          </button>
        )}
        <button
          type="button"
          className="btn q"
          onClick={() =>
            void navigator.clipboard.writeText([fault?.code, message, fault?.hint].filter(Boolean).join('\n'))
          }
        >
          Copy details
        </button>
      </div>
    </div>
  );
}
