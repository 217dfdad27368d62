import { HoneError } from '../base/errors.ts';
import { askVerdict, judgeModel, judgePrograms, quotedMaterial } from './judge-question.ts';
import type { Sample } from './scorer.ts';

/** One question that is asked of each of several things. */
export interface EachQuestion {
  readonly scorer: string;
  readonly instructions: string;
  /** Names and descriptions of what is shown. */
  readonly shown: Readonly<Record<string, string>>;
  /** The first is the one that counts, the second the other. */
  readonly choices: readonly [string, string, ...string[]];
}

/** What was said of one of them. */
export interface EachVerdict {
  readonly choice: string;
  readonly evidence?: string | undefined;
}

/** Most things that are asked about in one sample: each is a call. */
export const mostAsked = 50;

/** A question to be asked of each thing, and what identifies it. */
export function eachJudge(question: EachQuestion) {
  const { written, scored } = judgePrograms(question);
  return {
    program: written,
    identity: [written.shape.version, written.signature, written.seed],
    /** Asks about one thing after the other, each with an answer of its own. */
    async ask(
      items: readonly Readonly<Record<string, string>>[],
      sample: Sample,
    ): Promise<readonly EachVerdict[]> {
      if (items.length > mostAsked) throw tooMany(question.scorer, items.length);
      const byProbability = judgeModel(question.scorer, sample).capabilities.choiceScores;
      const verdicts: EachVerdict[] = [];
      for (const [index, inputs] of items.entries()) {
        verdicts.push(
          await askVerdict(
            question.scorer,
            { program: byProbability ? scored : written },
            { inputs: quotedMaterial(inputs), sample, draw: `part-${index}` },
          ),
        );
      }
      return verdicts;
    },
  };
}

function tooMany(scorer: string, count: number): HoneError {
  return new HoneError(
    `Scorer "${scorer}" would ask about ${count} parts of one answer; ${mostAsked} is the most.`,
    {
      code: 'HONE_SCORER_FAILED',
      hint: 'Judge shorter answers, or fewer passages a row.',
      facts: { scorer, count },
    },
  );
}
