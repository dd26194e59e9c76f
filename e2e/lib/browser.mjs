// Chromium as a phone, and axe.

import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import assert from 'node:assert/strict';
import { eventually, PATIENCE } from './patience.mjs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Starts Chromium. */
export const openBrowser = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
  });

/**
 * A phone with nothing in it. Scripts that fail and policies that are broken fail the test. No worker stands between it
 * and the server, so that a test sees every request; `serviceWorkers: 'allow'` lets one.
 */
export async function openPhone(browser, { locale = 'zh-CN', ...more } = {}) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, serviceWorkers: 'block', locale, ...more });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const troubles = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|panicked/.test(message.text())) troubles.push(message.text());
  });
  // Who waits for a chooser of files asks Chromium to hand it over; asked in the instant of the press, it is too late at times.
  page.on('filechooser', () => undefined);
  return { context, page, troubles };
}

/** Asks the page until it says yes. Playwright's own waiting takes a promise for a yes. */
export const until = (page, question, argument) =>
  eventually(async () => assert.ok(await page.evaluate(question, argument), `still not: ${question}`));

/** Every rule of WCAG 2.2 A and AA and the best practices; returns what is broken. */
export async function axe(page) {
  // Evaluated by the debugging protocol, so the page's own policy stays as it is.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }),
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
}

/** Looks at a screen state: nothing for axe to report, nothing wider than a phone of 320 px, one h1. */
export async function look(page, name) {
  await page.waitForFunction(() => document.querySelector('h1') && !document.querySelector('main .skeleton'));
  assert.deepEqual(await axe(page), [], `axe on ${name}`);
  assert.equal(await page.locator('h1').count(), 1, `one h1 on ${name}`);
  await page.setViewportSize({ width: 320, height: 844 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  await page.setViewportSize({ width: 390, height: 844 });
  assert.ok(wide <= 320, `${name} scrolls sideways at 320 px (${wide})`);
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('button, .button, .card, .bar a, .foot a, summary, label.option, select, input:not([type=radio], [type=checkbox], [type=file])')]
      .filter((element) => element.checkVisibility() && element.getBoundingClientRect().width > 0)
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.height < 43.5)
      .map(({ element, box }) => `${element.outerHTML.slice(0, 80)} ${box.width}×${box.height}`),
  );
  assert.deepEqual(small, [], `targets on ${name}`);
  if (process.env.SCREENSHOTS) {
    await mkdir(process.env.SCREENSHOTS, { recursive: true });
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}.png`, fullPage: true });
  }
}
