import { describe, expect, test } from 'vitest';
import type { Dataset } from '../dataset/dataset.ts';
import { predict } from '../program/predict.ts';
import { signature } from '../signature/shorthand.ts';
import { type EvalSuiteOptions, evalSuite } from './eval-suite.ts';

const program = predict(signature('text -> echo')) as unknown as EvalSuiteOptions['program'];
const data = [{ inputs: { text: 'a' }, expected: { echo: 'a' } }];
const refused = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });

async function datasetOf(given: unknown): Promise<Dataset> {
  const { target } = evalSuite('triage', { data: given as EvalSuiteOptions['data'], program });
  return (typeof target.dataset === 'function' ? await target.dataset() : target.dataset) as Dataset;
}

test('an option that there is not is refused, with the one that is meant', () => {
  expect(() => evalSuite('triage', { data, program, trails: 3 } as EvalSuiteOptions)).toThrow(
    expect.objectContaining({ code: 'HONE_OPTION_INVALID', hint: 'Did you mean “trials”?' }),
  );
  expect(() => evalSuite('triage', { program } as unknown as EvalSuiteOptions)).toThrow('has no data');
  expect(() => evalSuite('triage', { data } as unknown as EvalSuiteOptions)).toThrow('has no program');
});

describe('the rows of a suite', () => {
  test('are what a list or a function gives', async () => {
    expect((await datasetOf(data)).expectedColumns).toEqual(['echo']);
    expect((await datasetOf(async () => data)).inputColumns).toEqual(['text']);
  });

  test('have no member that would be ignored', async () => {
    await expect(datasetOf([...data, { inputs: {}, expectd: {} }])).rejects.toThrow(
      refused('HONE_DATASET_INVALID', 'Row 2 of the suite "triage" has a member “expectd”'),
    );
    await expect(datasetOf(() => [null])).rejects.toThrow(
      refused('HONE_DATASET_INVALID', 'Row 1 of the suite "triage" is null'),
    );
  });

  test('are told of where their function fails or gives something else', async () => {
    const failing = () => {
      throw new Error('no network');
    };
    await expect(datasetOf(failing)).rejects.toThrow(refused('HONE_DATASET_INVALID', 'threw: no network'));
    await expect(datasetOf(() => undefined)).rejects.toThrow(
      refused('HONE_DATASET_INVALID', 'gave undefined, and must give rows'),
    );
  });
});
