import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PromptView } from '../../src/server/prompt-views.ts';
import type { Studio } from '../../src/server/server.ts';
import type { RunList } from '../../src/server/views.ts';
import { expectAccessible, openPage } from './browser.ts';
import { openChromium } from './chromium.ts';
import { openDeskStudio } from './open-desk-studio.ts';
import { openSupportDesk, type SupportDesk } from './support-desk.ts';

const browser = await openChromium();
// On a machine of a person its absence is told and skipped; where everything must be checked it fails.
if (browser === undefined && process.env.CI) throw new Error('There is no Chromium: set HONE_CHROMIUM.');

let desk: SupportDesk;
let studio: Studio;

beforeAll(async () => {
  desk = await openSupportDesk({ rows: 120 });
  studio = await openDeskStudio(desk.folder);
});

afterAll(async () => {
  await browser?.close();
  await studio?.[Symbol.asyncDispose]();
  await desk?.[Symbol.asyncDispose]();
});

const plain = 'Decide which team the ticket belongs to.';
const told = `${plain}\n\nMoney that has to go back: refunds.\nA person who cannot get in: account_access.`;

async function get<View>(path: string): Promise<View> {
  return (await (await fetch(`${studio.url}/api${path}`)).json()) as View;
}

/** Asks until it is so; the limit is for hangs alone. */
const poll = <Value>(read: () => Value) => expect.poll(read, { timeout: 20_000 });

const cells = (page: Page, letter: string) =>
  page.getByRole('group', { name: new RegExp(`^${letter}, row `, 'u') });

async function fillVariant(page: Page, letter: string, text: string): Promise<void> {
  await page.getByLabel(`Model of ${letter}`).fill('gpt-5-mini');
  const column = page.getByRole('region', { name: `Variant ${letter}` });
  if (!(await column.getByLabel(/^Server/).isVisible()))
    await column.getByText(/^Server and length|^http/).click();
  await column.getByLabel(/^Server/).fill(desk.server.baseUrl);
  await page.getByLabel(`Text of ${letter}`, { exact: true }).fill(text);
}

describe.skipIf(browser === undefined)('the playground in a browser', () => {
  it('tries two texts on train rows, tells a fault in its cell, holds B against A, and keeps B as a version', async () => {
    await using opened = await openPage(browser as Browser, {
      url: `${studio.url}/playground?data=tickets.csv`,
    });
    const { page, complaints } = opened;
    await page.getByRole('heading', { name: 'Playground' }).waitFor();
    await page.getByText(/^12 of \d+ train rows/).waitFor();
    await page.getByText(/of the sealed test stay out of here/).waitFor();
    await fillVariant(page, 'A', plain);
    await page.getByRole('button', { name: 'Add a variant' }).click();
    await fillVariant(page, 'B', told);
    await page.getByText(/at most 24 calls/).waitFor();

    // One row whose requests are refused: its cells say so, the others are answered.
    const first = await page.getByRole('list', { name: 'Rows' }).getByRole('listitem').first();
    desk.refused = (await first.locator('.inp p').nth(1).getAttribute('title')) ?? '';
    expect(desk.refused.length).toBeGreaterThan(5);
    const before = desk.server.count;
    await page.keyboard.press('Control+Enter');
    await poll(() => page.getByText('This text is refused').count()).toBe(2);
    await poll(() => page.getByText(/^(right|wrong): $/).count()).toBe(22);
    await page.getByText('Run 2 cells').waitFor();
    // Refused once each, and never tried again by itself.
    expect(desk.server.count - before).toBe(24);

    // Again, when it is well again: what was answered is not asked again.
    desk.refused = '';
    await page.getByRole('button', { name: /^Run 2 cells/ }).click();
    await poll(() => page.getByText(/^(right|wrong): $/).count()).toBe(24);
    expect(desk.server.count - before).toBe(26);
    await page
      .getByText(/^12 rows? (cannot separate A and B|.)|B scores/)
      .first()
      .waitFor();
    const foot = page.getByRole('status', { name: 'What the rows show' });
    await poll(() => foot.textContent()).toMatch(/A and B|than A on these/u);
    expect((await get<RunList>('/runs')).runs).toEqual([]);

    await page.keyboard.press('d');
    const column = page.getByRole('region', { name: 'Variant B' });
    await column.getByText('against A').waitFor();
    await column.getByText('Money that has to go back: refunds.').last().waitFor();

    // A reload keeps texts and answers; an answer that is asked for again is a stored one.
    await page.reload();
    await poll(() => page.getByText(/^(right|wrong): $/).count()).toBe(24);
    expect(await page.getByLabel('Text of B', { exact: true }).inputValue()).toBe(told);
    const asked = desk.server.count;
    await page.getByRole('button', { name: 'Messages' }).click();
    await cells(page, 'B').first().getByRole('button', { name: 'Ask again' }).click();
    await cells(page, 'B').first().getByText('user', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Answers' }).click();
    await cells(page, 'B').first().getByText('stored', { exact: true }).waitFor();
    expect(desk.server.count).toBe(asked);

    // By keyboard from cell to cell.
    await cells(page, 'A').first().click();
    await page.keyboard.press('l');
    await page.keyboard.press('j');
    await poll(() => cells(page, 'B').nth(1).getAttribute('data-selected')).toBe('true');

    await page.keyboard.press('Control+s');
    const dialog = page.getByRole('dialog', { name: 'Save B' });
    await dialog.getByRole('button', { name: 'A file' }).click();
    await dialog.getByLabel('Name').fill('told');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('told.md').last().waitFor();
    await poll(() => existsSync(join(desk.folder, 'told.md'))).toBe(true);
    expect(readFileSync(join(desk.folder, 'told.md'), 'utf8')).toBe(`${told}\n`);
    await dialog.getByRole('button', { name: 'A version' }).click();
    await dialog.getByLabel('Prompt').fill('triage');
    await dialog.getByLabel('What is new in it').fill('two rules');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'triage' }).waitFor();
    const { list } = await get<PromptView>('/prompts/triage');
    expect(list).toMatchObject([{ version: 1, message: 'two rules', author: 'tester' }]);
    expect(complaints).toEqual([]);
  });

  it('stops at a limit and when it is told to, and leads to an evaluation with the text', async () => {
    await using opened = await openPage(browser as Browser, { url: `${studio.url}/playground` });
    const { page, complaints } = opened;
    await page.getByText(/^12 of \d+ train rows/).waitFor();
    await fillVariant(page, 'A', 'Which team answers this?');
    await page.getByLabel('Most calls').fill('five');
    await page.getByText('The limit of calls is a whole number').waitFor();
    expect(await page.getByRole('button', { name: /^Run 12 cells/ }).isDisabled()).toBe(true);
    await page.getByLabel(/^Server/).fill('nowhere');
    await page.getByText(/baseUrl: /).waitFor();
    await page.getByLabel(/^Server/).fill(desk.server.baseUrl);
    await page.getByLabel('Text of A', { exact: true }).fill('About {{nobody}}');
    await page
      .getByText(/nobody/u)
      .last()
      .waitFor();
    await page.getByLabel('Text of A', { exact: true }).fill('Which team answers this?');
    await page.getByLabel('Most calls').fill('5');
    await page.getByText(/at most 12 calls/).waitFor();
    await page.keyboard.press('Control+Enter');
    await poll(() => page.getByText('The limit of 5 calls is reached.').count()).toBe(7);
    await page.getByLabel('Most calls').fill('100');
    desk.delayMs = 60_000;
    await page.getByRole('button', { name: /^Run 7 cells/ }).click();
    await page.getByText('running', { exact: true }).first().waitFor();
    await poll(() => desk.server.active).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: /^Run 7 cells/ }).waitFor();
    await poll(() => desk.server.active).toBe(0);
    desk.delayMs = 0;

    await page.getByRole('button', { name: 'Evaluate A on all rows' }).click();
    await page.getByRole('heading', { name: 'New run' }).waitFor();
    expect(await page.getByLabel(/^Text: say what to do/).inputValue()).toBe('Which team answers this?');
    expect(await page.getByLabel(/^Model;/).inputValue()).toBe('gpt-5-mini');
    await page.goBack();
    await page.getByRole('button', { name: 'Optimize from A' }).click();
    await page.getByRole('button', { name: 'Optimize', exact: true, pressed: true }).waitFor();
    // The address that was none.
    expect(complaints).toEqual([expect.stringContaining('status of 400')]);
  });

  it.each(['light', 'dark'] as const)('has no barrier, and is no wider than a phone: %s', async (theme) => {
    await using opened = await openPage(browser as Browser, {
      url: `${studio.url}/playground?data=tickets.csv`,
      theme,
    });
    const { page, complaints } = opened;
    await page.getByText(/^12 of \d+ train rows/).waitFor();
    await fillVariant(page, 'A', plain);
    await page.getByRole('button', { name: 'Add a variant' }).click();
    await fillVariant(page, 'B', told);
    await page.keyboard.press('Control+Enter');
    await poll(() => page.getByText(/^(right|wrong): $/).count()).toBe(24);
    await page.getByRole('button', { name: 'Difference to A' }).click();
    await page.getByText('against A').waitFor();
    const rules = theme === 'light' ? undefined : ['color-contrast'];
    await expectAccessible(page, { rules });
    await page.getByRole('button', { name: 'Messages' }).click();
    await page.getByText('reply', { exact: true }).first().waitFor();
    await expectAccessible(page, { rules });
    await page.setViewportSize({ width: 390, height: 800 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await expectAccessible(page, { rules: ['color-contrast', 'target-size'] });
    expect(complaints).toEqual([]);
  });
});
