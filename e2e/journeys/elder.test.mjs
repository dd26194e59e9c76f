// The elder style (长辈版): found on the first screen, kept, one question at a time, larger, read aloud.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look, openBrowser, openPhone, until } from '../lib/browser.mjs';
import { Citizen } from '../lib/citizen.mjs';
import { live, person, phoneOf } from '../lib/draft.mjs';
import { startServer } from '../lib/server.mjs';

let browser;
let server;
before(async () => {
  browser = await openBrowser();
  server = await startServer();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const style = (page) => page.evaluate(() => document.documentElement.dataset.style);
const textSize = (page) => page.evaluate(() => parseFloat(getComputedStyle(document.body).fontSize));

/** Records what would be said, where the machine has no voice. */
const listening = () => {
  window.said = [];
  window.silenced = 0;
  window.SpeechSynthesisUtterance = class {
    constructor(text) {
      this.text = text;
    }
  };
  Object.defineProperty(window, 'speechSynthesis', {
    value: { speak: (said) => window.said.push([said.lang, said.text]), cancel: () => (window.silenced += 1) },
  });
};

test('it is entered on the first screen, remembered, and left again', async () => {
  const { page, troubles } = await openPhone(browser);
  await page.goto(server.url);
  await live(page);
  const before = await textSize(page);
  await page.locator('.bar .to-elder').click();
  await until(page, () => document.documentElement.dataset.style === 'elder');
  await until(page, () => document.activeElement?.dataset.restyle === 'standard');
  assert.ok((await textSize(page)) >= 18 && (await textSize(page)) > before);
  await look(page, 'elder-home');
  // Fewer choices: the rest comes on demand.
  const cards = await page.locator('a.card:visible').count();
  await page.locator('a[href="#all"]').click();
  await page.locator('#all').waitFor();
  assert.ok((await page.locator('a.card:visible').count()) > cards);
  await page.goto(`${server.url}bundles/newborn`);
  assert.equal(await style(page), 'elder');
  await live(page);
  await look(page, 'elder-guide');
  await page.locator('.elder-bar [data-restyle=standard]').click();
  await until(page, () => document.documentElement.dataset.style !== 'elder');
  await page.reload();
  assert.notEqual(await style(page), 'elder');
  assert.deepEqual(troubles, []);
});

test('the address asks for it, with and without scripts', async () => {
  const { page } = await openPhone(browser, { javaScriptEnabled: false });
  await page.goto(`${server.url}bundles/newborn?style=elder`);
  assert.equal(await page.locator('html').getAttribute('data-style'), 'elder');
  assert.equal(await page.locator('.elder-bar').isVisible(), true);
});

test('the text grows to 30 pixels and shrinks to 18, and stays as it was put', async () => {
  const { page } = await openPhone(browser);
  await page.goto(`${server.url}?style=elder`);
  await live(page);
  const press = async (way, times) => {
    for (let count = 0; count < times; count += 1) await page.locator(`[data-resize=${way}]`).click();
  };
  await press('up', 5);
  await until(page, () => getComputedStyle(document.body).fontSize === '30px');
  assert.equal(await page.locator('[data-resize=up]').getAttribute('aria-disabled'), 'true');
  await look(page, 'elder-home-30');
  await page.goto(`${server.url}bundles/newborn`);
  assert.equal(await textSize(page), 30);
  await live(page);
  await look(page, 'elder-guide-30');
  await press('down', 6);
  await until(page, () => getComputedStyle(document.body).fontSize === '18px');
});

test('a page and a question are read aloud, numbers digit by digit', async () => {
  const who = await person(server, 'mother');
  const { context, page } = await phoneOf(browser, who);
  await context.addInitScript(listening);
  await page.goto(`${server.url}bundles/newborn?style=elder`);
  await live(page);
  await page.locator('.elder-bar [data-speak]').click();
  await until(page, () => window.said.length > 10);
  const said = await page.evaluate(() => window.said);
  assert.deepEqual(said[1], ['zh-CN', '新生儿出生一件事']);
  const reading = () => document.querySelector('.elder-bar [data-speak]').hasAttribute('aria-pressed');
  await until(page, reading);
  await page.locator('.elder-bar [data-speak]').click();
  await page.locator('.elder-bar [data-speak]:not([aria-pressed])').waitFor();

  await page.goto(`${server.url}drafts/${await who.draft('restaurant', { scale: 'small', projects: ['hot_food'], need_fire: 'no', shop_features: ['none'], by_agent: 'no' })}/form/all`);
  await live(page);
  await page.locator('.saving').waitFor();
  const number = page.locator('[data-field]:has([data-act=digits])').first();
  await number.locator('input').first().fill('110105194912310020');
  await number.locator('[data-speak]').click();
  await until(page, () => window.said.some(([, text]) => text.startsWith('1 1 0 1 0 5 1 9')));
  await number.locator('[data-act=digits]').click();
  await number.locator('output.digits', { hasText: /^1 1 0 1 0 5/ }).waitFor();
});

test('one question at a time: on, back, and a fault is said before the next comes', async () => {
  const { page, troubles } = await openPhone(browser);
  await page.goto(`${server.url}bundles/restaurant/situations?style=elder`);
  await page.locator('.turn', { hasText: '第 1 题' }).waitFor();
  assert.equal(await page.locator('[data-field]:visible').count(), 1);
  await page.locator('form > .action button').click();
  await page.locator('#faults').waitFor();
  await page.locator('.turn', { hasText: '第 1 题' }).waitFor();
  await look(page, 'elder-situations-fault');
  await page.locator('#f-scale input').first().check();
  await page.locator('form > .action button').click();
  await page.locator('.turn', { hasText: '第 2 题' }).waitFor();
  assert.equal(await page.locator('[data-field]:visible').count(), 1);
  assert.ok(await page.evaluate(() => document.activeElement.closest('[data-field]')), 'the focus is in the question');
  await look(page, 'elder-situations');
  assert.deepEqual(troubles, []);
});

test('the form goes question by question to the documents, and nothing is lost', async () => {
  const who = await person(server, 'mother');
  const { page, troubles } = await phoneOf(browser, who);
  const citizen = new Citizen(page, server, 'newborn');
  citizen.draft = await who.draft('newborn');
  await page.goto(`${server.url}drafts/${citizen.draft}/form?style=elder`);
  await live(page);
  await page.locator('.saving').waitFor();
  await look(page, 'elder-form');
  const step = () => page.locator('h1').innerText();
  for (let turns = 0; turns < 120 && !page.url().includes('materials'); turns += 1) {
    const [title, turn] = [await step(), await page.locator('.turn').innerText()];
    assert.ok((await page.locator('.form-section > [data-field]:visible, .known:visible').count()) === 1, `${title} ${turn}`);
    await citizen.fillStep();
    await page.locator('main form button.primary').click();
    await page.waitForFunction(
      ([title, turn]) => location.pathname.includes('materials') || document.querySelector('h1')?.innerText !== title || document.querySelector('.turn')?.innerText !== turn,
      [title, turn],
    );
  }
  assert.match(page.url(), /materials/);
  await page.locator('main .skeleton').waitFor({ state: 'detached' });
  await look(page, 'elder-materials');
  assert.deepEqual(troubles, []);
});
