import './settings.css';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { WorkspaceView } from '../../../src/server/views.ts';
import { get } from '../api.ts';
import { bytes, count } from '../evidence/numbers.ts';
import { setSingleKeys, singleKeysOn } from '../keys/keys.ts';
import { Icon } from '../shell/icon.tsx';
import { Failure, Loading } from '../shell/panel-states.tsx';
import { usePage } from '../shell/shell-context.ts';

/** What this studio works with: its folder, its models, its stored answers, its keys. */
export function SettingsPage() {
  const [hasKeys, setHasKeys] = useState(singleKeysOn);
  const { data, error, refetch } = useQuery({
    queryKey: ['workspace'],
    queryFn: ({ signal }) => get<WorkspaceView>('/workspace', signal),
  });
  usePage({ title: 'Settings', crumbs: <b>Settings</b> });
  if (error !== null && data === undefined) return <Failure error={error} retry={refetch} />;
  if (data === undefined) return <Loading />;
  return (
    <div className="page-settings">
      <h1>Settings</h1>
      <section>
        <h2>Folder</h2>
        <dl>
          <dt>Shown</dt>
          <dd className="mono">{data.folder}</dd>
          <dt>Store</dt>
          <dd className="mono">
            {data.store} <span className="mute">{bytes(data.storeBytes)}</span>
          </dd>
          <dt>Hone</dt>
          <dd>
            {data.version} on Node {data.node}
          </dd>
        </dl>
      </section>
      <section>
        <h2>Models</h2>
        <dl>
          <dt>Unless one is named</dt>
          <dd className="mono">{data.model}</dd>
          {data.keys.map(({ variable, isPresent }) => (
            <div key={variable} className="pair">
              <dt className="mono">{variable}</dt>
              <dd>
                {isPresent ? (
                  <>
                    <Icon name="check" small /> present
                  </>
                ) : (
                  <span className="mute">absent</span>
                )}
              </dd>
            </div>
          ))}
        </dl>
        <p className="sm mute">
          Keys come from the environment or a <code>.env</code> file of the folder. The studio never sends one
          to this page.
        </p>
      </section>
      <section>
        <h2>Stored answers</h2>
        <p className="lead">
          {count(data.answers)} answers are kept. An answer that is stored is not paid again, by any run.
        </p>
        <dl>
          {data.answersByModel.map(({ modelId, answers }) => (
            <div key={modelId} className="pair">
              <dt className="mono">{modelId}</dt>
              <dd className="num">{count(answers)}</dd>
            </div>
          ))}
        </dl>
        <p className="sm mute">
          To delete them: <code>hone cache clear</code>
        </p>
      </section>
      <section>
        <h2>Keyboard</h2>
        <label className="check">
          <input
            type="checkbox"
            checked={hasKeys}
            onChange={(event) => {
              setSingleKeys(event.target.checked);
              setHasKeys(event.target.checked);
            }}
          />
          Single letters act
        </label>
        <p className="sm mute">
          Turn them off where you speak to your computer. The palette works either way.
        </p>
      </section>
    </div>
  );
}
