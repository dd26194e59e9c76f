// An enterprise opens a restaurant, in English; the answer to the submission is lost; a bad
// rating is put right.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { openBrowser, openPhone } from '../lib/browser.mjs';
import { Citizen } from '../lib/citizen.mjs';
import { openDesk } from '../lib/desk.mjs';
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

test('restaurant: home to rating, with a lost answer and a bad rating', async () => {
  const { page, troubles } = await openPhone(browser, { locale: 'en-GB' });
  const citizen = new Citizen(page, server, 'restaurant');
  await citizen.findGuide('restarant');
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await citizen.answerSituations({ scale: 'small', projects: ['hot_food'], need_fire: 'no', shop_features: 'none', by_agent: 'no' });
  await citizen.signIn('founder');
  await citizen.fillForm();
  await citizen.provideMaterials();

  // The server takes the submission; its answer never arrives. The page does not know, says so,
  // asks again with the same key, and gets the one application there is.
  let lost = 0;
  await page.route('**/submission', async (route) => {
    const answer = await route.fetch();
    if (lost === 0 && answer.status() === 201) {
      lost += 1;
      await route.abort('connectionreset');
    } else {
      await route.fulfill({ response: answer });
    }
  });
  await page.locator('#submit').click();
  await page.locator('[role=status]', { hasText: 'We do not know yet' }).waitFor();
  const number = await citizen.receipt();
  assert.equal(lost, 1);
  const mine = await page.evaluate(async () => (await fetch('/api/v1/mine')).json());
  assert.equal(mine.applications.length, 1);
  assert.equal(mine.drafts.length, 0);

  const desk = await openDesk(server.api);
  await desk.finish(number);
  await page.locator('a[href$="/certificates"]').waitFor();
  await citizen.collectAndRate(1);
  // Below the middle a word or a reason is needed, and nothing was sent yet.
  await page.locator('form button.primary').click();
  await page.locator('[role=alert] .notice').waitFor();
  await citizen.look('rating-reason');
  await page.locator('form .option input').first().check();
  await page.locator('form button.primary').click();
  await page.locator('.notice.good').waitFor();
  await citizen.look('rating-open');

  const send = (action) =>
    fetch(`${server.api}/desk/rectifications/${citizen.application}`, {
      method: 'POST',
      headers: { cookie: desk.cookie, 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: JSON.stringify(action),
    });
  await send({ action: 'take' });
  await send({ action: 'answer', answer: 'We are sorry, and have changed how we do it.' });
  await page.locator('blockquote', { hasText: 'We are sorry' }).waitFor();
  await citizen.look('rating-answered');
  assert.deepEqual(troubles, []);
});
