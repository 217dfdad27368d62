import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The examples import the package by its name, and are run as they are on its sources. */
const ownName = [
  { find: /^hone-ai$/, replacement: fileURLToPath(new URL('src/public/index.ts', import.meta.url)) },
  { find: /^hone-ai\/(\w+)$/, replacement: fileURLToPath(new URL('src/public/$1.ts', import.meta.url)) },
];

export default defineConfig({
  test: {
    projects: [
      {
        resolve: { alias: ownName },
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['test/end-to-end/**', 'test/studio/**', 'test/conformance/**', 'src/**/*.local.test.ts'],
          typecheck: { enabled: true, include: ['src/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
          // Against hangs alone: a busy machine is no fault.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Two cores are what the checks are sure to have; left to itself one of them would idle.
          maxWorkers: 2,
          // No test leaves anything behind in a module, so files may share them.
          isolate: false,
        },
      },
      {
        // Every optimizer in harder worlds: minutes of computing, so the checks of every change leave it to CI.
        resolve: { alias: ownName },
        test: {
          name: 'conformance',
          include: ['test/conformance/**/*.test.ts'],
          testTimeout: 240_000,
          maxWorkers: 2,
          isolate: false,
        },
      },
      {
        // Pages in a real browser, on the built studio.
        test: {
          name: 'browser',
          include: ['test/studio/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // Made on demand, to be looked at.
        test: { name: 'pictures', include: ['test/studio/pictures.ts'], sequence: { groupOrder: 3 } },
      },
      {
        // The embedded model uses every core, so its tests run one file at a time, after all others.
        test: {
          name: 'local',
          include: ['src/**/*.local.test.ts', 'test/end-to-end/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 240_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
