import { messageOf } from '../base/errors.ts';
import { type CommandIo, writeLine } from './command-io.ts';

/** Gives a text in parts, so that any number of rows fits. */
export type TextOfFile = () => Iterable<string> | AsyncIterable<string>;

/** The files of a result, written one by one: where one fails the others are still written. */
export interface ResultWrites {
  /**
   * Writes one of them.
   *
   * @param text What the file would have held, to be printed where it cannot be written. Left out: it can be had
   *   again by another command.
   * @returns whether it was written
   */
  attempt(write: () => void | Promise<void>, text?: TextOfFile): Promise<boolean>;
  /**
   * Prints what could not be written, so that no result is lost to a full disk.
   *
   * @throws the first failure
   */
  finish(): Promise<void>;
}

/** @param printsTexts False where stdout already holds the whole result, as with `--json`. */
export function resultWrites(
  io: CommandIo,
  { printsTexts }: { readonly printsTexts: boolean },
): ResultWrites {
  const failures: { readonly thrown: unknown; readonly text: TextOfFile | undefined }[] = [];
  return {
    async attempt(write, text) {
      try {
        await write();
        return true;
      } catch (thrown) {
        failures.push({ thrown, text });
        return false;
      }
    },
    async finish() {
      for (const { thrown, text } of failures) {
        if (text === undefined || !printsTexts) continue;
        writeLine(io.stderr, `${messageOf(thrown)} What it would hold follows on stdout.`);
        writeLine(io.stdout);
        for await (const part of text()) io.stdout.write(part);
      }
      const [first, ...others] = failures;
      for (const { thrown } of others) writeLine(io.stderr, messageOf(thrown));
      if (first !== undefined) throw first.thrown;
    },
  };
}
