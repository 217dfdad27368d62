// A simulated task and reflection model, deterministic by seed. What a prompt is worth depends in a known way on the
// rules, demos, formats and distractors in it, so that searches can be compared with the truth. Nothing here is a
// language model: every figure that comes of it is that of a simulation.
import { createHash } from 'node:crypto';

export const actions = ['ship', 'hold', 'return', 'scrap'];
export const codes = ['amber', 'basil', 'cobalt', 'dune', 'ember', 'fern'];
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
/** One of them helps and one harms, which is which the seed draws. */
const formats = [
  'Answer with one word.',
  'Read the note twice.',
  'Look for the odd word first.',
  'Weigh every word alike.',
];

/** A number from 0 to 1 that depends on nothing but its parts. */
function chance(...parts) {
  return createHash('sha256').update(parts.join('\u0000')).digest().readUInt32BE(0) / 2 ** 32;
}

const shuffled = (items, ...parts) => [...items].sort((a, b) => chance(...parts, a) - chance(...parts, b));

/**
 * One task of the landscape. In one step a word of the note decides the action. In two steps the word stands for a
 * code, which the first step has to find, and the code decides the action in the second.
 *
 * @param seed Draws its rules, their answers and which of them depend on another.
 * @param task 'one step' or 'two steps'.
 */
export function createLandscape(seed, task = 'one step') {
  const isTwo = task === 'two steps';
  const keys = shuffled(words, seed, task, 'word').slice(0, isTwo ? 6 : 8);
  const draw = (kind, key, of) => of[Math.floor(chance(seed, task, kind, key) * of.length)];
  const needs = (kind, all) => (key, index) =>
    // A quarter of the rules are of use only beside the rule before them.
    index > 0 && chance(seed, task, 'needs', kind, key) < 0.25 ? all[index - 1] : undefined;
  const codesOf = shuffled(codes, seed, 'codes');
  const find = isTwo && {
    name: 'find',
    output: 'code',
    answers: codes,
    rules: new Map(
      keys.map((key, index) => [key, { answer: codesOf[index], needs: needs('find', keys)(key, index) }]),
    ),
    sentence: (key, answer) => `«${key}» stands for ${answer}.`,
  };
  const deciding = isTwo ? codesOf : keys;
  const decide = {
    name: 'decide',
    output: 'action',
    answers: actions,
    rules: new Map(
      deciding.map((key, index) => [
        key,
        { answer: draw('action', key, actions), needs: needs('decide', deciding)(key, index) },
      ]),
    ),
    sentence: (key, answer) => `«${key}» means ${answer}.`,
  };
  const [good, bad] = shuffled(formats, seed, task, 'format');
  const rows = Array.from({ length: 240 }, (_, index) => {
    const word = keys[index % keys.length];
    const rest = shuffled(fillers, seed, index).slice(0, 6);
    rest.splice(Math.floor(chance(seed, index, 'place') * 7), 0, word);
    const code = isTwo ? find.rules.get(word).answer : undefined;
    const note = `#${String(index).padStart(3, '0')} ${rest.join(' ')}`;
    return { id: `note-${index}`, note, word, code, action: decide.rules.get(code ?? word).answer };
  });
  return { seed, task, steps: isTwo ? [find, decide] : [decide], good, bad, rows };
}

/** What the best prompts reach: every rule taught, the good format, and nothing else. */
export const reachableOf = ({ steps }) => 0.96 ** steps.length;

/** What a text teaches; of two rules for a word the last. */
export function taughtBy(text) {
  const all = [...codes, ...actions].join('|');
  const rule = new RegExp(`«(\\w+)» (?:means|stands for) (${all})\\.`, 'g');
  return new Map([...text.matchAll(rule)].map(([, key, answer]) => [key, answer]));
}

/**
 * Notes that a text shows with the right answer of a step, as demos or as rows with feedback. An answer that the text
 * itself calls wrong, or that stands beside another one that was expected, shows nothing.
 */
export function shownWith({ rows }, text, step) {
  const notes = [...text.matchAll(/#(\d{3}) [a-z ]+/g)];
  const shown = new Map();
  const told = new Map();
  const options = step.answers.join('|');
  const expected = new RegExp(
    `(?:expected|correct|right|gold|oracle|should (?:be|have been))[^a-z]{0,40}(?:metadata[^a-z]{0,20})?(?:\\w+[^a-z]{0,20})?${step.output}[^a-z]{0,20}(${options})`,
    'i',
  );
  const given = new RegExp(`${step.output}[^a-z]{1,30}(${options})`, 'i');
  for (const [index, note] of notes.entries()) {
    const row = rows[Number(note[1])];
    const end = Math.min(notes[index + 1]?.index ?? text.length, note.index + 900);
    const after = text.slice(note.index + note[0].length, end);
    const right = expected.exec(after)?.[1];
    // Only what the text shows of the first step tells the second what the note was about.
    const isSeen = step.name === 'find' || row?.code === undefined || after.includes(row.code);
    if (row === undefined || !isSeen) continue;
    if (right !== undefined) told.set(row.id, { row, answer: right.toLowerCase() });
    const answer = given.exec(after)?.[1];
    const isWrong = /\bwrong\b|incorrect|"?(?:score|reward)\w*"?[^a-z0-9]{0,10}0(?![.\d]*[1-9])/i.test(after);
    if (answer !== undefined && !isWrong) shown.set(row.id, { row, answer: answer.toLowerCase() });
  }
  return [...new Map([...shown, ...told]).values()];
}

const keyOf = (step, row) => (step.name === 'find' || row.code === undefined ? row.word : row.code);

/**
 * Probability that the task model answers a step of a row rightly under a prompt: the truth of the landscape.
 *
 * @param given The code that the second step was given.
 */
export function probabilityOf(landscape, { step, row, prompt, given }) {
  if (given !== undefined && given !== row.code) return 0.1;
  const key = keyOf(step, row);
  const rule = step.rules.get(key);
  const taught = taughtBy(prompt);
  const answer = taught.get(key);
  const distracted = chatter.filter((sentence) => prompt.includes(sentence)).length;
  // The envelope of a tool is no fault of its prompts.
  const long = Math.max(0, prompt.split(/\s+/).length - 800) / 2_000;
  const format = (prompt.includes(landscape.good) ? 0.04 : 0) - (prompt.includes(landscape.bad) ? 0.06 : 0);
  const shift = format - Math.min(0.2, 0.02 * distracted + long);
  if (answer !== undefined && answer !== rule.answer) return 0.05;
  const isWhole = rule.needs === undefined || taught.has(rule.needs);
  if (answer === rule.answer) return (isWhole ? 0.92 : 0.68) + shift;
  const isShown = shownWith(landscape, prompt, step).some(
    (each) => keyOf(step, each.row) === key && each.answer === rule.answer,
  );
  return (isShown ? 0.6 : 0.3) + shift;
}

/** The answer of the task model to a step of a row, the same for the same prompt and draw. */
export function answerOf(landscape, { step, row, prompt, given, draw = '' }) {
  const right = step.rules.get(keyOf(step, row)).answer;
  const parts = [landscape.seed, step.name, row.id, prompt, given, draw];
  if (chance('answer', ...parts) < probabilityOf(landscape, { step, row, prompt, given })) return right;
  const others = step.answers.filter((answer) => answer !== right);
  return others[Math.floor(chance('wrong', ...parts) * others.length)];
}

/**
 * The text that the reflection model writes: most rules that it reads anywhere in the request; for rows that it is
 * shown with the right answer sometimes the rule behind, sometimes a wrong one; now and then a format or chatter.
 */
export function reflectOn(landscape, { request, draw }) {
  const { seed, steps } = landscape;
  const kept = [...taughtBy(request)].filter(([word]) => chance(seed, 'keep', word, draw) < 0.95);
  const known = new Map(kept);
  // It follows a few leads at a time, however many rows it is shown.
  const leads = steps.flatMap((step) =>
    shownWith(landscape, request, step).map(({ row, answer }) => ({ step, key: keyOf(step, row), answer })),
  );
  const distinct = [...new Map(leads.map((lead) => [lead.key, lead])).values()];
  for (const { step, key, answer } of shuffled(
    distinct.map(({ key }) => key),
    draw,
  )
    .slice(0, 4)
    .map((key) => distinct.find((lead) => lead.key === key))) {
    const insight = chance(seed, 'insight', key, draw);
    if (insight < 0.5) known.set(key, answer);
    else if (insight < 0.62)
      known.set(
        key,
        step.answers.find((each) => each !== answer),
      );
  }
  const sentences = [...known].map(([key, answer]) =>
    (steps.find(({ rules }) => rules.has(key)) ?? steps.at(-1)).sentence(key, answer),
  );
  const said = (all, share, what) =>
    chance(seed, what, draw) < share ? [all[Math.floor(chance(draw, what, 'which') * all.length)]] : [];
  const keeps = formats.filter((format) => request.includes(format) && chance(draw, format) < 0.7);
  const format = keeps.length > 0 ? keeps : said(formats, 0.4, 'format');
  return ['Say what to do with the parcel.', ...sentences, ...format, ...said(chatter, 0.3, 'aside')].join(
    ' ',
  );
}
