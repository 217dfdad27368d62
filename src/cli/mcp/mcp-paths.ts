import { existsSync, realpathSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { HoneError } from '../../base/errors.ts';

/**
 * A path within the project. Files outside are no business of a tool, whatever an agent was told.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a path that leads out of the folder, also by a link.
 */
export function insideProject(path: string, folder: string): string {
  const root = realpathSync(folder);
  const inside = relative(root, real(resolve(root, path)));
  const isHidden = inside
    .split(sep)
    .some((part) => part.startsWith('.') && part !== '.hone' && part !== '..');
  if (isHidden) {
    throw new HoneError(`"${path}" is hidden, and such files are often secret.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Give a file whose name does not start with a dot.',
    });
  }
  if (path !== '' && !path.startsWith('-') && inside !== '..' && !inside.startsWith(`..${sep}`)) return path;
  throw new HoneError(`"${path}" lies outside the project.`, {
    code: 'HONE_OPTION_INVALID',
    hint: `Give a path below ${root}, from there.`,
  });
}

/** Where a path leads, by links too; of one that is not there, where its folder leads. */
function real(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const parent = dirname(path);
  return parent === path ? path : resolve(real(parent), path.slice(parent.length + 1));
}

/**
 * A value that stands for itself on a command line, and for no flag.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` where it would be one.
 */
export function plainValue(value: string): string {
  if (!value.startsWith('-')) return value;
  throw new HoneError(`"${value}" looks like a flag.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'Give the value alone.',
  });
}

/**
 * A model by its name. An address could be anybody's, so only this machine's are taken; others are given to the
 * server when it is started.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for an address of another machine.
 */
export function namedModel(model: string): string {
  const [, host] = /:\/\/(?:[^/@]*@)?(\[[^\]]*\]|[^/:#]+)/.exec(model) ?? [];
  const isOwn = host === undefined || ['127.0.0.1', 'localhost', '[::1]'].includes(host);
  const isElsewhere = /^handoff:/.test(model) || /^hf:/.test(model) || /\.gguf$/i.test(model);
  if (isElsewhere) {
    throw new HoneError(`The model ${model} is a file or a folder, which a tool does not choose.`, {
      code: 'HONE_OPTION_INVALID',
      hint: 'Start the server with it: hone mcp --model …; for requests to you, "handoff" alone.',
    });
  }
  if (isOwn && !model.includes('\n')) return plainValue(model);
  throw new HoneError(`The model ${model.split('\n')[0]} is on another machine.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'Start the server with it: hone mcp --model … --base-url ….',
  });
}

/**
 * Columns as a flag takes them.
 *
 * @throws {HoneError} `HONE_OPTION_INVALID` for a name with a comma, which would be two.
 */
export function columnList(names: readonly string[]): string {
  const odd = names.find((name) => name.includes(','));
  if (odd === undefined) return names.join(',');
  throw new HoneError(`The column "${odd}" has a comma in its name.`, {
    code: 'HONE_OPTION_INVALID',
    hint: 'Give each column as an item of its own, or rename it.',
  });
}
