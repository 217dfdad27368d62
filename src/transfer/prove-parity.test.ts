import { expect, test } from 'vitest';
import { HoneError } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';
import type { ModelRequest } from '../model/model.ts';
import { optimize } from '../optimizer/driver/optimize.ts';
import { labeledFewShot } from '../optimizer/method/labeled-few-shot.ts';
import { predict } from '../program/predict.ts';
import { exactMatch } from '../scorer/exact-match.ts';
import { signature } from '../signature/shorthand.ts';
import { openStore } from '../store/open-store.ts';
import { type ScriptedModel, scriptedModel } from '../testing/scripted-model.ts';
import { proveParity } from './prove-parity.ts';

const program = predict(
  signature('note -> action: "ship" | "hold"', { instructions: 'Say what to do with the parcel.' }),
);
const letters = (index: number) =>
  [7, 31, 101, 57].map((step) => sha256(`${index}/${step}`).slice(0, 6)).join(' ');
const rows = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const action = index % 2 === 0 ? 'ship' : 'hold';
    return { id: `n${index}`, inputs: { note: `${letters(index)} says ${action}` }, expected: { action } };
  });
const chance = (text: string) => Number.parseInt(sha256(text).slice(0, 8), 16) / 2 ** 32;

/** Right on a share of the rows; on another one where it is shown demos. */
function clerk(id: string, { alone, shown = alone }: { readonly alone: number; readonly shown?: number }) {
  return scriptedModel({
    id,
    endpoint: `scripted:${id}`,
    respond: (request: ModelRequest) => {
      const text = request.messages.map(({ content }) => String(content)).join('\n');
      const last = String(request.messages.at(-1)?.content);
      const right = last.includes('says ship') ? 'ship' : 'hold';
      const share = (text.match(/says (ship|hold)/g) ?? []).length > 2 ? shown : alone;
      return chance(last.slice(-45)) < share ? right : right === 'ship' ? 'hold' : 'ship';
    },
  });
}

async function replaced(
  { old, successor }: { readonly old: ScriptedModel; readonly successor: ScriptedModel },
  {
    count = 800,
    margin,
    calls,
  }: { readonly count?: number; readonly margin?: number; readonly calls?: number } = {},
) {
  await using store = await openStore({ file: ':memory:' });
  const options = {
    program,
    dataset: rows(count),
    scorer: exactMatch('action'),
    optimizer: labeledFewShot({ demos: 4 }),
    model: successor,
    store,
  };
  const { report } = await optimize(options).result();
  const asked = () => old.callCount;
  const look = () =>
    proveParity({ ...options, predecessor: old, report, margin, parityBudget: { calls } }).result();
  return { report, parity: await look(), again: await look(), asked: asked() };
}

test('a successor that its optimization makes as good as the old one is at parity', async () => {
  const { report, parity, again, asked } = await replaced({
    old: clerk('old', { alone: 0.95 }),
    successor: clerk('new', { alone: 0.6, shown: 0.95 }),
  });
  expect(report.verdict).toBe('improved');
  expect(parity).toMatchObject({
    verdict: 'parity',
    rows: 200,
    predecessorModel: 'old',
    successorModel: 'new',
    candidate: report.best.hash,
    use: 2,
  });
  expect(parity.lowerBound).toBeGreaterThan(-0.05);
  expect(parity.predecessor).toBeGreaterThan(0.9);
  // Made again, it asks nothing and is no further use of the test.
  expect(again).toEqual(parity);
  expect(asked).toBe(200);
});

test('one that stays behind is not, and neither is one that too few rows speak for', async () => {
  const behind = await replaced({
    old: clerk('old', { alone: 0.95 }),
    successor: clerk('new', { alone: 0.6, shown: 0.8 }),
  });
  expect(behind.parity.verdict).toBe('not-shown');
  const few = await replaced(
    { old: clerk('old', { alone: 0.95 }), successor: clerk('new', { alone: 0.6, shown: 0.95 }) },
    { count: 130 },
  );
  expect(few.parity.verdict).toBe('not-shown');
  expect(few.parity.rowsNeeded).toBeGreaterThan(50);
});

test('a model that cannot be asked any more, and a budget that is spent, end it with their own errors', async () => {
  const gone = scriptedModel({
    id: 'old',
    endpoint: 'scripted:old',
    respond: () => {
      throw new HoneError('The model was retired.', { code: 'HONE_MODEL_UNKNOWN' });
    },
  });
  const successor = () => clerk('new', { alone: 0.6, shown: 0.95 });
  await expect(replaced({ old: gone, successor: successor() })).rejects.toMatchObject({
    code: 'HONE_MODEL_UNKNOWN',
  });
  const old = clerk('old', { alone: 0.95 });
  await expect(replaced({ old, successor: successor() }, { count: 240, calls: 59 })).rejects.toMatchObject({
    code: 'HONE_BUDGET_EXHAUSTED',
  });
  // What could not end in a comparison is not begun.
  expect(old.callCount).toBe(0);
});

test.each([
  [{ margin: 0 }, 'A margin of 0'],
  [{ margin: 2 }, 'A margin of 2'],
  [{ count: 60 }, 'none were kept apart'],
])('%j is refused', async (options, message) => {
  const models = { old: clerk('old', { alone: 0.95 }), successor: clerk('new', { alone: 0.6, shown: 0.95 }) };
  await expect(replaced(models, options)).rejects.toThrow(message);
  expect(models.old.callCount).toBe(0);
});

test('a model cannot replace itself', async () => {
  const same = clerk('new', { alone: 0.6, shown: 0.95 });
  await expect(replaced({ old: same, successor: same })).rejects.toMatchObject({
    code: 'HONE_OPTION_INVALID',
  });
});
