// A simulated task and reflection model, deterministic by seed. What a prompt is worth depends in a known way on the
// rules, demos and distractors in it, so that searches can be compared with the truth. Nothing here is a language
// model: every figure that comes of it is that of a simulation.
import { createHash } from 'node:crypto';

export const actions = ['ship', 'hold', 'return', 'scrap'];
const words =
  'brock calder dunmore elfin farrow gantry harken inglet jorvik kestle lunden marram norwick osmund pelham quarry'.split(
    ' ',
  );
const fillers =
  'parcel from the north dock with two seals and one label that came late in rain by cart'.split(' ');
const chatter = [
  'The depot was founded in 1931.',
  'Trust your first impression.',
  'Most parcels are heavy.',
  'Be creative with the answer.',
];

/** A number from 0 to 1 that depends on nothing but its parts. */
function chance(...parts) {
  return createHash('sha256').update(parts.join('\u0000')).digest().readUInt32BE(0) / 2 ** 32;
}

/**
 * One task of the landscape.
 *
 * @param seed Draws its rules, their labels and which of them depend on another.
 */
export function createLandscape(seed) {
  const order = [...words].sort((a, b) => chance(seed, 'word', a) - chance(seed, 'word', b));
  const rules = order.slice(0, 8).map((word, index) => ({
    word,
    action: actions[Math.floor(chance(seed, 'action', word) * actions.length)],
    // A quarter of the rules are of use only beside the rule before them.
    needs: index > 0 && chance(seed, 'needs', word) < 0.25 ? order[index - 1] : undefined,
  }));
  const byWord = new Map(rules.map((rule) => [rule.word, rule]));
  return { seed, rules, byWord, rows: rowsOf(seed, rules) };
}

/** What teaches a rule, in whatever text it stands. */
export const sentenceOf = (word, action) => `«${word}» means ${action}.`;

function rowsOf(seed, rules) {
  return Array.from({ length: 240 }, (_, index) => {
    const { word, action } = rules[index % rules.length];
    const rest = [...fillers].sort((a, b) => chance(seed, index, a) - chance(seed, index, b)).slice(0, 6);
    rest.splice(Math.floor(chance(seed, index, 'place') * 7), 0, word);
    return { id: `note-${index}`, note: `#${String(index).padStart(3, '0')} ${rest.join(' ')}`, action };
  });
}

/** The rules that a text teaches; of two for a word the last. */
export function taughtBy(text) {
  return new Map(
    [...text.matchAll(/«(\w+)» means (ship|hold|return|scrap)\./g)].map(([, word, action]) => [word, action]),
  );
}

/** Notes that a text shows with their right action: as demos, or as rows with feedback. */
export function shownWith(text) {
  const notes = [...text.matchAll(/#(\d{3}) ([a-z ]+)/g)];
  return notes.flatMap((note, index) => {
    const end = notes[index + 1]?.index ?? text.length;
    const after = text.slice(note.index + note[0].length, Math.min(end, note.index + 900));
    const right =
      /(?:expected|correct|right|gold|should (?:be|have been))[^a-z]{0,40}(?:action|answer|label)?[^a-z]{0,20}(ship|hold|return|scrap)/i.exec(
        after,
      ) ?? /action[^a-z]{0,30}(ship|hold|return|scrap)/i.exec(after);
    return right === null ? [] : [{ words: note[2].trim().split(' '), action: right[1].toLowerCase() }];
  });
}

/** Probability that the task model answers a row rightly under a prompt: the truth of the landscape. */
export function probabilityOf(landscape, row, prompt) {
  const rule = landscape.rules.find(({ word }) => row.note.includes(word));
  const taught = taughtBy(prompt);
  const ofRule = taught.get(rule.word);
  const shown = shownWith(prompt).filter(({ words: of }) => of.includes(rule.word));
  const distracted = chatter.filter((sentence) => prompt.includes(sentence)).length;
  const long = Math.max(0, prompt.split(/\s+/).length - 600) / 2_000;
  const penalty = Math.min(0.2, 0.02 * distracted + long);
  if (ofRule !== undefined && ofRule !== rule.action) return 0.05;
  const isWhole = rule.needs === undefined || taught.has(rule.needs);
  if (ofRule === rule.action && isWhole) return 0.96 - penalty;
  if (ofRule === rule.action) return 0.7 - penalty;
  if (shown.some(({ action }) => action === rule.action)) return 0.62 - penalty;
  return 0.3;
}

/** The mean probability over rows: what a search tries to raise. */
export function truthOf(landscape, rows, prompt) {
  return rows.reduce((sum, row) => sum + probabilityOf(landscape, row, prompt), 0) / rows.length;
}

/** What the best prompt reaches: every rule taught and nothing else. */
export const reachable = 0.96;

/** The answer of the task model to a row, the same for the same prompt and draw. */
export function answerOf(landscape, { note, prompt, draw = '' }) {
  const row = landscape.rows.find((each) => each.note === note.trim());
  if (row === undefined) return actions[0];
  const right =
    chance(landscape.seed, 'answer', row.id, prompt, draw) < probabilityOf(landscape, row, prompt);
  if (right) return row.action;
  const others = actions.filter((action) => action !== row.action);
  return others[Math.floor(chance(landscape.seed, 'wrong', row.id, prompt, draw) * others.length)];
}

/**
 * The text that the reflection model writes: most rules that it reads anywhere in the request; for rows that it is
 * shown with the right answer sometimes the rule behind, sometimes a wrong one; and now and then chatter.
 */
export function reflectOn(landscape, { request, draw }) {
  const known = new Map(
    [...taughtBy(request)].filter(([word]) => chance(landscape.seed, 'keep', word, draw) < 0.95),
  );
  const seen = new Map();
  for (const { words: of, action } of shownWith(request)) {
    const word = of.find((each) => landscape.byWord.has(each));
    if (word !== undefined) seen.set(word, action);
  }
  // It follows a few leads at a time, however many rows it is shown.
  const leads = [...seen].sort(([a], [b]) => chance(draw, a) - chance(draw, b)).slice(0, 4);
  for (const [word, action] of leads) {
    const insight = chance(landscape.seed, 'insight', word, draw);
    if (insight < 0.5) known.set(word, action);
    else if (insight < 0.62)
      known.set(
        word,
        actions.find((each) => each !== action),
      );
  }
  const sentences = [...known].map(([word, action]) => sentenceOf(word, action));
  const aside =
    chance(landscape.seed, 'aside', draw) < 0.3
      ? [chatter[Math.floor(chance(draw, 'which') * chatter.length)]]
      : [];
  return ['Say what to do with the parcel.', ...sentences, ...aside].join(' ');
}
