import type { CallRecord, Message, Model, ModelRequest } from '../model/model.ts';
import { adapterOf } from '../prompt/adapters.ts';
import type { DemoSet } from '../prompt/candidate.ts';
import { renderChannel } from '../prompt/channel-layout.ts';
import { renderVerbalizer, scoreByVerbalizer } from '../prompt/verbalizer-layout.ts';
import { poolChoiceScores } from './pool-choice-scores.ts';
import type { StepShape } from './program.ts';
import type { Answered, Question } from './question.ts';

/** The log-probability of each choice by one demo set, and the calls that it took. */
interface SetScores {
  readonly logProbabilities: readonly number[];
  /** Of the words of a verbalizer, where the set has one. */
  readonly words?: readonly number[] | undefined;
  readonly calls: readonly CallRecord[];
  readonly messages: readonly Message[];
}

/**
 * Answers a closed choice by log-probabilities: each demo set is asked, their scores are pooled, the
 * calibration is added, and the likeliest answer wins.
 */
export async function answerByChoice(
  question: Question,
  { field, choices }: NonNullable<StepShape['choice']>,
): Promise<Answered> {
  const scores: SetScores[] = [];
  for (const set of question.demoSets) scores.push(await scoreWith(question, set, choices));
  const wordScores = scores.flatMap(({ words }) => (words === undefined ? [] : [words]));
  const choiceScores = scores.map(({ logProbabilities }) => logProbabilities);
  const pooled = poolChoiceScores(choiceScores, {
    choices,
    sets: question.demoSets,
    offsets: question.calibration,
  });
  return {
    step: {
      kind: 'predict',
      id: question.settings.name,
      step: question.settings.name,
      inputs: question.parts.inputs,
      outputs: { [field]: pooled.best },
      messages: scores[0]?.messages,
      choiceScores,
      probabilities: pooled.probabilities,
      ...(wordScores.length > 0 && { wordScores }),
      calls: scores.flatMap(({ calls }) => calls),
    },
  };
}

async function scoreWith(question: Question, set: DemoSet, choices: readonly string[]): Promise<SetScores> {
  const parts = { ...question.parts, demos: set.demos };
  const format = set.format ?? question.format;
  const { verbalizer } = set;
  if (verbalizer !== undefined) {
    const { prompt, continuations } = renderVerbalizer(parts, verbalizer);
    const { logProbabilities: words, ...call } = await scoreChoices(question, prompt, continuations);
    const logProbabilities = scoreByVerbalizer(words, { verbalizer, choices });
    return { logProbabilities, words, calls: [call], messages: prompt.messages };
  }
  if (format !== 'channel') {
    const { prompt, continuations } = adapterOf(format).renderChoices(parts, choices);
    const { logProbabilities, ...call } = await scoreChoices(question, prompt, continuations);
    return { logProbabilities, calls: [call], messages: prompt.messages };
  }
  const logProbabilities: number[] = [];
  const calls: CallRecord[] = [];
  let messages: readonly Message[] | undefined;
  for (const { prompt, continuation } of renderChannel(parts, { choices, words: set.words })) {
    const { logProbabilities: scored, ...call } = await scoreChoices(question, prompt, [continuation]);
    logProbabilities.push(scored[0] ?? Number.NEGATIVE_INFINITY);
    calls.push(call);
    messages ??= prompt.messages;
  }
  return { logProbabilities, calls, messages: messages ?? [] };
}

function scoreChoices({ model, call }: Question, request: ModelRequest, continuations: readonly string[]) {
  if (model.scoreChoices === undefined) throw cannotScore(model);
  return model.scoreChoices(request, continuations, call);
}

function cannotScore({ id }: Model): TypeError {
  return new TypeError(`${id} says that it scores choices, but has no scoreChoices().`);
}
