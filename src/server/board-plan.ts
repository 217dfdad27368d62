import type { JsonObject } from '../base/json.ts';
import { measureRequests } from '../config/measure-requests.ts';
import { mayCost } from '../config/run-budget.ts';
import { collectExamples, toDataset } from '../dataset/collect.ts';
import { priceOfModel } from '../model/pricing.ts';
import type { BoardSample, VariantPlan } from './board-views.ts';
import { type BoardTable, type BoardVariant, faultText } from './boards.ts';
import { textOf } from './row-index.ts';
import type { Setting } from './setting.ts';

/** Rows that are rendered to measure the length of a prompt. */
const measuredRows = 12;

export interface SampleRequest extends BoardTable {
  readonly size: number;
  /** Which rows: another number draws others. */
  readonly draw: number;
}

/** Rows of the train split, drawn by chance. */
export async function boardSample(
  { boards }: Pick<Setting, 'boards'>,
  { size, draw, ...table }: SampleRequest,
): Promise<BoardSample> {
  const split = await boards.train(table, await boards.read(table, { text: '' }));
  const { examples } = await collectExamples(toDataset(split.train), { limit: size, seed: draw });
  const named = (values: JsonObject = {}) =>
    Object.entries(values).map(([name, value]) => ({ name, value: textOf(value) }));
  return {
    rows: examples.map(({ id, inputs, expected }) => ({
      id,
      cluster: split.clusters.get(id) ?? id,
      inputs: named(inputs),
      expected: named(expected),
    })),
    train: split.train.length,
    validation: split.validation,
    test: split.test,
    isTestKept: split.isTestKept,
    notices: split.notices,
  };
}

/** What a variant would be asked with and take, or what is wrong with it. */
export async function variantPlan(
  { boards }: Pick<Setting, 'boards'>,
  table: BoardTable,
  variant: BoardVariant,
): Promise<VariantPlan> {
  try {
    const opened = await boards.open(table, variant);
    const { task, model } = opened;
    const { train } = await boards.train(table, task);
    const { inputTokens, outputTokens } = await measureRequests(
      task.program,
      train.slice(0, measuredRows),
      model,
    );
    const calls = task.program.calls(task.program.seed).typical;
    const price = priceOfModel(model);
    return {
      model: model.id,
      scorers: task.scorers.map(({ name, passFail }) => ({ name, passFail })),
      calls,
      inputTokens: Math.round(inputTokens),
      isLocal: !mayCost(model),
      ...(price !== undefined && {
        costUsd: (calls * (inputTokens * price.input + outputTokens * price.output)) / 1e6,
      }),
    };
  } catch (thrown) {
    return { scorers: [], calls: 0, inputTokens: 0, isLocal: false, fault: faultText(thrown) };
  }
}
