// A mother of a newborn, from the first screen to the rating, in Chinese; with one correction.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser, openPhone } from '../lib/browser.mjs';
import { Citizen } from '../lib/citizen.mjs';
import { openDesk } from '../lib/desk.mjs';
import { live } from '../lib/draft.mjs';
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

test('newborn: home to rating, with a correction', async () => {
  const { page, troubles } = await openPhone(browser);
  const citizen = new Citizen(page, server, 'newborn');
  await citizen.findGuide('chusheng');
  await citizen.answerSituations({ married: 'yes', settle_with: 'mother', parents_same_ethnic: 'yes', maternity_insured: 'yes', by_agent: 'no', over_one_year: 'no' });
  await citizen.signIn('mother');

  // Known facts stand with their source; a sensitive one is masked until asked for.
  await page.goto(`${server.url}drafts/${citizen.draft}/form/mother`);
  await live(page);
  const known = page.locator('.known');
  await known.waitFor();
  assert.match(await known.innerText(), /统一身份认证/);
  assert.match(await known.innerText(), /110\*+0124/);
  assert.doesNotMatch(await page.content(), /110101199405160124/);
  await page.goto(`${server.url}drafts/${citizen.draft}/form`);
  await live(page);

  await citizen.fillForm();
  await citizen.provideMaterials();
  // Even the last look shows whole numbers only when asked.
  assert.doesNotMatch(await page.content(), /110101199405160124/);
  await page.locator('main .link', { hasText: '显示完整号码' }).click();
  await page.locator('dd', { hasText: '110101199405160124' }).first().waitFor();
  const number = await citizen.submit();
  assert.match(number, /^\d{16}$/);

  const desk = await openDesk(server.api);
  const lane = await desk.lane(number, 'birth_cert');
  await desk.act(lane.id, { action: 'accept' });
  await citizen.seesLane('办理中');
  await desk.act(lane.id, { action: 'stop_clock', why: '等待医院核对' });
  await citizen.seesLane('特别程序中');
  assert.match(await page.locator('.timeline').innerText(), /等待医院核对/);
  await desk.act(lane.id, { action: 'start_clock' });
  await desk.act(lane.id, { action: 'ask_correction', fields: ['baby_name'], materials: ['m_marriage'], reason: '姓名与病历不一致' });
  await page.locator('a[href$="/correction"]').click();
  await page.locator('main form').waitFor();
  await citizen.look('correction');
  // Exactly what was asked for, and nothing else.
  assert.equal(await page.locator('main .field').count(), 1);
  assert.equal(await page.locator('.checklist > li').count(), 1);
  await page.locator('#f-baby_name').fill('林小满');
  await page.locator('.ways button', { hasText: '结婚证' }).first().click();
  await page.locator('main form > .action button').click();
  await page.locator('.receipt').waitFor();

  await desk.finish(number);
  await page.locator('a[href$="/certificates"]').waitFor();
  await citizen.look('progress-done');
  await citizen.collectAndRate(5);
  await page.locator('.notice.good').waitFor();
  await citizen.look('rated');
  assert.deepEqual(troubles, []);
});
