import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { RunList } from '../../src/server/views.ts';
import { openChromium } from './chromium.ts';
import { openDeskStudio } from './open-desk-studio.ts';
import { fill, openSupportDesk, type SupportDesk } from './support-desk.ts';

const folder = 'studio/pictures';

/** Two texts, both run. */
async function fillBoard(page: Page, { server }: SupportDesk): Promise<void> {
  const plain = 'Decide which team the ticket belongs to.';
  const texts = {
    A: plain,
    B: `${plain}\n\nMoney that has to go back: refunds.\nAnswer with the team alone.`,
  };
  for (const [letter, text] of Object.entries(texts)) {
    if (letter !== 'A') await page.getByRole('button', { name: 'Add a variant' }).click();
    await page.getByLabel(`Model of ${letter}`).fill('gpt-5-mini');
    const column = page.getByRole('region', { name: `Variant ${letter}` });
    await column.locator('summary').click();
    await column.getByLabel(/^Server/).fill(server.baseUrl);
    await column.locator('summary').click();
    await page.getByLabel(`Text of ${letter}`, { exact: true }).fill(text);
  }
  await page.getByText(/at most 24 calls/).waitFor();
  await page.keyboard.press('Control+Enter');
  await page.getByText(/24 of 24 cells answered|calls? made/).waitFor();
  await page.waitForLoadState('networkidle');
}

test('a picture of every page, light and dark, wide and narrow', { timeout: 300_000 }, async () => {
  const browser = await openChromium();
  expect(browser, 'a Chromium').toBeDefined();
  if (browser === undefined) return;
  mkdirSync(folder, { recursive: true });
  await using desk = await openSupportDesk();
  await fill(desk);
  await using studio = await openDeskStudio(desk.folder);
  const { runs } = (await (await fetch(`${studio.url}/api/runs`)).json()) as RunList;
  const evaluations = runs.filter(({ kind }) => kind === 'evaluation');
  const newest = evaluations[0]?.id ?? '';
  const pages: Readonly<Record<string, string>> = {
    runs: `/runs?sel=${evaluations[1]?.id},${newest}`,
    experiment: `/runs/${newest}`,
    prompt: `/runs/${newest}?tab=prompt`,
    row: `/runs/${newest}?row=T-1070`,
    compare: `/compare?a=${evaluations[2]?.id}&b=${newest}&by=category`,
    optimize: `/optimize/${runs.find(({ kind }) => kind === 'optimization')?.id}`,
    playground: '/playground?data=tickets.csv&view=difference',
    prompts: '/prompts/triage?v=2',
    datasets: '/datasets?file=tickets.csv',
    new: '/new?data=tickets.csv&prompt=triage.md&kind=optimization',
    settings: '/settings',
  };
  const wanted = process.env.HONE_PICTURES?.split(',');
  for (const theme of ['light', 'dark'] as const) {
    for (const width of [1440, 390]) {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: theme });
      const page = await context.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error') console.error(message.text());
      });
      page.on('pageerror', (error) => console.error(error));
      for (const [name, path] of Object.entries(pages)) {
        if (wanted !== undefined && !wanted.includes(name)) continue;
        await page.goto(`${studio.url}${path}`);
        await page.waitForLoadState('networkidle');
        if (name === 'playground') await fillBoard(page, desk);
        await page.waitForTimeout(150);
        await page.screenshot({ path: join(folder, `${name}-${theme}-${width}.png`) });
      }
      await context.close();
    }
  }
  // The pictures of the README, when they are asked for: they would differ each time.
  if (process.env.HONE_README_PICTURES) {
    for (const [name, theme] of [
      ['compare', 'light'],
      ['optimize', 'dark'],
      ['runs', 'light'],
    ]) {
      copyFileSync(join(folder, `${name}-${theme}-1440.png`), `docs/images/studio-${name}.png`);
    }
  }
  await browser.close();
});
