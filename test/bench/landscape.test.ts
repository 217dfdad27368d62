import { describe, expect, test } from 'vitest';

// The benches are plain JavaScript, outside what the compiler looks at.
const landscapes = await import(new URL('../../bench/optimizers/landscape.mjs', import.meta.url).href);
const servers = await import(new URL('../../bench/optimizers/server.mjs', import.meta.url).href);
const { createLandscape, probabilityOf, reflectOn, shownWith, taughtBy } = landscapes;

interface Row {
  readonly id: string;
  readonly note: string;
  readonly word: string;
  readonly code?: string;
  readonly action: string;
}

const one = createLandscape('1');
const two = createLandscape('1', 'two steps');
const [decide] = one.steps;
const [find, decideTwo] = two.steps;
const row: Row = one.rows[0];
const other = (right: string) => ['ship', 'hold', 'return', 'scrap'].find((action) => action !== right) ?? '';
const truth = (prompt: string) => probabilityOf(one, { step: decide, row, prompt });

describe('the simulated task', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(createLandscape('1').rows).toEqual(one.rows);
    expect(createLandscape('2').rows).not.toEqual(one.rows);
  });

  test('is solved by rules more than by demos, and by demos more than by guessing', () => {
    const taught = truth(decide.sentence(row.word, row.action));
    const alike: Row = one.rows.find((each: Row) => each.word === row.word && each.id !== row.id);
    const shown = truth(`${alike.note}\naction: ${alike.action}`);
    expect(taught).toBeGreaterThan(shown);
    expect(shown).toBeGreaterThan(truth('Say what to do.'));
    expect(truth(decide.sentence(row.word, other(row.action)))).toBeLessThan(0.1);
  });

  test('rewards one format, punishes another, and long or distracting prompts', () => {
    const plain = truth('');
    expect(truth(one.good)).toBeGreaterThan(plain);
    expect(truth(one.bad)).toBeLessThan(plain);
    expect(truth('Most parcels are heavy.')).toBeLessThan(plain);
    expect(truth('word '.repeat(3_000))).toBeLessThan(plain);
    expect(truth('word '.repeat(700))).toBe(plain);
  });

  test('in two steps goes wrong in the second where the first did', () => {
    const [first]: Row[] = two.rows;
    const of = (given: string) => probabilityOf(two, { step: decideTwo, row: first, prompt: '', given });
    expect(of(first?.code ?? '')).toBeGreaterThan(of('nothing'));
  });
});

describe('the simulated reflection', () => {
  const shown = (text: string, landscape = one, step = decide) =>
    shownWith(landscape, text, step).map(({ answer }: { answer: string }) => answer);

  test('takes what was expected for right, not what was answered wrongly', () => {
    const wrong = other(row.action);
    expect(
      shown(
        `{"inputs":{"note":"${row.note}"},"outputs":{"action":"${wrong}"},"expected":{"action":"${row.action}"},"score":0}`,
      ),
    ).toEqual([row.action]);
    expect(shown(`${row.note}\naction: ${wrong}\nscore: 0`)).toEqual([]);
    expect(shown(`${row.note}\n[[ ## action ## ]]\n${wrong}\nworse_reward_value ## ]]\n0.0`)).toEqual([]);
    expect(shown(`${row.note}\n[[ ## oracle_metadata ## ]]\n{\n  "action": "${row.action}"\n}`)).toEqual([
      row.action,
    ]);
  });

  test('learns the rules of the first of two steps from feedback on that step alone', () => {
    const [first]: Row[] = two.rows;
    const note = first?.note ?? '';
    expect(shown(`${note}\nexpected action ${first?.action}`, two, find)).toEqual([]);
    expect(shown(`${note}\nWrong: expected code ${first?.code}, got fern`, two, find)).toEqual([first?.code]);
  });

  test('writes rules that it was shown, some of them wrong, the same for the same draw', () => {
    const request = one.rows
      .slice(0, 8)
      .map(({ note, action }: Row) => `${note}\nexpected action ${action}`)
      .join('\n');
    const texts = Array.from({ length: 40 }, (_, draw) => reflectOn(one, { request, draw: String(draw) }));
    expect(reflectOn(one, { request, draw: '3' })).toBe(texts[3]);
    const rules = texts.flatMap((text) => [...taughtBy(text)]);
    const right = rules.filter(([word, action]) => decide.rules.get(word)?.answer === action).length;
    expect(right / rules.length).toBeGreaterThan(0.6);
    expect(right).toBeLessThan(rules.length);
  });
});

describe('the server of the landscape', () => {
  test('counts completions, draws by the seed of a request, and tells what a winner is worth', async () => {
    const server = await servers.openLandscapeServer(one);
    try {
      const ask = async (body: object) => {
        const response = await fetch(`http://127.0.0.1:${server.port}/v1/chat/completions`, {
          method: 'POST',
          body: JSON.stringify(body),
        });
        const { choices } = await response.json();
        return choices.map(({ message }: { message: { content: string } }) => message.content);
      };
      const request = {
        model: 'reflection',
        messages: [{ role: 'user', content: `${row.note}\nexpected action ${row.action}` }],
      };
      expect(await ask({ ...request, n: 3 })).toHaveLength(3);
      expect(server.counts).toEqual({ task: 0, reflection: 3 });
      const inOrder = [await ask({ ...request, seed: 1 }), await ask({ ...request, seed: 2 })];
      expect([await ask({ ...request, seed: 2 }), await ask({ ...request, seed: 1 })]).toEqual(
        inOrder.reverse(),
      );
      server.observe();
      const taught = decide.sentence(row.word, row.action);
      await ask({
        model: 'task',
        temperature: 0,
        messages: [{ role: 'user', content: `${taught}\n${row.note}` }],
      });
      expect(server.counts.task).toBe(0);
      expect(server.heldOut()).toBeCloseTo(truth(taught), 10);
    } finally {
      await server.close();
    }
  });
});
