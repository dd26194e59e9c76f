// The main journey in the other two engines: a mother of a newborn, from the first screen to her progress, in Chinese.

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { startServer } from '../lib/server.mjs';
import { openFirefox } from './firefox.mjs';
import { openWebKit } from './webkit.mjs';

const SITUATIONS = {
  married: 'yes', settle_with: 'mother', parents_same_ethnic: 'yes', maternity_insured: 'yes', by_agent: 'no', over_one_year: 'no',
};

/** Believable answers in words to what no register knows; anything else is a name. */
const ANSWERS = { baby_length_cm: '50' };

/** A place of the demo city, level by level. */
const PLACES = ['99', '9901', '990105', '990105002', '990105002003'];

/** Keys, as WebDriver writes them. */
const [DOWN, ENTER] = ['\ue015', '\ue007'];

const photo = new URL('../fixtures/photo.png', import.meta.url).pathname;

/** In the page: the questions in sight without an answer, and what they are answered with. */
function openQuestions() {
  const answered = (box) => {
    if (box.querySelector('output, .known-line, [data-act=place]')) return true;
    const choices = [...box.querySelectorAll('[type=radio]')];
    if (choices.length > 0) return choices.some((choice) => choice.checked);
    return [...box.querySelectorAll('input, select')].every((control) => control.value !== '');
  };
  const kinds = ['.levels', '[type=radio]', '[role=combobox]', 'select', 'input'];
  return [...document.querySelectorAll('main [data-field]')]
    .filter((box) => box.checkVisibility() && !answered(box))
    .map((box) => ({
      id: box.dataset.field,
      kind: kinds.find((kind) => box.querySelector(kind)),
      digits: box.querySelector('.levels')?.dataset.levels,
    }));
}

async function answer(page, { id, kind, digits }) {
  const box = `[data-field="${id}"]`;
  const control = `#f-${id}`;
  if (kind === '.levels') {
    const codes = PLACES.filter((code) => code.length <= digits);
    for (const [level, code] of codes.entries()) await page.click(`${box} select[data-level="${level}"] option[value="${code}"]`);
  } else if (kind === '[type=radio]') await page.click(`${box} [type=radio]`);
  else if (kind === 'select') await page.click(`${control} option:nth-child(2)`);
  else if (kind === '[role=combobox]') await page.fill(control, DOWN + ENTER);
  else await page.fill(control, ANSWERS[id] ?? '林小满');
}

/** Looks at a screen: one h1, nothing wider than the window; keeps a picture where they are wanted. */
async function look(page, name) {
  await page.waitFor(() => document.querySelector('h1') && !document.querySelector('main .skeleton'));
  assert.equal(await page.script(() => document.querySelectorAll('h1').length), 1, `one h1 on ${name}`);
  assert.equal(await page.script(() => Math.max(0, document.documentElement.scrollWidth - innerWidth)), 0, `${name} scrolls sideways`);
  const { SCREENSHOTS } = process.env;
  if (!SCREENSHOTS) return;
  await mkdir(SCREENSHOTS, { recursive: true });
  await writeFile(`${SCREENSHOTS}/${page.name}-${name}.png`, await page.screenshot());
}

async function fillForm(page) {
  const address = () => page.script(() => location.href);
  for (let here = ''; !here.endsWith('/materials'); here = await address()) {
    await page.waitFor('.saving');
    // An answer opens further questions.
    for (let open; ([open] = await page.script(openQuestions)) && open; ) await answer(page, open);
    const before = await address();
    await look(page, `form-${before.split('/').pop()}`);
    await page.click('main form > .action button');
    await page.waitFor((url) => location.href !== url || document.getElementById('faults'), before);
    assert.equal(await page.script(() => document.getElementById('faults')?.innerText), null, before);
  }
}

/** What the store has in one tap; a photo where nothing else serves. */
async function provideMaterials(page) {
  await page.click('#reuse button.primary');
  await page.waitFor(() => !document.getElementById('reuse'));
  const missing = () => document.querySelectorAll('.checklist > li:not(.met)').length;
  for (let before; (before = await page.script(missing)) > 0; ) {
    await page.fill('.checklist > li:not(.met) [type=file]', photo);
    await page.waitFor((count) => document.querySelectorAll('.checklist > li:not(.met)').length < count, before);
  }
  await look(page, 'materials');
  await page.click('main > .action button');
}

async function journey(page, server) {
  await page.goto(server.url);
  await page.waitFor('html[data-live]');
  await look(page, 'home');
  await page.fill('#search', 'chusheng');
  await page.click('a.card[href$="bundles/newborn"]');
  await page.waitFor('.guide');
  await look(page, 'guide');
  await page.click('.guide .action a.primary');
  for (const [fact, value] of Object.entries(SITUATIONS)) await page.click(`#f-${fact} [value="${value}"]`);
  await look(page, 'situations');
  await page.click('form > .action button');
  await page.waitFor('[data-persona="mother"]');
  await look(page, 'sign-in');
  await page.click('[data-persona="mother"]');
  await fillForm(page);
  await provideMaterials(page);
  await page.waitFor('#submit');
  await look(page, 'review');
  await page.click('#submit');
  await page.waitFor('.receipt strong');
  await look(page, 'progress');
  assert.match(await page.script(() => document.querySelector('.receipt strong').innerText), /^\d{16}$/);
  assert.ok(await page.script(() => document.querySelectorAll('.timeline .state').length > 1), 'departments at work');
}

for (const [name, open] of Object.entries({ Firefox: openFirefox, WebKitGTK: openWebKit })) {
  test(`newborn in ${name}: home to progress`, { timeout: 120_000 }, async () => {
    let server;
    let browser;
    try {
      browser = await open();
      server = await startServer();
      const { page, troubles } = browser;
      page.name = name;
      await journey(page, server);
      assert.deepEqual(await troubles(), []);
    } finally {
      await browser?.close();
      await server?.stop();
    }
  });
}
