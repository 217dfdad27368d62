import { describe, expect, test } from 'vitest';
import { finishTriage } from '../testing/triage-run.ts';
import { createOptimizer } from './catalog.ts';

describe('compositions by name', () => {
  test.each([
    ['sequence', 'sequence', ['bootstrapFewShot', 'gepa']],
    [
      "sequence: {stages: [labeled-few-shot: {demos: 3}, 'gepa: {rounds: 2}']}",
      'sequence',
      ['labeledFewShot', 'gepa'],
    ],
  ])('%s', (text, name, stages) => {
    const optimizer = createOptimizer(text);
    expect(optimizer.name).toBe(name);
    expect((optimizer.options.stages as { name: string }[]).map((stage) => stage.name)).toEqual(stages);
  });

  test('hold compositions too', () => {
    const { options } = createOptimizer(
      'restarts: {optimizer: {sequence: {stages: [labeledFewShot]}}, times: 2}',
    );
    expect(options).toMatchObject({ times: 2, optimizer: { name: 'sequence' } });
  });

  test.each([
    ['sequence: {stages: [nonsense]}', /nonsense/],
    ['sequence: {stages: 3}', /no name of one/],
    ['sequence: {stages: []}', /stages/],
    ['sequence: {steps: [gepa]}', /no option "steps"/],
    ["betterTogether: {optimizers: {a: gepa}, strategy: 'a -> b'}", /"b"/],
  ])('%s is refused', (text, message) => {
    expect(() => createOptimizer(text)).toThrow(message);
  });

  test('run by the driver with a cross-fit, where each fold takes new ones', async () => {
    const { report } = await finishTriage({
      optimizer: createOptimizer('sequence: {stages: [labeledFewShot]}'),
    });
    expect(report.optimizer.name).toBe('sequence');
  });
});
