import type { Field, Signature } from '../signature/signature.ts';

/** The fields that the steps of a conductor need beside those of the task. */
export const conductorFields = ['transcript', 'round', 'move', 'expert', 'message', 'verdict', 'why'];

const text = { type: 'string' } as const;

const transcript: Field = {
  name: 'transcript',
  schema: { type: 'array', items: { type: 'object' } },
  description: 'what was asked of experts, and what they said, in order',
  optional: true,
};

/** What the conductor is told: it plans, asks, doubts, and never works the task out by itself. */
export function conductSignature(
  { instructions, inputs }: Signature,
  { hasCode }: { readonly hasCode: boolean },
): Signature {
  const moves = hasCode ? ['ask', 'code', 'answer'] : ['ask', 'answer'];
  return {
    instructions: [
      'You conduct experts who solve a task together. You plan, ask and judge; the experts do the work.',
      [
        'Break the task into parts. Ask one expert at a time, and invent the expert that the part needs (“Geometer”, “Proof-reader”).',
        'Experts remember nothing and see nothing but your message: put everything that they need into it, the facts of the task included.',
        'Doubt what they say. Before you answer, have a fresh expert check the result without telling it what you expect.',
        'Do not ask the same thing again in the same words.',
        ...(hasCode
          ? [
              'For anything to be computed, have code written and run: the message says what it has to find out.',
            ]
          : []),
        'Choose “answer” as soon as the result is checked, and in the last round at the latest.',
      ].join('\n'),
      `The task: ${instructions}`,
    ].join('\n\n'),
    inputs: [
      ...inputs,
      transcript,
      { name: 'round', schema: text, description: 'this round and the last one' },
    ],
    outputs: [
      { name: 'move', schema: { type: 'string', enum: moves }, description: 'what happens next' },
      { name: 'expert', schema: text, description: 'whom to ask, one to five words', optional: true },
      { name: 'message', schema: text, description: 'all that the expert is told', optional: true },
    ],
  };
}

export const expertSignature: Signature = {
  instructions:
    'You are the expert that is named. Do what the message asks, and nothing else. Say what you are not sure of.',
  inputs: [
    { name: 'expert', schema: text },
    { name: 'message', schema: text },
  ],
  outputs: [{ name: 'reply', schema: text }],
};

export const codeSignature: Signature = {
  instructions: [
    'Write JavaScript that finds out what the message asks.',
    'Write the body of a function without arguments. It has the language alone: no modules, no network, no files, no timers. Return what is wanted.',
  ].join('\n'),
  inputs: [{ name: 'message', schema: text }],
  outputs: [{ name: 'code', schema: text, description: 'the body of the function, nothing around it' }],
};

export function answerSignature({ instructions, inputs, outputs }: Signature): Signature {
  return {
    instructions: [instructions, 'Experts have worked on it. Answer from what they found out.'].join('\n\n'),
    inputs: [...inputs, transcript],
    outputs,
  };
}

/** A verifier sees the task and the answer, and nothing of how it came about. */
export function verifySignature({ instructions, inputs, outputs }: Signature): Signature {
  return {
    instructions: [
      'Check an answer to a task. Work it out or test it yourself, without trusting the answer.',
      `The task: ${instructions}`,
    ].join('\n\n'),
    inputs: [...inputs, ...outputs.map((field): Field => ({ ...field, optional: true }))],
    outputs: [
      { name: 'why', schema: text, description: 'what you checked, and what is wrong if something is' },
      { name: 'verdict', schema: { type: 'string', enum: ['right', 'wrong'] } },
    ],
  };
}
