import { completeCandidate, rememberComplete } from '../program/check-candidate.ts';
import { predict } from '../program/predict.ts';
import type { Program, Runtime } from '../program/program.ts';
import type { Candidate } from '../prompt/candidate.ts';
import {
  formatPromptFile,
  type PromptFile,
  promptFileCandidate,
  withCandidate,
} from '../prompt/prompt-file.ts';
import { type ColumnSpec, signatureOfColumns } from '../signature/shorthand.ts';

export interface ProgramFromFileOptions {
  /** The columns that the prompt sees. */
  readonly inputs: readonly string[];
  /** The columns that it answers. */
  readonly outputs: readonly ColumnSpec[];
  /** The model that answers when the caller names none. @default the embedded local model */
  readonly model?: string | undefined;
}

/** The program of a prompt file: one step called `answer`, whose parameters are the file's parts. */
export function programFromFile(
  file: PromptFile,
  { inputs, outputs, model }: ProgramFromFileOptions,
): Program {
  const program = predict(
    signatureOfColumns({
      inputs: inputs.map((name) => ({ name })),
      outputs,
      instructions: file.instructions,
    }),
    { userTemplate: file.user, format: file.format, model },
  );
  const known = Object.entries(promptFileCandidate(file)).filter(([name]) => name in program.seed);
  return withSeed(program, { ...program.seed, ...Object.fromEntries(known) });
}

/** The file of a candidate of that program: read back, it renders the same messages. */
export function promptFileText(
  file: PromptFile,
  candidate: Candidate,
  settings: Pick<PromptFile, 'model' | 'inputs' | 'outputs'>,
): string {
  return formatPromptFile(withCandidate({ ...file, ...settings }, candidate));
}

/** The program with other parameters to start from: demo sets and calibration have no option of their own. */
function withSeed(program: Program, seed: Candidate): Program {
  const check = { program: program.shape, seed: program.seed, called: 'The prompt file' };
  const complete = rememberComplete({ program: program.shape, seed: completeCandidate(seed, check) });
  const whole = (runtime: Runtime = {}) => ({ ...runtime, candidate: complete(runtime.candidate) });
  return {
    ...program,
    seed,
    calls: (candidate) => program.calls(complete(candidate)),
    run: (inputs, runtime) => program.run(inputs, whole(runtime)),
    forward: (inputs, runtime) => program.forward(inputs, whole(runtime)),
    stream: (inputs, options) => program.stream(inputs, { ...options, ...whole(options) }),
  };
}
