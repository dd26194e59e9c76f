// Where and how the page lives: below a folder, behind `#`, in two languages; and proof that the checks can fail.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axe, look, openBrowser, openPhone } from '../lib/browser.mjs';
import { startServer } from '../lib/server.mjs';

let browser;
let server;
before(async () => {
  browser = await openBrowser();
  server = await startServer({ base: '/gov/sub/', departments: 'auto' });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test('axe finds what is broken on a page that is broken on purpose', async () => {
  const { page } = await openPhone(browser);
  await page.setContent('<html lang="zh-CN"><title>x</title><main><h1>x</h1><input><img src="x"><button></button></main></html>');
  const found = await axe(page);
  for (const rule of ['label', 'image-alt', 'button-name']) assert.ok(found.some((one) => one.startsWith(rule)), `${rule} in ${found}`);
});

test('routes in the path and behind # lead to the same screens below a folder', async () => {
  const { page, troubles } = await openPhone(browser);
  for (const address of ['bundles/newborn', '#/bundles/newborn']) {
    await page.goto('about:blank');
    await page.goto(server.url + address);
    await page.locator('.guide').waitFor();
    await page.locator('.guide .action a').click();
    await page.locator('form fieldset.field').first().waitFor();
    assert.ok(page.url().startsWith(server.url), page.url());
    assert.equal(page.url().includes('#/'), address.startsWith('#'));
    await page.goBack();
    await page.locator('.guide').waitFor();
  }
  await page.goto(`${server.url}nowhere/at/all`);
  await page.locator('h1', { hasText: '没有这个页面' }).waitFor();
  await look(page, 'missing');
  assert.deepEqual(troubles, []);
});

test('the language changes in place and is remembered; focus stays on the switch', async () => {
  const { page } = await openPhone(browser);
  await page.goto(`${server.url}bundles/after_death`);
  await page.locator('.guide').waitFor();
  await page.locator('.bar .languages summary').click();
  await page.locator('.bar .languages a[hreflang="en"]').click();
  await page.locator('h2', { hasText: 'What to prepare' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await page.waitForFunction(() => document.activeElement?.matches('.languages > summary'));
  await look(page, 'after_death-guide-en');
  await page.reload();
  await page.locator('h2', { hasText: 'What to prepare' }).waitFor();
});

test('navigation moves the focus to the heading and says where one is', async () => {
  const { page } = await openPhone(browser);
  await page.goto(server.url);
  await page.locator('a.card').first().waitFor();
  await page.locator('a.card').first().click();
  await page.locator('.guide').waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
  const title = await page.locator('h1').innerText();
  assert.ok((await page.title()).startsWith(title));
  await page.waitForFunction((text) => document.querySelector('p[aria-live]').textContent === text, title);
});

test('every guide can be read by axe, in both languages', async () => {
  const { page } = await openPhone(browser);
  const { bundles } = await (await fetch(`${server.api}/home`)).json();
  assert.equal(bundles.length, 20);
  for (const language of ['zh-CN', 'en']) {
    for (const { id } of bundles) {
      await page.goto(`${server.url}bundles/${id}?lang=${language}`);
      await page.locator('.guide').waitFor();
      assert.equal(await page.locator('html').getAttribute('lang'), language);
      await look(page, `guide-${id}-${language}`);
    }
  }
});

test('help, messages and mine; a message gets a number', async () => {
  const { page } = await openPhone(browser);
  await page.goto(`${server.url}help`);
  await page.locator('h1').waitFor();
  await look(page, 'help');
  await page.goto(`${server.url}mine`);
  await page.locator('a.primary').waitFor();
  await look(page, 'mine-signed-out');
  await page.goto(`${server.url}feedback`);
  await page.locator('#message').waitFor();
  await page.locator('form > .action button').click();
  await page.locator('[role=alert] .notice').waitFor();
  await look(page, 'feedback-empty');
  await page.locator('#message').fill('窗口排队太久');
  await page.locator('form > .action button').click();
  await page.locator('.notice.good', { hasText: /M\d{8}/ }).waitFor();
  await look(page, 'feedback-sent');
});

test('dark and high contrast read as well', async () => {
  for (const options of [{ colorScheme: 'dark' }, { contrast: 'more' }, { forcedColors: 'active' }]) {
    const { page, context } = await openPhone(browser, options);
    await page.goto(`${server.url}bundles/newborn/situations`);
    await page.locator('form fieldset.field').first().waitFor();
    await look(page, `situations-${Object.values(options)[0]}`);
    await context.close();
  }
});

test('without scripts the page names the other ways', async () => {
  const { page } = await openPhone(browser, { javaScriptEnabled: false });
  await page.goto(server.url);
  assert.match(await page.locator('noscript, body').first().innerText(), /12345/);
});
