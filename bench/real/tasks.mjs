// The tasks of the bench on real models: the support tickets of the example, two that are written here, and a part
// of banking77 where its folder is named. Each has a vague prompt to start from and one that a person would write.
import { join } from 'node:path';
import { createRandom } from '../../dist/base/random.js';
import { loadDataset, predict, signature } from '../../dist/public/index.js';
import { exactMatch, numeric } from '../../dist/public/scorers.js';

const rowsOfTask = 180;

/** @param banking77 Folder with train.csv (text,category), or undefined. */
export async function loadTasks({ root, banking77 }) {
  return {
    tickets: await tickets(root),
    'call-back': callBack(),
    guests: guests(),
    ...(banking77 !== undefined && { banking77: await banking(banking77) }),
  };
}

async function tickets(root) {
  const rows = await collect(
    loadDataset(join(root, 'examples', 'support-tickets', 'tickets.csv'), { expected: ['category'] }),
  );
  const shape = "ticket -> category: 'billing' | 'refunds' | 'technical_support' | 'account_access'";
  return {
    rows,
    scorer: exactMatch('category'),
    program: (instructions) => predict(signature(shape, { instructions })),
    vague: "Read the customer's message and decide which team it belongs to.",
    written: [
      "Decide which team a customer's message belongs to.",
      '- billing: invoices, prices, charges, payment methods and dates; the customer disputes or asks about an amount but does not ask for money back.',
      '- refunds: the customer wants money returned, for something bought, cancelled, sent back or never received.',
      '- technical_support: a product, app or device does not work as it should.',
      '- account_access: the customer cannot sign in, is locked out, or lost a password, code or second factor.',
      'Go by what the customer wants done now, not by the words that occur.',
    ].join('\n'),
  };
}

/** Whether the writer wants to be called: past calls and wishes to be left alone are none. */
function callBack() {
  const things = [
    'the boiler',
    'my parcel',
    'the second invoice',
    'our router',
    'the kitchen quote',
    'my claim',
  ];
  const days = ['Monday', 'tomorrow after four', 'any morning', 'before noon', 'on Friday'];
  const yes = [
    'It is about {thing}. Could somebody ring me {day}? Writing does not get us anywhere.',
    'Please give me a call about {thing}, {day} suits me best.',
    'I would rather talk about {thing} in person on the phone. My number is in my profile, {day}.',
    "I don't do email well at my age. Phone me {day}, it concerns {thing}.",
    'Nobody has called so far, and that is all I ask for: one call about {thing}, {day}.',
    'Kannst du mich {day} anrufen? Es geht um {thing}. Thank you',
  ];
  const no = [
    'You called me about {thing} on Monday. All is clear now, thanks, no need to ring again.',
    'Your colleague promised to call {day} and then wrote instead, which was fine. {thing} is settled.',
    'Please stop calling me about {thing}. Write to me, {day} is early enough.',
    'I tried to reach you by phone about {thing} {day}. Just send me the form.',
    'What does a call to your line about {thing} cost per minute? I only want to know, {day} will do.',
    'The call about {thing} was very kind. Where can I leave a review {day}?',
  ];
  const rows = fill({ seed: 'call-back', yes, no }, { thing: things, day: days });
  return {
    rows,
    scorer: exactMatch('call'),
    program: (instructions) => predict(signature("message -> call: 'yes' | 'no'", { instructions })),
    vague: 'Look at the message and say yes or no.',
    written:
      'Answer yes when the writer asks to be called by phone from now on. Answer no when a call lies in the past, when they only asked about calling, call you themselves, or do not want to be called.',
  };
}

function fill({ seed, ...templates }, values) {
  const random = createRandom(seed);
  const rows = new Map();
  while (rows.size < rowsOfTask) {
    for (const [call, texts] of Object.entries(templates)) {
      const text = random
        .sample(texts, 1)[0]
        .replaceAll(/\{(\w+)\}/g, (_, name) => random.sample(values[name], 1)[0]);
      const opening = random.sample(
        ['Hello, ', 'Hi team. ', '', 'Good day. ', 'To whom it may concern: '],
        1,
      )[0];
      const message = `${opening}Ref ${1000 + random.integer(9000)}. ${text}`;
      if (rows.size < rowsOfTask)
        rows.set(message, { id: `${seed}-${rows.size}`, inputs: { message }, expected: { call } });
    }
  }
  return [...rows.values()];
}

/** How many will sit at the table: children count, dogs and those who cancelled do not. */
function guests() {
  const random = createRandom('guests');
  const number = (least, most) => least + random.integer(most - least + 1);
  const forms = [
    (a, c) => [`A table for ${a} adults and ${c} children, please.`, a + c],
    (a, c) => [`We booked for ${a + c}, but ${c} of us are ill and stay at home.`, a],
    (a, c) => [`${a} of us plus a dog, and my sister brings ${c} friends and comes herself.`, a + c + 1],
    (a, c) => [`My party of ${a} grows by ${c}. No, wait, by ${c + 1}.`, a + c + 1],
    (a) => [`Two families of ${a} each, all of them hungry.`, 2 * a],
    (a, c) => [
      `I reserve for my wife, myself and our ${c} kids; the ${a} colleagues come another day.`,
      c + 2,
    ],
  ];
  const rows = Array.from({ length: rowsOfTask }, (_, index) => {
    const [text, count] = forms[index % forms.length](number(2, 9), number(1, 6));
    const request = `${random.sample(['Tonight', 'On Sunday', 'For the 14th', 'Next week'], 1)[0]}: ${text} Booking ${1000 + random.integer(9000)}.`;
    return { id: `guests-${index}`, inputs: { request }, expected: { guests: count } };
  });
  return {
    rows,
    scorer: numeric('guests'),
    program: (instructions) => predict(signature('request -> guests: number', { instructions })),
    vague: 'Say the number.',
    written:
      'Say how many people will sit at the table: the writer, adults and children count; animals, people who cancelled and people who come another day do not. Corrections replace what they correct.',
  };
}

/** Eight intents that are easily taken for each other. */
const intents = [
  'card_arrival',
  'card_delivery_estimate',
  'lost_or_stolen_card',
  'card_not_working',
  'declined_card_payment',
  'declined_transfer',
  'pending_transfer',
  'transfer_not_received_by_recipient',
];

async function banking(folder) {
  const all = await collect(loadDataset(join(folder, 'train.csv'), { expected: ['category'] }));
  const random = createRandom('banking77');
  const rows = intents.flatMap((intent) =>
    random.sample(
      all.filter(({ expected }) => expected.category === intent),
      30,
    ),
  );
  const shape = `text -> category: ${intents.map((intent) => `'${intent}'`).join(' | ')}`;
  return {
    rows: random.shuffle(rows),
    scorer: exactMatch('category'),
    program: (instructions) => predict(signature(shape, { instructions })),
    vague: 'Decide what the message is about.',
    written: [
      "Name the intent of a bank customer's message.",
      '- card_arrival: a card that was ordered has not come yet. - card_delivery_estimate: how long delivery takes in general.',
      '- lost_or_stolen_card: the card is gone. - card_not_working: the card itself fails everywhere.',
      '- declined_card_payment: a payment with the card was refused. - declined_transfer: a transfer was refused.',
      '- pending_transfer: a transfer still shows as pending. - transfer_not_received_by_recipient: it went out, but did not arrive.',
    ].join('\n'),
  };
}

async function collect(dataset) {
  const rows = [];
  for await (const row of await dataset) rows.push(row);
  return rows;
}
