import { optimize } from '../optimizer/driver/optimize.ts';
import type { OptimizationResult, OptimizeOptions } from '../optimizer/driver/optimize-options.ts';
import type { OptimizationEvent } from '../optimizer/optimizer.ts';
import { parameterName, parameterOf } from '../prompt/candidate.ts';
import { openMemoryStore } from '../store/open-store.ts';
import {
  type RuleModelOptions,
  type RuleReflectionOptions,
  ruleModel,
  ruleProgram,
  ruleReflection,
  ruleRoles,
  ruleScorer,
  rulesIn,
} from './rule-task.ts';
import type { ScriptedCall } from './scripted-model.ts';

export interface RuleRunOptions extends Pick<OptimizeOptions<unknown, unknown>, 'optimizer'> {
  readonly task?: RuleModelOptions | undefined;
  readonly reflection?: RuleReflectionOptions | undefined;
  readonly changes?: Partial<OptimizeOptions<{ readonly note: string }, { readonly action: string }>>;
}

export interface FinishedRuleRun extends OptimizationResult {
  readonly events: readonly OptimizationEvent[];
  readonly taskCalls: readonly ScriptedCall[];
  readonly reflections: readonly ScriptedCall[];
  /** What the best candidate tells the model. */
  readonly instructions: string;
  /** How many of the task's words the best candidate's instructions teach. */
  readonly taught: number;
}

/** Optimizes the parcels, where only instructions help, with the real driver and a store in memory. */
export async function finishRules({
  optimizer,
  task,
  reflection,
  changes,
}: RuleRunOptions): Promise<FinishedRuleRun> {
  await using own = await openMemoryStore();
  const model = ruleModel(task);
  const reflectionModel = ruleReflection(reflection);
  const run = optimize({
    program: ruleProgram,
    dataset: ruleRoles(),
    scorer: ruleScorer,
    optimizer,
    model,
    reflectionModel,
    store: own,
    ...changes,
  });
  const events: OptimizationEvent[] = [];
  for await (const event of run) events.push(event);
  const result = await run.result();
  const [step] = ruleProgram.shape.steps;
  const name = parameterName(step?.name ?? '', 'instructions');
  const instructions = parameterOf(result.report.best.candidate, name, 'text')?.text ?? '';
  return {
    ...result,
    events,
    taskCalls: model.calls,
    reflections: reflectionModel.calls,
    instructions,
    taught: rulesIn(instructions).size,
  };
}

/** What was sent, as one text. */
export function textOfCall({ request }: ScriptedCall): string {
  return request.messages.map(({ content }) => String(content)).join('\n');
}
