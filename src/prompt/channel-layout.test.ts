import { describe, expect, it } from 'vitest';
import { signature } from '../signature/shorthand.ts';
import { renderChannel } from './channel-layout.ts';

const choices = ['billing', 'refunds'];
const parts = {
  signature: signature("ticket -> category: 'billing' | 'refunds'"),
  instructions: 'Route the ticket.',
  demos: [
    { inputs: { ticket: 'Charged twice' }, outputs: { category: 'billing' } },
    { inputs: { ticket: 'Money back, please' }, outputs: { category: 'refunds' } },
  ],
  inputs: { ticket: 'Where is my money now' },
};

describe('renderChannel', () => {
  it('shows each answer its own demos alone, the answer first, and continues with the row', () => {
    const [billing, refunds] = renderChannel(parts, { choices });
    expect(billing?.prompt.messages).toEqual([
      {
        role: 'system',
        content: 'Route the ticket.\n\nCategory: billing\nTicket: Charged twice\n\nCategory: billing',
      },
      { role: 'user', content: '\n' },
    ]);
    expect(refunds?.prompt.messages[0]?.content).not.toContain('Charged twice');
    expect(billing?.continuation).toBe('Ticket: Where is my money now');
  });

  it('shares everything but the row, so that a local model keeps one state for each answer', () => {
    for (const { prompt } of renderChannel(parts, { choices })) expect(prompt.sharedMessages).toBe(1);
  });

  it('shares nothing when the instructions differ from row to row', () => {
    const varying = { ...parts, instructions: 'Route this: {{ticket}}' };
    for (const { prompt } of renderChannel(varying, { choices })) expect(prompt.sharedMessages).toBe(0);
  });

  it('cuts the words of rows and demos, never those of the prompt around them', () => {
    const [billing] = renderChannel(
      { ...parts, userTemplate: 'A customer writes to the shop: {{ticket}}' },
      { choices, words: 1 },
    );
    expect(billing?.continuation).toBe('A customer writes to the shop: Where');
    expect(billing?.prompt.messages[0]?.content).toContain('A customer writes to the shop: Charged\n');
  });
});
