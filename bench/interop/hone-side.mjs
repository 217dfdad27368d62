// What Hone makes of a DSPy program, and a program that Hone writes for DSPy: asked by run.py, one JSON on stdout.
import { readFileSync, writeFileSync } from 'node:fs';
import { signature } from 'hone-ai';
import {
  candidateFromDspy,
  chainOfThought,
  exportDspy,
  importDspy,
  importGepaCandidates,
  pipeline,
  predict,
} from 'hone-ai/programs';
import { scriptedModel } from 'hone-ai/testing';

const [, , task, file, argument] = process.argv;

/** The messages of one step for one row. */
async function messagesOf(program, inputs) {
  const model = scriptedModel({ respond: () => 'nothing' });
  await program.forward(inputs, { model, reask: false });
  return model.calls[0].request.messages;
}

const triage = () =>
  pipeline([
    chainOfThought(signature('text -> gist', { instructions: 'Say what “it” is about.' }), {
      name: 'gist',
      demos: [
        {
          inputs: { text: 'a long\nletter' },
          outputs: { reasoning: 'it asks\nfor money', gist: 'a refund' },
        },
      ],
    }),
    predict(
      signature("gist, tier: integer -> category: 'billing' | 'refunds', sure: number", {
        instructions: 'Sort the gist. Keep \\{{this}} as it is.',
        descriptions: { tier: 'support tier' },
      }),
      {
        name: 'sort',
        demos: [
          { inputs: { gist: 'money back', tier: 2 }, outputs: { category: 'refunds', sure: 0.9 } },
          { inputs: { gist: 'a bill', tier: 1 }, outputs: { category: 'billing', sure: 1 } },
        ],
      },
    ),
  ]);

const tasks = {
  /** file: a DSPy program; argument: inputs by path, and the names of outputs. */
  async import() {
    const { inputs, outputs } = JSON.parse(argument);
    const { steps, notes } = importDspy(readFileSync(file, 'utf8'), { file, outputs });
    const rendered = {};
    for (const { path, program } of steps) {
      if (inputs[path] !== undefined) rendered[path] = await messagesOf(program, inputs[path]);
    }
    return { notes, rendered };
  },
  /** file: where the program for DSPy is written. */
  async export() {
    const program = triage();
    const { text, notes } = exportDspy(program);
    writeFileSync(file, text);
    return { notes, seed: program.seed };
  },
  /** file: a program that DSPy loaded from Hone and saved again. */
  async back() {
    const program = triage();
    const { candidate, notes } = candidateFromDspy(readFileSync(file, 'utf8'), program);
    return { notes, candidate, seed: program.seed };
  },
  /** file: candidates.json of a GEPA run. */
  async gepa() {
    const { candidates } = importGepaCandidates(readFileSync(file, 'utf8'), triage());
    return {
      texts: candidates.map(({ candidate }) => [
        candidate['gist.instructions'].text,
        candidate['sort.instructions'].text,
      ]),
    };
  },
};
process.stdout.write(JSON.stringify(await tasks[task]()));
