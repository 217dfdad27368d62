import { diffArrays } from 'diff';
import type { BoardColumn, VariantPlan } from '../../../src/server/board-views.ts';
import type { DiffView } from '../../../src/server/compare-views.ts';
import type { FileLine } from '../../../src/server/file-views.ts';
import { LineDiff } from '../diff/line-diff.tsx';
import { DeltaChip, type Scale, Whisker } from '../evidence/evidence.tsx';
import { count, dollars, milliseconds, score } from '../evidence/numbers.ts';
import { Icon } from '../shell/icon.tsx';
import type { KeptCell, Variant } from './playground-board.ts';

interface ColumnProps {
  readonly variant: Variant;
  /** A; undefined for A itself. */
  readonly base: Variant | undefined;
  readonly plan: VariantPlan | undefined;
  /** Why it could not be planned: a setting that is none. */
  readonly planError: Error | null;
  readonly totals: BoardColumn | undefined;
  readonly cells: readonly KeptCell[];
  readonly scale: Scale;
  readonly isDifferenceShown: boolean;
  readonly prompts: readonly FileLine[];
  readonly defaultModel: string;
  readonly change: (changes: Partial<Variant>) => void;
  readonly load: (path: string) => void;
  readonly remove: (() => void) | undefined;
  readonly select: () => void;
}

/** The head of a column: its text, what it is asked of, and how it does on the rows so far. */
export function PlaygroundColumn(props: ColumnProps) {
  const { variant, base, plan, planError, isDifferenceShown, prompts, defaultModel } = props;
  const { change, load, remove, select } = props;
  const { id, text } = variant;
  return (
    <section className="var" aria-label={`Variant ${id}`} onFocus={select}>
      <header>
        <span className="ab" data-letter={id}>
          {id}
        </span>
        <input
          className="input grow"
          aria-label={`Model of ${id}`}
          value={variant.model}
          placeholder={plan?.model ?? defaultModel}
          onChange={(event) => change({ model: event.target.value })}
        />
        <select
          className="input load"
          aria-label={`Load a prompt file into ${id}`}
          value=""
          onChange={(event) => load(event.target.value)}
        >
          <option value="">Load…</option>
          {prompts.map(({ path }) => (
            <option key={path}>{path}</option>
          ))}
        </select>
        {remove !== undefined && (
          <button
            type="button"
            className="btn q sq"
            aria-label={`Remove ${id}`}
            title={`Remove ${id}`}
            onClick={remove}
          >
            <Icon name="x" small />
          </button>
        )}
      </header>
      <details className="more">
        <summary className="sm mute">
          {[variant.baseUrl, variant.maxOutputTokens && `at most ${variant.maxOutputTokens} tokens`]
            .filter(Boolean)
            .join(', ') || 'Server and length of answers'}
        </summary>
        <label>
          <span className="sm mute">Server, where it is one of your own</span>
          <input
            className="input"
            type="url"
            value={variant.baseUrl}
            placeholder="http://localhost:8000/v1"
            onChange={(event) => change({ baseUrl: event.target.value })}
          />
        </label>
        <label>
          <span className="sm mute">Longest answer, in tokens; empty for no limit</span>
          <input
            className="input"
            inputMode="numeric"
            pattern="[0-9]*"
            value={variant.maxOutputTokens}
            onChange={(event) => change({ maxOutputTokens: event.target.value })}
          />
        </label>
      </details>
      <textarea
        className="input ed"
        aria-label={`Text of ${id}`}
        rows={9}
        spellCheck={false}
        value={text}
        placeholder="Say what to do. The inputs are put below it, or where {{column}} stands."
        onChange={(event) => change({ text: event.target.value })}
      />
      {planError !== null && (
        <p className="sm trouble" role="alert">
          <Icon name="warn" small /> <span>{planError.message}</span>
        </p>
      )}
      {planError === null && plan?.fault !== undefined && (
        <p className="sm trouble" role="alert">
          <Icon name="warn" small />{' '}
          <span>
            {plan.fault.message} {plan.fault.hint}
          </span>
        </p>
      )}
      {base !== undefined && isDifferenceShown && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
        <div className="change" tabIndex={0} role="region" aria-label={`What ${id} changes`}>
          {text === base.text ? (
            <p className="sm mute">The same text as A.</p>
          ) : (
            <LineDiff diffs={[changeOf(base.text, text)]} from="against A" />
          )}
        </div>
      )}
      <Totals {...props} />
    </section>
  );
}

function Totals({ variant, base, plan, totals, cells, scale }: ColumnProps) {
  const passFail = plan?.scorers[0]?.passFail ?? true;
  const answered = cells.filter(({ fault }) => fault === undefined);
  const usd = sumOf(answered.map(({ costUsd }) => costUsd));
  const tokens = sumOf(
    answered.map(({ inputTokens, outputTokens }) =>
      inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens,
    ),
  );
  const latency = sumOf(answered.map(({ latencyMs }) => latencyMs)) ?? 0;
  if (totals?.mean === undefined) {
    return (
      <p className="ft sm mute n">
        <span>{plan?.scorers.map(({ name }) => name).join(', ') || ' '}</span>
        <span className="grow" />
        {plan !== undefined && plan.fault === undefined && (
          <span>
            about {count(plan.inputTokens)} tokens a row
            {plan.costUsd === undefined ? '' : `, ${dollars(plan.costUsd * 1_000)} per 1,000 rows`}
          </span>
        )}
      </p>
    );
  }
  const { mean, interval, rows, fixed, broken, evidence, lost } = totals;
  return (
    <div className="tots">
      <div className="tot">
        <b className="n">{passFail ? `${count(Math.round(mean * rows))} of ${rows}` : score(mean)}</b>
        <Whisker
          mean={mean}
          interval={interval}
          scale={scale}
          width={120}
          height={20}
          hasTicks={false}
          state={base === undefined ? 'baseline' : 'inconclusive'}
        />
        <span className="grow" />
        {evidence === undefined ? (
          <span className="sm mute">{base === undefined ? 'baseline' : ''}</span>
        ) : (
          <DeltaChip evidence={evidence} />
        )}
      </div>
      <p className="ft sm mute n">
        <span className="trunc">
          {[
            ...(base === undefined
              ? [plan?.scorers[0]?.name]
              : [`${fixed.length} fixed, ${broken.length} broken`]),
            ...(lost > 0 ? [`${lost} lost`] : []),
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
        <span className="grow" />
        {tokens !== undefined && <span>{count(tokens)} tokens</span>}
        <span>{milliseconds(latency / Math.max(1, answered.length))}</span>
        <span title={`Variant ${variant.id}: all its answers here`}>
          {usd === undefined ? 'cost unknown' : dollars(usd)}
        </span>
      </p>
    </div>
  );
}

function changeOf(before: string, after: string): DiffView {
  const lines = diffArrays(before.split('\n'), after.split('\n')).flatMap(({ value, added, removed }) =>
    value.map((text) => ({
      kind: added ? ('added' as const) : removed ? ('removed' as const) : ('same' as const),
      text,
    })),
  );
  return { name: 'text', lines };
}

/** Undefined where a part is unknown. */
function sumOf(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce<number | undefined>(
    (sum, value) => (sum === undefined || value === undefined ? undefined : sum + value),
    0,
  );
}
