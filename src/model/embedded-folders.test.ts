import { expect, test } from 'vitest';
import { defaultModelFolder, defaultRuntimeFolder } from './embedded-folders.ts';

test.each([
  { platform: 'linux', env: {}, folder: '/home/ada/.cache/hone/models' },
  { platform: 'linux', env: { XDG_CACHE_HOME: '/cache' }, folder: '/cache/hone/models' },
  { platform: 'linux', env: { XDG_CACHE_HOME: '' }, folder: '/home/ada/.cache/hone/models' },
  { platform: 'darwin', env: { XDG_CACHE_HOME: '/cache' }, folder: '/home/ada/Library/Caches/hone/models' },
  { platform: 'win32', env: { LOCALAPPDATA: '/local' }, folder: '/local/hone/cache/models' },
] as const)('models lie in $folder on $platform with $env', ({ platform, env, folder }) => {
  expect(defaultModelFolder({ env, platform, homeFolder: '/home/ada' })).toBe(folder);
});

test('the inference library lies beside the models', () => {
  expect(defaultRuntimeFolder({ env: {}, platform: 'linux', homeFolder: '/home/ada' })).toBe(
    '/home/ada/.cache/hone/runtime',
  );
});
