/**
 * Sets a property under whatever name, `__proto__` too, which a plain assignment would take for the prototype: names
 * of columns are those of a table that somebody else made.
 */
export function setOwn<Value>(target: Record<string, Value>, name: string, value: Value): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  } else target[name] = value;
}

/** The property of an object itself, never one that it inherits, such as `constructor`. */
export function ownOf<Value>(source: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(source, name) ? source[name] : undefined;
}
