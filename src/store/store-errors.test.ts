import { expect, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import { toStoreError } from './store-errors.ts';

const opening = 'ConnectionFailed("Unable to open connection to local database a.db: 14")';

test.each([
  { what: 'libsql: busy', thrown: { message: 'locked', rawCode: 5 }, code: 'HONE_STORE_LOCKED' },
  {
    what: 'Node: busy with a snapshot',
    thrown: { message: 'locked', errcode: 517 },
    code: 'HONE_STORE_LOCKED',
  },
  { what: 'libsql: corrupt', thrown: { message: 'malformed', rawCode: 11 }, code: 'HONE_STORE_CORRUPTED' },
  { what: 'Node: no database', thrown: { message: 'not', errcode: 26 }, code: 'HONE_STORE_CORRUPTED' },
  { what: 'libsql: cannot open', thrown: { message: opening }, code: 'HONE_FOLDER_READ_ONLY' },
  { what: 'Node: read-only', thrown: { message: 'read', errcode: 1032 }, code: 'HONE_FOLDER_READ_ONLY' },
  { what: 'disk full', thrown: { message: 'full', rawCode: 13 }, code: 'HONE_STORE_UNWRITABLE' },
  {
    what: 'anything else',
    thrown: { message: 'disk I/O error', rawCode: 10 },
    code: 'HONE_STORE_UNWRITABLE',
  },
])('$what becomes $code with the file, a hint and its cause', ({ thrown, code }) => {
  const cause = Object.assign(new Error(thrown.message), thrown);
  expect(toStoreError(cause, '.hone/hone.db')).toMatchObject({
    code,
    message: expect.stringContaining('.hone/hone.db'),
    hint: expect.any(String),
    cause,
  });
});

test('an error of Hone stays as it is', () => {
  const error = new HoneError('no', { code: 'HONE_RUN_LOCKED' });
  expect(toStoreError(error, 'a.db')).toBe(error);
});
