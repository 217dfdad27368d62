import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { listedPlace, listFiles, placeWithin, writeNewFile } from './folder-files.ts';
import { createJobs } from './jobs.ts';
import { mappedCsv, tableView, withPasted } from './table-view.ts';
import { csvOfWorkbook } from './workbook.ts';

const folder = mkdtempSync(join(tmpdir(), 'hone-folder-'));
const outside = mkdtempSync(join(tmpdir(), 'hone-outside-'));
afterAll(() => {
  for (const path of [folder, outside]) rmSync(path, { recursive: true, force: true });
});
mkdirSync(join(folder, 'datasets'));
mkdirSync(join(folder, 'node_modules'));
writeFileSync(join(folder, 'datasets', 'rows.csv'), 'note,mood\na,good\n');
writeFileSync(join(folder, 'triage.md'), 'Say what it is.\n');
writeFileSync(join(folder, 'README.md'), '# Read me\n');
writeFileSync(join(folder, 'package.json'), '{}');
writeFileSync(join(folder, 'node_modules', 'other.csv'), 'a\n1\n');
writeFileSync(join(outside, 'secret.csv'), 'key\nsecret\n');
symlinkSync(join(outside, 'secret.csv'), join(folder, 'link.csv'));

describe('the files of the folder', () => {
  it('are its tables and prompts, and not what belongs to tools', () => {
    const { datasets, prompts, isCut } = listFiles(folder);
    expect(datasets.map(({ path }) => path)).toEqual(['datasets/rows.csv']);
    expect(prompts.map(({ path }) => path)).toEqual(['triage.md']);
    expect(isCut).toBe(false);
  });

  it.each(['../secret.csv', join(outside, 'secret.csv'), 'link.csv', 'datasets/../../x', '', 'gone.csv'])(
    'are not left by %s',
    (path) => {
      expect(() => placeWithin(folder, path)).toThrow(
        expect.objectContaining({ code: 'HONE_FILE_NOT_FOUND' }),
      );
    },
  );

  it('are those of the list alone: a file with keys is read by nobody here', () => {
    writeFileSync(join(folder, '.env'), 'OPENAI_API_KEY=sk-secret\n');
    for (const kind of ['prompts', 'datasets'] as const) {
      for (const path of ['.env', 'package.json', 'README.md', 'node_modules/other.csv']) {
        expect(() => listedPlace(folder, path, kind)).toThrow(
          expect.objectContaining({ code: 'HONE_FILE_NOT_FOUND' }),
        );
      }
    }
    expect(listedPlace(folder, 'datasets/../triage.md', 'prompts')).toBe(join(folder, 'triage.md'));
  });

  it('are never overwritten', () => {
    expect(() => writeNewFile(folder, 'triage.md', 'other')).toThrow(/is there already/u);
    expect(readFileSync(join(folder, 'triage.md'), 'utf8')).toBe('Say what it is.\n');
  });
});

describe('a pasted table', () => {
  const text = 'note,mood\n"one, two",good\nthree,\nthree,\n';

  it('is read as a file would be, with its problems, before anything is written', async () => {
    const view = await withPasted({ text, format: 'csv' }, (path) => tableView(path, { from: 0, limit: 2 }));
    expect(view).toMatchObject({
      columns: ['note', 'mood'],
      total: 3,
      rows: [
        ['one, two', 'good'],
        ['three', ''],
      ],
    });
    expect(view.problems.join('\n')).toMatch(/1 row is a copy.*\n.*“mood” is empty in 2 rows/u);
  });

  it('is written with columns renamed and left out, and its values as they are', async () => {
    const csv = await withPasted({ text: 'note,mood,x\n"=one, two",good,1\n', format: 'csv' }, (path) =>
      mappedCsv(path, { mood: 'label', x: '' }),
    );
    expect(csv).toBe('note,label\n"=one, two",good\n');
  });

  it('may be a workbook', async () => {
    expect(await csvOfWorkbook(workbook)).toBe('note,stars\n"good, really",5\nbad,1.5\n');
    await expect(csvOfWorkbook('bm9uZQ==')).rejects.toMatchObject({ code: 'HONE_DATASET_INVALID' });
  });
});

test('a job finds its run by its command, stops it, and keeps what it printed', async () => {
  let now = 10;
  const jobs = createJobs({
    now: () => now,
    startCommand: (_, { onLine, signal }) =>
      new Promise((resolve) => {
        onLine('began');
        signal.addEventListener('abort', () => resolve(130));
      }),
  });
  const argv = ['eval', 'a.md'];
  const { id } = jobs.start('evaluation', argv);
  await Promise.resolve();
  now = 20;
  jobs.assign([
    { id: 'older', createdAt: 5, plan: { argv } },
    { id: 'other', createdAt: 20, plan: { argv: ['eval', 'b.md'] } },
    { id: 'own', createdAt: 20, plan: { argv } },
  ]);
  expect(jobs.read(id)).toMatchObject({ runId: 'own', status: 'running' });
  expect(() => jobs.stop('other')).toThrow(expect.objectContaining({ code: 'HONE_RUN_NOT_FOUND' }));
  jobs.stop('own');
  await jobs.close();
  expect(jobs.read(id)).toMatchObject({ status: 'ended', exitCode: 130, lines: ['began'] });
});

/** One sheet with two columns and two rows. */
const workbook =
  'UEsDBBQAAAAIAOG1eV1bma6u5QAAAAsCAAATAAAAW0NvbnRlbnRfVHlwZXNdLnhtbK2RvVLDMBCEX0WjNhOdk4KCsZ0i0AYKXuCQz7HG+hudEszbIzuBggnQUN1Iu3vfalTvJmfFmRKb4Bu5UZXctfXLeyQWRfHcyCHneA/AeiCHrEIkX5Q+JIe5HNMRIuoRjwTbqroDHXwmn9d53iHb+oF6PNksHqdyfaEksizF/mKcWY3EGK3RmIsOZ999o6yvBFWSi4cHE3lVDBJuEmblZ8A191SenUxH4hlTPqArLpgsvIU0voYwqt+X3GgZ+t5o6oI+uRJRHBNhxwNRdlYtUzk0fvU3fzEzLGPzz0W+9n/2gOW72w9QSwMEFAAAAAgA4bV5XXQ+DyqUAAAAAwEAAAsAAABfcmVscy8ucmVsc43PPQ7CMAwF4KtEPkDdMjCgpF1YWBEXCMH9UZs4cgKU25ORIgZGPz99lnW3+kU9SNLEwUBT1dC1+kyLzSVI4xSTKo2QDIw5xwNiciN5myqOFMqmZ/E2l1EGjNbNdiDc1fUe5dOAralONwPSgLq8Iv0jc99Pjo7s7p5C/nHgq1FkKwNlA+uCT5b5yjxXBQVsNW7ea99QSwMEFAAAAAgA4bV5XWIka7mdAAAA9QAAAA8AAAB4bC93b3JrYm9vay54bWyNj00SgjAMha/SyQEsuHDBlLJx49YbVAi2A22YpIrHtwOyd5WfN/lenuk+cVZvZAmUWqhPFXTWrMTTg2hSRUzSgs95abSW3mN0cqIFU1FG4uhyGfmpZWF0g3jEHGd9rqqLji4k2AkN/8OgcQw9Xql/RUx5hzDOLpfXxIdFwJrNQX5VJRexhTutAmrb3IaSARQ3oTRcg7ZGHyf6SGW/UEsDBBQAAAAIAOG1eV3tt5/CmAAAAAQBAAAaAAAAeGwvX3JlbHMvd29ya2Jvb2sueG1sLnJlbHONzzsOwjAMBuCrRD5A3TIwoKZdWFgrLhAFt6naPGSH1+2JGBCVGJgs/7Y+y23/8Ku6Ecscg4amqqHv2oFWk0sgbk6iykYQDS7ndEAU68gbqWKiUCZjZG9yaXnCZOxiJsJdXe+Rvw3Ymup00cANqPMz0T9yHMfZ0jHaq6eQfxzAe+RFHFEuqOGJsoZPJPguTVVUwK7FzX/dC1BLAwQUAAAACADhtXldkLvcvMwAAACuAQAAGAAAAHhsL3dvcmtzaGVldHMvc2hlZXQxLnhtbHWR22rDMAyGX8X4ekQ5sF0Ux6Flb7An8BK3MfMhSCLd3n5OGGEtyZ31S/o+bKvuO3gxWySXYiuropSdVveEXzRayyJ3I7VyZJ5OANSPNhgq0mRj7lwTBsO5xBvQhNYM61LwUJflGwTjotRqzd4NG60w3QVmS0775XCupOBWuuhdtB+MOXekFeuY2CpgrWCpof+bvxzNExukxwXIss1Yb8b6gHBLaXgR+Q7e/+yZF8KsXxXMO/hmwzcH+E8z7FGblVoVz1z492iw/Yb+BVBLAQIUAxQAAAAIAOG1eV1bma6u5QAAAAsCAAATAAAAAAAAAAAAAACAAQAAAABbQ29udGVudF9UeXBlc10ueG1sUEsBAhQDFAAAAAgA4bV5XXQ+DyqUAAAAAwEAAAsAAAAAAAAAAAAAAIABFgEAAF9yZWxzLy5yZWxzUEsBAhQDFAAAAAgA4bV5XWIka7mdAAAA9QAAAA8AAAAAAAAAAAAAAIAB0wEAAHhsL3dvcmtib29rLnhtbFBLAQIUAxQAAAAIAOG1eV3tt5/CmAAAAAQBAAAaAAAAAAAAAAAAAACAAZ0CAAB4bC9fcmVscy93b3JrYm9vay54bWwucmVsc1BLAQIUAxQAAAAIAOG1eV2Qu9y8zAAAAK4BAAAYAAAAAAAAAAAAAACAAW0DAAB4bC93b3Jrc2hlZXRzL3NoZWV0MS54bWxQSwUGAAAAAAUABQBFAQAAbwQAAAAA';
