import { afterEach, describe, expect, test } from 'vitest';
import type { Clock } from '../base/clock.ts';
import { type LoopbackReply, type LoopbackServer, openLoopbackServer } from '../testing/loopback-server.ts';
import { putStickyComment } from './sticky-comment.ts';

const marker = '<!-- hone:triage -->';
let server: LoopbackServer;
afterEach(() => server.close());

interface Stored {
  id: number;
  body: string;
  user: { type: string };
}

/** GitHub as far as comments go: pages, and faults where they are asked for. */
async function github(
  comments: Stored[],
  fault: (method: string, index: number) => (LoopbackReply & { readonly keeps?: boolean }) | undefined = () =>
    undefined,
) {
  const waits: number[] = [];
  server = await openLoopbackServer(({ method, path, body }, index) => {
    const failed = fault(method, index);
    const { searchParams, pathname } = new URL(path, 'http://github');
    if (failed !== undefined && failed.keeps !== true) return failed;
    if (method === 'GET') {
      const page = Number(searchParams.get('page'));
      const size = Number(searchParams.get('per_page'));
      return { body: comments.slice((page - 1) * size, page * size) };
    }
    if (method === 'PATCH') {
      const found = comments.find(({ id }) => pathname.endsWith(`/comments/${id}`));
      if (found === undefined) return { status: 404, body: {} };
      found.body = String(body.body);
      return { body: found };
    }
    const created = { id: 1000 + comments.length, body: String(body.body), user: { type: 'Bot' } };
    comments.push(created);
    return failed ?? { status: 201, body: created };
  });
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    sleep: async (ms) => {
      waits.push(ms);
    },
  };
  const put = (text: string) =>
    putStickyComment({
      apiUrl: server.baseUrl,
      repository: 'ada/app',
      number: 7,
      token: 'secret',
      marker,
      body: `${marker}\n${text}`,
      clock,
    });
  return { put, waits };
}

const others = (count: number): Stored[] =>
  Array.from({ length: count }, (_, id) => ({
    id,
    body: `> ${marker} quoted ${id}`,
    user: { type: 'User' },
  }));

describe('the comment of a suite', () => {
  test('is written once and then changed, on whatever page it is', async () => {
    const comments = others(250);
    const { put } = await github(comments);
    expect((await put('one')).action).toBe('created');
    expect((await put('two')).action).toBe('updated');
    expect(comments).toHaveLength(251);
    expect(comments.at(-1)?.body).toBe(`${marker}\ntwo`);
    expect(server.requests.every(({ headers }) => headers.authorization === 'Bearer secret')).toBe(true);
  });

  test('is not that of another suite, nor that of a person who copied the marker', async () => {
    const copied = { id: 500, body: `${marker}\nmine`, user: { type: 'User' } };
    const other = { id: 501, body: '<!-- hone:triage2 -->', user: { type: 'Bot' } };
    const own = { id: 502, body: `${marker}\nold`, user: { type: 'Bot' } };
    const { put } = await github([copied, other, own]);
    expect(await put('new')).toEqual({ action: 'updated', id: 502 });
    expect(copied.body).toBe(`${marker}\nmine`);
  });

  test('waits out a rate limit for as long as it is told, and a fault of the server', async () => {
    const { put, waits } = await github([], (_, index) => {
      if (index === 0) return { status: 403, headers: { 'retry-after': '7' }, body: {} };
      return index === 1 ? { status: 502, body: {} } : undefined;
    });
    expect((await put('one')).action).toBe('created');
    expect(waits).toEqual([7_000, 4_000]);
  });

  test('is not written twice where the answer to the first writing was lost', async () => {
    const comments: Stored[] = [];
    const { put } = await github(comments, (method, index) =>
      method === 'POST' && index === 1 ? { status: 502, body: {}, keeps: true } : undefined,
    );
    expect((await put('one')).action).toBe('updated');
    expect(comments).toHaveLength(1);
  });

  test('is given up at once where it is not allowed, with what to do, and without the token', async () => {
    const { put } = await github([], () => ({ status: 403, body: { message: 'Resource not accessible' } }));
    const refused = await put('one').catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({
      code: 'HONE_SERVICE_UNAVAILABLE',
      hint: expect.stringContaining('fork'),
    });
    expect(JSON.stringify(refused) + String(refused)).not.toContain('secret');
    expect(server.count).toBe(1);
  });

  test('is given up after a few faults', async () => {
    const { put } = await github([], () => ({ status: 500, body: {} }));
    await expect(put('one')).rejects.toThrow('GitHub answered 500');
    expect(server.count).toBe(4);
  });
});
