// Every language whole, and room for those to come: folders of their own, longer words, the other direction.

import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { look, openBrowser, openPhone, until } from '../lib/browser.mjs';
import { live, person } from '../lib/draft.mjs';
import { LANGUAGES as PSEUDO, withPseudo } from '../lib/pseudo.mjs';
import { startServer } from '../lib/server.mjs';

const TAGS = (await readdir(new URL('../../locales', import.meta.url))).sort();
const folder = (tag) => (tag === 'zh-CN' ? '' : `${tag}/`);
const HAN = /\p{Script=Han}/u;

let browser;
let pseudo;
let server;
before(async () => {
  pseudo = await withPseudo();
  browser = await openBrowser();
  server = await startServer({ dist: pseudo.dist });
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await pseudo?.remove();
});

const language = (page) => page.evaluate(() => document.documentElement.lang);

/** What the interface says on the page, without names and what is marked as another language's. */
const interfaceTexts = (page) =>
  page.evaluate(() => {
    const texts = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const { parentElement, data } = walker.currentNode;
      if (parentElement.closest('[lang]').lang === document.documentElement.lang && data.trim()) texts.push(data.trim());
    }
    return texts;
  });

for (const tag of TAGS) {
  test(`${tag}: home, guide, form and the pages about the service are whole`, async () => {
    const { context, page, troubles } = await openPhone(browser, { locale: tag });
    for (const path of ['', 'bundles/newborn', 'bundles/restaurant/situations', 'service', 'accessibility', 'glossary', 'help']) {
      await page.goto(server.url + folder(tag) + path);
      await live(page);
      await look(page, `language-${tag}-${path.replaceAll('/', '-') || 'home'}`);
      assert.equal(await language(page), tag);
      if (tag.startsWith('zh')) continue;
      // The official term may stand in brackets, for who meets it on paper.
      const foreign = (await interfaceTexts(page)).map((text) => text.replace(/[（(][^（）()]*[)）]/g, '')).filter((text) => HAN.test(text));
      assert.deepEqual(foreign, [], `Chinese in ${tag} on ${path}`);
    }
    const who = await person(server, 'mother');
    await context.addCookies([who.cookie]);
    await page.goto(`${server.url}${folder(tag)}drafts/${await who.draft('newborn')}/form`);
    await live(page);
    await page.locator('.saving').waitFor();
    await look(page, `language-${tag}-form`);
    assert.deepEqual(troubles, []);
  });
}

test('the path says the language, then the host, then the last choice, then the browser', async () => {
  const { page } = await openPhone(browser, { locale: 'ru-RU' });
  const opened = async (path) => {
    await page.goto(server.url + path);
    await live(page);
    return language(page);
  };
  assert.equal(await opened(''), 'ru');
  assert.equal(await page.evaluate(() => document.documentElement.dataset.drawn), 'ru', 'the page is drawn in the language of the browser');
  assert.equal(await opened('?lang=ko'), 'ko');
  assert.equal(await opened('en/?lang=ko'), 'en');
  await page.locator('.bar .languages summary').click();
  await page.locator('.bar .languages a[hreflang=ko]').click();
  await until(page, () => document.documentElement.lang === 'ko');
  assert.match(page.url(), /\/ko\/?$/);
  assert.ok(await page.evaluate(() => document.activeElement.matches('.languages > summary')), 'the focus goes back to the menu');
  assert.equal(await opened(''), 'ko');
  assert.equal(await opened('?lang=en'), 'en');
  assert.equal(await opened(''), 'ko', 'what a host asks for is no choice');
});

for (const [locale, tag] of [['zh-TW', 'zh-Hant'], ['zh-HK', 'zh-Hant'], ['zh-SG', 'zh-CN'], ['fr-FR', 'zh-CN']]) {
  test(`a browser in ${locale} reads ${tag}`, async () => {
    const { page } = await openPhone(browser, { locale });
    await page.goto(server.url);
    await live(page);
    assert.equal(await language(page), tag);
  });
}

for (const tag of PSEUDO) {
  test(`${tag}: a language that was only added as a folder fits, and says what exists in Chinese only`, async () => {
    const { context, page, troubles } = await openPhone(browser, { locale: 'en-GB' });
    for (const path of ['', 'bundles/newborn', 'bundles/newborn/situations', 'glossary', 'accessibility', 'sign-in?to=mine']) {
      await page.goto(`${server.url}${tag}/${path}`);
      await live(page);
      await look(page, `language-${tag}-${path.replaceAll(/\W/g, '-') || 'home'}`);
      assert.equal(await language(page), tag);
    }
    assert.equal(await page.evaluate(() => getComputedStyle(document.body).direction), tag === 'ar-XB' ? 'rtl' : 'ltr');
    await page.goto(`${server.url}${tag}/bundles/newborn`);
    // There are no errands in it: a kind of English reads the English ones, another language is told that they are Chinese.
    await page.locator('.guide').waitFor();
    assert.equal(await page.locator('.foreign').count(), tag === 'ar-XB' ? 1 : 0);
    assert.equal(await page.locator('h1').getAttribute('lang'), tag === 'ar-XB' ? 'zh-CN' : null);
    const who = await person(server, 'mother');
    await context.addCookies([who.cookie]);
    const draft = await who.draft('newborn');
    for (const screen of ['form', 'form/all', 'materials', 'review']) {
      await page.goto(`${server.url}${tag}/drafts/${draft}/${screen}`);
      await live(page);
      await page.locator('h1[tabindex]').waitFor();
      await look(page, `language-${tag}-${screen.replace('/', '-')}`);
    }
    assert.deepEqual(troubles, []);
  });
}

test('numbers ask for their word, amounts and days are written as the language writes them', async () => {
  const { page } = await openPhone(browser);
  const said = async (tag, selector) => {
    await page.goto(`${server.url}${folder(tag)}bundles/newborn`);
    await live(page);
    return page.locator(selector).first().innerText();
  };
  assert.match(await said('ru', '.numbers'), /5 рабочих дней/);
  assert.match(await said('en', '.numbers'), /5 working days/);
});

test('a browser that translates the page does not break it', async () => {
  const { context, page, troubles } = await openPhone(browser);
  const who = await person(server, 'mother');
  await context.addCookies([who.cookie]);
  await page.goto(`${server.url}drafts/${await who.draft('newborn')}/form`);
  await live(page);
  await page.locator('.saving').waitFor();
  // As Chrome does it: every text is taken out and put back inside elements of its own.
  const translate = () =>
    page.evaluate(() => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const texts = [];
      while (walker.nextNode()) if (walker.currentNode.data.trim()) texts.push(walker.currentNode);
      for (const text of texts) {
        const [outer, inner] = ['font', 'font'].map((name) => document.createElement(name));
        inner.textContent = `[${text.data}]`;
        outer.append(inner);
        text.replaceWith(outer);
      }
    });
  await translate();
  await page.locator('main form button.primary').click();
  await page.locator('#faults').waitFor();
  await translate();
  await page.locator('.bar a[href$="mine"]').click();
  await page.locator('h1', { hasText: '我的办事' }).waitFor();
  await translate();
  await page.goBack();
  await page.locator('.saving').waitFor();
  await page.locator('.bar .brand').click();
  await page.locator('#search').fill('餐饮');
  await page.locator('a.card[href$="bundles/restaurant"]').waitFor();
  assert.deepEqual(troubles, []);
});
