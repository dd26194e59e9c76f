// The errand of a newborn from the first screen to the rating without a pointer, in either style; the dialog over the form included.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Typist, pointed, watchPointers } from '../a11y/keyboard/typist.mjs';
import { openBrowser, openPhone, until } from '../lib/browser.mjs';
import { openDesk } from '../lib/desk.mjs';
import { NEWBORN, openStep, person, phoneOf } from '../lib/draft.mjs';
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

for (const style of ['standard', 'elder']) {
  test(`newborn: home to rating with keys alone, ${style}`, async (t) => {
    // Their own server: a draft that the other style left behind would be offered first.
    const server = await startServer();
    t.after(() => server.stop());
    const { page, troubles } = await openPhone(browser);
    await watchPointers(page);
    const citizen = new Typist(page, server, 'newborn');
    await page.goto(`${server.url}?style=${style}`);
    await citizen.findGuide('chusheng');
    await citizen.answerSituations(NEWBORN);
    await citizen.signIn('mother');
    await citizen.fillForm();
    await citizen.provideMaterials();
    const number = await citizen.submit();

    const desk = await openDesk(server.api);
    const lane = await desk.lane(number, 'birth_cert');
    await desk.act(lane.id, { action: 'accept' });
    await desk.act(lane.id, { action: 'ask_correction', fields: ['baby_name'], materials: ['m_marriage'], reason: '姓名与病历不一致' });
    await citizen.correct();
    await desk.finish(number);
    await page.locator('a[href$="/certificates"]').waitFor();
    await citizen.collectAndRate(5);
    assert.equal(await pointed(page), null);
    assert.deepEqual(troubles, []);
  });
}

test('the dialog over a form takes the focus, keeps it, and gives it back', async () => {
  const who = await person(server, 'mother');
  const { context, page } = await phoneOf(browser, who);
  await openStep(page, server, await who.draft());
  const citizen = new Typist(page, server, 'newborn');
  await citizen.tabTo('#f-baby_name');
  await context.clearCookies();
  await page.keyboard.type('林');
  await page.locator('dialog[open] [data-persona]').first().waitFor();
  const within = () => page.evaluate(() => document.activeElement.closest('dialog') !== null);
  assert.equal(await within(), true, 'the dialog has the focus');
  // Out of the last of it the focus leaves the page, never into what lies below.
  for (let tabs = 0; tabs < 20; tabs += 1) {
    await page.keyboard.press(tabs < 10 ? 'Tab' : 'Shift+Tab');
    assert.ok((await within()) || (await page.evaluate(() => document.activeElement === document.body)), 'the focus is below the dialog');
  }
  await page.keyboard.press('Escape');
  await page.locator('dialog[open]').waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement.id), 'f-baby_name');
  // Whoever goes on writing is asked again; what was written stays.
  await page.keyboard.type('小满');
  await page.locator('dialog[open] [data-persona]').first().waitFor();
  await citizen.press('dialog [data-persona="mother"]');
  await until(page, () => !document.querySelector('dialog[open]'));
  assert.equal(await page.evaluate(() => document.activeElement.id), 'f-baby_name');
  await page.locator('.saving[data-saving="saved"]').waitFor();
  assert.equal(await page.locator('#f-baby_name').inputValue(), '林小满');
});
