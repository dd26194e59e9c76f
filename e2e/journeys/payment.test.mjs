// Money: whatever cashiers, networks and people do, the page says the truth, and exactly what is due is kept.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, describe, test } from 'node:test';
import { openBrowser } from '../lib/browser.mjs';
import { openDesk } from '../lib/desk.mjs';
import { eventually } from '../lib/patience.mjs';
import { DESKTOP, Payer, WECHAT, like, owing, pressAt, say, texts, yuan } from '../lib/payment.mjs';
import { startServer } from '../lib/server.mjs';

const FLAT = {
  errand: 'property_transfer',
  answers: { sale_kind: 'sale', buyer_kind: 'person', has_loan: 'no', want_items: ['tv'], by_agent: 'no' },
};

/** The same in both languages. */
const each = (name, run) => {
  for (const language of ['zh-CN', 'en']) test(`${name} (${language})`, (t) => run(t, language, texts(language)));
};

describe('payment', { concurrency: 3 }, () => {
  let browser;
  let server;
  // Its gateways and its treasury fail for everybody at once, so whoever uses it is alone.
  let faulty;
  before(async () => {
    [browser, server, faulty] = await Promise.all([openBrowser(), startServer(), startServer()]);
  });
  after(async () => {
    await browser?.close();
    await Promise.all([server?.stop(), faulty?.stop()]);
  });

  describe('where gateways and the treasury fail', { concurrency: 1 }, () => {
    const treasury = async (behaviour) => {
      const answer = await fetch(`${faulty.api}/demo/treasury`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ behaviour }),
      });
      assert.ok(answer.ok, await answer.text());
    };
    afterEach(async () => {
      await faulty.gateway.faults();
      await treasury('open');
    });

    each('a result nobody knows is not called a failure, and is found without a press', async (t, language, { pay }) => {
      const owed = await owing(faulty, 'pensioner');
      const payer = await Payer.open(t, browser, owed, { language });
      const { page } = payer;
      await payer.goTo();
      await payer.press();
      await payer.atCashier();
      // It is charged; the message is lost, and whoever asks hears nothing.
      await faulty.gateway.faults({ notify: { lose: true }, answers: { status: 503 } });
      await payer.act('pay');
      await payer.says(pay.checking, pay.checking_hint);
      assert.equal(await page.locator('#pay').count(), 0);
      await payer.look('checking');
      await payer.never(pay.failed, pay.closed, pay.paid);
      // Whoever leaves and returns is told the same.
      await payer.follow(pay.to_progress);
      await page.locator('.now').getByText(pay.checking, { exact: true }).waitFor();
      await page.locator('.now a').click();
      await payer.says(pay.checking);
      assert.equal((await owed.payment()).state, 'checking');
      await faulty.gateway.faults();
      await payer.says(pay.paid);
      await payer.never(pay.failed, pay.closed);
      await owed.settled();
      payer.calm();
    });

    each('a call without an answer: one waits, and pays in another way once it is sure', async (t, language, { pay }) => {
      const owed = await owing(faulty, 'founder');
      const payer = await Payer.open(t, browser, owed, { language });
      const { page } = payer;
      const late = await payer.tab();
      await late.deaf();
      await late.goTo();
      await payer.goTo();
      // The trade is made, but nobody hears of it.
      await faulty.gateway.faults({ answers: { status: 503, after: true } });
      await payer.press();
      await payer.says(pay.checking, pay.checking_hint);
      assert.deepEqual(await owed.results(), ['pending']);
      assert.equal(await page.locator('#pay, #other').count(), 0);
      await payer.look('no-answer');
      // A tab that has not heard of it begins nothing new.
      await late.press();
      await late.alerts(pay.unsure);
      await late.look('unsure');
      assert.deepEqual(await owed.results(), ['pending']);
      await late.page.close();
      await faulty.gateway.faults();
      await payer.says(say(pay.not_yet, { channel: pay.wechat }));
      await page.locator('#other').click();
      await payer.reads(pay.other_hint);
      await payer.look('other');
      await payer.choose(pay.unionpay);
      await payer.payThere();
      await payer.says(pay.paid);
      await owed.settled();
      assert.deepEqual(await owed.results(), ['closed', 'paid']);
      payer.calm();
    });

    each('paid, and registered when the payee answers again', async (t, language, { pay }) => {
      const owed = await owing(faulty, 'mother');
      const payer = await Payer.open(t, browser, owed, { language });
      const { page } = payer;
      await treasury('away');
      await payer.goTo();
      await payer.payThere();
      await payer.says(pay.registering);
      await page.locator('[data-order] h2').getByText(pay.state_registering, { exact: true }).waitFor();
      assert.equal(await page.locator('#pay, dl.answers').count(), 0);
      await payer.look('registering');
      const { lanes, payment } = await owed.application();
      assert.ok(lanes.some((lane) => lane.waits_for_fee), 'nothing begins before it is registered');
      assert.deepEqual([payment.state, payment.orders[0].state, payment.orders[0].receipt], ['settled', 'registering', undefined]);
      await treasury('open');
      await payer.says(pay.paid);
      await payer.never(pay.failed, pay.closed);
      await page.locator('dl.answers').waitFor();
      await owed.settled();
      payer.calm();
    });

    each('what the payee refuses goes back, and is due again', async (t, language, { pay }) => {
      const owed = await owing(faulty, 'buyer');
      const payer = await Payer.open(t, browser, owed, { language });
      const { page } = payer;
      await treasury('refusing');
      await payer.goTo();
      await payer.payThere();
      await payer.says(say(pay.refund_done, { amount: yuan(owed.due) }), pay.refund_unregistered);
      await payer.never(pay.failed, pay.paid);
      assert.equal(await page.locator('.amount').innerText(), yuan(owed.due));
      await payer.look('not-registered');
      assert.equal(await owed.kept(), 0);
      await treasury('open');
      await payer.choose(pay.unionpay);
      await payer.payThere();
      await payer.says(pay.paid);
      await owed.settled({ charges: 2 });
      payer.calm();
    });

    each('a clerk gives the fee back, and says why', async (t, language, { pay, receipt }) => {
      const owed = await owing(faulty, 'jobseeker');
      const amount = yuan(owed.due);
      const { orders } = await owed.payAtOnce();
      const payer = await Payer.open(t, browser, owed, { language });
      const { page } = payer;
      await payer.goTo();
      await payer.says(pay.paid);
      const desk = await openDesk(faulty.api);
      const reason = '重复收取，予以退还';
      await faulty.gateway.faults({ answers: { status: 503 } });
      await desk.act((await desk.lane(owed.number, 'replace')).id, { action: 'return_fee', reason });
      await payer.says(say(pay.refund_going, { amount }), pay.refund_department);
      await page.locator('#refunds').getByText(say(pay.refund_reason, { reason }), { exact: true }).waitFor();
      await page.locator('[data-order] h2').getByText(pay.state_refunding, { exact: true }).waitFor();
      await payer.look('refunding');
      await faulty.gateway.faults();
      await payer.says(say(pay.refund_done, { amount }), pay.refund_department);
      await page.locator('[data-order] h2').getByText(pay.state_refunded, { exact: true }).waitFor();
      await payer.look('refunded');
      assert.equal(await owed.kept(), 0);
      // The receipt proves nothing any more.
      await page.goto(`${faulty.url}receipts`);
      await payer.verify(orders[0].receipt);
      await payer.reads(receipt.returned);
      await payer.look('receipt-returned');
      payer.calm();
    });
  });

  each('on a phone, from what is due to a receipt that anybody can verify', async (t, language, { pay, receipt, progress }) => {
    const owed = await owing(server, 'mother');
    assert.equal(owed.due, 2000);
    const payer = await Payer.open(t, browser, owed, { language });
    const { page } = payer;
    await payer.goTo();
    const { payee } = (await owed.payment(language)).orders[0];
    assert.equal(await page.locator('h1').innerText(), pay.title);
    assert.equal(await page.locator('.amount').innerText(), '¥20.00');
    assert.equal(await page.locator('[data-order] h2').innerText(), say(pay.payee, { payee }));
    assert.equal(await page.locator('#how legend').innerText(), pay.how);
    const ways = await page.locator('#how label.option').allInnerTexts();
    for (const [place, name] of [pay.wechat, pay.alipay, pay.unionpay, pay.bank].entries()) assert.ok(ways[place].trim().startsWith(name), ways[place]);
    assert.equal(ways.length, 4);
    assert.equal(await page.locator('#pay').innerText(), say(pay.now, { amount: '¥20.00' }));
    for (const sentence of [pay.demo, like(pay.anytime_waits)]) await payer.reads(sentence);
    await payer.look('due');

    await payer.payThere();
    await payer.says(pay.paid);
    await payer.never(pay.failed, pay.closed);
    const { orders } = await owed.settled();
    assert.deepEqual(await owed.results(), ['paid']);
    const { code, number, check, words } = orders[0].receipt;
    assert.match(code, /^\d{8}$/);
    assert.match(number, /^\d{10}$/);
    assert.equal(words, '贰拾元整');
    assert.deepEqual(await page.locator('dl.answers dt').allTextContents(), [receipt.code, receipt.number, receipt.check, receipt.words, receipt.issued]);
    assert.deepEqual((await page.locator('dl.answers dd').allTextContents()).slice(0, 4), [code, number, check, words]);
    await payer.look('paid');
    const [download] = await Promise.all([page.waitForEvent('download'), payer.follow(say(receipt.download, { number }))]);
    assert.equal(download.suggestedFilename(), `${code}-${number}.pdf`);
    assert.equal((await readFile(await download.path())).subarray(0, 5).toString(), '%PDF-');
    await payer.follow(pay.on);
    await payer.reads(progress.paid);
    payer.calm();

    // Somebody who is not signed in asks whether it is genuine.
    const anybody = await Payer.open(t, browser, owed, { language, signedIn: false });
    await anybody.page.goto(`${server.url}receipts`);
    await anybody.page.locator('main form button').click();
    await anybody.alerts(receipt.missing);
    await anybody.look('receipt-missing');
    await anybody.verify(orders[0].receipt);
    await anybody.reads(receipt.genuine);
    await anybody.reads(words);
    assert.match(await anybody.page.locator('.notice.good p').nth(1).innerText(), like(say(receipt.facts, { payee, amount: '¥20.00', at: '{at}' })));
    await anybody.look('receipt-genuine');
    await anybody.verify({ code, number, check: check.startsWith('0') ? `1${check.slice(1)}` : `0${check.slice(1)}` });
    await anybody.reads(receipt.unknown);
    assert.equal(await anybody.page.getByText(words).count(), 0);
    await anybody.look('receipt-unknown');
    anybody.calm();
  });

  each('called off at the cashier: not paid yet, and the same cashier takes it later', async (t, language, { pay }) => {
    const owed = await owing(server, 'buyer');
    const payer = await Payer.open(t, browser, owed, { language });
    await payer.goTo();
    await payer.press();
    const cashier = await payer.atCashier();
    await payer.act('cancel');
    await payer.says(pay.waiting, say(pay.not_yet, { channel: pay.wechat }), pay.checking_hint);
    await payer.reads(like(pay.until));
    await payer.look('not-yet');
    await payer.never(pay.failed, pay.closed, pay.paid);
    await payer.follow(pay.go_on);
    assert.equal(await payer.atCashier(), cashier);
    await payer.act('pay');
    await payer.says(pay.paid);
    await payer.never(pay.failed, pay.closed);
    await owed.settled();
    assert.deepEqual(await owed.results(), ['paid']);
    payer.calm();
  });

  each('closed, then failed, then paid: charged once', async (t, language, { pay }) => {
    const owed = await owing(server, 'pensioner');
    const payer = await Payer.open(t, browser, owed, { language });
    await payer.goTo();
    for (const [action, said, other] of [['cancel', pay.closed, pay.failed], ['fail', pay.failed, pay.closed]]) {
      await payer.choose(pay.unionpay);
      await payer.payThere(action);
      await payer.says(said);
      await payer.never(other, pay.paid);
      assert.equal(await payer.page.locator('.amount').innerText(), yuan(owed.due));
      assert.equal(await owed.kept(), 0);
      await payer.look(action === 'fail' ? 'failed' : 'closed');
    }
    await payer.choose(pay.unionpay);
    await payer.payThere();
    await payer.says(pay.paid);
    await owed.settled();
    assert.deepEqual(await owed.results(), ['closed', 'failed', 'paid']);
    payer.calm();
  });

  each('the cashier never leads back: another tab learns of it by itself', async (t, language, { pay }) => {
    const owed = await owing(server, 'founder');
    const payer = await Payer.open(t, browser, owed, { language });
    await payer.goTo();
    await payer.press();
    await payer.atCashier();
    const other = await payer.tab();
    await other.goTo();
    await other.says(pay.waiting, say(pay.not_yet, { channel: pay.wechat }));
    await payer.act('pay_stay');
    await other.says(pay.paid);
    await other.never(pay.failed, pay.closed);
    assert.equal(new URL(payer.page.url()).origin, server.gateway.origin);
    await owed.settled();
    payer.calm();
  });

  each('two tabs: one way to pay stays open, and what is paid twice goes back', async (t, language, { pay }) => {
    const owed = await owing(server, 'jobseeker');
    const first = await Payer.open(t, browser, owed, { language });
    const second = await first.tab();
    await second.deaf();
    await first.goTo();
    await second.goTo();
    await first.press();
    await first.atCashier();
    // The second tab has not heard of it, and opens its cashier late: until then Alipay knows of nothing to close.
    const held = await second.hold();
    await second.choose(pay.alipay);
    await second.press();
    const address = await held.address;
    assert.deepEqual(await owed.results(), ['closed']);
    await first.act('pay');
    await first.page.locator('a.back').click();
    await first.says(pay.waiting, say(pay.not_yet, { channel: pay.alipay }));
    assert.equal(await owed.kept(), 0);
    await first.page.locator('#other').click();
    await first.choose(pay.wechat);
    await first.payThere();
    await first.says(pay.paid);
    await owed.settled();
    // Now the second one pays as well.
    await held.release();
    await second.page.goto(address);
    await second.atCashier();
    await second.act('pay');
    await second.says(pay.paid);
    // Both say what becomes of it; the first one without a touch.
    for (const { page } of [second, first]) {
      await page.locator('#refunds').getByText(say(pay.refund_done, { amount: yuan(owed.due) }), { exact: true }).waitFor();
      await page.locator('#refunds').getByText(pay.refund_twice, { exact: true }).waitFor();
    }
    await second.look('twice');
    await owed.settled({ charges: 2 });
    first.calm();
  });

  each('somebody else pays on another phone, and sees no more than that takes', async (t, language, { pay }) => {
    const owed = await owing(server, 'mother');
    const owner = await Payer.open(t, browser, owed, { language });
    await owner.goTo();
    await owner.page.locator('#elsewhere summary', { hasText: pay.elsewhere }).click();
    await owner.reads(pay.link_who);
    await owner.page.locator('#make-link').click();
    const link = await owner.page.locator('#pay-link').inputValue();
    assert.ok(link.startsWith(`${server.url}pay/`), link);
    await owner.page.getByRole('img', { name: pay.link_qr, exact: true }).waitFor();
    assert.equal(await owner.scan(), link);
    await owner.reads(like(pay.link_until));
    await owner.look('link');

    const guest = await Payer.open(t, browser, owed, { language, signedIn: false });
    const { page } = guest;
    await guest.goTo(link.slice(server.url.length));
    assert.equal(await page.locator('h1').innerText(), say(pay.guest_title, { name: '林**' }));
    assert.equal(await page.locator('.amount').innerText(), yuan(owed.due));
    await guest.look('guest');
    await guest.choose(pay.alipay);
    await guest.payThere();
    await guest.says(pay.guest_paid);
    await guest.look('guest-paid');
    assert.equal(await page.locator('dl.answers, a[download]').count(), 0);
    assert.ok(!(await page.content()).includes('林晓梅'));
    // The owner's page was not touched meanwhile.
    await owner.says(pay.paid);
    await owner.page.locator('dl.answers').waitFor();
    await owed.settled();
    assert.deepEqual(await owed.results(), ['paid']);

    // An address somebody made up.
    await page.goto(`${server.url}pay/${'a'.repeat(24)}`);
    for (const sentence of [pay.over_title, pay.over]) await guest.reads(sentence);
    await guest.look('link-over');
    owner.calm();
    guest.calm();
  });

  each('signed out at the cashier: the payment is safe, and seen after signing in', async (t, language, { pay, problem, account }) => {
    const owed = await owing(server, 'buyer');
    const payer = await Payer.open(t, browser, owed, { language });
    const { page } = payer;
    await payer.goTo();
    await payer.press();
    await payer.atCashier();
    await payer.context.clearCookies();
    await payer.act('pay');
    await payer.reads(pay.safe);
    await payer.reads(problem.signed_out);
    await payer.look('signed-out');
    await payer.follow(account.sign_in);
    await page.locator(`[data-persona="${owed.persona}"]`).click();
    await payer.says(pay.paid);
    assert.equal(page.url(), `${server.url}${language === 'en' ? 'en/' : ''}applications/${owed.id}/pay`);
    await owed.settled();
    assert.deepEqual(await owed.results(), ['paid']);
    payer.calm();
  });

  each('at a desk one scans a code, and the page learns of it', async (t, language, { pay }) => {
    for (const [name, label] of [[pay.wechat, pay.scan_wechat], [pay.alipay, pay.scan_alipay]]) {
      const owed = await owing(server, 'pensioner');
      const payer = await Payer.open(t, browser, owed, { language, host: DESKTOP });
      await payer.goTo();
      await payer.choose(name);
      await payer.press();
      await payer.page.getByRole('img', { name: label, exact: true }).waitFor();
      await payer.says(pay.waiting, say(pay.not_yet, { channel: name }), pay.checking_hint);
      await payer.reads(label);
      await payer.reads(like(pay.until));
      if (name === pay.wechat) await payer.look('scan');
      await owed.payment();
      const cashier = await payer.scan();
      assert.ok(cashier.startsWith(`${server.gateway.origin}/cashier/`), cashier);
      // The phone that scanned it opens the cashier, and pays.
      assert.ok((await fetch(cashier)).ok);
      assert.equal(await pressAt(server, cashier), 'paid');
      await payer.says(pay.paid);
      await payer.never(pay.failed, pay.closed);
      await owed.settled();
      payer.calm();
    }
  });

  each('a pay code is carried to any bank', async (t, language, { pay }) => {
    const owed = await owing(server, 'founder');
    const payer = await Payer.open(t, browser, owed, { language, host: DESKTOP });
    const { page } = payer;
    await payer.goTo();
    await payer.reads(pay.code_what);
    await payer.choose(pay.bank);
    await payer.press();
    await payer.says(pay.waiting, say(pay.not_yet, { channel: pay.the_bank }));
    for (const sentence of [pay.code, pay.code_where, like(pay.until)]) await payer.reads(sentence);
    const groups = await page.locator('#pay-code span').allTextContents();
    assert.deepEqual(groups.map((group) => /^\d{4}$/.test(group)), [true, true, true, true, true], `${groups}`);
    await payer.look('code');
    await owed.payment();
    // At the bank the digits are typed in.
    const { url } = await fetch(`${server.gateway.origin}/paycode?code=${groups.join('')}`);
    const online = await page.getByRole('link', { name: pay.code_online, exact: true }).getAttribute('href');
    assert.equal(new URL(url).pathname, new URL(online).pathname);
    assert.equal(await pressAt(server, url), 'paid');
    await payer.says(pay.paid);
    await payer.never(pay.failed, pay.closed);
    await owed.settled();
    payer.calm();
  });

  each('inside WeChat only the backend is believed, whatever the bridge says', async (t, language, { pay }) => {
    const owed = await owing(server, 'jobseeker');
    const payer = await Payer.open(t, browser, owed, { language, host: WECHAT });
    const { page } = payer;
    const asked = [];
    const said = ['ok', 'cancel'];
    // A double of the wallet: it says that it is paid, then that it was called off, and then it pays.
    await payer.context.exposeFunction('wallet', async (method, parameters) => {
      asked.push({ method, parameters });
      if (said.length > 0) return said.shift();
      await pressAt(server, parameters.package.replace('prepay_id=', ''));
      return 'ok';
    });
    await payer.context.addInitScript(() => {
      window.WeixinJSBridge = {
        invoke: (method, parameters, hear) => {
          window.wallet(method, parameters).then((outcome) => hear({ err_msg: `get_brand_wcpay_request:${outcome}` }));
        },
      };
    });
    await payer.goTo();
    const ways = await page.locator('#how label.option').allInnerTexts();
    assert.deepEqual([pay.wechat, pay.unionpay, pay.bank].map((name, place) => ways[place].trim().startsWith(name)), [true, true, true]);
    assert.equal(ways.length, 3);
    await payer.press();
    await payer.says(pay.waiting, say(pay.not_yet, { channel: pay.wechat }));
    await payer.look('wallet');
    const again = page.locator('main button.primary:not([aria-disabled])', { hasText: pay.go_on });
    await again.click();
    await eventually(() => assert.equal(asked.length, 2));
    await payer.says(pay.waiting, say(pay.not_yet, { channel: pay.wechat }));
    assert.equal((await owed.payment()).state, 'checking');
    await payer.never(pay.paid, pay.failed, pay.closed);
    await again.click();
    await payer.says(pay.paid);
    await payer.never(pay.failed, pay.closed);
    await owed.settled();
    assert.deepEqual(await owed.results(), ['paid']);
    // It was one trade all the time.
    assert.equal(new Set(asked.map(({ parameters }) => parameters.package)).size, 1);
    for (const { method, parameters } of asked) {
      assert.equal(method, 'getBrandWCPayRequest');
      assert.deepEqual(Object.keys(parameters).sort(), ['appId', 'nonceStr', 'package', 'paySign', 'signType', 'timeStamp']);
      assert.equal(parameters.signType, 'RSA');
    }
    payer.calm();
  });

  each('inside WeChat without its bridge: not known, and another way is open', async (t, language, { pay }) => {
    const owed = await owing(server, 'founder');
    const payer = await Payer.open(t, browser, owed, { language, host: WECHAT });
    await payer.goTo();
    await payer.press();
    await payer.says(pay.waiting, say(pay.not_yet, { channel: pay.wechat }));
    await payer.never(pay.paid, pay.failed, pay.closed);
    await payer.page.locator('#other').click();
    await owed.payment();
    await payer.choose(pay.unionpay);
    await payer.payThere();
    await payer.says(pay.paid);
    await owed.settled();
    assert.deepEqual(await owed.results(), ['closed', 'paid']);
    payer.calm();
  });

  each('back from the cashier by the browser: it goes on there, and is charged once', async (t, language, { pay }) => {
    const owed = await owing(server, 'pensioner');
    const payer = await Payer.open(t, browser, owed, { language });
    const { page } = payer;
    await payer.goTo();
    await payer.press();
    const cashier = await payer.atCashier();
    await page.goBack();
    await payer.says(pay.waiting, say(pay.not_yet, { channel: pay.wechat }));
    await payer.never(pay.failed, pay.closed);
    await payer.follow(pay.go_on);
    assert.equal(await payer.atCashier(), cashier);
    // Charged, and nobody tells: the page asks.
    await payer.act('pay_silently');
    await payer.says(pay.paid);
    await payer.never(pay.failed, pay.closed);
    // Back once more, the cashier takes nothing any more.
    await page.goBack();
    assert.equal(await payer.atCashier(), cashier);
    assert.equal(await page.locator('form').count(), 0);
    await owed.settled();
    assert.deepEqual(await owed.results(), ['paid']);
    payer.calm();
  });

  each('shown again as it was left, the page can be used', async (t, language, { pay }) => {
    const owed = await owing(server, 'buyer');
    const payer = await Payer.open(t, browser, owed, { language });
    const { page } = payer;
    await payer.goTo();
    const held = await payer.hold();
    await payer.press();
    await held.address;
    const { attempt } = await owed.payment();
    await payer.says(say(pay.not_yet, { channel: pay.wechat }));
    await page.locator('#other').click();
    // As long as the person is at the cashier, a press begins nothing.
    await page.locator('#pay[aria-disabled=true]').dispatchEvent('click');
    // What the browser says when it brings a page back from its memory.
    await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
    await page.locator('#pay:not([aria-disabled])').waitFor();
    assert.equal((await owed.payment()).attempt.id, attempt.id);
    await held.release();
    await payer.choose(pay.unionpay);
    await payer.payThere();
    await payer.says(pay.paid);
    await owed.settled();
    assert.deepEqual(await owed.results(), ['closed', 'paid']);
    payer.calm();
  });

  each('two payees: one amount, one payment, two receipts', async (t, language, { pay }) => {
    const owed = await owing(server, 'buyer', FLAT);
    const payer = await Payer.open(t, browser, owed, { language });
    const { page } = payer;
    const late = await payer.tab();
    await late.deaf();
    await late.goTo();
    await payer.goTo();
    await payer.reads(like(pay.later));
    const desk = await openDesk(server.api);
    const lane = async (item) => (await desk.lane(owed.number, item)).id;
    const contract = await lane('net_sign');
    for (const action of ['accept', 'approve', 'issue']) await desk.act(contract, { action });
    const tax = await lane('tax');
    await desk.act(tax, { action: 'accept' });
    await desk.act(tax, { action: 'assess', fee: 'taxes', amount: 12_300 });
    owed.due += 12_300;
    // The page that is open hears of it.
    const sections = page.locator('section[data-order]');
    await sections.nth(1).waitFor();
    assert.equal(await page.locator('.amount').innerText(), yuan(owed.due));
    const { orders } = await owed.payment(language);
    assert.deepEqual(orders.map(({ amount }) => amount), [owed.due - 12_300, 12_300]);
    for (const [place, { payee, amount }] of orders.entries()) {
      const section = sections.nth(place);
      await section.getByText(say(pay.payee, { payee }), { exact: true }).waitFor();
      await section.getByText(say(pay.sum, { amount: yuan(amount) }), { exact: true }).waitFor();
    }
    await payer.look('two-payees');
    // One that has not heard of it charges nothing, and shows what is due now.
    await late.press();
    await late.alerts(pay.changed);
    await late.page.locator('.amount', { hasText: yuan(owed.due) }).waitFor();
    await late.look('changed');
    assert.deepEqual(await owed.results(), []);
    await payer.press();
    await payer.atCashier();
    assert.equal(await page.locator('.amount').innerText(), yuan(owed.due));
    await payer.act('pay');
    await payer.says(pay.paid);
    await page.locator('dl.answers').nth(1).waitFor();
    await payer.look('two-receipts');
    const paid = await owed.settled();
    const numbers = paid.orders.map(({ receipt }) => receipt.number);
    assert.equal(new Set(numbers).size, 2);
    assert.ok(paid.orders.every(({ receipt }) => /^\d{8}$/.test(receipt.code) && /^\d{10}$/.test(receipt.number)));
    assert.deepEqual(await page.locator('dl.answers div:nth-child(2) dd').allTextContents(), numbers);
    assert.deepEqual(await owed.results(), ['paid']);
    payer.calm();
  });
});
