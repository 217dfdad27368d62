import { generateText, type LanguageModel } from 'ai';
import { appProgram, signature, wrapModel } from 'hone-ai';

const summarize = 'Say in one sentence what the customer wants.';
const sort = 'Which team is this for? Answer with one of: {{teams}}.';
const teams = ['billing', 'refunds', 'technical_support', 'account_access'];

/** An app as it was, but for the two lines that wrap its model. */
export function helpDesk(languageModel: Exclude<LanguageModel, string>) {
  const summarizer = wrapModel(languageModel, { prompt: 'summarize', instructions: summarize });
  const sorter = wrapModel(languageModel, { prompt: 'sort', instructions: sort });

  async function teamFor(ticket: string): Promise<string> {
    const summary = await generateText({ model: summarizer, system: summarize, prompt: ticket });
    const { text } = await generateText({
      model: sorter,
      system: sort.replace('{{teams}}', teams.join(', ')),
      prompt: `${summary.text}\n\n${ticket}`,
    });
    const said = text.toLowerCase();
    return teams.find((team) => said.includes(team)) ?? text.trim();
  }

  const program = appProgram(
    'help-desk',
    { signature: signature('ticket -> category'), models: [summarizer, sorter] },
    async ({ ticket }) => ({ category: await teamFor(ticket) }),
  );
  return { teamFor, program };
}
