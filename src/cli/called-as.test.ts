import { expect, test } from 'vitest';
import { calledAs } from './called-as.ts';

test.each([
  { variables: {}, shown: 'Run: hone models pull' },
  { variables: { npm_command: 'exec' }, shown: 'Run: npx hone-ai models pull' },
  { variables: { npm_command: 'start', npm_package_name: 'hone-ai' }, shown: 'Run: npx hone models pull' },
  { variables: { npm_command: 'test', npm_package_name: 'my-app' }, shown: 'Run: hone models pull' },
])('a command is shown as it can be typed: $shown', ({ variables, shown }) => {
  expect(calledAs('Run: hone models pull', variables)).toBe(shown);
});

test('words that are no command stay', () => {
  const text = 'the folder .hone of hone was kept';
  expect(calledAs(text, { npm_command: 'exec' })).toBe(text);
});
