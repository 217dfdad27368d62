import { HoneError } from '../base/errors.ts';

/** What `work` gives; an error of it says first where the words that it speaks of stand. */
export function atPlace<Result>(place: string, work: () => Result): Result {
  try {
    return work();
  } catch (thrown) {
    if (!HoneError.isInstance(thrown)) throw thrown;
    const { code, hint, facts, message } = thrown;
    throw new HoneError(`${place}: ${message}`, { code, hint, facts, cause: thrown });
  }
}
