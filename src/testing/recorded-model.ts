import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HoneError, messageOf } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { contentText } from '../model/content.ts';
import { answerKey } from '../model/middleware/answer-cache.ts';
import { type CallRecord, type Model, type ModelCall, wrapCalls } from '../model/model.ts';

export interface RecordedModelOptions {
  /** Answers what the file lacks, and `dispose` adds its answers to the file. Left out: the file alone. */
  readonly record?: Model | undefined;
}

interface RecordedAnswer {
  /** For people who read the file. */
  readonly request: Json;
  readonly draw: string;
  readonly answer: CallRecord;
}

interface Recording extends Pick<Model, 'id' | 'endpoint' | 'capabilities' | 'price'> {
  readonly version: 1;
  readonly answers: Record<string, RecordedAnswer>;
}

/**
 * A model that answers from a JSON file, so that tests see real answers without a network.
 *
 * @throws {HoneError} `HONE_FILE_NOT_FOUND` without a file and without a model to record,
 *   `HONE_FILE_UNREADABLE` for a file that is no recording. Calls reject with `HONE_ANSWER_MISSING`.
 */
export async function recordedModel(path: string, { record }: RecordedModelOptions = {}): Promise<Model> {
  const recording = await readRecording(path, record);
  let hasNews = false;
  const base: Model = {
    id: recording.id,
    endpoint: recording.endpoint,
    capabilities: recording.capabilities,
    price: recording.price,
    generate: (request) => Promise.reject(missing(path, contentText(request.messages.at(-1)?.content ?? ''))),
    ...(recording.capabilities.choiceScores && {
      scoreChoices: (request) =>
        Promise.reject(missing(path, contentText(request.messages.at(-1)?.content ?? ''))),
    }),
    ...(recording.capabilities.tokenScores && { scoreTokens: (text) => Promise.reject(missing(path, text)) }),
  };
  const { endpoint, id: modelId } = recording;
  const around = async <Answer extends CallRecord>(call: ModelCall<Answer>): Promise<Answer> => {
    call.options.signal?.throwIfAborted();
    const { kind, payload } = call;
    const draw = call.options.draw ?? '0';
    const key = answerKey({ endpoint, modelId, kind, payload, draw });
    const known = recording.answers[key];
    if (known !== undefined) return structuredClone(known.answer) as Answer;
    const answer = await call.proceed();
    recording.answers[key] = { request: payload, draw, answer };
    hasNews = true;
    return answer;
  };
  return {
    ...wrapCalls(record ?? base, around),
    async dispose() {
      if (hasNews) await writeRecording(path, recording);
      hasNews = false;
      await record?.dispose?.();
    },
  };
}

async function readRecording(path: string, record: Model | undefined): Promise<Recording> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (record !== undefined) {
      const { id, endpoint, capabilities, price } = record;
      return { version: 1, id, endpoint, capabilities, price, answers: {} };
    }
    throw new HoneError(`There is no recording at ${path}.`, {
      code: 'HONE_FILE_NOT_FOUND',
      hint: 'Record one: recordedModel(path, { record: model }).',
      cause,
    });
  }
  try {
    const recording = JSON.parse(text) as Recording;
    if (recording.version === 1 && typeof recording.answers === 'object') return recording;
  } catch (cause) {
    throw new HoneError(`${path} is no recording: ${messageOf(cause)}`, {
      code: 'HONE_FILE_UNREADABLE',
      cause,
    });
  }
  throw new HoneError(`${path} is no recording of version 1.`, {
    code: 'HONE_FILE_UNREADABLE',
    hint: 'Delete it and record anew.',
  });
}

/** Through a second file, so that a crash leaves the old recording whole. */
async function writeRecording(path: string, recording: Recording): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, `${JSON.stringify(recording, undefined, 2)}\n`);
  await rename(`${path}.part`, path);
}

function missing(path: string, asked = ''): HoneError {
  return new HoneError(`${path} has no answer to "${asked.slice(-80)}".`, {
    code: 'HONE_ANSWER_MISSING',
    hint: 'Record it: recordedModel(path, { record: model }).',
    facts: { retryable: false },
  });
}
