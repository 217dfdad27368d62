import { sha256 } from '../base/hash.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { createRandom } from '../base/random.ts';
import type { DatasetSplit, Example } from '../dataset/dataset.ts';
import { splitDataset } from '../dataset/split.ts';
import type { ModelRequest } from '../model/model.ts';
import { predict } from '../program/predict.ts';
import { exactMatch } from '../scorer/exact-match.ts';
import { signature } from '../signature/shorthand.ts';
import { type ScriptedModel, scriptedModel } from './scripted-model.ts';

/**
 * A task that only instructions solve: each note holds one word that decides what to do, and the model knows
 * what a word means where its instructions say so, as `«brock» means hold.`, and guesses elsewhere.
 */
export const actions = ['ship', 'hold', 'return', 'scrap'] as const;
type Action = (typeof actions)[number];

export const ruleProgram = predict(
  signature('note -> action: "ship" | "hold" | "return" | "scrap"', {
    instructions: 'Say what to do with the parcel.',
  }),
);

export const ruleScorer = exactMatch('action');

/** The deciding words with what they mean. */
export const rules: Readonly<Record<string, Action>> = {
  brock: 'hold',
  calder: 'ship',
  dunmore: 'return',
  elfin: 'scrap',
  farrow: 'hold',
  gantry: 'return',
  harken: 'ship',
  inglet: 'scrap',
};

/** The sentence by which instructions teach a word. */
export function ruleSentence(word: string, action: string): string {
  return `«${word}» means ${action}.`;
}

/** What reflections say beside rules: it changes a text and teaches nothing. */
const remarks = [
  'Be brief.',
  'Read the whole note.',
  'One word decides.',
  'Take your time.',
  'Nobody is watching.',
];

const fillers = ['parcel', 'from', 'the', 'north', 'dock', 'with', 'two', 'seals', 'and', 'one', 'label'];

/** Notes with their deciding words taken in turn. @param rows @default 96 */
export function ruleExamples(rows = 96): readonly Example[] {
  const random = createRandom('rule notes');
  const words = Object.keys(rules);
  return Array.from({ length: rows }, (_, index) => {
    const word = words[index % words.length] ?? 'brock';
    const rest = random.sample(fillers, 5);
    rest.splice(random.integer(rest.length + 1), 0, word);
    return {
      id: `note-${index}`,
      inputs: { note: `#${String(index).padStart(3, '0')} ${rest.join(' ')}` },
      expected: { action: rules[word] ?? 'ship' },
    };
  });
}

/** The notes in their roles. */
export function ruleRoles(rows = 96): DatasetSplit {
  return splitDataset(ruleExamples(rows), { seed: 1 });
}

export interface RuleModelOptions {
  /** Probability that a taught word is answered wrongly all the same. @default 0.03 */
  readonly slip?: number | undefined;
  /** Called for each call with the id of the row that it is about; may throw. */
  readonly onCall?: ((rowId: string, request: ModelRequest) => void) | undefined;
}

/** Answers by the rules that its instructions teach; guesses an untaught word, in each draw anew. */
export function ruleModel({ slip = 0.03, onCall = () => undefined }: RuleModelOptions = {}): ScriptedModel {
  return scriptedModel({
    id: 'scripted/parcels',
    respond: (request, { draw }) => {
      const text = request.messages.map(({ content }) => String(content)).join('\n');
      const note = [...text.matchAll(/#(\d{3}) ([a-z ]+)/g)].at(-1);
      if (note === null || note === undefined) throw new TypeError('The prompt has no note.');
      const [, number = '', words = ''] = note;
      onCall(`note-${Number(number)}`, request);
      const word = words.split(' ').find((each) => each in rules) ?? '';
      const taught = rulesIn(text.slice(0, note.index)).get(word);
      const guess = actions[Math.floor(chance(`guess ${number} ${draw}`) * actions.length)] ?? 'ship';
      const slipped = chance(`slip ${number} ${draw} ${sha256(text)}`) < slip;
      const answer = taught === undefined || slipped ? guess : taught;
      return request.responseSchema === undefined ? answer : JSON.stringify({ action: answer });
    },
  });
}

export interface RuleReflectionOptions {
  /** Probability that it finds the rule behind a shown row. @default 0.6 */
  readonly insight?: number | undefined;
  /** Probability that it makes a wrong rule of a shown row. @default 0.1 */
  readonly error?: number | undefined;
  /** Called for each call; may throw, or answer in the model's place. */
  readonly onCall?: ((request: ModelRequest, draw: string) => string | undefined) | undefined;
  /** Says each text otherwise than composed, in answer to what is asked. */
  readonly says?: ((composed: string, asked: string) => string) | undefined;
}

/**
 * Answers any request for instructions, critiques, rules or choices: it repeats most rules that it reads anywhere
 * in the request, and adds some for the rows that it is shown with what was expected.
 */
export function ruleReflection({
  insight = 0.6,
  error = 0.1,
  onCall = () => undefined,
  says = (composed) => composed,
}: RuleReflectionOptions = {}): ScriptedModel {
  return scriptedModel({
    id: 'scripted/reflection',
    respond: (request, { draw }) => {
      const instead = onCall(request, draw);
      if (instead !== undefined) return instead;
      const text = request.messages.map(({ content }) => String(content)).join('\n');
      const compose = (label: string) => {
        const seed = `${draw} ${label} ${sha256(text)}`;
        const known = new Map([...rulesIn(text)].filter(([word]) => chance(`keep ${word} ${seed}`) < 0.95));
        for (const [word, action] of rowsIn(text)) {
          if (chance(`insight ${word} ${seed}`) < insight) known.set(word, action);
          else if (chance(`error ${word} ${seed}`) < error) known.set(word, 'scrap');
        }
        const sentences = [...known].map(([word, action]) => ruleSentence(word, action));
        const remark = remarks[Math.floor(chance(`remark ${seed}`) * remarks.length)] ?? '';
        return says(['Say what to do with the parcel.', ...sentences, remark].join(' '), text);
      };
      return JSON.stringify(sampleOf(request.responseSchema as JsonObject, compose));
    },
  });
}

/** The rules that a text teaches; of two for a word the last. */
export function rulesIn(text: string): ReadonlyMap<string, Action> {
  return new Map(
    [...text.matchAll(/«(\w+)» means (ship|hold|return|scrap)\./g)].map(([, word = '', action]) => [
      word,
      action as Action,
    ]),
  );
}

/** The deciding words of the rows in a request that say what was expected. */
function rowsIn(text: string): ReadonlyMap<string, Action> {
  const shown = new Map<string, Action>();
  for (const [, words = '', action] of text.matchAll(
    /#\d{3} ([a-z ]+)"[^#]*?"expected"[^#]*?"(ship|hold|return|scrap)"/g,
  )) {
    const word = words.split(' ').find((each) => each in rules);
    if (word !== undefined) shown.set(word, action as Action);
  }
  return shown;
}

/** A value of a schema: texts are composed, of choices and numbers it takes one by chance. */
function sampleOf(schema: JsonObject, compose: (label: string) => string, label = ''): Json {
  const choices = schema.enum;
  if (Array.isArray(choices)) {
    return (choices[Math.floor(chance(`${label} ${compose(label)}`) * choices.length)] ?? null) as Json;
  }
  switch (schema.type) {
    case 'object': {
      const properties = (schema.properties ?? {}) as Readonly<Record<string, JsonObject>>;
      return Object.fromEntries(
        Object.entries(properties).map(([name, inner]) => [
          name,
          sampleOf(inner, compose, `${label}.${name}`),
        ]),
      );
    }
    case 'array': {
      const length = typeof schema.minItems === 'number' ? Math.max(1, schema.minItems) : 3;
      return Array.from({ length }, (_, index) =>
        sampleOf((schema.items ?? { type: 'string' }) as JsonObject, compose, `${label}[${index}]`),
      );
    }
    case 'integer':
      return typeof schema.minimum === 'number' ? schema.minimum : 1;
    case 'number':
      return 0.5;
    case 'boolean':
      return chance(`${label} ${compose(label)}`) < 0.5;
    default:
      return compose(label);
  }
}

/** A number in [0, 1) that depends on the text alone. */
function chance(text: string): number {
  return Number.parseInt(sha256(text).slice(0, 8), 16) / 2 ** 32;
}
