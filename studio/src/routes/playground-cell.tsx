import type { FieldView } from '../../../src/server/views.ts';
import { WordDiff } from '../diff/word-diff.tsx';
import { count, dollars, milliseconds } from '../evidence/numbers.ts';
import { Icon } from '../shell/icon.tsx';
import { type KeptCell, messagesOf } from './playground-board.ts';
import type { boardViews } from './playground-search.ts';
import type { Waiting } from './use-board-run.ts';

interface CellProps {
  readonly letter: string;
  readonly row: string;
  /** Under what its messages are kept. */
  readonly place: string;
  readonly cell: KeptCell | undefined;
  readonly waiting: Waiting | undefined;
  /** The answer of A to the same row; undefined for A itself. */
  readonly base: KeptCell | undefined;
  /** Whether both are scored by the same scorer. */
  readonly isComparable: boolean;
  readonly view: (typeof boardViews)[number];
  readonly isSelected: boolean;
  readonly canRun: boolean;
  readonly select: () => void;
  readonly run: () => void;
}

/** One text on one row: its answer with what is right in it, why there is none, or that it is on its way. */
export function PlaygroundCell(props: CellProps) {
  const { letter, row, place, cell, waiting, base, view, isSelected, canRun, select, run } = props;
  const turned = props.isComparable ? turnOf(base, cell) : undefined;
  const isWaiting = waiting === 'queued' || waiting === 'running';
  return (
    // The keys h j k l select as well; a click is a second way for those who point.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <div
      className={`cell ${turned ?? ''}`}
      id={`cell-${letter}-${row}`}
      role="group"
      aria-label={`${letter}, row ${row}`}
      data-selected={isSelected || undefined}
      onClick={select}
    >
      <span className="ab only-m" data-letter={letter}>
        {letter}
      </span>
      {isWaiting ? (
        <p className="wait" role="status">
          {waiting === 'running' && <i className="live" />}
          {waiting === 'running' ? 'running' : 'queued'}
        </p>
      ) : typeof waiting === 'object' ? (
        <Problem code="not asked" message={waiting.held} again={canRun ? run : undefined} />
      ) : cell === undefined ? (
        <p className="wait">
          <RunButton {...{ letter, row, canRun, run }} />
        </p>
      ) : cell.fault !== undefined ? (
        <Problem
          code={cell.fault.code.replace(/^HONE_/u, '')}
          message={cell.fault.message}
          hint={cell.fault.hint}
          again={canRun ? run : undefined}
        />
      ) : view === 'messages' ? (
        <Messages place={place} again={canRun ? run : undefined} />
      ) : (
        <Answer cell={cell} base={view === 'difference' ? base : undefined} turned={turned} />
      )}
      {cell !== undefined && !isWaiting && cell.fault === undefined && <Figures cell={cell} />}
    </div>
  );
}

function RunButton({ letter, row, canRun, run }: Pick<CellProps, 'letter' | 'row' | 'canRun' | 'run'>) {
  return (
    <button
      type="button"
      className="btn q"
      disabled={!canRun}
      aria-label={`Run ${letter} on row ${row}`}
      onClick={run}
    >
      <Icon name="run" small /> Run
    </button>
  );
}

function Answer({
  cell,
  base,
  turned,
}: {
  readonly cell: KeptCell;
  readonly base: KeptCell | undefined;
  readonly turned: 'fixed' | 'broken' | undefined;
}) {
  const reason = cell.reasons.find(({ feedback }) => feedback !== undefined && feedback !== '');
  return (
    <>
      <div className="o1">
        {cell.status === 'failed' ? (
          <span className="tag">cannot be read</span>
        ) : (
          <div className="vals">
            {cell.fields.map((field) => (
              <Value
                key={field.name}
                field={field}
                before={base?.fields.find(({ name }) => name === field.name)?.output}
                hasName={cell.fields.length > 1}
              />
            ))}
          </div>
        )}
        {turned !== undefined && (
          <span className={`d ${turned === 'fixed' ? 'up' : 'dn'}`}>
            <svg aria-hidden="true">
              <use href={`#${turned === 'fixed' ? 'up' : 'dn'}`} />
            </svg>
            {turned}
          </span>
        )}
      </div>
      {cell.raw !== undefined && <p className="o2 mono">{cell.raw}</p>}
      {cell.status !== 'right' && reason !== undefined && <p className="o2 sm">{reason.feedback}</p>}
    </>
  );
}

const shortest = 60;

function Value({
  field: { name, output, expected, isRight },
  before,
  hasName,
}: {
  readonly field: FieldView;
  readonly before: string | undefined;
  readonly hasName: boolean;
}) {
  const text = output ?? '';
  const isLong = text.length > shortest || (expected?.length ?? 0) > shortest;
  return (
    <span className={`v ${isRight === false ? 'no' : ''} ${isLong ? 'long' : ''}`}>
      {isRight !== undefined && (
        <>
          <Icon name={isRight ? 'check' : 'x'} small />
          <span className="sr">{isRight ? 'right: ' : 'wrong: '}</span>
        </>
      )}
      {hasName && <span className="mute">{name} </span>}
      <span>
        {output === undefined ? (
          <span className="mute">no answer</span>
        ) : before === undefined || before === text ? (
          text
        ) : (
          <WordDiff before={before} after={text} />
        )}
      </span>
    </span>
  );
}

function Figures({ cell }: { readonly cell: KeptCell }) {
  const { latencyMs, costUsd, inputTokens, outputTokens, calls, cachedCalls, retries, reasons } = cell;
  const isStored = calls > 0 && cachedCalls === calls;
  return (
    <p className="o3 n">
      {reasons.slice(1).map(({ scorer, value }) => (
        <span key={scorer}>
          {scorer} {value === undefined ? '–' : value.toFixed(2)}
        </span>
      ))}
      {retries > 0 && <span>{retries} retried</span>}
      <span className="grow">{isStored ? 'stored' : ''}</span>
      {inputTokens !== undefined && outputTokens !== undefined && (
        <span>{count(inputTokens + outputTokens)} tokens</span>
      )}
      <span>{milliseconds(latencyMs)}</span>
      {costUsd !== undefined && <span>{dollars(costUsd)}</span>}
    </p>
  );
}

function Problem({
  code,
  message,
  hint,
  again,
}: {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly again?: (() => void) | undefined;
}) {
  return (
    <div className="er">
      <p className="o1">
        <span className="tag err trunc">{code}</span>
      </p>
      <p className="sm">{message}</p>
      {hint !== undefined && <p className="sm mute">{hint}</p>}
      {again !== undefined && (
        <button type="button" className="btn q" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

function Messages({ place, again }: { readonly place: string; readonly again: (() => void) | undefined }) {
  const spans = messagesOf.get(place);
  if (spans === undefined) {
    return (
      <div className="er">
        <p className="sm mute">
          Messages are kept until the page is loaded anew. Asking again costs nothing.
        </p>
        {again !== undefined && (
          <button type="button" className="btn q" onClick={again}>
            Ask again
          </button>
        )}
      </div>
    );
  }
  return (
    <div className="msgs">
      {spans.flatMap((span) => [
        ...span.messages.map(({ role, text }) => (
          <div key={`${span.id} ${role} ${text}`}>
            <span className="sm mute">{role}</span>
            <pre>{text}</pre>
          </div>
        )),
        ...(span.reply === undefined
          ? []
          : [
              <div key={`${span.id} reply`}>
                <span className="sm mute">reply</span>
                <pre>{span.reply}</pre>
              </div>,
            ]),
      ])}
    </div>
  );
}

/** Against A on the same row, by the first scorer. */
function turnOf(base: KeptCell | undefined, cell: KeptCell | undefined): 'fixed' | 'broken' | undefined {
  const [before, after] = [base?.value ?? undefined, cell?.value ?? undefined];
  if (before === undefined || after === undefined || Math.abs(after - before) < 1e-12) return undefined;
  return after > before ? 'fixed' : 'broken';
}
