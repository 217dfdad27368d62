import type { Message } from '../model/model.ts';

/** One round of an agent: what it said and asked for, and what came of it. */
export interface AgentTurn {
  readonly said: Message;
  readonly results: readonly AgentResult[];
}

/** What one call gave. */
export interface AgentResult {
  readonly tool: string;
  readonly message: Message;
}

/** How short a history may become: the last round is always whole, and the task always stays. */
export function mostShortening(turns: readonly AgentTurn[]): number {
  return 2 * Math.max(0, turns.length - 1);
}

/**
 * The messages of a conversation, the older rounds shortened: first the results of the oldest rounds are left out one
 * round after another, then whole rounds. The task, and what was left out, is always said.
 *
 * @param shortening Rounds that are shortened, from 0 (none) to {@link mostShortening}.
 */
export function historyMessages(
  task: readonly Message[],
  turns: readonly AgentTurn[],
  shortening: number,
): readonly Message[] {
  const older = Math.max(0, turns.length - 1);
  const dropped = Math.max(0, Math.min(older, shortening - older));
  const messages = turns.slice(dropped).flatMap(({ said, results }, index) => {
    const isShortened = index + dropped < Math.min(older, shortening);
    return [said, ...results.map((result) => (isShortened ? shortened(result) : result.message))];
  });
  if (dropped === 0) return [...task, ...messages];
  const called = turns.slice(0, dropped).flatMap(({ results }) => results.map(({ tool }) => tool));
  const note = `(${dropped === 1 ? 'The first round is' : `The first ${dropped} rounds are`} left out here. Called were: ${called.join(', ') || 'no tools'}.)`;
  const last = task.at(-1);
  const noted: readonly Message[] =
    last === undefined ? [] : [{ ...last, content: `${String(last.content)}\n\n${note}` }];
  return [...task.slice(0, -1), ...noted, ...messages];
}

function shortened({ tool, message }: AgentResult): Message {
  const content = String(message.content);
  const note = `(The result of ${tool} is left out: ${content.length} characters. Call it again if they are needed.)`;
  return content.length <= note.length ? message : { ...message, content: note };
}
