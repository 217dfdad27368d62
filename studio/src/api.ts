import type { FaultView } from '../../src/server/views.ts';

/** An answer of the server that is none: its code and what to do. */
export class Fault extends Error {
  readonly code: string;
  readonly hint: string | undefined;

  constructor({ error }: FaultView) {
    super(error.message);
    this.code = error.code;
    this.hint = error.hint;
  }
}

const token = document.querySelector<HTMLMetaElement>('meta[name=hone-token]')?.content ?? '';

/** What an address answers. */
export async function get<View>(path: string, signal?: AbortSignal): Promise<View> {
  return read<View>(await ask(path, signal === undefined ? {} : { signal }));
}

/** A write, with the token that this page came with. */
export async function send<View>(path: string, body: unknown = {}, method = 'POST'): Promise<View> {
  return read<View>(
    await ask(path, {
      method,
      headers: { 'content-type': 'application/json', 'x-hone-token': token },
      body: JSON.stringify(body),
    }),
  );
}

/** A write that is answered line by line, each one a JSON value, while it goes. */
export async function sendForLines<Line>(
  path: string,
  body: unknown,
  { signal, onLine }: { readonly signal: AbortSignal; readonly onLine: (line: Line) => void },
): Promise<void> {
  const response = await ask(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hone-token': token },
    body: JSON.stringify(body),
    signal,
  });
  if (!response.ok || response.body === null) return void (await read(response));
  const decoder = new TextDecoder();
  let rest = '';
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    const lines = `${rest}${decoder.decode(value, { stream: !done })}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onLine(JSON.parse(line) as Line);
    if (done) return;
  }
}

async function ask(path: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(`/api${path}`, options);
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown;
    throw new Fault({
      error: {
        code: 'HONE_STUDIO_AWAY',
        message: 'The studio does not answer.',
        hint: 'Start it again with `hone studio`; this page goes on by itself.',
      },
    });
  }
}

async function read<View>(response: Response): Promise<View> {
  const body: unknown = await response.json();
  if (!response.ok) throw new Fault(body as FaultView);
  return body as View;
}

/** A query string of what is set. */
export function queryOf(values: Readonly<Record<string, string | number | undefined>>): string {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== '') parts.set(name, String(value));
  }
  const text = parts.toString();
  return text === '' ? '' : `?${text}`;
}
