import type { Variables } from '../config/environment.ts';

/**
 * A command for people to type, as it works where they are: `hone …` where it is installed, `npx hone-ai …`
 * when npx fetched it, `npx hone …` in a clone of the repository.
 *
 * @param text Words around a command that begins with `hone`.
 */
export function calledAs<Text extends string | undefined>(text: Text, variables: Variables): Text {
  if (text === undefined) return text;
  if (variables.npm_package_name === 'hone-ai') return renamed(text, 'npx hone') as Text;
  return variables.npm_command === 'exec' ? (renamed(text, 'npx hone-ai') as Text) : text;
}

/** Only where a command is meant: at the start, after a colon, or in backticks. */
function renamed(text: string, name: string): string {
  return text.replace(/(^|: |`)hone (?=[a-z])/g, (_, before: string) => `${before}${name} `);
}
