// A draft's form before its program is there: the same form, and nothing that was done to it is lost.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look, openBrowser } from '../lib/browser.mjs';
import { holds, live, NEWBORN, person, phoneOf, saved } from '../lib/draft.mjs';
import { eventually } from '../lib/patience.mjs';
import { startServer } from '../lib/server.mjs';

let browser;
let server;
let mother;
before(async () => {
  browser = await openBrowser();
  server = await startServer();
  mother = await person(server, 'mother');
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const PROGRAM = /\/app-[0-9a-f]{16}\.js$/;

/** A form whose program comes when `release` is called. */
async function glimpse(address, { who = mother, ...options } = {}) {
  const { page, troubles, context } = await phoneOf(browser, who, options);
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.route(PROGRAM, async (route) => {
    await released;
    await route.continue();
  });
  await page.goto(`${server.url}${address}`);
  return { page, troubles, context, release };
}
const seen = (page) => page.locator('#boot .form').waitFor();
const field = (page, id) => page.locator(`#f-${id}`);

/** A screen as it is built, but for what means nothing. */
const outline = (page, selector) =>
  page.evaluate((selector) => {
    const lines = [];
    const walk = (node, depth) => {
      if (node.nodeType === 3 && node.data.trim()) lines.push(`${'  '.repeat(depth)}${node.data.trim()}`);
      // Nobody meets a dialog that is closed.
      if (node.nodeType !== 1 || node.matches('dialog:not([open])')) return;
      const attributes = [...node.attributes].map(({ name, value }) => `${name}=${value}`).sort();
      lines.push(`${'  '.repeat(depth)}<${node.localName} ${attributes.join(' ')}>`);
      // The list of provinces is fetched by the program.
      if (node.matches('select[data-level]')) return;
      node.normalize();
      for (const child of node.childNodes) walk(child, depth + 1);
    };
    const from = document.querySelector(selector);
    for (const child of from.childNodes) walk(child, 0);
    return lines.map((line) => line.replace(' data-filled=', '').replace(/ ?(aria-busy|data-filled)=\S*/g, ''));
  }, selector);

const SAME = [
  ['newborn', NEWBORN, '', 'zh-CN'],
  ['newborn', NEWBORN, '/mother', 'en'],
  ['newborn', NEWBORN, '/delivery', 'zh-CN'],
  ['newborn', NEWBORN, '/all', 'zh-CN'],
  ['restaurant', {}, '', 'ko'],
  ['retirement', {}, '/all', 'ru'],
  ['property_transfer', {}, '/buyer', 'zh-Hant'],
  ['school', {}, '/all', 'en'],
];
for (const [bundle, answers, step, locale] of SAME) {
  test(`${bundle}${step} in ${locale} is the same form before and after`, async () => {
    const draft = await mother.draft(bundle, answers);
    const { page, troubles, release } = await glimpse(`${locale === 'zh-CN' ? '' : `${locale}/`}drafts/${draft}/form${step}`, { locale });
    await seen(page);
    const before = await outline(page, '#boot .screen');
    const title = await page.title();
    release();
    await live(page);
    assert.deepEqual(before, await outline(page, 'body > main'));
    assert.equal(title, await page.title());
    assert.deepEqual(troubles, []);
  });
}

test('nothing moves from the first paint to the live form', async () => {
  const draft = await mother.draft();
  const { page, context } = await phoneOf(browser, mother);
  await page.addInitScript(() => {
    window.shifts = [];
    new PerformanceObserver((list) => list.getEntries().forEach(({ value, sources }) => window.shifts.push([value, ...sources.map(({ node }) => node?.outerHTML?.slice(0, 80))]))).observe({ type: 'layout-shift', buffered: true });
  });
  // Slow enough for each of them to be painted.
  const session = await context.newCDPSession(page);
  await session.send('Network.emulateNetworkConditions', { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 90_000 });
  await page.goto(`${server.url}drafts/${draft}/form/child`);
  await seen(page);
  await live(page);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  assert.deepEqual(await page.evaluate(() => window.shifts), []);
});

test('what is typed and chosen at first sight is kept, with the caret', async () => {
  const draft = await mother.draft();
  const { page, release } = await glimpse(`drafts/${draft}/form/child`);
  await seen(page);
  await look(page, 'form-first-sight');
  await field(page, 'baby_name').pressSequentially('林满');
  await page.keyboard.press('ArrowLeft');
  release();
  await live(page);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'f-baby_name');
  await page.keyboard.type('小');
  assert.equal(await field(page, 'baby_name').inputValue(), '林小满');
  await saved(page);
  await holds(mother, draft, 'baby_name', '林小满');
});

test('answers that are late keep nothing from coming', async () => {
  const draft = await mother.draft();
  const { page, troubles } = await phoneOf(browser, mother);
  let answer;
  const answered = new Promise((resolve) => (answer = resolve));
  await page.route(`**/api/v1/drafts/${draft}`, async (route) => {
    await answered;
    await route.continue();
  });
  const asked = page.waitForRequest(PROGRAM);
  await page.goto(`${server.url}drafts/${draft}/form/child`);
  await asked;
  answer();
  await live(page);
  await field(page, 'baby_name').fill('林小满');
  await saved(page);
  assert.deepEqual(troubles, []);
});

test('an answer that brings a question brings it once the program is there', async () => {
  const draft = await mother.draft();
  const { page, release } = await glimpse(`drafts/${draft}/form/delivery`);
  await seen(page);
  const [answer, brought] = [page.locator('#boot [name=f-receive_mode][value=post]'), page.locator('[data-field=post_receiver]')];
  await answer.check();
  assert.ok(await brought.isHidden());
  release();
  await live(page);
  assert.ok(await page.locator('[name=f-receive_mode][value=post]').isChecked());
  await brought.waitFor();
});

test('a press at first sight is done as soon as it can be', async () => {
  const draft = await mother.draft();
  const { page, release } = await glimpse(`drafts/${draft}/form/child`);
  await seen(page);
  await page.locator('form .button.primary').click();
  assert.equal(await page.locator('form .button.primary').getAttribute('aria-disabled'), 'true');
  release();
  // Nothing was answered: it says so, on the same screen.
  await page.locator('#faults a').first().waitFor();
  const links = await glimpse(`drafts/${draft}/form/mother`);
  await seen(links.page);
  await links.page.locator('[data-field="mother_id_no"] [data-act=reveal]').click();
  links.release();
  await links.page.waitForFunction(() => /^\d{17}[\dX]$/.test(document.querySelector('[data-field="mother_id_no"] .answer').textContent));
});

test('a link pressed at first sight is followed, with what was typed', async () => {
  const draft = await mother.draft();
  const { page, release } = await glimpse(`drafts/${draft}/form/child`);
  await seen(page);
  await field(page, 'baby_name').fill('林小满');
  await page.locator('a[href$="/form/all"]').click();
  release();
  await page.waitForURL(/form\/all$/);
  assert.equal(await page.locator('#f-baby_name').inputValue(), '林小满');
  await holds(mother, draft, 'baby_name', '林小满');
});

test('an input method is not cut off', async () => {
  const draft = await mother.draft();
  const { page, context, release } = await glimpse(`drafts/${draft}/form/child`);
  await seen(page);
  await field(page, 'baby_name').focus();
  const session = await context.newCDPSession(page);
  await session.send('Input.imeSetComposition', { text: 'xiao', selectionStart: 4, selectionEnd: 4 });
  release();
  // The live form stands below, and waits.
  await page.locator('body > main .form').waitFor({ state: 'attached' });
  assert.ok(await page.locator('#boot').count());
  await session.send('Input.insertText', { text: '小满' });
  await live(page);
  assert.equal(await field(page, 'baby_name').inputValue(), '小满');
  await holds(mother, draft, 'baby_name', '小满');
});

test('where the program does not come, what was typed stays in sight', async () => {
  const draft = await mother.draft();
  const { page } = await phoneOf(browser, mother);
  let refuse;
  const refused = new Promise((resolve) => (refuse = resolve));
  await page.route(PROGRAM, async (route) => {
    await refused;
    await route.abort();
  });
  await page.goto(`${server.url}drafts/${draft}/form/child`);
  await seen(page);
  await field(page, 'baby_name').fill('林小满');
  refuse();
  await page.locator('#recovery').waitFor();
  assert.equal(await field(page, 'baby_name').inputValue(), '林小满');
});

test('what the form alone does not say is left to the program', async () => {
  const draft = await mother.draft();
  const { code } = await mother.call('POST', `/drafts/${draft}/handover`, { to: 'agent', page: server.url });
  const helper = await person(server, 'founder');
  await helper.call('POST', '/handovers', { code });
  for (const [who, style] of [[helper, ''], [mother, ''], [mother, '?style=elder']]) {
    const { page, release } = await glimpse(`drafts/${style ? await mother.draft() : draft}/form${style}`, { who });
    release();
    await live(page);
    await page.locator('body > main .form').waitFor();
  }
  const other = await glimpse(`drafts/${draft}/form`, { who: await person(server, 'widow').catch(() => helper) });
  other.release();
  await live(other.page);
});

test('nobody else sees it', async () => {
  const draft = await mother.draft();
  const stranger = await person(server, 'founder');
  const { page, release } = await glimpse(`drafts/${draft}/form`, { who: stranger });
  release();
  await live(page);
  await eventually(async () => assert.ok(await page.locator('main h1').innerText()));
  assert.equal(await page.locator('.form').count(), 0);
});
