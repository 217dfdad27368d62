import type { ModelRequest } from '../../src/model/model.ts';
import type { Optimizer } from '../../src/optimizer/optimizer.ts';
import { predict } from '../../src/program/predict.ts';
import { scorer } from '../../src/scorer/custom-scorer.ts';
import { finishRules } from '../../src/testing/rule-run.ts';
import { ruleProgram, ruleReflection, ruleRoles } from '../../src/testing/rule-task.ts';
import { finishTriage, type TriageRunOptions } from '../../src/testing/triage-run.ts';
import { triageRoles, triageWithTemperature } from '../../src/testing/triage-task.ts';

/** What a run asked and decided. */
export interface Course {
  /** Requests and decisions, as text. */
  readonly course: string;
  /** What the search itself asked. */
  readonly reflections: readonly string[];
}

/**
 * Tasks on which options show: `rules` are learned from instructions alone, `graded` the same with half marks for wrong
 * answers, `demos` from demos, `choices` with scored answers, `steps` in two steps, `number` with a temperature to set,
 * `scarce` with a budget that bites, `misled` by reflections that are wrong, `easy` with few failures, `many` with more
 * rows, `texts` with two texts to rewrite.
 */
export type World =
  | 'rules'
  | 'graded'
  | 'demos'
  | 'choices'
  | 'steps'
  | 'number'
  | 'scarce'
  | 'misled'
  | 'easy'
  | 'many'
  | 'texts';

const halfMarks = scorer<{ note: string }, { action: string }, { action: string }>(
  'half marks',
  ({ outputs, expected }) => ({
    score: outputs.action === expected.action ? 1 : 0.5,
    feedback: `It is ${expected.action}.`,
  }),
  { expects: ['action'], givesFeedback: true },
);

const twoTexts = predict(ruleProgram.signature, { userTemplate: 'The note: {{note}}' });

/** The second text must keep the slot of the note. */
function withSlot(composed: string, asked: string): string {
  return asked.includes('The text is the user of') ? `${composed}\n{{note}}` : composed;
}

/** One run in a world. */
export async function courseIn(world: World, optimizer: Optimizer): Promise<Course> {
  switch (world) {
    case 'rules':
      return ofRules(optimizer, {});
    case 'graded':
      return ofRules(optimizer, { scorer: halfMarks });
    case 'scarce':
      return ofRules(optimizer, { budget: { calls: 260 } });
    case 'misled':
      return ofRules(optimizer, {}, { insight: 0, error: 0.5 });
    case 'many':
      return ofRules(optimizer, { dataset: ruleRoles(120) });
    case 'texts':
      return ofRules(optimizer, { program: twoTexts }, { insight: 0.3, says: withSlot });
    case 'easy':
      return ofTriage(optimizer, { choiceScores: false, knowledge: 2 });
    case 'demos':
      return ofTriage(optimizer, { choiceScores: false });
    case 'choices':
      return ofTriage(optimizer, { choiceScores: true });
    case 'steps':
      return ofTriage(optimizer, { choiceScores: false, task: 'two steps' });
    case 'number':
      return ofTriage(optimizer, { choiceScores: false, changes: { program: triageWithTemperature } });
  }
}

async function ofRules(
  optimizer: Optimizer,
  changes: NonNullable<Parameters<typeof finishRules>[0]['changes']>,
  reflection: Parameters<typeof ruleReflection>[0] = {},
): Promise<Course> {
  const { events, taskCalls, reflections } = await finishRules({
    optimizer,
    reflection: { ...reflection, onCall: placements },
    changes: { dataset: ruleRoles(36), ...changes },
  });
  return courseOf(events, taskCalls, reflections);
}

async function ofTriage(optimizer: Optimizer, options: Omit<TriageRunOptions, 'optimizer'>): Promise<Course> {
  const reflectionModel = ruleReflection({ onCall: placements });
  const { events, calls } = await finishTriage({
    optimizer,
    reflectionModel,
    ...options,
    changes: { dataset: triageRoles(36), ...options.changes },
  });
  return courseOf(events, calls, reflectionModel.calls);
}

type Call = { readonly request: ModelRequest; readonly draw: string };

function courseOf(events: readonly unknown[], task: readonly Call[], search: readonly Call[]): Course {
  const asked = [...task, ...search].map(({ request, draw }) => JSON.stringify([request, draw])).sort();
  const reflections = search.map(({ request }) =>
    request.messages.map(({ content }) => String(content)).join('\n'),
  );
  return { course: JSON.stringify([events, asked]), reflections };
}

/** Where it is asked to sort failures into classes, sorts them by the last word; everything else is left to it. */
function placements({ messages }: ModelRequest): string | undefined {
  const asked = messages.map(({ content }) => String(content)).join('\n');
  if (!asked.includes('placements')) return undefined;
  const ids = [...asked.matchAll(/"id":\s*"([a-z]+-\d+)"/g)].map(([, id = '']) => id);
  return JSON.stringify({
    placements: ids.map((row) => ({
      row,
      step: 'answer',
      class: `Class ${Number(row.replace(/\D/g, '')) % 3}`,
      description: 'It guesses.',
    })),
  });
}
