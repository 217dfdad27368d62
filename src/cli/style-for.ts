import { readEnvironment } from '../config/environment.ts';
import type { CommandIo, OutputStream } from './command-io.ts';
import { createStyle, type Style } from './render/style.ts';

/** Colours where a terminal reads and the environment does not object. */
export function styleFor(io: CommandIo, stream: OutputStream): Style {
  return createStyle(colorSetting(io) ?? stream.isTTY === true);
}

function colorSetting(io: CommandIo): boolean | undefined {
  try {
    return readEnvironment(io.variables).color;
  } catch {
    // The variable at fault is being reported; colours are not the news.
    return undefined;
  }
}
