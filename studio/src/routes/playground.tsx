import './playground.css';
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useState } from 'react';
import type { BoardColumn, BoardSample, VariantPlan } from '../../../src/server/board-views.ts';
import type { FileList, TableView } from '../../../src/server/file-views.ts';
import type { WorkspaceView } from '../../../src/server/views.ts';
import { get, queryOf, send } from '../api.ts';
import { scaleOf } from '../evidence/evidence.tsx';
import { counted, dollars } from '../evidence/numbers.ts';
import { keyLabels, useKeys } from '../keys/keys.ts';
import { Icon } from '../shell/icon.tsx';
import { Failure, Loading } from '../shell/panel-states.tsx';
import { usePage } from '../shell/shell-context.ts';
import {
  addVariant,
  type Board,
  keepBoard,
  keepDraft,
  messagesOf,
  readBoard,
  requestOf,
  type Variant,
  variantKey,
  withCell,
} from './playground-board.ts';
import { PlaygroundCell } from './playground-cell.tsx';
import { PlaygroundColumn } from './playground-column.tsx';
import { columnsOf, PlaygroundRows } from './playground-rows.tsx';
import { boardViews } from './playground-search.ts';
import { SaveVariantDialog } from './save-variant-dialog.tsx';
import { type CellPlace, placeKey, useBoardRun } from './use-board-run.ts';

const viewNames = { answers: 'Answers', difference: 'Difference to A', messages: 'Messages' } as const;

/** Texts beside each other on a few rows: written, run, and held against the first. */
export function PlaygroundPage() {
  const { data: files, error } = useQuery({
    queryKey: ['files'],
    queryFn: ({ signal }) => get<FileList>('/files', signal),
  });
  const { data: workspace } = useQuery({
    queryKey: ['workspace'],
    queryFn: ({ signal }) => get<WorkspaceView>('/workspace', signal),
  });
  usePage({
    title: 'Playground',
    crumbs: <b>Playground</b>,
    keys: ['runBoard', 'runCell', 'difference', 'saveVersion', 'leftCell', 'down', 'up', 'rightCell'],
  });
  if (error !== null && files === undefined) return <Failure error={error} />;
  if (files === undefined || workspace === undefined) return <Loading />;
  if (files.datasets.length === 0) {
    return (
      <div className="empty">
        <h1>There is no table to try a prompt on</h1>
        <p>
          <Link to="/datasets" className="u">
            Import one
          </Link>
          : a few rows with their right answers are enough.
        </p>
      </div>
    );
  }
  return <BoardPage key={workspace.folder} files={files} workspace={workspace} />;
}

function BoardPage({ files, workspace }: { readonly files: FileList; readonly workspace: WorkspaceView }) {
  const { folder } = workspace;
  const search = useSearch({ from: '/playground' });
  const navigate = useNavigate({ from: '/playground' });
  const [board, setBoard] = useState(() => readBoard(folder));
  const [isSaving, setSaving] = useState(false);
  const [loadFault, setLoadFault] = useState<unknown>();
  const change = useCallback((changes: Partial<Board>) => setBoard((was) => ({ ...was, ...changes })), []);
  useEffect(() => {
    const timer = setTimeout(() => keepBoard(folder, board), 150);
    return () => clearTimeout(timer);
  }, [folder, board]);
  // What was typed in the last moment is kept too.
  useEffect(() => {
    const keep = () => keepBoard(folder, board);
    window.addEventListener('pagehide', keep);
    return () => window.removeEventListener('pagehide', keep);
  }, [folder, board]);

  const known = files.datasets.map(({ path }) => path);
  const file = [search.data, board.data].find((path) => known.includes(path ?? '')) ?? known[0] ?? '';
  const { data: source, error: tableError } = useQuery({
    queryKey: ['table', file, undefined, 0],
    queryFn: ({ signal }) => get<TableView>(`/files/table${queryOf({ path: file, limit: 3 })}`, signal),
  });
  const columns = columnsOf(source, board);
  const table = { data: file, expected: columns.expected, inputs: columns.inputs };
  const isReady = columns.expected.length > 0 && columns.inputs.length > 0;
  const { size, draw, variants } = board;
  const {
    data: sample,
    error: sampleError,
    isPlaceholderData: isSampleOld,
  } = useQuery({
    queryKey: ['board-sample', table, size, draw],
    queryFn: () => send<BoardSample>('/playground/sample', { ...table, size, draw }),
    enabled: isReady,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
  const rows = sample?.rows ?? [];
  const settled = useSettled(variants, 350);
  const plans = useQueries({
    queries: settled.map((variant) => ({
      queryKey: ['board-plan', table, requestOf(variant)],
      queryFn: () => send<VariantPlan>('/playground/plan', { table, variant: requestOf(variant) }),
      enabled: isReady,
      staleTime: 60_000,
      placeholderData: keepPreviousData,
    })),
  });
  const planned = (id: string) => plans[settled.findIndex((variant) => variant.id === id)];
  const planOf = (id: string) => planned(id)?.data;
  const keys = new Map(variants.map((variant) => [variant.id, variantKey(table, variant)]));
  const keyOf = (id: string) => keys.get(id) ?? '';
  const cellOf = ({ variant, row }: CellPlace) => board.cells[keyOf(variant)]?.[row];

  const { run, stop, waiting, isRunning, fault, ended } = useBoardRun((place, { spans, ...cell }) => {
    const key = runKeys.get(place.variant) ?? keyOf(place.variant);
    messagesOf.set(`${key}:${place.row}`, spans);
    setBoard((was) => withCell(was, { key, row: place.row, cell }));
  });
  // An answer belongs to the text that was sent, whatever was typed meanwhile.
  const [runKeys, setRunKeys] = useState<ReadonlyMap<string, string>>(keys);
  const all = rows.flatMap(({ id: row }) => variants.map(({ id: variant }) => ({ variant, row })));
  const open = all.filter((place) => {
    const cell = cellOf(place);
    // A text that cannot be asked with says so in its column.
    if (planOf(place.variant)?.fault !== undefined) return false;
    return cell === undefined || cell.fault !== undefined;
  });
  const limitFault = limitProblem(board);
  const canRun = !isRunning && isReady && !isSampleOld && rows.length > 0 && limitFault === undefined;
  const start = (cells: readonly CellPlace[]) => {
    if (!canRun) return;
    setRunKeys(keys);
    const budget = board.budgetUsd.trim();
    void run({
      table,
      variants,
      cells,
      maxCalls: Number(board.maxCalls),
      budgetUsd: budget === '' ? undefined : budget === 'none' ? 'none' : Number(budget),
    });
  };

  const scored = variants.map((variant) => ({
    variant: variant.id,
    scorer: planOf(variant.id)?.scorers[0]?.name ?? '',
    passFail: planOf(variant.id)?.scorers[0]?.passFail ?? true,
    cells: rows.flatMap(({ id: row, cluster }) => {
      const cell = cellOf({ variant: variant.id, row });
      if (cell === undefined) return [];
      const value = cell.value ?? (cell.fault === undefined ? 'unscored' : 'lost');
      return [{ row, cluster, value, isFailed: cell.status === 'failed' }];
    }),
  }));
  const { data: totals } = useQuery({
    queryKey: ['board-columns', scored, source?.total],
    queryFn: () =>
      send<{ readonly columns: readonly BoardColumn[] }>('/playground/columns', {
        columns: scored,
        allRows: source?.total ?? 0,
      }),
    enabled: scored.some(({ cells }) => cells.length > 0),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
  const answered = scored.reduce(
    (sum, { cells }) => sum + cells.filter(({ value }) => value !== 'lost').length,
    0,
  );
  const hasAnswers = scored.some(({ cells }) => cells.length > 0);
  const totalsOf = (id: string) =>
    hasAnswers && scored.some(({ variant, cells }) => variant === id && cells.length > 0)
      ? totals?.columns.find(({ variant }) => variant === id)
      : undefined;
  const scale = scaleOf([0, 1]);

  const view = search.view ?? 'answers';
  const chosen = all.find((place) => placeKey(place) === search.cell) ?? all[0];
  const select = (cell: CellPlace | undefined) => {
    if (cell === undefined || placeKey(cell) === search.cell) return;
    void navigate({ search: (was) => ({ ...was, cell: placeKey(cell) }), replace: true });
    document.getElementById(`cell-${cell.variant}-${cell.row}`)?.scrollIntoView({ block: 'nearest' });
  };
  const step = (across: number, down: number) => {
    const across0 = variants.findIndex(({ id }) => id === chosen?.variant);
    const down0 = rows.findIndex(({ id }) => id === chosen?.row);
    const variant = variants[Math.max(0, Math.min(variants.length - 1, across0 + across))]?.id;
    const row = rows[Math.max(0, Math.min(rows.length - 1, down0 + down))]?.id;
    if (variant !== undefined && row !== undefined) select({ variant, row });
  };
  const setView = (to: (typeof boardViews)[number]) =>
    void navigate({ search: (was) => ({ ...was, view: to }), replace: true });
  // What the buttons below speak of: the selected column, else the newest one.
  const [atHand, setAtHand] = useState<string | undefined>();
  const current = variants.find(({ id }) => id === (atHand ?? search.cell?.split(':')[0])) ?? variants.at(-1);
  useKeys({
    runBoard: () => start(open),
    runCell: () => chosen && start([chosen]),
    difference: () => setView(view === 'difference' ? 'answers' : 'difference'),
    saveVersion: () => setSaving(true),
    leftCell: () => step(-1, 0),
    rightCell: () => step(1, 0),
    down: () => step(0, 1),
    up: () => step(0, -1),
  });

  const changeVariant = (id: string, changes: Partial<Variant>) =>
    setBoard((was) => ({
      ...was,
      variants: was.variants.map((variant) => (variant.id === id ? { ...variant, ...changes } : variant)),
    }));
  const load = async (id: string, path: string) => {
    if (path === '') return;
    setLoadFault(undefined);
    try {
      const { text } = await get<{ readonly text: string }>(`/files/text${queryOf({ path })}`);
      changeVariant(id, { text });
    } catch (thrown) {
      setLoadFault(thrown);
    }
  };
  const wanted = search.prompt;
  useEffect(() => {
    if (wanted === undefined) return;
    void navigate({ search: ({ prompt: _, ...was }) => was, replace: true });
    get<{ readonly text: string }>(`/files/text${queryOf({ path: wanted })}`).then(({ text }) => {
      setBoard((was) => {
        if (was.variants.some((variant) => variant.text === text)) return was;
        const [first] = was.variants;
        if (was.variants.length === 1 && first?.text === '')
          return { ...was, variants: [{ ...first, text }] };
        return addVariant(was, { ...(first as Variant), text });
      });
    }, setLoadFault);
  }, [wanted, navigate]);

  const lead = (kind: 'evaluation' | 'optimization') => {
    if (current === undefined) return;
    const { id: _, ...settings } = current;
    keepDraft({ ...settings, expected: columns.expected, left: columns.left });
    void navigate({ to: '/new', search: { data: file, kind, draft: true } });
  };
  const base = variants[0];
  const price = open.reduce<number | undefined>((sum, { variant }) => {
    const { costUsd, isLocal } = planOf(variant) ?? {};
    return sum === undefined ? undefined : isLocal ? sum : costUsd === undefined ? undefined : sum + costUsd;
  }, 0);
  const calls = open.reduce((sum, { variant }) => sum + (planOf(variant)?.calls ?? 1), 0);
  const said =
    totalsOf(current?.id ?? '')?.sentence ?? variants.map(({ id }) => totalsOf(id)?.sentence).find(Boolean);
  return (
    <div className="page-play">
      <header className="pgh">
        <div className="grow">
          <h1>Playground</h1>
          <p className="sm mute trunc">
            Kept in this browser. Rows and answers become an experiment only when you say so.
          </p>
        </div>
        <div className="seg" role="group" aria-label="What the cells show">
          {boardViews.map((of) => (
            <button key={of} type="button" aria-pressed={view === of} onClick={() => setView(of)}>
              {viewNames[of]}
            </button>
          ))}
        </div>
        <p className="sm mute right n" aria-live="polite">
          {isRunning
            ? `${counted(waiting.size, 'cell')} to go`
            : ended !== undefined && open.length === 0
              ? `${counted(ended.calls, 'call')} made`
              : `${answered} of ${counted(all.length, 'cell')} answered`}
          <br />
          {isRunning
            ? 'stored answers cost nothing'
            : open.length === 0
              ? ended === undefined
                ? ' '
                : ended.spentUsd === undefined
                  ? 'price unknown'
                  : `paid ${dollars(ended.spentUsd)}`
              : `at most ${counted(calls, 'call')}, ${price === undefined ? 'price unknown' : `about ${dollars(price)}`}`}
        </p>
        {isRunning ? (
          <button type="button" className="btn" onClick={stop}>
            <Icon name="stop" /> Stop
          </button>
        ) : (
          <button
            type="button"
            className="btn p"
            disabled={!canRun || open.length === 0}
            onClick={() => start(open)}
          >
            <Icon name="run" />{' '}
            {all.length > 0 && answered === all.length
              ? 'All answered'
              : `Run ${counted(open.length, 'cell')}`}
            <kbd className="hide-m">{keyLabels('runBoard')}</kbd>
          </button>
        )}
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <div className="pgrid" tabIndex={0} role="region" aria-label="Board" data-columns={variants.length}>
        <div className="vars">
          <PlaygroundRows
            board={board}
            files={files}
            file={file}
            columns={columns}
            sample={sample}
            scorers={planOf('A')?.scorers.map(({ name }) => name) ?? []}
            change={(changes) => {
              if (changes.data !== undefined)
                void navigate({ search: ({ data: _, ...was }) => was, replace: true });
              change(changes);
            }}
            add={() => setBoard((was) => addVariant(was, current))}
          />
          {variants.map((variant) => (
            <PlaygroundColumn
              key={variant.id}
              variant={variant}
              base={variant === base ? undefined : base}
              plan={planOf(variant.id)}
              planError={planned(variant.id)?.error ?? null}
              totals={totalsOf(variant.id)}
              cells={rows.flatMap(({ id: row }) => cellOf({ variant: variant.id, row }) ?? [])}
              scale={scale}
              isDifferenceShown={view === 'difference'}
              prompts={files.prompts}
              defaultModel={workspace.model}
              change={(changes) => changeVariant(variant.id, changes)}
              load={(path) => void load(variant.id, path)}
              remove={
                variants.length === 1
                  ? undefined
                  : () => {
                      const others = variants.filter(({ id }) => id !== variant.id);
                      // The first one is A, whatever it was before.
                      change({ variants: others.map((of, at) => (at === 0 ? { ...of, id: 'A' } : of)) });
                    }
              }
              select={() => setAtHand(variant.id)}
            />
          ))}
        </div>
        {tableError !== null && <Failure error={tableError} />}
        {!isReady && source !== undefined && (
          <p className="none">Say which column is the right answer, and leave one for the prompt to see.</p>
        )}
        {sampleError !== null && <Failure error={sampleError} />}
        {loadFault !== undefined && <Failure error={loadFault} />}
        {limitFault !== undefined && (
          <p className="none" role="alert">
            {limitFault}
          </p>
        )}
        {fault !== undefined && <Failure error={fault} />}
        <ol aria-label="Rows">
          {rows.map(({ id: row, inputs, expected }) => (
            <li className="pr" key={row}>
              <div className="inp">
                {inputs.map(({ name, value }) => (
                  <p key={name} title={value}>
                    {inputs.length > 1 && <span className="mute">{name} </span>}
                    {value}
                  </p>
                ))}
                <p className="exp mono trunc">{expected.map(({ value }) => value).join(', ')}</p>
              </div>
              {variants.map(({ id: variant }) => {
                const place = { variant, row };
                return (
                  <PlaygroundCell
                    key={variant}
                    letter={variant}
                    row={row}
                    place={`${keyOf(variant)}:${row}`}
                    cell={cellOf(place)}
                    waiting={waiting.get(placeKey(place))}
                    base={variant === base?.id ? undefined : cellOf({ variant: base?.id ?? '', row })}
                    isComparable={
                      planOf(variant)?.scorers[0]?.name === planOf(base?.id ?? '')?.scorers[0]?.name
                    }
                    view={view}
                    isSelected={search.cell === placeKey(place)}
                    canRun={canRun}
                    select={() => {
                      setAtHand(undefined);
                      select(place);
                    }}
                    run={() => start([place])}
                  />
                );
              })}
            </li>
          ))}
        </ol>
      </div>
      <footer className="pgf">
        <svg width="26" height="14" aria-hidden="true" className="hide-m">
          <rect width="26" height="14" className="hatched" />
        </svg>
        <p className="grow" role="status" aria-label="What the rows show">
          {said === undefined ? (
            <span className="mute">
              {variants.length === 1
                ? 'Add a variant to hold it against A.'
                : 'Run both columns to hold them against each other.'}
            </span>
          ) : (
            <>
              <b>{said.head}</b> {said.rest}
            </>
          )}
        </p>
        <button type="button" className="btn q" onClick={() => setSaving(true)}>
          Save {current?.id}…
        </button>
        <button type="button" className="btn" onClick={() => lead('optimization')}>
          Optimize from {current?.id}
        </button>
        <button type="button" className="btn p" onClick={() => lead('evaluation')}>
          Evaluate {current?.id} on all rows
        </button>
      </footer>
      {isSaving && current !== undefined && (
        <SaveVariantDialog
          variant={current}
          table={table}
          task={file.replace(/^.*\//u, '').replace(/\.[^.]*$/u, '')}
          close={() => setSaving(false)}
        />
      )}
    </div>
  );
}

/** What is wrong with the limits of a run. */
function limitProblem({ maxCalls, budgetUsd }: Board): string | undefined {
  if (!/^\s*[1-9]\d{0,4}\s*$/u.test(maxCalls))
    return 'The limit of calls is a whole number from 1 to 99,999.';
  const usd = budgetUsd.trim();
  if (usd === '' || usd === 'none' || /^\d{1,5}(\.\d*)?$|^\.\d+$/u.test(usd)) return undefined;
  return 'The limit of dollars is a number such as 0.50, or none.';
}

/** A value once it has stood for a while: a text under the hand is not planned at each letter. */
function useSettled<Value>(value: Value, ms: number): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
