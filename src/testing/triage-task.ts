import { sha256 } from '../base/hash.ts';
import { createRandom, type Random } from '../base/random.ts';
import type { DatasetSplit, Example } from '../dataset/dataset.ts';
import { splitDataset } from '../dataset/split.ts';
import type { ModelRequest } from '../model/model.ts';
import { predict } from '../program/predict.ts';
import { exactMatch } from '../scorer/exact-match.ts';
import { signature } from '../signature/shorthand.ts';
import { type ScriptedModel, scriptedModel } from './scripted-model.ts';

/** The allowed answers of the triage task. */
export const queues = ['billing', 'refunds', 'access'] as const;

/** Sorts made-up tickets into three queues; the words of a ticket tell which, to whoever has seen demos. */
export const triage = predict(signature('ticket -> queue: "billing" | "refunds" | "access"'));

/** The same with a temperature that a search may set. */
export const triageWithTemperature = predict(triage.signature, { parameters: ['temperature'] });

export const triageScorer = exactMatch('queue');

const wordsPerQueue = 6;

/**
 * Tickets of two telling and five other words, the queues taken in turn. Each starts with its number (`#017`),
 * which the scripted model reads.
 *
 * @param rows At most 1,000. @default 80
 */
export function triageExamples(rows = 80): readonly Example[] {
  const random = createRandom('triage');
  const telling = tellingWords();
  return Array.from({ length: rows }, (_, index) => {
    const queue = queues[index % queues.length] ?? 'billing';
    const words = [
      ...random.sample(telling[queue] ?? [], 2),
      ...Array.from({ length: 5 }, () => inventWord(random)),
    ];
    const ticket = `#${String(index).padStart(3, '0')} ${random.shuffle(words).join(' ')}`;
    return { id: `row-${index}`, inputs: { ticket }, expected: { queue } };
  });
}

/** The tickets in their roles: few enough for fast tests, so the split is given. */
export function triageRoles(rows = 80): DatasetSplit {
  return splitDataset(triageExamples(rows), { seed: 1 });
}

export interface TriageModelOptions {
  /** Whether it scores the answers of closed choices; else it writes them. @default true */
  readonly choiceScores?: boolean | undefined;
  /** Added to the log-probability of each queue, whatever the ticket. @default 1.5 for billing */
  readonly bias?: Readonly<Record<string, number>> | undefined;
  /** Added to the log-probability of the right queue without any demo, also by what is asked. @default 0 */
  readonly knowledge?: number | ((request: ModelRequest) => number) | undefined;
  /** Added to the log-probability of a word that tells the right queue, where words are what may follow. @default 0 */
  readonly association?: number | undefined;
  /** Of the scores, so that some answers stay wrong. @default 1 */
  readonly noise?: number | undefined;
  /** Called for each call with the id of the row that it is about; may throw. */
  readonly onCall?:
    | ((rowId: string, request: ModelRequest, call: { readonly draw: string }) => void)
    | undefined;
  /** Answers a request itself, with the row that it is about; undefined leaves it to the model. */
  readonly respond?:
    | ((
        request: ModelRequest,
        about: { readonly row: Example; readonly demos: number; readonly draw: string },
      ) => string | undefined)
    | undefined;
}

/**
 * A model that prefers one queue, guesses a little, and learns from demos: a demo that shares a telling word
 * with the ticket speaks for the demo's queue, in plain text more than in a chat.
 */
export function triageModel(options: TriageModelOptions = {}): ScriptedModel {
  const {
    choiceScores = true,
    bias = { billing: 1.5 },
    knowledge = 0,
    noise = 1,
    association = 0,
    onCall = () => undefined,
  } = options;
  const knowledgeOf = (request: ModelRequest) =>
    typeof knowledge === 'function' ? knowledge(request) : knowledge;
  const ticketsIn = (text: string) =>
    [...text.matchAll(/#(\d{3}) /g)].flatMap(([, number]) => allTickets()[Number(number)] ?? []);

  const scoreOf = (queue: string, { request, asked, shown }: Question): number => {
    const words = tellingWords()[queue] ?? [];
    const found = wordsOf(asked).filter((word) => words.includes(word));
    const support = shown.filter(
      (demo) => demo.expected?.queue === queue && found.some((word) => wordsOf(demo).includes(word)),
    ).length;
    const weight = request.layout === 'completion' ? 2 : 1;
    const known = asked.expected?.queue === queue ? knowledgeOf(request) : 0;
    return (
      (bias[queue] ?? 0) + known + weight * support + noise * chance(`${asked.id} ${queue} ${shown.length}`)
    );
  };
  const questionOf = (
    request: ModelRequest,
    { draw, continuation = '' }: { readonly draw: string; readonly continuation?: string },
  ): Question => {
    const tickets = ticketsIn(request.messages.map(({ content }) => content).join('\n') + continuation);
    const asked = tickets.at(-1);
    if (asked === undefined) throw new TypeError('The prompt has no ticket.');
    onCall(asked.id, request, { draw });
    return { request, asked, shown: tickets.slice(0, -1) };
  };

  return scriptedModel({
    respond: (request, { draw }) => {
      const question = questionOf(request, { draw });
      const about = { row: question.asked, demos: question.shown.length, draw };
      const own = options.respond?.(request, about);
      if (own !== undefined) return own;
      const best = [...queues].sort((a, b) => scoreOf(b, question) - scoreOf(a, question))[0] ?? '';
      return request.responseSchema === undefined ? best : JSON.stringify({ queue: best });
    },
    ...(choiceScores && {
      scoreChoices: (request, choices, { draw }) => {
        const [first = ''] = choices;
        // A channel scores the ticket as the continuation of the answer.
        if (choices.length === 1) {
          const question = questionOf(request, { draw, continuation: first });
          return [scoreOf(lastQueueIn(request), question) - 20];
        }
        const question = questionOf(request, { draw });
        const own = String(question.asked.expected?.queue);
        return choices.map((choice) => {
          const tells = tellingWords()[own]?.includes(choice.trim()) ? association : 0;
          return scoreOf(queues.find((queue) => choice.includes(queue)) ?? '', question) + tells;
        });
      },
    }),
  });
}

interface Question {
  readonly request: ModelRequest;
  readonly asked: Example;
  /** The tickets of the demos. */
  readonly shown: readonly Example[];
}

function lastQueueIn({ messages }: ModelRequest): string {
  const text = messages.map(({ content }) => content).join('');
  return [...text.matchAll(/Queue: (\w+)/g)].at(-1)?.[1] ?? '';
}

let tickets: readonly Example[] | undefined;

function allTickets(): readonly Example[] {
  tickets ??= triageExamples(1_000);
  return tickets;
}

const syllables = [
  'ba',
  'do',
  'ki',
  'lu',
  'mer',
  'no',
  'pra',
  'ques',
  'ri',
  'sto',
  'tun',
  'vel',
  'wo',
  'zim',
];

function inventWord(random: Random): string {
  return Array.from({ length: 3 }, () => syllables[random.integer(syllables.length)]).join('');
}

let telling: Readonly<Record<string, readonly string[]>> | undefined;

function tellingWords(): Readonly<Record<string, readonly string[]>> {
  const random = createRandom('telling words');
  telling ??= Object.fromEntries(
    queues.map((queue) => [queue, Array.from({ length: wordsPerQueue }, () => inventWord(random))]),
  );
  return telling;
}

function wordsOf({ inputs }: Example): readonly string[] {
  return String(inputs.ticket).split(' ');
}

/** A number in [0, 1) that depends on the text alone. */
export function chance(text: string): number {
  return Number.parseInt(sha256(text).slice(0, 8), 16) / 2 ** 32;
}
