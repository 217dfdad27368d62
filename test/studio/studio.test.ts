import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { Studio } from '../../src/server/server.ts';
import type { RunLine, RunList } from '../../src/server/views.ts';
import { expectAccessible, openPage } from './browser.ts';
import { openChromium } from './chromium.ts';
import { openDeskStudio } from './open-desk-studio.ts';
import { fill, openSupportDesk, type SupportDesk, task } from './support-desk.ts';

const browser = await openChromium();
// On a machine of a person its absence is told and skipped; where everything must be checked it fails.
if (browser === undefined && process.env.CI) throw new Error('There is no Chromium: set HONE_CHROMIUM.');

let desk: SupportDesk;
let studio: Studio;
let runs: readonly RunLine[] = [];
const evaluations = () => runs.filter(({ kind }) => kind === 'evaluation');

beforeAll(async () => {
  desk = await openSupportDesk({ rows: 120 });
  await fill(desk);
  studio = await openDeskStudio(desk.folder);
  runs = ((await (await fetch(`${studio.url}/api/runs`)).json()) as RunList).runs;
});

afterAll(async () => {
  await browser?.close();
  await studio?.[Symbol.asyncDispose]();
  await desk?.[Symbol.asyncDispose]();
});

test('the first load is within its budget of script', () => {
  const folder = 'dist/studio/assets';
  const size = readdirSync(folder)
    .filter((name) => name.endsWith('.js'))
    .reduce((sum, name) => sum + gzipSync(readFileSync(`${folder}/${name}`)).length, 0);
  // All of it, of every page: the first one needs less.
  expect(size).toBeLessThan(350_000);
});

describe.skipIf(browser === undefined)('the studio in a browser', () => {
  const open = (path: string, options = {}) =>
    openPage(browser as Browser, { url: `${studio.url}${path}`, ...options });

  it('lists what ran, with its score, its difference to the baseline, and what stands in production', async () => {
    await using opened = await open('/');
    const { page } = opened;
    await page.getByRole('heading', { name: 'Runs' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/runs');
    const rows = page.getByRole('list', { name: 'Runs of triage' }).getByRole('listitem');
    await expect.poll(() => rows.count()).toBe(runs.length);
    await page.getByText('production').waitFor();
    await expect.poll(() => page.getByText(/points better/).count()).toBeGreaterThan(0);
    await page.keyboard.press('/');
    await page.keyboard.type('no such run');
    await page.getByText('No run has these words.').waitFor();
    expect(opened.complaints).toEqual([]);
  });

  it('leads from a run to its failures, a slice, and one row with all that was asked and answered', async () => {
    await using opened = await open('/runs');
    const { page } = opened;
    await page.locator(`a[title="${evaluations()[0]?.id}"]`).click();
    await page.getByText(/rows right with/).waitFor();
    const table = page.getByRole('list', { name: /rows$/ });
    await expect.poll(() => table.getByRole('button').first().textContent()).toContain('Wrong');
    await page.getByRole('button', { name: /^Right/ }).click();
    await expect.poll(() => table.getByRole('button').first().textContent()).toContain('Right');
    await page.getByRole('button', { name: /^billing/ }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('slice')).toBe('category:billing');
    await table.getByRole('button').first().click();
    const drawer = page.getByRole('complementary', { name: /^Row T-/ });
    await drawer.getByText('Answer with the team alone.').waitFor();
    const first = await drawer.getByRole('heading').first().textContent();
    await page.keyboard.press('j');
    await expect.poll(() => drawer.getByRole('heading').first().textContent()).not.toBe(first);
    await drawer.getByRole('button', { name: 'Trial 3' }).click();
    const address = page.url();
    await page.keyboard.press('Escape');
    await expect.poll(() => drawer.count()).toBe(0);
    await page.goto(address);
    await page.getByRole('button', { name: 'Trial 3', pressed: true }).waitFor();
    expect(opened.complaints).toEqual([]);
  });

  it('compares two runs: a sentence, the rows that turned, a field, and the answers behind one', async () => {
    await using opened = await open('/runs');
    const { page } = opened;
    const pick = (at: number) =>
      page
        .getByRole('button', { name: /^Select triage/ })
        .nth(at)
        .click();
    await page.getByRole('list', { name: 'Runs of triage' }).waitFor();
    await pick(1);
    await pick(0);
    await page.keyboard.press('c');
    await page.getByText(/B is better on|No reliable difference on/).waitFor();
    expect(new URL(page.url()).searchParams.get('b')).toBe(evaluations()[0]?.id);
    await page.getByRole('combobox').selectOption('category');
    await page.getByText('account_access').first().waitFor();
    await page.getByRole('button', { name: 'View diff' }).click();
    await page.getByText('A person who cannot get in: account_access.').first().waitFor();
    await page.keyboard.press('s');
    await page.getByText(/B is worse on|No reliable difference on/).waitFor();
    await page
      .getByRole('region', { name: 'Rows' })
      .getByRole('listitem')
      .first()
      .getByRole('button')
      .click();
    await page
      .getByRole('complementary', { name: /^Row T-/ })
      .getByText('reply')
      .first()
      .waitFor();
    expect(opened.complaints).toEqual([]);
  });

  it('shows how a search went: the proof, who comes from whom, what was changed and why, and the rows that turned', async () => {
    const run = runs.find(({ kind }) => kind === 'optimization');
    await using opened = await open(`/optimize/${run?.id}`);
    const { page } = opened;
    await page.getByRole('heading', { name: 'Optimize triage with gepa' }).waitFor();
    await page.getByText(/Opened once, \d+ rows/).waitFor();
    await page.getByRole('region', { name: 'Candidates' }).getByRole('button').nth(1).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('candidate')).toBe('1');
    await page.getByText('It answers to 3 rows').waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.getByText('The seed is where the search began.').waitFor();
    await page.goto(`${studio.url}/optimize/${run?.id}?tab=rows`);
    await page
      .getByRole('region', { name: /^Candidate c/ })
      .getByRole('listitem')
      .first()
      .getByRole('button')
      .click();
    await page
      .getByRole('complementary', { name: /^Row T-/ })
      .getByText('Scores')
      .first()
      .waitFor();
    expect(opened.complaints).toEqual([]);
  });

  it('shows a search live while another process works on it, and loses no event over a restart', async () => {
    const own = await openDeskStudio(desk.folder);
    const port = Number(new URL(own.url).port);
    // Slow until it was seen, however long a busy machine takes to open a page.
    desk.delayMs = 1_000;
    const going = desk.hone(
      `optimize ${task} ${desk.model} --optimizer bootstrap-few-shot --seed 7 --max-calls 500 --no-cache`,
    );
    await using opened = await openPage(browser as Browser, { url: `${own.url}/runs` });
    const { page } = opened;
    const link = page.getByRole('link', { name: /^Optimizing triage/ });
    await link.waitFor();
    await link.click();
    await page
      .getByRole('status')
      .getByText(/^running/)
      .waitFor();
    const id = new URL(page.url()).pathname.split('/').at(-1);
    await own[Symbol.asyncDispose]();
    await page.getByText('the stream was lost, reconnecting').waitFor();
    await using again = await openDeskStudio(desk.folder, port);
    desk.delayMs = 0;
    await going;
    await page.getByRole('region', { name: 'Verdict' }).waitFor();
    // Over any number of reconnections each event comes once: the last one that was seen says where to go on.
    const stream = await fetch(`${again.url}/api/runs/${id}/events`);
    const all = [...(await stream.text()).matchAll(/^id: (\d+)$/gmu)].map(([, number]) => Number(number));
    expect(all).toEqual(all.map((_, index) => index));
    const rest = await fetch(`${again.url}/api/runs/${id}/events`, { headers: { 'last-event-id': '2' } });
    expect([...(await rest.text()).matchAll(/^id: (\d+)$/gmu)].map(([, number]) => Number(number))).toEqual(
      all.slice(3),
    );
  });

  it('stops a search that it started, keeps what was answered, and says how to go on', async () => {
    desk.delayMs = 1_000;
    await using opened = await open('/new?data=tickets.csv&prompt=triage.md&kind=optimization');
    const { page } = opened;
    await page.getByLabel(/^Model;/).fill('gpt-5-mini');
    await page.getByLabel(/^Server/).fill(desk.server.baseUrl);
    await page.getByLabel(/^Most US dollars/).fill('');
    await page.getByRole('button', { name: 'Optimize', exact: true }).last().click();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText(/^hone resume/).waitFor();
    desk.delayMs = 0;
    expect(opened.complaints).toEqual([]);
  });

  it('saves a prompt as a version, promotes it with its proof, rolls it back, and asks why where there is none', async () => {
    await using opened = await open(`/runs/${evaluations()[1]?.id}`);
    const { page } = opened;
    await page.getByRole('button', { name: 'Save as version' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Prompt').fill('other');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'other' }).waitFor();
    await page.goto(`${studio.url}/prompts/triage`);
    await page.getByText(/Proven better than v1/).waitFor();
    await page.keyboard.press('Shift+P');
    await dialog.getByText(/points better/).waitFor();
    await dialog.getByRole('button', { name: 'Promote' }).click();
    await page.getByText('v1 → v2').waitFor();
    await page.keyboard.press('Shift+R');
    await dialog.getByRole('button', { name: 'Roll back' }).click();
    await page.getByText('v2 → v1').waitFor();
    await page.goto(`${studio.url}/prompts/other`);
    await page.getByRole('button', { name: 'Promote to production' }).click();
    expect(await dialog.getByRole('button', { name: 'Promote without proof' }).isDisabled()).toBe(true);
    await dialog.getByLabel(/Why it goes there/).fill('the first one');
    await dialog.getByRole('button', { name: 'Promote without proof' }).click();
    await page.getByText(/without proof · the first one/).waitFor();
    expect(opened.complaints).toEqual([]);
  });

  it('goes from a pasted table to a prompt, its failures and a stored version without a terminal', async () => {
    await using opened = await open('/datasets');
    const { page } = opened;
    await page.getByRole('button', { name: 'Import' }).first().click();
    const dialog = page.getByRole('dialog');
    const bad = '<img src=x onerror="window.wasRun = true"><script>window.wasRun = true</script>';
    const rows = Array.from(
      { length: 12 },
      (_, at) => `"${at} ${at === 0 ? bad.replaceAll('"', '""') : 'a note'}",${at % 2 ? 'good' : 'bad'}`,
    );
    await dialog.getByLabel(/^Paste rows/).fill(`note,verdict\n${rows.join('\n')}\n${rows[1]}\n`);
    await dialog.getByText('1 row is a copy of another').waitFor();
    await dialog.getByLabel('Name of the column verdict').fill('mood');
    await dialog.getByLabel(/^Name: it is written/).fill('notes');
    await dialog.getByRole('button', { name: 'Import' }).click();
    await page.getByRole('heading', { name: 'datasets/notes.csv' }).waitFor();
    await page.getByRole('link', { name: 'Evaluate' }).click();
    await page.getByLabel(/^Text: say what to do/).fill('Say whether the note is good or bad.');
    await page.getByLabel(/^It is written to/).fill('mood');
    await page.getByLabel(/^Model;/).fill('gpt-5-mini');
    await page.getByLabel(/^Server/).fill(desk.server.baseUrl);
    await page.getByLabel(/^Most US dollars/).fill('');
    await page.getByLabel(/^Only so many rows/).fill('4');
    await page.getByRole('button', { name: 'Evaluate', exact: true }).last().click();
    await page.getByText(/of 4 rows right with/).waitFor();
    await page.goBack();
    await page.getByLabel(/^Model;/).fill('gpt-5-mini');
    await page.getByLabel(/^Server/).fill(desk.server.baseUrl);
    await page.getByLabel(/^Most US dollars/).fill('');
    await page.getByRole('button', { name: 'Evaluate', exact: true }).last().click();
    await page.getByText(/of 13 rows right with/).waitFor();
    await page
      .getByRole('list', { name: /rows$/ })
      .getByRole('button', { name: /onerror/ })
      .click();
    await page
      .getByRole('complementary', { name: /^Row / })
      .getByText('Say whether the note')
      .first()
      .waitFor();
    // What a row holds is text, wherever it is shown.
    expect(await page.evaluate(() => 'wasRun' in window)).toBe(false);
    expect(opened.complaints).toEqual([]);
  });

  it('goes by keyboard: places, the palette, the keys, the theme', async () => {
    await using opened = await open('/runs');
    const { page } = opened;
    await page.getByRole('heading', { name: 'Runs' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard map' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog', { name: 'Command palette' }).waitFor();
    await page.keyboard.type('runs');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Runs', exact: true }).waitFor();
    await page.keyboard.press('t');
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    await page.reload();
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    expect(opened.complaints).toEqual([]);
  });

  const paths = () => {
    const id = evaluations()[0]?.id;
    const other = evaluations()[1]?.id;
    return [
      '/runs',
      `/compare?a=${other}&b=${id}&by=category&show=all`,
      `/runs/${id}`,
      `/runs/${id}?row=T-1070`,
      `/runs/${id}?tab=prompt`,
      '/settings',
    ];
  };

  it.each(['light', 'dark'] as const)(
    'has no barrier on any page, and none is wider than a phone: %s',
    async (theme) => {
      await using opened = await open('/runs', { theme });
      const { page, complaints } = opened;
      for (const path of paths()) {
        await page.setViewportSize({ width: 1_440, height: 900 });
        await page.goto(`${studio.url}${path}`);
        await page.locator('#content h1').first().waitFor();
        await expect.poll(() => page.getByRole('status', { name: 'Loading' }).count()).toBe(0);
        // A theme changes colours alone.
        await expectAccessible(page, { rules: theme === 'light' ? undefined : ['color-contrast'] });
        await page.setViewportSize({ width: 390, height: 800 });
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(width, path).toBeLessThanOrEqual(390);
      }
      expect(complaints).toEqual([]);
    },
  );

  it('finds the studio again after it was started anew', async () => {
    const own = await openDeskStudio(desk.folder);
    const port = Number(new URL(own.url).port);
    await using opened = await openPage(browser as Browser, { url: `${own.url}/runs` });
    const { page } = opened;
    await page.getByRole('heading', { name: 'Runs' }).waitFor();
    await own[Symbol.asyncDispose]();
    await page.getByText('The studio does not answer; reconnecting').waitFor();
    await using _again = await openDeskStudio(desk.folder, port);
    await expect.poll(() => page.getByText('reconnecting').count(), { timeout: 20_000 }).toBe(0);
  });
});
