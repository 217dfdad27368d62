import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { HoneError, messageOf } from '../base/errors.ts';
import { limitOutput } from '../config/limit-output.ts';
import { openTaskModel } from '../config/open-task-model.ts';
import { loadTask, type Task } from '../config/task.ts';
import { type TrainRows, trainRows } from '../config/train-rows.ts';
import type { Workspace } from '../config/workspace.ts';
import { defaultEmbeddedModelId } from '../model/embedded-models.ts';
import type { Model } from '../model/model.ts';
import type { ModelReference } from '../model/resolve-model.ts';
import { withoutCredentials } from '../model/without-credentials.ts';
import type { FaultText } from './board-views.ts';

/** The table of a board, and what its columns are. */
export interface BoardTable {
  readonly data: string;
  readonly expected: readonly string[];
  /** @default every other column */
  readonly inputs?: readonly string[] | undefined;
}

/** A text with what it is asked of. */
export interface BoardVariant {
  readonly id: string;
  readonly text: string;
  /** @default as `hone eval` decides: the text's own, the environment's, the config's, the embedded one */
  readonly model?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly maxOutputTokens?: number | undefined;
}

/** A variant that can be run. */
export interface OpenedVariant {
  readonly task: Task;
  readonly model: Model;
  /** Of further roles, such as `judge`. */
  readonly models: Readonly<Record<string, Model>>;
}

/** Opens what a board works with: each model once, each division of a table once. */
export interface Boards {
  /** @throws {HoneError} What is wrong with the text or the table. */
  read(table: BoardTable, variant: Omit<BoardVariant, 'id'>): Promise<Task>;
  /** @throws {HoneError} What is wrong with the text, the table or the model. */
  open(table: BoardTable, variant: Omit<BoardVariant, 'id'>): Promise<OpenedVariant>;
  /** The rows that may be shown to somebody who writes this prompt. */
  train(table: BoardTable, task: Task): Promise<TrainRows>;
  /** Ties work to the life of the studio: `close` aborts the signal and waits. */
  track<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** Divisions that are held: each holds the rows of its table. */
const mostDivisions = 4;

export function createBoards(workspace: Workspace): Boards {
  const opened = new Map<string, Promise<Model>>();
  const divisions = new Map<string, Promise<TrainRows>>();
  const closing = new AbortController();
  const atWork = new Set<Promise<unknown>>();

  const openModel = (reference: ModelReference, baseUrl: string | undefined): Promise<Model> => {
    if (typeof reference !== 'string') return openTaskModel(workspace, reference, { baseUrl });
    const key = JSON.stringify([reference, baseUrl]);
    const known = opened.get(key);
    if (known !== undefined) return known;
    const opening = openTaskModel(workspace, reference, { baseUrl });
    opened.set(key, opening);
    // A model that is fetched, or a key that is set, meanwhile opens the next time.
    opening.catch(() => opened.delete(key));
    return opening;
  };

  const read: Boards['read'] = async ({ data, expected, inputs }, { text, model, maxOutputTokens }) => {
    const request = { data, expected, inputs, promptText: text, model, optimizer: 'auto' };
    const task = await loadTask(undefined, request, workspace);
    if (maxOutputTokens === undefined) return task;
    return { ...task, program: limitOutput(task.program, maxOutputTokens) };
  };

  return {
    read,
    async open(table, variant) {
      const task = await read(table, variant);
      const models: Record<string, Model> = {};
      for (const [role, reference] of Object.entries(task.models)) {
        models[role] = await openModel(reference, undefined);
      }
      const model = await openModel(task.model ?? defaultEmbeddedModelId, variant.baseUrl);
      return { task, model, models };
    },
    train(table, task) {
      const { mtimeMs, size } = statSync(resolve(workspace.folder, table.data));
      const { inputColumns, expectedColumns } = task.dataset;
      const key = JSON.stringify([
        [table.data, mtimeMs, size, task.seed],
        [inputColumns, expectedColumns, task.scorers.map(({ expects, passFail }) => [expects, passFail])],
      ]);
      const known = divisions.get(key);
      if (known !== undefined) return known;
      const dividing = trainRows(task, workspace.store);
      divisions.set(key, dividing);
      dividing.catch(() => divisions.delete(key));
      for (const old of divisions.keys()) {
        if (divisions.size <= mostDivisions) break;
        divisions.delete(old);
      }
      return dividing;
    },
    async track(work) {
      const working = work(closing.signal);
      const settled = working.catch(() => undefined);
      atWork.add(settled);
      try {
        return await working;
      } finally {
        atWork.delete(settled);
      }
    },
    async close() {
      closing.abort();
      await Promise.all(atWork);
    },
  };
}

/** What went wrong, as the page shows it: without what an address may hold of a key. */
export function faultText(thrown: unknown): FaultText {
  const { code, hint } = HoneError.isInstance(thrown) ? thrown : { code: 'HONE_INTERNAL', hint: undefined };
  return { code, message: withoutCredentials(messageOf(thrown)), hint };
}
