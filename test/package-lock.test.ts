import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockedPackage {
  readonly resolved?: string | undefined;
  readonly optionalDependencies?: Readonly<Record<string, string>> | undefined;
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  readonly packages: Readonly<Record<string, LockedPackage>>;
};

test('the lock file knows the builds of every platform, so that npm ci works on all of them', () => {
  // A registry that carries the builds of one platform only makes npm leave the others out; npm ci then refuses.
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
    ),
  );
  expect(missing).toEqual([]);
});

test('the lock file names no registry', () => {
  const hosts = Object.values(packages).flatMap(({ resolved }) => (resolved === undefined ? [] : [resolved]));
  expect(hosts).toEqual([]);
});
