import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { signature } from '../signature/shorthand.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import { loadPrompt } from './load-prompt.ts';

const folder = mkdtempSync(join(tmpdir(), 'hone-load-prompt-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function promptFile(text: string): string {
  const path = join(folder, `${Math.abs(text.length * 7919)}-${text.slice(4, 12).replace(/\W/g, '')}.md`);
  writeFileSync(path, text);
  return path;
}

const head = `---
model: openai/gpt-5-mini
inputs: [tier, ticket]
outputs:
  category: [billing, refunds]
---

system:
Sort "it".
`;
const demos = `
\`\`\`demos
- inputs:
    tier: gold
    ticket: I was charged twice.
  outputs:
    category: billing
\`\`\`
`;
const triage = signature("tier, ticket -> category: 'billing' | 'refunds'");
const row = { tier: 'gold', ticket: 'Give it back.' };

describe('a loaded prompt', () => {
  test('gives the messages that its own run sends, and reads the answer as its run does', async () => {
    const prompt = await loadPrompt(promptFile(head + demos), { signature: triage });
    const model = scriptedModel({ replies: ['refunds'] });
    expect(await prompt.run(row, { model })).toEqual({ category: 'refunds' });
    expect(prompt.messages(row)).toEqual(model.calls[0]?.request.messages);
    expect(prompt.messages(row).map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
    expect(prompt.messages(row).at(-1)?.content).toContain('Tier: gold\nTicket: Give it back.');
    expect(prompt.read('refunds')).toEqual({ category: 'refunds' });
    expect(prompt.model).toBe('openai/gpt-5-mini');
  });

  test('does not take an answer that is none', async () => {
    const prompt = await loadPrompt(promptFile(head));
    expect(() => prompt.read('I cannot say.')).toThrow(
      expect.objectContaining({ code: 'HONE_OUTPUT_UNPARSABLE' }),
    );
  });

  test('names an input that is missing', async () => {
    const prompt = await loadPrompt(promptFile(head));
    expect(() => prompt.messages({ tier: 'gold' })).toThrow(/The input "ticket" is missing/);
  });

  test('of several sets gives every prompt, and no single one', async () => {
    const sets = `
\`\`\`demos
sets:
  - weight: 2
    demos:
      - inputs: { tier: gold, ticket: Twice. }
        outputs: { category: billing }
  - format: json
    demos:
      - inputs: { tier: none, ticket: Back. }
        outputs: { category: refunds }
\`\`\`
`;
    const prompt = await loadPrompt(promptFile(head + sets), { signature: triage });
    expect(() => prompt.messages(row)).toThrow(/asks 2 prompts and weighs their answers/);
    expect(() => prompt.read('billing')).toThrow(/asks 2 prompts/);
    const calls = prompt.calls(row);
    expect(calls.map(({ weight }) => weight)).toEqual([2, 1]);
    expect(calls[1]?.read('{"category": "refunds"}')).toEqual({ category: 'refunds' });
  });

  test('that was written by hand names its inputs in its slots, or by a signature', async () => {
    const slots = await loadPrompt(promptFile('---\noutputs: category\n---\nSort {{ticket}} of {{tier}}.'));
    expect(slots.program.signature.inputs.map(({ name }) => name)).toEqual(['ticket', 'tier']);
    const typed = await loadPrompt(promptFile('Sort it, please.'), { signature: triage });
    expect(typed.messages(row).at(-1)?.content).toContain('Tier: gold\nTicket: Give it back.');
    await expect(loadPrompt(promptFile('Sort it, please.'))).rejects.toThrow(/does not name its inputs/);
    await expect(loadPrompt(promptFile('Sort {{ticket}}.'))).rejects.toThrow(/does not name its outputs/);
  });

  test.each([
    ['inputs', signature("ticket -> category: 'billing' | 'refunds'"), /inputs of .* are tier, ticket/],
    ['outputs', signature('tier, ticket -> kind'), /outputs of .* are category; the signature has kind/],
    [
      'answers',
      signature("tier, ticket -> category: 'billing' | 'returns'"),
      /answers of category of .* are billing, refunds; the signature has billing, returns/,
    ],
  ])('with other %s than the signature is refused', async (_, other, message) => {
    await expect(loadPrompt(promptFile(head), { signature: other as never })).rejects.toThrow(message);
  });

  test('that is a saved candidate is refused', async () => {
    await expect(loadPrompt(promptFile('{"schemaVersion":1,"candidate":{}}'))).rejects.toThrow(
      expect.objectContaining({ code: 'HONE_PROMPT_INVALID' }),
    );
  });
});
