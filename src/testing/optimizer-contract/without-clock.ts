import { AsyncLocalStorage } from 'node:async_hooks';
import type { Decision, OptimizationContext, Optimizer } from '../../optimizer/optimizer.ts';

/** Whether code of an optimizer runs, and not the driver that it has called. */
const inside = new AsyncLocalStorage<true>();

const watched = [
  [Date, 'now'],
  [performance, 'now'],
  [process, 'hrtime'],
  [Math, 'random'],
  [crypto, 'randomUUID'],
  [crypto, 'getRandomValues'],
  [globalThis, 'setTimeout'],
  [globalThis, 'setInterval'],
] as const satisfies readonly (readonly [object, string])[];

/** Runs `work` with an optimizer whose every look at a clock or chance is noted in `used`. */
export async function withoutClock<Result>(
  optimizer: Optimizer,
  used: string[],
  work: (optimizer: Optimizer) => Promise<Result>,
): Promise<Result> {
  const restore = watch((name) => {
    if (inside.getStore() === true && !used.includes(name)) used.push(name);
  });
  try {
    return await work(followed(optimizer));
  } finally {
    restore();
  }
}

/** Notes every use of the watched functions. @returns what puts them back */
function watch(note: (name: string) => void): () => void {
  const restores = watched.map(([owner, name]) => {
    const holder = owner as unknown as Record<string, (...given: unknown[]) => unknown>;
    const original = holder[name];
    const label = owner === globalThis ? name : `${nameOf(owner)}.${name}`;
    const seen = new Proxy(original as (...given: unknown[]) => unknown, {
      apply: (target, self, given) => {
        note(label);
        return Reflect.apply(target, self, given);
      },
    });
    const descriptor = Object.getOwnPropertyDescriptor(holder, name);
    Object.defineProperty(holder, name, { configurable: true, writable: true, value: seen });
    return () => {
      if (descriptor === undefined) delete holder[name];
      else Object.defineProperty(holder, name, descriptor);
    };
  });
  const { Date: original } = globalThis;
  globalThis.Date = new Proxy(original, {
    construct: (target, given, self) => {
      if (given.length === 0) note('new Date()');
      return Reflect.construct(target, given, self);
    },
  });
  return () => {
    globalThis.Date = original;
    for (const restore of restores) restore();
  };
}

function nameOf(owner: object): string {
  if (owner === Date) return 'Date';
  if (owner === Math) return 'Math';
  if (owner === process) return 'process';
  return owner === crypto ? 'crypto' : 'performance';
}

/** The optimizer, its own code marked as such; what it calls of its context is the driver's. */
function followed(optimizer: Optimizer): Optimizer {
  return {
    ...optimizer,
    optimize: (context) => {
      const decisions = inside.run(true, () => optimizer.optimize(outside(context)));
      return marked(decisions, (step) => inside.run(true, step));
    },
  };
}

function outside(context: OptimizationContext): OptimizationContext {
  const { ask, admit, evaluate, race, prefer, nest } = context;
  const leaving =
    <Given extends readonly unknown[], Result>(call: (...given: Given) => Result) =>
    (...given: Given): Result =>
      inside.exit(() => call(...given));
  return {
    ...context,
    ask: leaving(ask) as OptimizationContext['ask'],
    admit: leaving(admit),
    evaluate: leaving(evaluate),
    // How a race ranks is the optimizer's own code.
    race: leaving((candidates, plan) =>
      race(candidates, { ...plan, rank: plan.rank && entering(plan.rank) }),
    ),
    prefer: leaving(prefer),
    nest: (inner, options) =>
      marked(
        inside.exit(() => nest(followed(inner), options)),
        (step) => inside.exit(step),
      ),
  };
}

function entering<Given extends readonly unknown[], Result>(
  call: (...given: Given) => Result,
): (...given: Given) => Result {
  return (...given) => inside.run(true, () => call(...given));
}

/** A generator whose every step runs as `within` says. */
function marked<Result>(
  decisions: AsyncGenerator<Decision, Result, void>,
  within: <Step>(step: () => Step) => Step,
): AsyncGenerator<Decision, Result, void> {
  return {
    next: () => within(() => decisions.next()),
    return: (value) => within(() => decisions.return(value)),
    throw: (thrown) => within(() => decisions.throw(thrown)),
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await decisions.return(undefined as never);
    },
  };
}
