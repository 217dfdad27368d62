import { createJiti } from 'jiti';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../base/json.ts';
import type { Message } from '../../model/model.ts';
import { predict } from '../../program/predict.ts';
import { render } from '../../program/render-program.ts';
import {
  exportAnthropic,
  exportMarkdown,
  exportMessages,
  exportOpenAi,
  exportTypeScript,
} from '../../prompt/export.ts';
import { signature } from '../../signature/shorthand.ts';

/** Text that would be code in a template. */
const hostile = ['`', '$', '{process.exit(7)}', '`'].join('');
const spec = signature("ticket, tier?: integer -> category: 'billing' | 'refunds'", {
  instructions: `Sort "it" ${hostile} \\{{kept}}.`,
});
const demos = [{ inputs: { ticket: 'See {{tier}} ``` `x`', tier: 1 }, outputs: { category: 'billing' } }];
const programs = {
  chat: predict(spec, { demos }),
  json: predict(spec, { demos, format: 'json' }),
  slotted: predict(spec, { demos, userTemplate: 'Tier {{tier}} of\n{{ticket}}' }),
} as const;
const rows: readonly JsonObject[] = [
  { ticket: 'Why {{tier}}?\n"', tier: 3 },
  { ticket: ` ${hostile} \t\n`, tier: 0 },
];

/** What an export with slots says for a row. */
const fill = (messages: readonly Message[], row: JsonObject) =>
  messages.map(({ role, content }) => ({
    role,
    content: String(content).replaceAll(/\{\{(ticket|tier)\}\}/g, (slot, name: string) => {
      const value: Json | undefined = row[name];
      return value === undefined ? slot : typeof value === 'string' ? value : JSON.stringify(value);
    }),
  }));

describe.each(Object.entries(programs))('the exports of a prompt in %s say what is sent', (_, program) => {
  const exported = { signature: spec as never, candidate: program.seed };
  // In these a value keeps the white space at its end, which a section of one's own loses where it ends with it.
  const plainRow = rows[0] as JsonObject;
  const sent = (inputs: JsonObject) => render(program, { inputs })[0]?.messages ?? [];
  // A demo may look like a slot: only what differs from row to row is one.
  const own = (messages: readonly Message[], row: JsonObject) => [
    ...messages.slice(0, -1),
    ...fill(messages.slice(-1), row),
  ];

  test('as messages, for OpenAI and for Anthropic', () => {
    const { prompts } = JSON.parse(exportMessages(exported));
    expect(own(prompts[0].messages, plainRow)).toEqual(sent(plainRow));
    const openai = JSON.parse(exportOpenAi(exported));
    expect(own(openai.messages, plainRow)).toEqual(sent(plainRow));
    const { system, messages } = JSON.parse(exportAnthropic(exported));
    expect([{ role: 'system', content: system }, ...own(messages, plainRow)]).toEqual(sent(plainRow));
  });

  test('as Markdown', () => {
    const markdown = exportMarkdown(exported);
    const shown = [...markdown.matchAll(/^## (\w+)\n\n(`{3,})text\n([\s\S]*?)\n\2$/gm)].map(
      ([, role, , content]) => ({
        role,
        content,
      }),
    ) as readonly Message[];
    expect(own(shown, plainRow)).toEqual(sent(plainRow));
  });

  test('as TypeScript, for every row, with and without what may be absent', async () => {
    const module = (await createJiti(import.meta.url).evalModule(exportTypeScript(exported), {
      filename: `${import.meta.dirname}/exported-prompt.ts`,
      async: true,
    })) as { promptMessages: (inputs: JsonObject) => unknown };
    for (const row of [...rows, { ticket: 'alone ' }, { ticket: '' }]) {
      expect(module.promptMessages(row)).toEqual([sent(row)]);
    }
  });
});
