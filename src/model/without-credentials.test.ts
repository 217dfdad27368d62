import { expect, test } from 'vitest';
import { withoutCredentials } from './without-credentials.ts';

test.each([
  { address: 'http://user:pass@host/v1', shown: 'http://host/v1' },
  { address: 'https://host/v1?key=abc', shown: 'https://host/v1' },
  {
    address: 'openai-compatible:http://user:p@ss@host/v1?key=abc#qwen/3',
    shown: 'openai-compatible:http://host/v1#qwen/3',
  },
  { address: '--base-url=http://:key@host:80/v1', shown: '--base-url=http://host/v1' },
  { address: 'htp://user:pass@host/v1?key=abc', shown: 'htp://host/v1' },
  { address: 'http://user:pa/ss@host/v1', shown: 'http://host/v1' },
  { address: 'http://host:8000/v1', shown: 'http://host:8000/v1' },
  { address: 'openai/gpt-5', shown: 'openai/gpt-5' },
  { address: 'someone@example.com', shown: 'someone@example.com' },
])('$address is shown as $shown', ({ address, shown }) => {
  expect(withoutCredentials(address)).toBe(shown);
});
