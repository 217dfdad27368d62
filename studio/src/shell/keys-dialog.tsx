import { type Binding, type BindingName, bindings, keyLabels } from '../keys/keys.ts';
import { Dialog } from './dialog.tsx';

const groups: readonly Binding['group'][] = [
  'Everywhere',
  'Go to',
  'Lists',
  'Runs',
  'Compare',
  'Optimization',
  'Prompts',
  'Rows',
];

/** Every binding there is. */
export function KeysDialog({ close }: { readonly close: () => void }) {
  const all = Object.entries(bindings) as [BindingName, Binding][];
  return (
    <Dialog label="Keyboard map" className="keysx" close={close}>
      <div className="kcols">
        {groups.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {all
                .filter(([, binding]) => binding.group === group)
                .map(([name, { says }]) => (
                  <div key={name}>
                    <dt>{says}</dt>
                    <dd>
                      {keyLabels(name).map((key) => (
                        <kbd key={key}>{key}</kbd>
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
