import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { folder, kload } from '../support/kload.js';

/** The pages of a report and of a comparison, in a real browser. */

let browser: Browser;
const dir = folder();
const page = dir.path('run.html');
const comparison = dir.path('compare.html');

const OPEN_ALL = 'for (const one of document.querySelectorAll("details")) one.open = true';

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', headless: true, args: ['--no-sandbox'] });
  const threshold = ['--threshold', 'records.failed == 0', '--threshold', 'shard(*).utilization < 10%'];
  const { code } = await kload([
    ...['run', '--rps', '3000', '--shards', '2', '--duration', '3s', '--quiet', '--report', page],
    ...threshold,
  ]);
  expect(code).toBe(99);
  const reports = ['a.json', 'b.json'].map((name) => dir.path(name));
  for (const report of reports) {
    await kload(['run', '--rps', '1000', '--duration', '2s', '--quiet', '--report', report]);
  }
  expect(await kload(['compare', ...reports, '--out', comparison])).toMatchObject({ code: 0 });
});

afterAll(async () => {
  await browser?.close();
  dir[Symbol.dispose]();
});

test.each([
  [390, 'light', page],
  [390, 'dark', page],
  [820, 'light', page],
  [1440, 'dark', page],
  [390, 'dark', comparison],
  [1440, 'light', comparison],
] as const)(
  'at %i pixels, %s: no violation that axe finds, no sideways scrolling, nothing blocked',
  async (width, colorScheme, page) => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const tab = await context.newPage();
    const messages: string[] = [];
    tab.on('console', (message) => messages.push(message.text()));
    tab.on('request', (request) => messages.push(request.url()));
    await tab.goto(pathToFileURL(page).href);
    expect(messages).toEqual([pathToFileURL(page).href]);
    await tab.evaluate(OPEN_ALL);
    expect(await tab.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await context.close();

    // The page's own policy forbids all scripts, axe's too.
    const free = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
    const audited = await free.newPage();
    await audited.goto(pathToFileURL(page).href);
    await audited.evaluate(OPEN_ALL);
    await audited.addScriptTag({ content: axe.source });
    const { violations } = await audited.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    await free.close();
  },
);

test('without scripts it says the same', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const tab = await context.newPage();
  await tab.goto(pathToFileURL(page).href);
  await expect(tab.getByText('Failed (exit code 99)').isVisible()).resolves.toBe(true);
  expect(await tab.locator('main > section svg[role=img]').count()).toBe(7);
  await context.close();
});
