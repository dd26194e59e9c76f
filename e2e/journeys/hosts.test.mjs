// The page in the apps it may run in: first what public/host.js makes of each bridge, however it behaves; then the real
// page with each bridge around it.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { RULES } from '../../public/host/rules.js';
import { AGENTS, PICTURE, bridge, calls } from '../lib/bridges.mjs';
import { openBrowser, openPhone } from '../lib/browser.mjs';
import { Citizen } from '../lib/citizen.mjs';
import { NEWBORN } from '../lib/draft.mjs';
import { eventually } from '../lib/patience.mjs';
import { PHONE } from '../lib/payment.mjs';
import { startServer } from '../lib/server.mjs';

let browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser?.close());

const LINK = { title: '新生儿出生', text: '一件事', url: 'https://example.org/bundles/newborn' };
const MESSAGE = { title: '新生儿出生', content: '一件事', url: LINK.url };
const HERE = { latitude: 44.58, longitude: 129.6, accuracy: null };
const NEAR = { ...HERE, accuracy: 30 };
const PHOTO = { name: 'photo.jpeg', type: 'image/jpeg', size: Buffer.from(PICTURE, 'base64').length };
const SCANNED = 'https://example.org/scanned';

/** What each app can do: ability, what it is asked with, what is answered; the method behind it, what that was given. */
const ABILITIES = {
  zlb: [
    ['ticket', undefined, 'zlb-ticket-1', 'ssoTicket', {}],
    ['title', '新生儿出生', undefined, 'setTitle', { title: '新生儿出生' }],
    ['close', undefined, undefined, 'close', {}],
    ['share', LINK, undefined, 'share', MESSAGE],
    ['scan', undefined, SCANNED, 'scan', { type: 'qrCode' }],
    ['image', undefined, PHOTO, 'chooseImage', { upload: false }],
    ['location', undefined, HERE, 'getLocation', {}],
    ['call', '0453-628 2828', undefined, 'phoneCall', { corpId: '04536282828' }],
    ['open', LINK.url, undefined, 'openLink', { url: LINK.url }],
    ['style', undefined, { elder: true, scale: null }, 'getUiStyle', {}],
    ['pay', { zwjs: { platform: 1, credential: 'x' } }, undefined, 'pay', { platform: 1, credential: 'x' }],
  ],
  wechat: [
    ['close', undefined, undefined, 'closeWindow', {}],
    ['scan', undefined, SCANNED, 'scanQRCode', { needResult: 1, scanType: ['qrCode'] }],
    ['location', undefined, NEAR, 'getLocation', { type: 'wgs84' }],
    ['pay', { jsapi: { paySign: 'x' } }, undefined, 'getBrandWCPayRequest', { paySign: 'x' }],
  ],
  'wechat-mini': [
    ['close', undefined, undefined, 'navigateBack', undefined],
    ['scan', undefined, SCANNED, 'scanQRCode', { needResult: 1, scanType: ['qrCode'] }],
    ['location', undefined, NEAR, 'getLocation', { type: 'wgs84' }],
  ],
  alipay: [
    ['title', '新生儿出生', undefined, 'setTitle', { title: '新生儿出生' }],
    ['close', undefined, undefined, 'popWindow', {}],
    ['open', LINK.url, undefined, 'pushWindow', { url: LINK.url }],
    ['share', LINK, undefined, 'share', { channels: ['Weixin', 'SMS', 'CopyLink'].map((name) => ({ name, param: MESSAGE })) }],
    ['scan', undefined, SCANNED, 'scan', { type: 'qr' }],
    ['image', undefined, PHOTO, 'photo', { dataType: 'dataURL', imageFormat: 'jpg', quality: 90, maxWidth: 2560, maxHeight: 2560 }],
    ['location', undefined, NEAR, 'getCurrentLocation', { bizType: 'onething' }],
    ['pay', { tradePay: '2026' }, undefined, 'tradePay', { tradeNO: '2026' }],
  ],
  'alipay-mini': [
    ['close', undefined, undefined, 'navigateBack', {}],
    ['location', undefined, NEAR, 'getLocation', {}],
    ['pay', { tradePay: '2026' }, undefined, 'tradePay', { tradeNO: '2026' }],
  ],
  ticket: [
    ['ticket', undefined, 'app-ticket-1', 'ticket', undefined],
    ['title', '新生儿出生', undefined, 'title', '新生儿出生'],
    ['back', undefined, undefined, 'back', undefined],
    ['close', undefined, undefined, 'close', undefined],
    ['share', LINK, undefined, 'share', JSON.stringify(LINK)],
    ['scan', undefined, SCANNED, 'scan', undefined],
    ['image', undefined, PHOTO, 'image', undefined],
    ['location', undefined, HERE, 'location', undefined],
    ['call', '12345', undefined, 'call', '12345'],
    ['open', LINK.url, undefined, 'open', LINK.url],
    ['style', undefined, { elder: true, scale: 1.25 }, 'style', undefined],
    ['pay', { order: 'x' }, undefined, 'pay', JSON.stringify({ order: 'x' })],
  ],
};
const APPS = Object.keys(ABILITIES);
const MORNING = Date.parse('2026-11-02T09:00:00+08:00');
/** An app that does not name itself, and puts nothing into the page at first, is named by the address. */
const NAMED = { ticket: '/?host=ticket' };
/** These call, and do not wait: no answer is expected of them. */
const SILENT = { 'wechat-mini': ['close'], alipay: ['title', 'close', 'open'], 'alipay-mini': ['close'] };
/** public/pay.js ends well whatever the wallet says: whoever asked asks the backend. */
const UNHEARD = ['wechat', 'alipay'];

describe('public/host.js', () => {
  const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob: data:";
  const BLANK = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>空页</title><main>
    <a id="tel" href="tel:0453-6282828">电话</a><a id="out" href="https://example.org/law">法规</a>
    <a id="in" href="#/here">这里</a><input id="field"></main></html>`;
  let files;
  let origin;
  before(async () => {
    files = createServer(async ({ url }, answer) => {
      const { pathname } = new URL(url, 'http://localhost');
      const script = pathname.endsWith('.js');
      answer.setHeader('content-security-policy', POLICY);
      answer.setHeader('content-type', `text/${script ? 'javascript' : 'html'}; charset=utf-8`);
      answer.end(script ? await readFile(new URL(`../../public${pathname}`, import.meta.url)).catch(() => '') : BLANK);
    });
    await new Promise((resolve) => files.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${files.address().port}`;
  });
  after(() => files.close());

  /** A blank page in an app, with the host asked for but not waited for. Its clock goes only when it is told to. */
  const open = async (t, app, { variant, answers, at = '/', script, agent = AGENTS[app] } = {}) => {
    const { context, page, troubles } = await openPhone(browser, { userAgent: agent });
    t.after(() => context.close());
    await page.clock.install({ time: MORNING });
    await page.clock.pauseAt(MORNING + 1_000);
    if (variant) await page.addInitScript(bridge(app, variant, answers));
    if (script) await page.addInitScript(script);
    await page.goto(origin + at);
    await page.evaluate(async () => {
      const { start } = await import('/host.js');
      window.events = [];
      for (const type of ['onething:style', 'onething:returned']) {
        window.addEventListener(type, ({ detail }) => window.events.push([type, detail]));
      }
      window.host = await start();
      window.host.ready.then(() => (window.negotiated = true));
    });
    return { page, troubles };
  };
  /** The same, with the negotiation over. */
  const meet = async (t, app, options) => {
    const opened = await open(t, app, options);
    await opened.page.clock.runFor(3_000);
    await opened.page.waitForFunction(() => window.negotiated);
    return opened;
  };
  /** Asks, lets time pass, and gives every answer that came. */
  const ask = async (page, ability, argument, time = 1) => {
    await page.evaluate(([ability, argument]) => {
      const heard = (window.heard = []);
      const plain = (value) => (value instanceof File ? { name: value.name, type: value.type, size: value.size } : value);
      window.host.ask(ability, argument).then(
        (answer) => heard.push('value' in answer ? { ...answer, value: plain(answer.value) } : answer),
        (error) => heard.push(`rejected: ${error}`),
      );
    }, [ability, argument]);
    await page.clock.runFor(time);
    return page.evaluate(() => window.heard);
  };
  const well = (value) => [value === undefined ? { ok: true } : { ok: true, value }];
  const no = (why) => [{ ok: false, why }];

  for (const app of APPS) {
    for (const variant of ['present', 'twice']) {
      test(`${app}, ${variant}: every ability asks its method once, and the first answer counts`, async (t) => {
        const { page, troubles } = await meet(t, app, { variant });
        assert.equal(await page.evaluate(() => window.host.name), app);
        assert.equal(await page.evaluate(() => window.host.bar), true);
        assert.equal(await page.locator('html').getAttribute('data-bar'), 'host');
        for (const [ability, argument, value, method, given] of ABILITIES[app]) {
          await page.evaluate(() => (window.__calls.length = 0));
          assert.ok(await page.evaluate((ability) => window.host.can(ability), ability), `${app} can ${ability}`);
          assert.deepEqual(await ask(page, ability, argument), well(value), `${app} ${ability}`);
          assert.deepEqual(await calls(page, method), [given], `${app} ${method}`);
          assert.equal(await page.evaluate(() => window.__calls.length), 1, `only ${method} for ${ability}`);
        }
        assert.deepEqual(troubles, []);
      });
    }

    test(`${app}, late: what is asked before the bridge came is answered when it has`, async (t) => {
      const { page } = await open(t, app, { variant: 'late', at: NAMED[app] });
      const [ability, argument, value] = ABILITIES[app][0];
      assert.deepEqual(await ask(page, ability, argument, 500), []);
      await page.clock.runFor(1_000);
      assert.deepEqual(await page.evaluate(() => window.heard), well(value));
      assert.equal(await page.evaluate(() => window.host.bar), true);
    });

    test(`${app}, slow: every question ends in its time, and an answer after it changes nothing`, async (t) => {
      const { page } = await meet(t, app, { variant: 'slow' });
      for (const [ability, argument] of ABILITIES[app]) {
        const ends = SILENT[app]?.includes(ability) || (ability === 'pay' && UNHEARD.includes(app)) ? well() : no('late');
        assert.deepEqual(await ask(page, ability, argument, RULES[ability].time), ends, `${app} ${ability}`);
      }
      const [ability, argument] = ABILITIES[app].at(-1);
      const before = await ask(page, ability, argument, RULES[ability].time);
      await page.clock.runFor(600_000);
      assert.deepEqual(await page.evaluate(() => window.heard), before);
    });

    test(`${app}, throwing: every question fails, none rejects`, async (t) => {
      const { page, troubles } = await meet(t, app, { variant: 'throwing' });
      for (const [ability, argument] of ABILITIES[app]) {
        const ends = ability === 'pay' && UNHEARD.includes(app) ? well() : no('failed');
        assert.deepEqual(await ask(page, ability, argument), ends, `${app} ${ability}`);
      }
      assert.deepEqual(troubles, []);
    });

    test(`${app}, absent: negotiation gives up after three seconds, and the browser serves`, async (t) => {
      const { page } = await open(t, app, { variant: 'absent', at: NAMED[app] });
      assert.deepEqual(await ask(page, 'title', '新生儿出生', 2_500), []);
      await page.clock.runFor(500);
      assert.deepEqual(await page.evaluate(() => window.heard), well());
      assert.equal(await page.title(), '新生儿出生');
      assert.equal(await page.evaluate(() => window.host.bar), false);
      assert.equal(await page.locator('html').getAttribute('data-bar'), null);
      for (const ability of ['ticket', 'close', 'scan', 'pay', 'style']) {
        assert.equal(await page.evaluate((ability) => window.host.can(ability), ability), false, ability);
        assert.deepEqual(await ask(page, ability, {}), no('absent'), ability);
      }
    });
  }

  test('an app is known by how it names itself, or by the address', async (t) => {
    const named = async (options) => {
      const { page } = await open(t, undefined, { agent: PHONE.userAgent, ...options });
      return page.evaluate(() => window.host.name);
    };
    assert.equal(await named({}), 'browser');
    for (const app of APPS) assert.equal(await named({ at: `/?host=${app}` }), app);
    for (const wrong of ['nobody', 'constructor', '__proto__', '../vault']) {
      assert.equal(await named({ at: `/?host=${wrong}` }), 'browser', wrong);
    }
    const script = { content: "window.__wxjs_environment = 'miniprogram';" };
    assert.equal(await named({ agent: AGENTS.wechat, script }), 'wechat-mini');
    assert.equal(await named({ agent: AGENTS['alipay-mini'], script: bridge('zlb') }), 'zlb');
    assert.equal(await named({ agent: AGENTS.zlb, at: '/?host=browser' }), 'browser');
  });

  test('an adapter whose code does not come leaves the browser', async (t) => {
    const { page } = await open(t, 'zlb', { variant: 'present', at: '/?host=browser' });
    await page.route('**/host/zlb.js', (route) => route.abort());
    await page.goto(`${origin}/`);
    const name = await page.evaluate(async () => (await (await import('/host.js')).start()).name);
    assert.equal(name, 'browser');
  });

  test('whatever is not of its shape has failed', async (t) => {
    const { page } = await meet(t, 'zlb', { variant: 'present' });
    const hostile = {
      ticket: [
        'ssoTicket',
        [null, 'x', ...[undefined, '', 'a b', '<b>', 'x'.repeat(513), 7, ['x']].map((ticketId) => ({ result: true, ticketId }))],
      ],
      scan: ['scan', [null, {}, { text: '' }, { text: 'x'.repeat(2_001) }, { text: { length: 3 } }]],
      location: [
        'getLocation',
        [null, ...[[], [91, 0], [0, -181], ['north', 0], [null, null], ['', '']].map(([latitude, longitude]) => ({ latitude, longitude }))],
      ],
      image: [
        'chooseImage',
        [null, {}, { picSrc: [] }, ...['data:text/html;base64,PGI+', 'PHN2Zz4=', '/9j/!', 5].map((picture) => ({ picSrc: [picture] }))],
      ],
      style: ['getUiStyle', [null, {}, { uiStyle: 'huge' }, { uiStyle: 'constructor' }, { uiStyle: true }]],
    };
    for (const [ability, [method, answers]] of Object.entries(hostile)) {
      for (const answer of answers) {
        await page.evaluate(([method, answer]) => (window.__answers[method] = answer), [method, answer]);
        const why = ability === 'ticket' && !answer?.result ? 'absent' : 'failed';
        assert.deepEqual(await ask(page, ability), no(why), `${ability} ${JSON.stringify(answer)?.slice(0, 60)}`);
      }
    }
  });

  test('scripts, data and commands are refused before any bridge hears of them', async (t) => {
    for (const app of ['zlb', undefined]) {
      const { page } = await meet(t, app, app ? { variant: 'present' } : { agent: PHONE.userAgent });
      await page.evaluate(() => {
        window.opened = [];
        window.open = (url) => window.opened.push(url);
      });
      const scripts = ['javascript:alert(1)', ' JaVaScRiPt:alert(1)', 'java\nscript:alert(1)', 'data:text/html,x'];
      const refused = {
        open: [...scripts, 'blob:https://a/b', 'file:///etc/passwd', 'intent://x', 'http://example.org', 'https://', '', null, 5, {}],
        call: [...scripts, '*21*110#', '110#', '12345;ext=1', '', null],
        share: [...scripts.map((url) => ({ ...LINK, url })), {}, null],
      };
      for (const [ability, given] of Object.entries(refused)) {
        for (const one of given) assert.deepEqual(await ask(page, ability, one), no('failed'), `${ability} ${JSON.stringify(one)}`);
      }
      const heard = await page.evaluate(() => [...window.opened, ...(window.__calls ?? []).map(([method]) => method)]);
      assert.deepEqual(heard.filter((method) => method !== 'getUiStyle'), []);
      assert.deepEqual(await ask(page, 'open', LINK.url), well());
      assert.deepEqual(app ? (await calls(page, 'openLink')).map(({ url }) => url) : await page.evaluate(() => window.opened), [LINK.url]);
      for (const ability of ['', 'constructor', '__proto__', 'eval']) assert.deepEqual(await ask(page, ability), no('absent'), ability);
    }
  });

  test('a telephone number asked to be opened is called', async (t) => {
    const { page } = await meet(t, 'zlb', { variant: 'present' });
    assert.deepEqual(await ask(page, 'open', 'tel:12345'), well());
    assert.deepEqual(await calls(page, 'phoneCall'), [{ corpId: '12345' }]);
  });

  test('a ticket leaves the address before anything is asked, adds nothing to the history, and serves once', async (t) => {
    const at = '/?x=1&ticket=first%2B1&y=2#/bundles/newborn?ticketId=second&z=3';
    const { page } = await open(t, 'zlb', { variant: 'present', at });
    assert.equal(page.url(), `${origin}/?x=1&y=2#/bundles/newborn?z=3`);
    assert.equal(await page.evaluate(() => history.length), 2);
    assert.deepEqual(await ask(page, 'ticket', undefined, 1), well('first+1'));
    await page.clock.runFor(3_000);
    assert.deepEqual(await ask(page, 'ticket'), well('zlb-ticket-1'));

    const { page: plain } = await open(t, undefined, { agent: PHONE.userAgent, at: '/?ticketId=only#/a' });
    assert.equal(plain.url(), `${origin}/#/a`);
    // A link decides nobody's identity in a plain browser.
    assert.equal(await plain.evaluate(() => window.host.name), 'browser');
    assert.deepEqual(await ask(plain, 'ticket', undefined, 3_000), no('absent'));

    const { page: broken } = await open(t, undefined, { agent: PHONE.userAgent, at: '/?ticket=%3Cb%3E' });
    assert.equal(broken.url(), `${origin}/`);
    assert.equal(await broken.evaluate(() => window.host.name), 'browser');
  });

  test('a cashier that was left is not one that failed, nor one nobody knows of', async (t) => {
    const { page } = await meet(t, 'zlb', { variant: 'present' });
    const pay = async (refused) => {
      await page.evaluate((refused) => (window.__answers.pay = { refused }), refused);
      return ask(page, 'pay', { zwjs: { platform: 1, credential: 'x' } });
    };
    for (const code of [6001, { errorCode: '6001' }, { code: 6001 }]) assert.deepEqual(await pay(code), no('cancelled'));
    for (const code of [40000, { errorCode: 40000 }, 'broken', {}]) assert.deepEqual(await pay(code), no('failed'));
    for (const code of [8000, 5000, 60002, 60004]) assert.deepEqual(await pay({ errorCode: code }), well());
    assert.deepEqual(await ask(page, 'pay', { jsapi: {} }), no('absent'));
  });

  test('a citizen who changes their mind is told apart from a failure', async (t) => {
    const left = { scanQRCode: { refused: { errMsg: 'scanQRCode:fail cancel' } } };
    const { page: wechat } = await meet(t, 'wechat', { variant: 'present', answers: left });
    assert.deepEqual(await ask(wechat, 'scan'), no('cancelled'));
    const { page: alipay } = await meet(t, 'alipay', { variant: 'present', answers: { scan: { error: 10 }, photo: { error: '11' } } });
    assert.deepEqual(await ask(alipay, 'scan'), no('cancelled'));
    assert.deepEqual(await ask(alipay, 'image'), no('failed'));
  });

  test('what Alipay says it lacks, it is not asked for', async (t) => {
    const { page } = await meet(t, 'alipay', { variant: 'present', answers: { checkJSAPI: { available: false } } });
    assert.deepEqual(await ask(page, 'scan'), no('absent'));
    const asked = (await calls(page, 'checkJSAPI')).map(({ api }) => api).sort();
    assert.deepEqual(asked, ['getCurrentLocation', 'photo', 'popWindow', 'pushWindow', 'scan', 'setTitle', 'share']);
  });

  test('links go through the app; those of the page do not, nor those somebody else takes', async (t) => {
    const { page } = await meet(t, 'zlb', { variant: 'present' });
    await page.locator('#tel').click();
    await page.locator('#out').click();
    await page.locator('#in').click();
    assert.equal(page.url(), `${origin}/#/here`);
    assert.deepEqual(await calls(page, 'phoneCall'), [{ corpId: '04536282828' }]);
    assert.deepEqual(await calls(page, 'openLink'), [{ url: 'https://example.org/law' }]);
    await page.evaluate(() => window.addEventListener('click', (event) => event.preventDefault(), true));
    await page.locator('#out').click();
    assert.equal((await calls(page, 'openLink')).length, 1);
  });

  test('where the app fails to open a link, the browser does', async (t) => {
    const { page } = await meet(t, 'zlb', { variant: 'throwing' });
    await page.evaluate(() => (window.open = (...given) => (window.opened = given)));
    await page.locator('#out').click();
    await page.waitForFunction(() => window.opened);
    assert.deepEqual(await page.evaluate(() => window.opened), ['https://example.org/law', '_blank', 'noopener']);
  });

  test('the style is worn, and read again when the page is looked at again', async (t) => {
    const { page } = await meet(t, 'zlb', { variant: 'present' });
    await page.locator('html[data-style=elder]').waitFor();
    await page.evaluate(() => {
      // Nothing changed: nobody is told.
      document.dispatchEvent(new Event('visibilitychange'));
      window.__answers.getUiStyle = { uiStyle: 'normal' };
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await page.locator('html:not([data-style])').waitFor();
    await page.evaluate(() => {
      window.__answers.getUiStyle = { uiStyle: 'elder' };
      window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    });
    await page.locator('html[data-style=elder]').waitFor();
    const style = (elder) => ['onething:style', { elder, scale: null }];
    assert.deepEqual(await page.evaluate(() => window.events), [style(true), style(false), ['onething:returned', undefined], style(true)]);

    const { page: scaled } = await meet(t, 'ticket', { variant: 'present' });
    await scaled.locator('html[data-style=elder]').waitFor();
    assert.equal(await scaled.evaluate(() => document.documentElement.style.getPropertyValue('--text')), '21px');
  });

  test('a page shown for the first time has not returned', async (t) => {
    const { page } = await meet(t, undefined, { agent: PHONE.userAgent });
    await page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false })));
    assert.deepEqual(await page.evaluate(() => window.events), []);
  });

  test('a keyboard over the field brings the field into view; one beside it does not', async (t) => {
    const view = 'Object.assign(new EventTarget(), { offsetTop: 0, height: 844 })';
    const script = { content: `Object.defineProperty(window, 'visualViewport', { value: ${view} });` };
    const { page } = await meet(t, undefined, { agent: PHONE.userAgent, script });
    const scrolls = (height) =>
      page.evaluate((height) => {
        const field = document.getElementById('field');
        const { bottom } = field.getBoundingClientRect();
        let scrolled;
        field.scrollIntoView = (options) => (scrolled = options);
        field.focus();
        window.visualViewport.height = bottom + height;
        window.visualViewport.dispatchEvent(new Event('resize'));
        return scrolled;
      }, height);
    assert.equal(await scrolls(1), undefined);
    assert.deepEqual(await scrolls(-1), { block: 'center' });
  });

  test('mini-programs hear what was reached, and no routes', async (t) => {
    const told = { onething: 1, type: 'submitted', application: 'a1' };
    for (const [app, given] of [['wechat-mini', { data: told }], ['alipay-mini', told]]) {
      const { page } = await meet(t, app, { variant: 'present' });
      await page.evaluate(() => {
        for (const detail of [{ type: 'step', route: 'pay/secret' }, null, { type: 'submitted', application: 'a1', name: '张三' }]) {
          window.dispatchEvent(new CustomEvent('onething:event', { detail }));
        }
      });
      assert.deepEqual(await calls(page, 'postMessage'), [given], app);
    }
  });
});

describe('the page', () => {
  let server;
  before(async () => {
    server = await startServer({ departments: 'auto' });
  });
  after(() => server?.stop());

  const PERSONA = 'mother';
  const ticketFor = async () => (await (await fetch(`${server.api}/demo/personas/${PERSONA}/ticket`, { method: 'POST' })).json()).ticket;
  const TITLE = { zlb: 'setTitle', alipay: 'setTitle', ticket: 'title' };

  const open = async (t, app, { variant = 'present', answers, at = 'bundles/newborn' } = {}) => {
    const phone = await openPhone(browser, { ...PHONE, userAgent: AGENTS[app] });
    t.after(() => phone.context.close());
    await phone.page.addInitScript(bridge(app, variant, answers));
    await phone.page.goto(server.url + at);
    await phone.page.locator('html[data-live]').waitFor({ state: 'attached' });
    return phone;
  };

  for (const app of APPS) {
    test(`in ${app} the guide opens below the app's own bar, under its title`, async (t) => {
      const { page, troubles } = await open(t, app);
      await page.locator('.guide').waitFor();
      await page.locator('html[data-bar=host]').waitFor({ state: 'attached' });
      await page.locator('header.bar').waitFor({ state: 'hidden' });
      const title = await page.locator('h1').innerText();
      assert.ok((await page.title()).startsWith(title));
      if (TITLE[app]) {
        await page.waitForFunction(
          ([method, title]) => window.__calls.some(([name, given]) => name === method && JSON.stringify(given).includes(title)),
          [TITLE[app], title],
        );
      }
      assert.deepEqual(troubles, []);
    });

    for (const variant of ['absent', 'throwing', 'slow']) {
      test(`in ${app} with its bridge ${variant} the page works as in a browser`, async (t) => {
        const { page, troubles } = await open(t, app, { variant });
        await page.locator('.guide').waitFor();
        if (variant === 'absent') await page.locator('header.bar').waitFor();
        await page.locator('.guide .action a.primary').click();
        await page.locator('form fieldset.field').first().waitFor();
        await page.goBack();
        await page.locator('.guide').waitFor();
        assert.deepEqual(troubles, []);
      });
    }
  }

  test('a late bridge still gets the title', async (t) => {
    const { page } = await open(t, 'zlb', { variant: 'late' });
    await page.waitForFunction(() => window.__calls?.some(([method]) => method === 'setTitle'));
  });

  test('elder style is worn where the app asks for it', async (t) => {
    for (const app of ['zlb', 'ticket']) {
      const { page } = await open(t, app);
      await page.locator('html[data-style=elder]').waitFor({ state: 'attached' });
    }
  });

  test('a telephone number is dialled by the app', async (t) => {
    const { page } = await open(t, 'zlb');
    await page.locator('html[data-bar=host]').waitFor({ state: 'attached' });
    await page.locator('.foot a[href="tel:12345"]').click();
    await page.waitForFunction(() => window.__calls.some(([method]) => method === 'phoneCall'));
    assert.deepEqual(await calls(page, 'phoneCall'), [{ corpId: '12345' }]);
  });

  for (const [app, answers] of [
    ['zlb', (ticketId) => ({ ssoTicket: { result: true, ticketId } })],
    ['ticket', (ticket) => ({ ticket })],
  ]) {
    test(`the ticket of ${app} signs in, and nobody is asked who they are`, async (t) => {
      const { page, troubles } = await open(t, app, { answers: answers(await ticketFor()) });
      const addresses = [];
      page.on('request', (request) => addresses.push(request.url()));
      const citizen = new Citizen(page, server, 'newborn', { prefix: `host-${app}` });
      await page.locator('.guide').waitFor();
      await citizen.answerSituations(NEWBORN);
      await citizen.begin();
      assert.equal(await page.locator('[data-persona]').count(), 0);
      assert.deepEqual(addresses.filter((address) => /ticket/i.test(new URL(address).search)), []);
      assert.deepEqual(troubles, []);
    });
  }

  test('a ticket in the address signs in, and leaves the address', async (t) => {
    const ticket = await ticketFor();
    const { page } = await open(t, 'zlb', { variant: 'absent', at: `bundles/newborn?ticketId=${ticket}` });
    await page.waitForFunction((ticket) => !location.href.includes(ticket), ticket);
    await eventually(async () => assert.ok(await page.evaluate(async (api) => (await fetch(`${api}/session`)).json(), server.api)));
  });

  test('a ticket that is refused leaves the other ways to sign in', async (t) => {
    const { page } = await open(t, 'zlb', { answers: { ssoTicket: { result: true, ticketId: 'nobody-knows-it' } } });
    await page.locator('.guide').waitFor();
    await new Citizen(page, server, 'newborn', { prefix: 'host-refused' }).answerSituations(NEWBORN);
    await page.locator(`[data-persona="${PERSONA}"]`).waitFor();
  });
});
