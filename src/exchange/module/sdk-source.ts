import type { StepShape } from '../../program/program.ts';
import type { StepSource } from './message-source.ts';

/** The SDKs that a module can be written for. */
export type ModuleSdk = 'ai-sdk' | 'openai-sdk' | 'anthropic-sdk';

/** How an SDK is asked. */
export interface SdkSource {
  readonly imports: string;
  /** What a caller gives beside the inputs, and its type. */
  readonly parameter: string;
  /** The type and default of further settings. */
  readonly settings: string;
  /** Statements that ask and leave the answer in `said`. */
  ask(step: StepShape, source: StepSource, name: string): string;
}

interface Asked {
  readonly model?: string | undefined;
}

const extra = (lines: readonly (string | undefined)[]) =>
  lines.filter((line) => line !== undefined).join('\n');

/** How each SDK is asked; the model is named where the prompt names one. */
export function sdkSource(sdk: ModuleSdk, { model }: Asked): SdkSource {
  switch (sdk) {
    case 'ai-sdk':
      return {
        imports: `import { generateText, type LanguageModel } from 'ai';`,
        parameter: `model: LanguageModel`,
        settings: `{ abortSignal?: AbortSignal }`,
        ask: (step, { request, temperature }, name) => `    const turns = ${name}.messages(inputs);
    const system = turns.flatMap(({ role, content }) => (role === 'system' ? [content] : [])).join('\\n\\n');
    const { text: said } = await generateText({
${extra([
  '      model,',
  `      ...(system !== '' && { system }),`,
  `      messages: turns.filter(({ role }) => role !== 'system'),`,
  `      temperature: ${temperature},`,
  `      maxOutputTokens: ${step.maxOutputTokens},`,
  stops('stopSequences', request.stopSequences),
  '      ...settings,',
])}
    });`,
      };
    case 'openai-sdk': {
      const own = JSON.stringify((model ?? 'openai/gpt-5-mini').replace(/^openai\//, ''));
      return {
        imports: `import type OpenAI from 'openai';`,
        parameter: `client: OpenAI`,
        settings: `{ model?: string; signal?: AbortSignal }`,
        ask: (step, { request, temperature }, name) => `    const { model = ${own}, signal } = settings;
    const completion = await client.chat.completions.create(
      {
${extra([
  '        model,',
  `        messages: ${name}.messages(inputs),`,
  // Models that think take no temperature.
  /gpt-5|o\d/.test(own) ? undefined : `        temperature: ${temperature},`,
  `        max_completion_tokens: ${step.maxOutputTokens},`,
  stops('  stop', request.stopSequences),
  request.responseSchema === undefined
    ? undefined
    : `        response_format: {
          type: 'json_schema',
          json_schema: { name: 'answer', strict: true, schema: ${JSON.stringify(request.responseSchema)} },
        },`,
])}
      },
      { signal },
    );
    const said = completion.choices[0]?.message.content ?? '';`,
      };
    }
    case 'anthropic-sdk': {
      const own = JSON.stringify((model ?? 'anthropic/claude-sonnet-4-5').replace(/^anthropic\//, ''));
      // Stop sequences of blanks alone are refused there.
      const kept = (sequences: readonly string[] = []) => sequences.filter((stop) => stop.trim() !== '');
      return {
        imports: `import type Anthropic from '@anthropic-ai/sdk';`,
        parameter: `client: Anthropic`,
        settings: `{ model?: string; signal?: AbortSignal }`,
        ask: (step, { request, temperature }, name) => `    const { model = ${own}, signal } = settings;
    const turns = ${name}.messages(inputs);
    const system = turns.flatMap(({ role, content }) => (role === 'system' ? [content] : [])).join('\\n\\n');
    const reply = await client.messages.create(
      {
${extra([
  '        model,',
  `        max_tokens: ${step.maxOutputTokens},`,
  `        temperature: ${Math.min(1, temperature)},`,
  `        ...(system !== '' && { system }),`,
  `        messages: turns.flatMap(({ role, content }) => (role === 'system' ? [] : [{ role, content }])),`,
  stops('  stop_sequences', kept(request.stopSequences)),
])}
      },
      { signal },
    );
    const said = reply.content.map((block) => (block.type === 'text' ? block.text : '')).join('');`,
      };
    }
  }
}

function stops(name: string, sequences: readonly string[] = []): string | undefined {
  const space = name.startsWith('  ') ? '  ' : '';
  return sequences.length === 0 ? undefined : `      ${space}${name.trim()}: ${JSON.stringify(sequences)},`;
}
