import { HoneError } from '../base/errors.ts';

/**
 * A name that is a file name everywhere.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID`.
 */
export function checkPromptName(name: string, what = 'prompt'): void {
  if (/^[a-z0-9][a-z0-9_-]{0,63}$/.test(name)) return;
  throw new HoneError(`"${name}" is no name of a ${what}.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'Use small letters a to z, digits, - and _, at most 64, a letter or digit first.',
    facts: { name },
  });
}

export function noPrompt(name: string, location: string): HoneError {
  return new HoneError(`There is no prompt ${name} in ${location}.`, {
    code: 'HONE_PROMPT_NOT_FOUND',
    hint: 'See what there is: hone prompts list.',
    facts: { name },
  });
}

export function noVersion(name: string, version: number | string): HoneError {
  return new HoneError(`The prompt ${name} has no version ${version}.`, {
    code: 'HONE_PROMPT_NOT_FOUND',
    hint: `See what there is: hone prompts show ${name}.`,
    facts: { name, version },
  });
}

export function goneApart(name: string): HoneError {
  return new HoneError(`${name} has gone another way here than in what is imported.`, {
    code: 'HONE_PROMPT_MOVED',
    hint: `Compare both: hone prompts history ${name}. Then publish what is wanted as a new version. Nothing was changed.`,
    facts: { name },
  });
}

export function movedMeanwhile(
  name: string,
  {
    channel,
    seen,
    found,
  }: { readonly channel: string; readonly seen: number | undefined; readonly found: number | undefined },
): HoneError {
  const text = (version: number | undefined) => (version === undefined ? 'nothing' : `version ${version}`);
  return new HoneError(
    `${name}@${channel} was moved by someone else: it points to ${text(found)}, and you saw ${text(seen)}.`,
    {
      code: 'HONE_PROMPT_MOVED',
      hint: `Look at it again: hone prompts history ${name}. Nothing was changed.`,
      facts: { name, channel },
    },
  );
}
