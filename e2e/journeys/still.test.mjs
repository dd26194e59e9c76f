// The pages that the build draws: read without code, and taken over by the program without anybody noticing.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { look, openBrowser, openPhone } from '../lib/browser.mjs';
import { startServer } from '../lib/server.mjs';
import { servePlainly } from '../lib/plain.mjs';

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

/** Holds the program back until it is let go. */
async function heldBack(page) {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(/\/app-[0-9a-f]+\.js/, async (route) => {
    await held;
    await route.continue();
  });
  return release;
}

test('without scripts home and guides are read, followed and printed, in both languages', async () => {
  const { page } = await openPhone(browser, { javaScriptEnabled: false });
  await page.goto(server.url);
  assert.ok((await page.locator('a.card').count()) > 20);
  await page.locator('a.card', { hasText: '新生儿' }).first().click();
  await page.waitForURL(/bundles\/newborn\/?$/);
  assert.match(await page.locator('h1').innerText(), /新生儿/);
  assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
  assert.ok(await page.locator('a[href="tel:12345"]:visible').first().isVisible());
  await page.locator('.bar .languages summary').click();
  await page.locator('.bar .languages a[hreflang="en"]').click();
  await page.waitForURL(/en\/bundles\/newborn\/?$/);
  await page.locator('h2', { hasText: 'What to prepare' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  // The way on needs the program, and says so with the other ways.
  await page.locator('.guide .action a').click();
  await page.locator('noscript a[href="tel:12345"]').first().waitFor();
  await page.pdf().then((pdf) => assert.ok(pdf.length > 1000));
});

test('each names itself for machines: title, description, languages, what it is', async () => {
  const answer = await fetch(`${server.url}en/bundles/newborn`);
  const [html, links] = [await answer.text(), answer.headers.get('link')];
  assert.match(html, /<title>[^<]+·[^<]+<\/title>/);
  assert.match(html, /<meta name="description" content="[^"]{20,}"/);
  // By whole addresses, as search engines want them; on a plain host, by relative ones in the file.
  assert.ok(links.includes(`<${server.url}en/bundles/newborn/>; rel="canonical"`), links);
  assert.ok(links.includes(`<${server.url}bundles/newborn/>; rel="alternate"; hreflang="zh-CN"`), links);
  const file = await readFile(new URL('../../dist/en/bundles/newborn/index.html', import.meta.url), 'utf8');
  for (const language of ['zh-CN', 'en']) assert.match(file, new RegExp(`rel="alternate" hreflang="${language}"`));
  const about = JSON.parse(html.match(/<script type="application\/ld\+json">(.*?)<\/script>/)[1]);
  assert.equal(about['@type'], 'GovernmentService');
  assert.ok(about.name && about.provider.name && about.audience.length);
});

test('the program takes over in one frame: nothing shifts, and place, selection and focus stay', async () => {
  const { page, troubles } = await openPhone(browser);
  await page.addInitScript(() => {
    window.shifts = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.shifts += entry.value))).observe({ type: 'layout-shift', buffered: true });
  });
  const go = await heldBack(page);
  await page.goto(`${server.url}bundles/newborn`, { waitUntil: 'domcontentloaded' });
  await page.locator('.guide').waitFor();
  const words = await page.locator('main').innerText();
  await page.evaluate(() => {
    window.scrollTo(0, 700);
    const heading = document.querySelectorAll('main h2')[2];
    getSelection().setBaseAndExtent(heading.firstChild, 0, heading.firstChild, 2);
    document.querySelector('.guide .action a').focus({ preventScroll: true });
    window.before = document.querySelector('.guide');
  });
  const chosen = await page.evaluate(() => String(getSelection()));
  go();
  await page.locator('html[data-live]').waitFor();
  assert.equal(await page.locator('#boot').count(), 0);
  assert.equal(await page.locator('main').innerText(), words);
  assert.equal(await page.evaluate(() => window.before === document.querySelector('.guide')), true, 'the words are the same nodes');
  assert.equal(await page.evaluate(() => window.scrollY), 700);
  assert.equal(await page.evaluate(() => String(getSelection())), chosen);
  assert.equal(await page.evaluate(() => document.activeElement.matches('.guide .action a')), true);
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  assert.equal(await page.evaluate(() => window.shifts), 0);
  await look(page, 'still-guide-live');
  assert.deepEqual(troubles, []);
});

test('a tap before the program is there is honoured', async () => {
  const { page } = await openPhone(browser);
  await heldBack(page);
  await page.goto(server.url, { waitUntil: 'domcontentloaded' });
  await page.locator('a.card').first().click();
  await page.locator('.guide').waitFor();
  await page.locator('.bar .languages summary').click();
  await page.locator('.bar .languages a[hreflang="en"]').click();
  await page.locator('h2', { hasText: 'What to prepare' }).waitFor();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

test('what was typed into the search before the program came is searched for', async () => {
  const { page } = await openPhone(browser);
  const go = await heldBack(page);
  await page.goto(server.url, { waitUntil: 'domcontentloaded' });
  await page.locator('#search').fill('开餐馆');
  await page.locator('#search').press('Enter');
  assert.equal(new URL(page.url()).search, '');
  go();
  await page.locator('html[data-live]').waitFor();
  await page.locator('#search').focus();
  await page.locator('#search').press('End');
  await page.locator('main ul.cards').first().locator('a', { hasText: '餐' }).first().waitFor();
  await page.waitForFunction(() => document.activeElement?.id === 'search');
  assert.equal(await page.locator('#search').inputValue(), '开餐馆');
});

test('whoever has answered sees the guide as the answers left it', async () => {
  const { page } = await openPhone(browser);
  await page.goto(`${server.url}bundles/newborn/situations`);
  await page.locator('form fieldset.field label').first().click();
  await page.waitForFunction(() => (sessionStorage.getItem('answers.newborn') ?? '{}') !== '{}');
  await page.goto(`${server.url}bundles/newborn`);
  await page.locator('html[data-live]').waitFor();
  await page.locator('.guide .action a', { hasText: '改' }).waitFor();
});

test('an engine without WebAssembly reads the guide and is told the other ways', async () => {
  const { page } = await openPhone(browser);
  await page.addInitScript(() => delete window.WebAssembly);
  await page.goto(`${server.url}bundles/newborn`);
  await page.locator('#unsupported').waitFor();
  assert.match(await page.locator('#unsupported').innerText(), /12345/);
  assert.match(await page.locator('.guide h1').innerText(), /新生儿/);
  await page.goto(`${server.url}mine`);
  await page.locator('#unsupported').waitFor();
});

test('a crash leaves a calm view, and what was saved is there again', async () => {
  const { page } = await openPhone(browser);
  await page.goto(`${server.url}mine`);
  await page.locator('html[data-live] main h1').waitFor();
  await page.evaluate(() => setTimeout(() => {
    throw new WebAssembly.RuntimeError('unreachable');
  }));
  await page.locator('#recovery button').waitFor();
  assert.equal(await page.locator('.bar').count(), 0);
  await look(page, 'recovery');
  await page.locator('#recovery button').click();
  await page.locator('html[data-live] main h1').waitFor();
});

test('from any folder of files, with routes behind # and wasm under a wrong name', async () => {
  const plain = await servePlainly('dist', { folder: '/zj/app/', api: `${server.url}api/` });
  try {
    const { page, troubles } = await openPhone(browser);
    await page.goto(`${plain.url}bundles/newborn/`);
    await page.locator('html[data-live] .guide').waitFor();
    await page.locator('.guide .action a').click();
    await page.locator('form fieldset.field').first().waitFor();
    assert.match(page.url(), /#\/bundles\/newborn\/situations$/);
    await page.goBack();
    await page.locator('.guide').waitFor();
    await page.locator('.bar a', { hasText: '帮助' }).click();
    await page.locator('h1', { hasText: /帮助|办法/ }).waitFor();
    await page.reload();
    await page.locator('html[data-live] main h1').waitFor();
    await page.goto(`${plain.url}#/mine`);
    await page.locator('html[data-live] main a.primary').waitFor();
    assert.deepEqual(troubles, []);
    assert.ok(plain.served.some(([path, type]) => path.endsWith('.wasm') && type === 'application/octet-stream'));
  } finally {
    await plain.stop();
  }
});
