// From the first screen to the sign-in.

import { NEWBORN, person } from '../draft.mjs';
import { turnTo } from './walk.mjs';

/** What stands on the first card: it finds something in any language. */
const firstWords = (page) => page.locator('.card .card-title').first().evaluate((title) => title.firstChild.textContent.slice(0, 3));

/** Types into the search until the list follows: a field that the build drew gives way to a live one as soon as somebody comes to it. */
async function search(page, words) {
  const followed = () => page.locator('main h2').first().waitFor({ state: 'detached', timeout: 1500 }).then(() => true, () => false);
  do await page.locator('#search').fill(words);
  while (!(await followed()));
}

async function home(walk) {
  const page = await walk.phone();
  await walk.open(page, '');
  await page.locator('html[data-live] a.card').first().waitFor();
  await walk.stop('home', page);
  const words = await firstWords(page);
  await search(page, words);
  await walk.stop('home-searching', page);
  await search(page, 'qqqqqq');
  await page.locator('main p.notice').waitFor();
  await walk.stop('home-nothing-found', page);
}

async function begun(walk) {
  const son = await person(walk.server, 'bereaved_son');
  await son.draft('after_death', {});
  const page = await walk.phone(son);
  await walk.open(page, '');
  await page.locator('a.card[href*="drafts/"]').first().waitFor();
  await walk.stop('home-begun', page);
  await walk.open(page, 'bundles/after_death/start');
  await page.locator('[data-draft]').first().waitFor();
  await walk.stop('start-begun', page);
}

/** What a browser without scripts makes of an answer: none runs, and what is meant for it stands in the page. */
async function scriptless(route) {
  const answer = await route.fetch();
  const html = (await answer.text()).replace(/<script[^>]* src=[^]*?<\/script>/g, '').replace(/<\/?noscript>/g, '');
  await route.fulfill({ response: answer, body: html });
}

/** What the build drew, where the program never comes. */
async function still(walk) {
  const folder = walk.locale === 'zh-CN' ? '' : `${walk.locale}/`;
  const pages = { 'home-without-scripts': folder, 'guide-without-scripts': `${folder}bundles/newborn`, 'page-without-scripts': 'mine' };
  for (const [name, path] of Object.entries(pages)) {
    const page = await walk.phone();
    await page.route('**', (route) => (route.request().resourceType() === 'document' ? scriptless(route) : route.continue()));
    await walk.open(page, path, { drawn: 'a[href^="tel:"]' });
    await walk.stop(name, page, { drawn: 'a[href^="tel:"] >> visible=true' });
  }
}

async function guide(walk) {
  const page = await walk.phone();
  await walk.open(page, 'bundles/newborn', { drawn: 'html[data-live] .guide' });
  await walk.stop('guide', page);
  await page.locator('.guide details').evaluateAll((all) => all.forEach((details) => (details.open = true)));
  await walk.stop('guide-unfolded', page);
}

async function situations(walk) {
  const page = await walk.phone();
  await walk.open(page, 'bundles/newborn/situations', { drawn: 'form fieldset.field' });
  await walk.stop('situations', page);
  await page.locator('form > .action button').click();
  await page.locator('#faults').waitFor();
  await walk.stop('situations-faults', page);
  for (const [fact, value] of Object.entries(NEWBORN)) {
    await turnTo(page, fact);
    await page.locator(`#f-${fact} input[value="${value}"]`).check();
  }
  await walk.stop('situations-answered', page);
  await walk.open(page, 'bundles/newborn', { drawn: 'html[data-live] .guide .action' });
  await walk.stop('guide-answered', page);
  await page.goto(walk.address('bundles/newborn/start'));
  await page.locator('[data-persona]').first().waitFor();
  await walk.stop('sign-in', page);
}

async function signInFails(walk) {
  const page = await walk.phone();
  await page.route('**/demo/personas', (route) => route.fulfill({ status: 500, body: '' }));
  await page.goto(walk.address('bundles/newborn/start'));
  await page.locator('[role=alert] .notice').first().waitFor();
  await walk.stop('sign-in-failed', page);
}

export const LEGS = [
  { states: ['home', 'home-searching', 'home-nothing-found'], go: home },
  { states: ['home-begun', 'start-begun'], go: begun },
  { states: ['home-without-scripts', 'guide-without-scripts', 'page-without-scripts'], go: still },
  { states: ['guide', 'guide-unfolded'], go: guide },
  { states: ['situations', 'situations-faults', 'situations-answered', 'guide-answered', 'sign-in'], go: situations },
  { states: ['sign-in-failed'], go: signInFails },
];
