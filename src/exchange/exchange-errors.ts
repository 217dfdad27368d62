import { HoneError } from '../base/errors.ts';

/** A file of another tool that cannot be taken over. */
export function invalidImport(
  message: string,
  {
    hint,
    file,
    cause,
  }: { readonly hint: string; readonly file?: string | undefined; readonly cause?: unknown },
): HoneError {
  return new HoneError(message, {
    code: 'HONE_IMPORT_INVALID',
    hint,
    cause,
    ...(file !== undefined && { facts: { file } }),
  });
}
