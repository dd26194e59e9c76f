// Money: due, begun, unknown, paid, given back; for somebody else; receipts.

import { openDesk } from '../desk.mjs';
import { DESKTOP, PHONE, owing } from '../payment.mjs';

/** Somebody's payment on a phone or a desk. */
async function till(walk, persona, host = PHONE) {
  const owed = await owing(walk.server, persona);
  const page = await walk.phone(owed.who, host);
  const open = () => walk.open(page, `applications/${owed.id}/pay`, { drawn: '#truth' });
  await open();
  return { owed, page, open };
}

/** Begins to pay, and presses a button of the cashier. */
async function atCashier(walk, page, channel, action) {
  await page.locator('#how label.option').nth(channel).click();
  await page.locator('#pay:not([aria-disabled])').click();
  await page.waitForURL((url) => url.origin === walk.server.gateway.origin);
  await page.locator(`button[value=${action}]`).click();
  await page.waitForURL((url) => url.origin === walk.server.origin);
  await page.locator('#truth').waitFor({ state: 'attached' });
}

const WECHAT_PAY = 0;
const UNIONPAY = 2;
const BANK = 3;

async function due(walk) {
  const { page, owed } = await till(walk, 'mother');
  await walk.open(page, `applications/${owed.id}`, { drawn: '.panel.now' });
  await walk.stop('progress-due', page);
  await walk.open(page, `applications/${owed.id}/pay`, { drawn: '#how' });
  await walk.stop('pay', page);
  await atCashier(walk, page, UNIONPAY, 'cancel');
  await page.locator('#how').waitFor();
  await walk.stop('pay-closed', page);
  await atCashier(walk, page, UNIONPAY, 'fail');
  await page.locator('#truth .notice.bad').waitFor();
  await walk.stop('pay-failed', page);
  await atCashier(walk, page, WECHAT_PAY, 'cancel');
  await page.locator('#other').waitFor();
  await walk.stop('pay-not-yet', page);
  await page.locator('#other').click();
  await page.locator('#how').waitFor();
  await walk.stop('pay-other-way', page);
}

async function checking(walk) {
  const { page } = await till(walk, 'pensioner');
  try {
    await page.locator('#how label.option').nth(UNIONPAY).click();
    await page.locator('#pay:not([aria-disabled])').click();
    await page.locator('button[value=pay]').waitFor();
    await walk.server.gateway.faults({ notify: { lose: true }, answers: { status: 503 } });
    await page.locator('button[value=pay]').click();
    await page.waitForURL((url) => url.origin === walk.server.origin);
    await page.locator('#truth .notice').first().waitFor();
    await walk.stop('pay-checking', page);
  } finally {
    await walk.server.gateway.faults();
  }
}

async function atDesk(walk) {
  const { page } = await till(walk, 'founder', DESKTOP);
  await walk.stop('pay-at-desk', page);
  await page.locator('#how label.option').nth(WECHAT_PAY).click();
  await page.locator('#pay:not([aria-disabled])').click();
  await page.locator('svg.qr').waitFor();
  // The gateway was asked, and has nothing yet.
  await page.locator('#other').waitFor();
  await walk.stop('pay-scan', page);
  const other = await till(walk, 'bereaved_son', DESKTOP);
  await other.page.locator('#how label.option').nth(BANK).click();
  await other.page.locator('#pay:not([aria-disabled])').click();
  await other.page.locator('#pay-code').waitFor();
  await other.page.locator('#other').waitFor();
  await walk.stop('pay-code', other.page);
}

async function elsewhere(walk) {
  const { page, owed, open } = await till(walk, 'mother');
  await page.locator('#elsewhere summary').click();
  await page.locator('#make-link').click();
  await page.locator('#pay-link').waitFor();
  await walk.stop('pay-link', page);
  const link = await page.locator('#pay-link').inputValue();
  const guest = await walk.phone(undefined, PHONE);
  const path = link.slice(walk.server.url.length);
  await walk.open(guest, path, { drawn: '.amount' });
  await walk.stop('pay-for-another', guest);
  await owed.payAtOnce();
  await walk.open(guest, path, { drawn: '#truth .notice.good' });
  await walk.stop('pay-for-another-paid', guest);
  await walk.open(guest, `pay/${'a'.repeat(24)}`, { drawn: 'main h1' });
  await walk.stop('pay-for-another-over', guest);
  await open();
  await page.context().clearCookies();
  await walk.open(page, `applications/${owed.id}/pay`, { drawn: 'main a.primary' });
  await walk.stop('pay-signed-out', page);
}

async function paid(walk) {
  const { page, owed, open } = await till(walk, 'jobseeker');
  const { orders } = await owed.payAtOnce();
  await open();
  await page.locator('dl.answers').waitFor();
  await walk.stop('pay-paid', page);
  const anybody = await walk.phone();
  await walk.open(anybody, 'receipts', { drawn: '#receipt-code' });
  await walk.stop('receipts', anybody);
  await anybody.locator('main form button').click();
  await anybody.locator('[role=alert] .notice').waitFor();
  await walk.stop('receipts-missing', anybody);
  await verify(anybody, orders[0].receipt);
  await anybody.locator('.notice.good').waitFor();
  await walk.stop('receipts-genuine', anybody);
  await verify(anybody, { ...orders[0].receipt, number: '0000000000' });
  await anybody.locator('.notice.bad').waitFor();
  await walk.stop('receipts-unknown', anybody);
  const desk = await openDesk(walk.server.api);
  await walk.server.gateway.faults({ answers: { status: 503 } });
  try {
    await desk.act((await desk.lane(owed.number, 'replace')).id, { action: 'return_fee', reason: '重复收取，予以退还' });
    await open();
    await page.locator('#refunds').waitFor();
    await walk.stop('pay-refunding', page);
  } finally {
    await walk.server.gateway.faults();
  }
}

async function verify(page, { code, number, check }) {
  for (const [id, value] of Object.entries({ code, number, check })) await page.locator(`#receipt-${id}`).fill(value);
  await page.locator('main form button').click();
}

export const LEGS = [
  { states: ['progress-due', 'pay', 'pay-closed', 'pay-failed', 'pay-not-yet', 'pay-other-way'], go: due },
  { states: ['pay-checking'], go: checking },
  { states: ['pay-at-desk', 'pay-scan', 'pay-code'], go: atDesk },
  { states: ['pay-link', 'pay-for-another', 'pay-for-another-paid', 'pay-for-another-over', 'pay-signed-out'], go: elsewhere },
  { states: ['pay-paid', 'receipts', 'receipts-missing', 'receipts-genuine', 'receipts-unknown', 'pay-refunding'], go: paid },
];
