import type { ParameterView } from '../../../src/server/views.ts';

/** The parameters that were asked with, as they are: text, never markup. */
export function PromptText({ parameters }: { readonly parameters: readonly ParameterView[] | undefined }) {
  if (parameters === undefined) return <p className="none">The prompt of this run was not kept.</p>;
  if (parameters.length === 0) return <p className="none">This program has no parameters.</p>;
  return (
    <div className="params">
      {parameters.map(({ name, kind, text }) => (
        <section key={name} className="param">
          <header>
            <span className="mono">{name}</span>
            <span className="sm mute">{kind}</span>
          </header>
          <pre>{text === '' ? ' ' : text}</pre>
        </section>
      ))}
    </div>
  );
}
