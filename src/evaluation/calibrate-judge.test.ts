import { describe, expect, test } from 'vitest';
import { createRandom } from '../base/random.ts';
import { calibrateJudge, type JudgedRow } from './calibrate-judge.ts';

const choices = ['pass', 'fail'];
const random = () => createRandom(1);
const calibrate = (rows: readonly JudgedRow[], of: readonly string[] = choices) =>
  calibrateJudge(rows, { choices: of, random: random() });
const repeat = (count: number, row: JudgedRow): readonly JudgedRow[] =>
  Array.from({ length: count }, () => row);
const agreeing = (count: number): readonly JudgedRow[] => [
  ...repeat(count / 2, { human: 'pass', judged: 'pass' }),
  ...repeat(count / 2, { human: 'fail', judged: 'fail' }),
];

describe('a judge held against people', () => {
  test('that agrees on 60 rows can be used, and its interval is not [1, 1]', () => {
    const { agreement, kappaInterval, verdict } = calibrate(agreeing(60));
    expect(agreement).toMatchObject({ kappa: expect.closeTo(1, 9), observed: 1 });
    expect(kappaInterval[0]).toBeLessThan(0.9);
    expect(kappaInterval[0]).toBeGreaterThan(0.4);
    expect(verdict).toBe('usable');
  });

  test('is not judged by too few labels, however well it agrees', () => {
    expect(calibrate(agreeing(20))).toMatchObject({ verdict: 'too-few-labels', labels: 20 });
  });

  test('that always says pass agrees by chance alone, and leans to pass', () => {
    const rows = [
      ...repeat(54, { human: 'pass', judged: 'pass' }),
      ...repeat(6, { human: 'fail', judged: 'pass' }),
    ];
    const { agreement, verdict, bias } = calibrate(rows);
    expect(agreement).toMatchObject({ kappa: expect.closeTo(0, 9), observed: 0.9 });
    expect(verdict).toBe('triage-only');
    expect(bias[0]).toMatchObject({
      label: 'pass',
      human: 0.9,
      judge: 1,
      difference: expect.closeTo(0.1, 9),
    });
  });

  test('copies of one row count once', () => {
    const rows = [
      ...agreeing(60).map((row) => ({ ...row, cluster: row.human })),
      ...repeat(2, { human: 'pass', judged: 'pass' }),
    ];
    const result = calibrate(rows);
    expect(result).toMatchObject({ labels: 62, clusters: 4, verdict: 'too-few-labels' });
    expect(result.notes).toContain('62 labels count as 4: copies and rows of one group count once.');
  });

  test('a group of many rows does not outvote the rows that stand alone', () => {
    const alone = [
      ...repeat(15, { human: 'pass', judged: 'pass' }),
      ...repeat(15, { human: 'pass', judged: 'fail' }),
      ...repeat(15, { human: 'fail', judged: 'fail' }),
      ...repeat(15, { human: 'fail', judged: 'pass' }),
    ];
    const { agreement } = calibrate([
      ...alone,
      ...agreeing(1000).map((row) => ({ ...row, cluster: `group ${row.human}` })),
    ]);
    expect(agreement.kappa).toBeLessThan(0.1);
    expect(agreement.observed).toBeLessThan(0.6);
  });

  test('lost labels are not hidden behind many rows without one', () => {
    const result = calibrate([
      ...agreeing(60),
      ...repeat(15, { human: 'pass', judged: undefined }),
      ...repeat(1000, { judged: 'pass' }),
    ]);
    expect(result).toMatchObject({ unread: 15, verdict: 'triage-only' });
  });

  test('verdicts that cannot be read are said, and too many of them end its use', () => {
    const result = calibrate([...agreeing(60), ...repeat(10, { human: 'pass', judged: undefined })]);
    expect(result).toMatchObject({ unread: 10, labels: 60, verdict: 'triage-only' });
  });

  test('labels that the judge cannot give are said', () => {
    expect(calibrate([...agreeing(60), { human: 'unsure', judged: 'pass' }]).notes).toContain(
      'People also say “unsure”, which the judge cannot answer.',
    );
  });

  test('grades weigh distances, and names do not', () => {
    const grades = ['1', '2', '3', '4', '5'];
    const near = grades.map((grade, index) => ({ human: grade, judged: grades[Math.min(4, index + 1)] }));
    expect(calibrate(near, grades).agreement.weights).toBe('quadratic');
    expect(calibrate(near, grades).agreement.kappa).toBeGreaterThan(0.5);
    expect(calibrate(agreeing(10)).agreement.weights).toBe('none');
  });

  test('few disagreements of grades leave the interval as wide as that of far ones', () => {
    const grades = ['1', '2', '3', '4', '5'];
    const rows = Array.from({ length: 50 }, (_, index) => {
      const human = grades[index % 5] as string;
      return { human, judged: index < 2 ? (grades[(index % 5) + 1] as string) : human };
    });
    const { agreement, kappaInterval } = calibrate(rows, grades);
    expect(agreement.kappa).toBeGreaterThan(0.98);
    // 13.5 % of the rows may disagree (Wilson), and by chance grades agree to 0.75.
    expect(kappaInterval[0]).toBeGreaterThan(0.35);
    expect(kappaInterval[0]).toBeLessThan(0.6);
  });
});

test('verdicts that turn with the order of the choices are counted', () => {
  const rows = agreeing(60).map((row, index) => ({ ...row, turned: index < 15 ? 'fail' : row.judged }));
  const { flips } = calibrate(rows);
  expect(flips).toMatchObject({ rows: 60, rate: 0.25 });
  expect(calibrate(agreeing(60)).flips).toBeUndefined();
  const copies = calibrate(rows.map((row, index) => ({ ...row, cluster: `text ${index % 4}` }))).flips;
  expect(copies).toMatchObject({ rows: 60, clusters: 4, rate: expect.closeTo(0.25, 9) });
  expect(copies?.interval[1]).toBeGreaterThan(0.6);
});

test('a threshold is fitted where the judge has probabilities, and its κ is of rows that it has not seen', () => {
  const rows = Array.from({ length: 60 }, (_, index): JudgedRow => {
    const probability = index / 60;
    return {
      human: probability >= 0.8 ? 'pass' : 'fail',
      judged: probability >= 0.5 ? 'pass' : 'fail',
      probabilities: { pass: probability, fail: 1 - probability },
    };
  });
  const { threshold } = calibrate(rows);
  expect(threshold?.value).toBeGreaterThan(0.78);
  expect(threshold?.value).toBeLessThan(0.82);
  expect(threshold?.heldOutKappa).toBeGreaterThan(0.8);
  expect(threshold?.likeliestKappa).toBeLessThan(0.6);
});

test('what people would say of all rows is corrected by what they say otherwise on some', () => {
  const labelled = [
    ...repeat(40, { human: 'fail', judged: 'pass' }),
    ...repeat(40, { human: 'pass', judged: 'pass' }),
  ];
  const { corrected, unlabelled } = calibrate([...labelled, ...repeat(100, { judged: 'pass' })]);
  expect(unlabelled).toBe(100);
  expect(corrected?.[0]).toMatchObject({ label: 'pass', judged: 1, mean: expect.closeTo(0.5, 9) });
  expect(corrected?.[0]?.interval[0]).toBeLessThan(0.5);
  expect(calibrate(labelled).corrected).toBeUndefined();
});

test('fewer than two labels are refused, and what is lacking is told: labels, or verdicts', () => {
  expect(() => calibrate([{ human: 'pass', judged: 'pass' }, { judged: 'pass' }])).toThrow(
    expect.objectContaining({
      code: 'HONE_EMPTY_SAMPLE',
      message: expect.stringContaining('1 of 2 rows have a label'),
    }),
  );
  expect(() => calibrate(repeat(9, { human: 'pass', judged: undefined }))).toThrow(
    '9 of 9 rows have a label, of which the judge gave 9 no verdict that can be read',
  );
});
