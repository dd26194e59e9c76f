// What is said without being asked: every live region of a page, in the order it speaks.

import { ready } from '../../lib/payment.mjs';
import { NEWBORN, openStep, person, phoneOf, saved } from '../../lib/draft.mjs';
import { steady } from './steady.mjs';

const photo = new URL('../../fixtures/photo.png', import.meta.url).pathname;

/** Runs in every page before its own scripts: notes what live regions come to say, and when. */
export function listen() {
  const LIVE = '[role=alert], [role=status]:not([aria-live=off]), [role=log], output, [aria-live]:not([aria-live=off])';
  const spoken = (region) => {
    if (!region.checkVisibility({ visibilityProperty: true }) || region.closest('[aria-busy=true], [aria-hidden=true], [inert]')) return '';
    return region.textContent.replace(/\s+/g, ' ').trim();
  };
  // The same as a minute ago is not news: else what is heard would hang on when the test began.
  const news = (words) => words.replace(/\d\d:\d\d/g, '');
  const before = new WeakMap();
  const names = new WeakMap();
  let count = 0;
  const told = [];
  globalThis.told = told;
  const ask = () => {
    for (const region of document.querySelectorAll(LIVE)) {
      // What is not laid out is not there; it comes with what it then says.
      if (!region.checkVisibility()) {
        before.delete(region);
        continue;
      }
      const words = spoken(region);
      // A polite region that comes with its words is read, not announced.
      const born = !before.has(region);
      const urgent = region.matches('[role=alert], [aria-live=assertive]');
      if (words && news(words) !== before.get(region) && (urgent || !born)) {
        if (!names.has(region)) names.set(region, (count += 1));
        told.push({ region: names.get(region), urgent, words, at: performance.now() });
      }
      before.set(region, news(words));
    }
  };
  new MutationObserver(ask).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
}

/** What was said since it was last asked. */
const heard = (page) => page.evaluate(() => globalThis.told.splice(0));

/** Long enough for a listener to hear what comes of it. */
const rest = (page) => page.waitForTimeout(1500);

/** Steps of a small journey: what one does, and how. */
function steps(page, server, drafts) {
  const name = page.locator('#f-baby_name');
  const type = (text) => name.pressSequentially(text, { delay: 180 });
  const choose = (path) => page.goto(server.url + path);
  return [
    ['打开表格', () => openStep(page, server, drafts.empty)],
    ['输入姓名，一个字一个字', () => type('林小满林小满林小满')],
    ['离开姓名', async () => {
      await name.blur();
      await saved(page);
    }],
    ['填错姓名', async () => {
      await name.fill('123');
      await name.blur();
    }],
    ['改对姓名', async () => {
      await name.fill('林小满');
      await name.blur();
      await saved(page);
    }],
    ['没有填完就继续', async () => {
      await page.locator('main form > .action button').click();
      await page.locator('#faults').waitFor();
    }],
    ['填完再继续', async () => {
      await page.locator('[data-field=baby_surname_from] input').first().check();
      await page.locator('#f-baby_length_cm').fill('50');
      await page.locator('#f-baby_length_cm').blur();
      await page.locator('[data-field=child_order] input').first().check();
      await saved(page);
      await page.locator('main form > .action button').click();
      await page.locator('h1', { hasText: '母亲' }).waitFor();
    }],
    ['打开材料', async () => {
      await choose(`drafts/${drafts.empty}/materials`);
      await page.locator('.checklist').waitFor();
    }],
    ['上传照片', async () => {
      await page.locator('#m-m_bank input[type=file]').last().setInputFiles(photo);
      await page.locator('#m-m_bank .document').first().waitFor();
    }],
    ['打开核对', async () => {
      await choose(`drafts/${drafts.full}/review`);
      await page.locator('#submit').waitFor();
    }],
    ['提交', async () => {
      await page.locator('#submit').click();
      await page.locator('.receipt strong').waitFor();
    }],
  ];
}

/** Goes the journey as the mother of a newborn; gives what was said at each step. */
export async function announcements(browser, server) {
  const who = await person(server, 'mother');
  const drafts = { full: await ready(server, who, { errand: 'newborn', answers: NEWBORN }), empty: await who.draft() };
  const { context, page } = await phoneOf(browser, who);
  await context.addInitScript(listen);
  const journey = [];
  for (const [step, act] of steps(page, server, drafts)) {
    const began = Date.now();
    await act();
    await rest(page);
    journey.push({ step, took: Date.now() - began, told: await heard(page) });
  }
  await context.close();
  return journey;
}

/** The journey as it is written down. */
export const written = (journey) =>
  journey.flatMap(({ step, told }) => [
    `【${step}】`,
    ...(told.length > 0 ? told.map(({ urgent, words }) => steady(`  ${urgent ? '紧急' : '礼貌'}：${words}`)) : ['  （没有声音）']),
  ]);

/** Who says more than one thing a second, or the same thing again and again. */
export function chatter(journey) {
  const found = [];
  for (const { step, told } of journey) {
    const last = new Map();
    const counts = new Map();
    for (const { region, words, at } of told) {
      const before = last.get(region);
      if (before && at - before.at < 1000) found.push(`${step}: “${words}” ${Math.round(at - before.at)} ms after “${before.words}”`);
      last.set(region, { words, at });
      const key = `${region} ${steady(words)}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      if (counts.get(key) === 3) found.push(`${step}: “${words}” again and again`);
    }
    // Two regions that say the same have one listener.
    for (const [index, one] of told.entries()) {
      for (const other of told.slice(index + 1)) {
        const same = one.words.includes(other.words) || other.words.includes(one.words);
        if (same && other.region !== one.region) found.push(`${step}: “${other.words}” is said by two`);
      }
    }
  }
  return found;
}
