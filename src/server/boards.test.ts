import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../base/clock.ts';
import { createOptimizer } from '../config/catalog.ts';
import { sealedRows } from '../config/sealed-rows.ts';
import { openWorkspace } from '../config/workspace.ts';
import type { ModelPrice } from '../model/model.ts';
import {
  chatCompletion,
  type LoopbackReply,
  type LoopbackRequest,
  openLoopbackServer,
} from '../testing/loopback-server.ts';
import { boardColumns } from './board-columns.ts';
import { boardSample, variantPlan } from './board-plan.ts';
import { runBoard } from './board-run.ts';
import type { BoardEvent } from './board-views.ts';
import { type Boards, createBoards } from './boards.ts';

const table = { data: 'notes.csv', expected: ['mood'] };

const words = 'amber basil cedar delta ember flint grove haven inlet jade kiln lotus'.split(' ');

/** Rows that share no words with each other, so that each counts by itself. */
function noteOf(at: number): string {
  const word = (place: number) => `${words[(at * (place + 3) + place) % words.length]}${at * (place + 7)}`;
  return [0, 1, 2, 3, 4, 5].map(word).join(' ');
}

async function openBoard(
  answer: (request: LoopbackRequest, index: number) => LoopbackReply = () => ({
    body: chatCompletion('good'),
  }),
  { rows = 240, price }: { readonly rows?: number; readonly price?: ModelPrice } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'hone-board-'));
  const lines = Array.from({ length: rows }, (_, at) => `${noteOf(at)},${at % 2 === 0 ? 'good' : 'bad'}`);
  writeFileSync(join(folder, 'notes.csv'), `note,mood\n${lines.join('\n')}\n`);
  const server = await openLoopbackServer(answer);
  const workspace = openWorkspace({ folder, variables: { HONE_API_KEY: 'key', HONE_MODEL_DIR: folder } });
  const boards = createBoards(workspace);
  const variant = { id: 'A', text: 'Say the mood.', model: 'gpt-5-mini', baseUrl: server.baseUrl };
  const open: Boards['open'] = async (...asked) => {
    const opened = await boards.open(...asked);
    return price === undefined ? opened : { ...opened, model: { ...opened.model, price } };
  };
  const setting = { boards: { ...boards, open }, workspace, clock: systemClock };
  return {
    setting,
    server,
    variant,
    workspace,
    async run(
      request: Partial<Parameters<typeof runBoard>[1]> & Pick<Parameters<typeof runBoard>[1], 'cells'>,
    ) {
      const events: BoardEvent[] = [];
      await runBoard(
        setting,
        { table, variants: [variant], maxCalls: 100, ...request },
        { signal: new AbortController().signal, onEvent: (event) => events.push(event) },
      );
      return events;
    },
    async [Symbol.asyncDispose]() {
      await boards.close();
      await workspace[Symbol.asyncDispose]();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const cellsOf = (events: readonly BoardEvent[]) =>
  events.flatMap((event) => (event.type === 'done' ? [event.cell] : []));

describe('the rows of a board', () => {
  it.each([60, 100, 240])('of %i rows hold none that an optimization would seal', async (rows) => {
    await using board = await openBoard(undefined, { rows });
    const { setting, variant } = board;
    const sample = await boardSample(setting, { ...table, size: 100, draw: 1 });
    const { task, model } = await setting.boards.open(table, variant);
    const sealed = await sealedRows(
      {
        program: task.program,
        dataset: task.dataset,
        scorer: task.scorers,
        optimizer: createOptimizer('auto'),
        model,
        store: board.workspace.store,
        randomSeed: task.seed,
        // So small that no cross-fit is affordable: rows are sealed wherever they can be.
        budget: { calls: 1 },
      },
      undefined,
    );
    const notes = new Set(sealed.map(({ note }) => note));
    const shown = sample.rows.flatMap(({ inputs }) => inputs.map(({ value }) => value));
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.filter((note) => notes.has(note))).toEqual([]);
    expect(sample.isTestKept).toBe(sealed.length > 0);
    expect(sample.test).toBe(sealed.length);
  });

  it('are refused when they are not of the train split', async () => {
    await using board = await openBoard();
    const task = await board.setting.boards.read(table, board.variant);
    const { train } = await board.setting.boards.train(table, task);
    const known = new Set(train.map(({ id }) => id));
    const others: string[] = [];
    for await (const { id } of task.dataset) if (!known.has(id)) others.push(id);
    const events = await board.run({ cells: [{ variant: 'A', row: others[0] ?? '' }] });
    expect(cellsOf(events)).toMatchObject([{ status: 'lost', fault: { code: 'HONE_REQUEST_REFUSED' } }]);
    expect(board.server.count).toBe(0);
  });
});

describe('a run of cells', () => {
  it('scores with the reader of an evaluation, tells a fault in its cell alone, and asks nothing twice', async () => {
    let bad = '';
    await using board = await openBoard(({ body }) => {
      const asked = JSON.stringify(body);
      if (asked.includes(bad)) return { status: 400, body: { error: { message: 'too odd a note' } } };
      return { body: chatCompletion(asked.includes('basil') ? 'good' : 'neither of them') };
    });
    const { rows } = await boardSample(board.setting, { ...table, size: 10, draw: 1 });
    bad = rows[0]?.inputs[0]?.value ?? '';
    const cells = rows.map(({ id: row }) => ({ variant: 'A', row }));
    const first = await board.run({ cells });
    const statuses = new Map(
      first.flatMap((event) => (event.type === 'done' ? [[event.row, event.cell] as const] : [])),
    );
    expect(statuses.size).toBe(10);
    expect(statuses.get(rows[0]?.id ?? '')).toMatchObject({ status: 'lost', fault: { message: /too odd/u } });
    const rest = rows.slice(1).map(({ id }) => statuses.get(id)?.status);
    expect(rest).not.toContain('lost');
    expect(rest).toContain('failed');
    expect([...statuses.values()].find(({ status }) => status === 'failed')?.raw).toBe('neither of them');
    const before = board.server.count;
    const again = await board.run({ cells: cells.slice(1) });
    expect(board.server.count).toBe(before);
    expect(again.at(-1)).toMatchObject({ type: 'end', calls: 0 });
    expect(await board.workspace.store.runs.list({ limit: 5 })).toEqual([]);
  });

  it('stops at its limit of calls and says so in each cell that was not asked', async () => {
    await using board = await openBoard();
    const { rows } = await boardSample(board.setting, { ...table, size: 10, draw: 1 });
    const events = await board.run({
      cells: rows.map(({ id: row }) => ({ variant: 'A', row })),
      maxCalls: 4,
    });
    expect(board.server.count).toBe(4);
    expect(events.filter(({ type }) => type === 'held')).toHaveLength(6);
    expect(cellsOf(events)).toHaveLength(4);
  });

  it('ends what is in flight when it is stopped', async () => {
    await using board = await openBoard(() => ({ stalls: true }));
    const { rows } = await boardSample(board.setting, { ...table, size: 3, draw: 1 });
    const controller = new AbortController();
    const running = runBoard(
      board.setting,
      {
        table,
        variants: [board.variant],
        cells: rows.map(({ id: row }) => ({ variant: 'A', row })),
        maxCalls: 100,
      },
      { signal: controller.signal, onEvent: () => undefined },
    );
    const ended = expect(running).rejects.toThrow();
    await expect.poll(() => board.server.active).toBe(3);
    controller.abort();
    await ended;
    await expect.poll(() => board.server.active).toBe(0);
  });

  it('holds what no longer fits into the limit of dollars, all variants together', async () => {
    await using board = await openBoard(undefined, { price: { input: 1, output: 1 } });
    const { rows } = await boardSample(board.setting, { ...table, size: 6, draw: 1 });
    const variants = ['A', 'B'].map((id) => ({ ...board.variant, id, text: `Say ${id}.` }));
    const cells = variants.flatMap(({ id }) => rows.map(({ id: row }) => ({ variant: id, row })));
    const none = await board.run({ variants, cells, budgetUsd: 0 });
    expect(none.filter(({ type }) => type === 'held')).toHaveLength(12);
    expect(board.server.count).toBe(0);
    const all = await board.run({ variants, cells, budgetUsd: 1 });
    expect(cellsOf(all)).toHaveLength(12);
    expect(all.at(-1)).toMatchObject({ type: 'end', calls: 12, spentUsd: expect.any(Number) });
  });

  it('keeps a limit of dollars only where the price is known, and says so before and after', async () => {
    await using board = await openBoard();
    const { rows } = await boardSample(board.setting, { ...table, size: 1, draw: 1 });
    const variant = { ...board.variant, model: 'a-model-without-a-price' };
    const events = await board.run({
      variants: [variant],
      cells: [{ variant: 'A', row: rows[0]?.id ?? '' }],
      budgetUsd: 1,
    });
    expect(cellsOf(events)).toMatchObject([{ fault: { code: 'HONE_PRICE_UNKNOWN' } }]);
    expect((await variantPlan(board.setting, table, variant)).costUsd).toBeUndefined();
  });

  it('shows rows where the model of the folder is not here, and says so in the column', async () => {
    await using board = await openBoard();
    expect((await boardSample(board.setting, { ...table, size: 5, draw: 1 })).rows).toHaveLength(5);
    const plan = await variantPlan(board.setting, table, { id: 'A', text: 'Say the mood.' });
    expect(plan.fault?.code).toBe('HONE_MODEL_FILE_INVALID');
  });

  it('says what is wrong with a text before anything is asked', async () => {
    await using board = await openBoard();
    const plan = await variantPlan(board.setting, table, { ...board.variant, text: 'About {{nope}}' });
    expect(plan.fault?.code).toBe('HONE_PROMPT_UNKNOWN_SLOT');
    expect(board.server.count).toBe(0);
  });
});

describe('the columns of a board', () => {
  const column = (variant: string, values: readonly number[], from = 0) => ({
    variant,
    scorer: 'match',
    passFail: true,
    cells: values.map((value, at) => ({ row: `${from + at}`, cluster: `${from + at}`, value })),
  });

  it('never decide, however clear a difference is', () => {
    const [, few] = boardColumns({
      columns: [column('A', [1, 0, 1, 0]), column('B', [1, 1, 1, 0])],
      allRows: 240,
    });
    expect(few?.evidence?.state).toBe('inconclusive');
    expect(few?.fixed).toEqual(['1']);
    expect(few?.sentence?.head).toBe('4 rows cannot separate A and B.');
    expect(few?.sentence?.rest).toMatch(/^So few can show no difference at all\. 240 rows would find/u);
    const zeros = Array.from({ length: 40 }, () => 0);
    const [, many] = boardColumns({
      columns: [
        column('A', zeros),
        column(
          'B',
          zeros.map((_, at) => Number(at < 30)),
        ),
      ],
      allRows: 240,
    });
    expect(many?.evidence?.state).toBe('inconclusive');
    expect(many?.sentence?.head).toMatch(/^B scores 75 points higher than A on these 40 rows/u);
    expect(many?.sentence?.rest).toMatch(/no proof/u);
  });

  it('compare on rows that both answered alone', () => {
    const [, other] = boardColumns({
      columns: [column('A', [1, 1]), column('B', [0, 0], 5)],
      allRows: 20,
    });
    expect(other?.evidence).toBeUndefined();
    expect(other?.mean).toBe(0);
  });
});
