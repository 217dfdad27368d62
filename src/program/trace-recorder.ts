import { messageOf } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { Passage, RetrieveTraceStep, ToolTraceStep, Trace, TraceStep } from './trace.ts';

/** Collects what happens while one row is answered. */
export interface TraceRecorder {
  /** What has happened so far, in the order of starting. */
  trace(): Trace;
  /** Takes a place in the trace now, to be filled when the step has ended. */
  open(): TracePlace;
  /** Looks something up and notes it. What `find` throws is thrown on. */
  retrieve(
    query: string,
    find: (query: string) => readonly Passage[] | Promise<readonly Passage[]>,
  ): Promise<readonly Passage[]>;
  /** Calls a tool and notes it, its error too. What it throws is thrown on. */
  tool<Result extends Json>(
    name: string,
    given: JsonObject,
    call: (given: JsonObject) => Result | Promise<Result>,
  ): Promise<Result>;
}

/** A place in a trace. */
export interface TracePlace {
  /** Fills it with the steps of a part of the program; their ids become unique here. */
  fill(steps: Trace, options?: { readonly from?: string | undefined }): void;
}

export function createTraceRecorder(): TraceRecorder {
  const places: Place[] = [];
  const open = (): TracePlace => {
    const place: Place = { steps: [], from: undefined };
    places.push(place);
    return {
      fill: (steps, { from } = {}) => {
        place.steps = steps;
        place.from = from;
      },
    };
  };

  return {
    trace: () => withUniqueIds(places),
    open,
    async retrieve(query, find) {
      const place = open();
      const passages = await find(query);
      place.fill([{ kind: 'retrieve', id: 'retrieve', query, passages } satisfies RetrieveTraceStep]);
      return passages;
    },
    async tool(name, given, call) {
      const place = open();
      const base: ToolTraceStep = { kind: 'tool', id: name, name, arguments: given };
      try {
        const result = await call(given);
        place.fill([{ ...base, result }]);
        return result;
      } catch (thrown) {
        place.fill([{ ...base, error: messageOf(thrown) }]);
        throw thrown;
      }
    },
  };
}

interface Place {
  steps: Trace;
  from: string | undefined;
}

/** Counted in the order of the places, so that an id does not depend on who answered first. */
function withUniqueIds(places: readonly Place[]): Trace {
  const used = new Map<string, number>();
  const uniqueId = (id: string): string => {
    const base = id.replace(/#\d+$/u, '');
    const count = (used.get(base) ?? 0) + 1;
    used.set(base, count);
    return count === 1 ? base : `${base}#${count}`;
  };
  return places.flatMap(({ steps, from }) => {
    const renamed = new Map(steps.map(({ id }) => [id, uniqueId(id)]));
    return steps.map((step): TraceStep => {
      const cause = step.from === undefined ? from : renamed.get(step.from);
      return { ...step, id: renamed.get(step.id) ?? step.id, ...(cause !== undefined && { from: cause }) };
    });
  });
}
