// A flat changes hands: a tab is killed in the form, the first payment fails, the second counts.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser, openPhone } from '../lib/browser.mjs';
import { Citizen } from '../lib/citizen.mjs';
import { openDesk } from '../lib/desk.mjs';
import { live } from '../lib/draft.mjs';
import { PHONE } from '../lib/payment.mjs';
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

test('property_transfer: home to rating, with a killed tab and a failed payment', async () => {
  // What can be paid with depends on what the browser says it runs on.
  const { context, page: first, troubles } = await openPhone(browser, { userAgent: PHONE.userAgent });
  const before = new Citizen(first, server, 'property_transfer');
  await before.findGuide('ershoufang');
  await before.answerSituations({ sale_kind: 'sale', buyer_kind: 'person', has_loan: 'no', want_items: ['water'], by_agent: 'no' });
  await before.signIn('buyer');

  // Something is typed and shown as saved; then the tab dies.
  const typed = 'extra_certs';
  const value = '3';
  await first.goto(`${server.url}drafts/${before.draft}/form/${(await before.fields()).get(typed).group}`);
  await live(first);
  await first.locator(`#f-${typed}`).fill(value);
  await first.locator('.saving[data-saving=pending]').waitFor();
  await first.locator('.saving[data-saving=saved]').waitFor();
  const session = await context.newCDPSession(first);
  const crashed = first.waitForEvent('crash');
  session.send('Page.crash').catch(() => {});
  await crashed;
  const page = await context.newPage();
  page.on('pageerror', (error) => troubles.push(error.message));
  await page.goto(first.url());
  await live(page);
  await page.locator(`#f-${typed}`).waitFor();
  assert.equal(await page.locator(`#f-${typed}`).inputValue(), value);

  await page.locator(`#f-${typed}`).fill('2');
  await page.locator('.saving[data-saving=pending]').waitFor();
  await page.locator('.saving[data-saving=saved]').waitFor();
  await page.goto(`${server.url}drafts/${before.draft}/form`);
  await live(page);

  const citizen = new Citizen(page, server, 'property_transfer');
  citizen.draft = before.draft;
  await citizen.fillForm();
  await citizen.provideMaterials();
  const number = await citizen.submit();

  // The lanes that cost something wait for the money.
  assert.match(await page.locator('.timeline').innerText(), /等待缴费/);
  await page.locator('a[href$="/pay"]').click();
  await page.locator('.amount').waitFor();
  assert.equal(await page.locator('.amount').innerText(), '¥100.00');
  await citizen.look('pay');
  await page.locator('label.option', { hasText: '云闪付' }).locator('input').check();
  await page.locator('#pay').click();
  await page.locator('button[value=fail]').click();
  await page.locator('.notice.bad', { hasText: '没有扣款' }).waitFor();
  await citizen.look('pay-failed');
  await page.locator('label.option', { hasText: '云闪付' }).locator('input').check();
  await page.locator('#pay').click();
  await page.locator('button[value=pay_silently]').waitFor();
  // Charged, but nobody tells, and nobody answers for a while: the backend's own question finds it.
  await server.gateway.faults({ answers: { status: 503 } });
  await page.locator('button[value=pay_silently]').click();
  await page.locator('.notice', { hasText: /正在确认|等待付款/ }).waitFor();
  await citizen.look('pay-checking');
  await server.gateway.faults();
  await page.locator('.notice.good', { hasText: '已缴费' }).waitFor();
  await citizen.look('pay-paid');
  await page.locator('main a.primary').click();
  await page.locator('.receipt').waitFor();

  const desk = await openDesk(server.api);
  await desk.finish(number);
  await page.locator('a[href$="/certificates"]').waitFor();
  await citizen.collectAndRate(4);
  await page.locator('.notice.good').waitFor();
  assert.deepEqual(troubles, []);
});
