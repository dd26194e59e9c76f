// Both ends of the embedding protocol, between two sites, around a page that does nothing else: who is heard, and what is said.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { openBrowser, openPhone } from '../lib/browser.mjs';
import { PORTAL, embed, frameOf, heard, settled, startSite } from '../lib/portal.mjs';

const PUBLIC = new URL('../../public/', import.meta.url);
const HELLO = { onething: 1, type: 'hello', versions: [1] };

/** The page in the frame: the adapter, and an answer to whoever wants to know that a message went through. */
const FRAMED = `<!doctype html><html lang="zh-CN" data-base="/"><meta name="framers" content="null https://portal.example PORTAL">
  <title>办事</title><style>body { min-height: 100vh; }</style><main><h1>办事</h1></main><script type="module" src="/framed.js"></script></html>`;
const SCRIPT = `import { adapter } from './host/frame.js';
  window.adapter = adapter;
  window.told = [];
  for (const type of ['onething:locale', 'onething:ticket']) addEventListener(type, ({ detail }) => told.push({ type, ...detail }));
  addEventListener('message', ({ data, ports }) => data?.through && ports[0].postMessage(''));
  document.documentElement.dataset.loaded = '';`;

let browser;
let portal;
let stranger;
let site;
before(async () => {
  browser = await openBrowser();
  const sibling = '<!doctype html><html lang="zh-CN"><title>旁边</title></html>';
  portal = await startSite({ pages: { '/': PORTAL, '/other.html': sibling } });
  stranger = await startSite();
  site = await startSite({
    host: '127.0.0.1',
    folder: PUBLIC,
    pages: { '/': () => FRAMED.replace('PORTAL', portal.origin), '/framed.js': SCRIPT },
  });
});
after(async () => {
  await browser?.close();
  await Promise.all([portal, stranger, site].map((one) => one?.stop()));
});

const script = () => `${site.origin}/embed.js`;
/** A portal's page with the errand in it, which listens. */
const embedded = async (options) => {
  const phone = await openPhone(browser);
  await phone.page.goto(portal.origin);
  await embed(phone.page, script(), options);
  const frame = await frameOf(phone.page);
  await frame.waitForSelector('html[data-loaded]');
  return { ...phone, frame };
};
const live = (frame) => frame.evaluate(() => void (document.documentElement.dataset.live = ''));
const ready = async (options) => {
  const all = await embedded(options);
  await live(all.frame);
  await heard(all.page, 'ready');
  return all;
};
/** What an ability of the page comes to. */
const asks = (frame, ability, argument) =>
  frame.evaluate(
    ([ability, argument]) => globalThis.adapter.abilities[ability](argument).then((value) => ({ value }), ({ message }) => ({ message })),
    [ability, argument],
  );
const happens = (frame, detail) => frame.evaluate((detail) => window.dispatchEvent(new CustomEvent('onething:event', { detail })), detail);

test('the page is ready when it is live, says where it is, and what happens in it', async () => {
  const { page, frame, troubles } = await embedded({ bundle: 'newborn' });
  assert.equal(frame.url(), `${site.origin}/?host=frame#/bundles/newborn`);
  // Said before the page is live, and kept.
  await happens(frame, { type: 'step', route: 'bundles/newborn', title: '出生一件事' });
  await heard(page, 'step');
  assert.equal(await page.evaluate(() => globalThis.heard.some(({ type }) => type === 'ready')), false);
  await live(frame);
  assert.deepEqual(await heard(page, 'ready'), { type: 'ready', locale: 'zh-CN', route: 'bundles/newborn' });

  // Codes and queries in an address are for the person alone; so is every word that is not agreed.
  await happens(frame, { type: 'step', route: 'pay/s3cret', title: '缴费' });
  await happens(frame, { type: 'step', route: 'continue/ABCD2345', title: '接着办' });
  await happens(frame, { type: 'step', route: 'sign-in?to=pay/s3cret', title: '登录' });
  await happens(frame, { type: 'submitted', application: 'a1', name: '林晓梅' });
  await happens(frame, { type: 'typed', value: '林晓梅' });
  for (const type of ['paid', 'rated']) await happens(frame, { type, application: 'a1' });
  await happens(frame, { type: 'error', kind: 'failed' });
  await heard(page, 'error', { kind: 'failed' });
  const said = await page.evaluate(() => globalThis.heard.filter(({ type }) => !['height', 'ready'].includes(type)));
  assert.deepEqual(said.slice(1), [
    { type: 'step', route: 'pay', title: '缴费' },
    { type: 'step', route: 'continue', title: '接着办' },
    { type: 'step', route: 'sign-in', title: '登录' },
    { type: 'submitted', application: 'a1' },
    { type: 'paid', application: 'a1' },
    { type: 'rated', application: 'a1' },
    { type: 'error', kind: 'failed' },
  ]);
  assert.deepEqual(troubles, []);
});

test('a page that is loaded again is met again', async () => {
  const { page, frame } = await ready();
  await frame.evaluate(() => location.reload());
  await frame.waitForSelector('html[data-loaded]:not([data-live])');
  await live(frame);
  await page.waitForFunction(() => globalThis.heard.filter(({ type }) => type === 'ready').length === 2);
});

test('the portal does what it offered, and nothing else', async () => {
  const { page, frame } = await ready({ offers: ['open', 'share', 'close'], fails: ['share'] });
  assert.deepEqual(await asks(frame, 'open', 'tel:12345'), { value: undefined });
  assert.equal((await heard(page, 'open')).url, 'tel:12345');
  for (const url of ['javascript:alert(1)', 'data:text/html,x', 'http://example.com/']) {
    assert.deepEqual(await asks(frame, 'open', url), { message: 'failed' }, url);
  }
  assert.equal(await page.evaluate(() => globalThis.heard.filter(({ type }) => type === 'open').length), 1);
  assert.deepEqual(await asks(frame, 'share', { title: '一件事', url: 'https://page.example/' }), { message: 'failed' });
  assert.deepEqual(await asks(frame, 'close'), { value: undefined });
  await asks(frame, 'title', '出生一件事');
  await page.waitForFunction(() => document.querySelector('iframe').title === '出生一件事');

  const plain = await ready({ title: '办事窗口' });
  assert.deepEqual(await plain.frame.evaluate(() => Object.keys(globalThis.adapter.abilities)), ['title']);
  await asks(plain.frame, 'title', '出生一件事');
  await heard(plain.page, 'title');
  assert.equal(await plain.page.evaluate(() => document.querySelector('iframe').title), '办事窗口');
});

test('tickets: on demand, once each, by hand, and none', async () => {
  const { page, frame } = await ready({ tickets: ['one', 'two'] });
  assert.deepEqual(await asks(frame, 'ticket'), { value: 'one' });
  assert.deepEqual(await asks(frame, 'ticket'), { value: 'two' });
  assert.deepEqual(await asks(frame, 'ticket'), { message: 'failed' });
  await page.evaluate(() => globalThis.errand.ticket('three'));
  await frame.waitForFunction(() => globalThis.told.some(({ type }) => type === 'onething:ticket'));
  assert.deepEqual(await asks(frame, 'ticket'), { value: 'three' });
  // Neither this nor an event held it.
  assert.doesNotMatch(JSON.stringify(await frame.evaluate(() => globalThis.told)), /three/);

  const given = await ready({ ticket: 'once' });
  assert.deepEqual(await asks(given.frame, 'ticket'), { value: 'once' });
  assert.deepEqual(await asks(given.frame, 'ticket'), { message: 'failed' });
});

test('language and theme go in, a theme that cannot be read comes back', async () => {
  const { page, frame } = await ready({ locale: 'en', theme: { primary: '#0b57d0', radius: 4 } });
  assert.match(frame.url(), /[?&]lang=en#/);
  const worn = () =>
    frame.evaluate(() => ['--accent', '--on-accent', '--radius'].map((name) => document.documentElement.style.getPropertyValue(name)));
  await frame.waitForFunction(() => document.documentElement.style.getPropertyValue('--radius') === '4px');
  assert.deepEqual(await worn(), ['#0b57d0', '#ffffff', '4px']);
  await frame.waitForFunction(() => globalThis.told.some(({ tag }) => tag === 'en'));

  const set = (tokens) => page.evaluate((tokens) => globalThis.errand.setTheme(tokens), tokens);
  await set({ primary: '#ffd54f', radius: 0 });
  const { ratio, ...rest } = await heard(page, 'error');
  assert.deepEqual(rest, { type: 'error', kind: 'theme-contrast', token: 'primary', needed: 4.5 });
  assert.ok(ratio > 1 && ratio < 1.5, `${ratio}`);
  // As a whole: the radius was good.
  assert.deepEqual(await worn(), ['#0b57d0', '#ffffff', '4px']);
  for (const [tokens, token] of [
    [{ primary: 'red' }, 'primary'],
    [{ primary: '#0b57d0;x' }, 'primary'],
    [{ radius: 99 }, 'radius'],
    [{ 'font-face': 'x' }, 'font-face'],
    [{ constructor: 'x' }, 'constructor'],
    ['red', ''],
  ]) {
    await set(tokens);
    await heard(page, 'error', { kind: 'theme-invalid', token });
  }
  await set({ 'on-primary': '#0b5c43' });
  await heard(page, 'error', { kind: 'theme-contrast', token: 'on-primary' });
  await set({ 'primary-dark': '#0b57d0' });
  await heard(page, 'error', { kind: 'theme-contrast', token: 'primary-dark' });
  assert.deepEqual(await worn(), ['#0b57d0', '#ffffff', '4px']);

  // In the dark the page's own colours stay where the theme has none for it; with more contrast always.
  await page.emulateMedia({ colorScheme: 'dark' });
  await frame.waitForFunction(() => document.documentElement.style.getPropertyValue('--accent') === '');
  await page.emulateMedia({ colorScheme: 'light', contrast: 'more' });
  await frame.waitForFunction(() => matchMedia('(prefers-contrast: more)').matches);
  assert.deepEqual(await worn(), ['', '', '4px']);
  await page.emulateMedia({ contrast: 'no-preference' });
  await frame.waitForFunction(() => document.documentElement.style.getPropertyValue('--accent') === '#0b57d0');
  await set({});
  await frame.waitForFunction(() => document.documentElement.style.getPropertyValue('--accent') === '');
});

test('the frame is as tall as the page, taller and shorter, within bounds', async () => {
  const { page, frame } = await ready();
  const grows = async (height) => {
    const whole = await frame.evaluate((height) => {
      document.querySelector('main').style.height = `${height}px`;
      return Math.ceil(document.documentElement.getBoundingClientRect().height);
    }, height);
    assert.ok(whole >= height && whole < height + 100, `${whole} for ${height}`);
    await page.waitForFunction((tall) => document.querySelector('iframe').offsetHeight === tall, Math.min(Math.max(whole, 240), 20_000));
  };
  await grows(1800);
  assert.equal(await frame.evaluate(() => document.documentElement.scrollHeight > innerHeight), false);
  for (const height of [500, 100_000, 10]) await grows(height);

  const fixed = await ready({ fixed: true });
  await heard(fixed.page, 'height');
  assert.equal(await fixed.page.evaluate(() => document.querySelector('iframe').style.height), '100%');
});

/** Sends a greeting from `where` to a page that runs in `target`, one of its windows, and waits until it went through. */
const knock = (where, hello, { target = 'frames[0]', origin = site.origin, ports = 1 } = {}) =>
  where.evaluate(
    ([hello, target, origin, ports]) => {
      const other = target === 'frames[0]' ? window.frames[0] : window.parent.frames[0];
      const mine = Array.from({ length: ports }, () => new MessageChannel().port2);
      other.postMessage(hello, origin, mine);
      const through = new MessageChannel();
      other.postMessage({ through: true }, origin, [through.port2]);
      return new Promise((resolve) => void (through.port1.onmessage = resolve));
    },
    [hello, target, origin, ports],
  );
const isMet = (frame) => frame.evaluate(() => 'title' in globalThis.adapter.abilities);
/** A page with the errand in a frame of its own making. */
const framedBy = async (origin) => {
  const { page } = await openPhone(browser);
  await page.goto(origin);
  await page.evaluate((src) => document.body.append(Object.assign(document.createElement('iframe'), { src })), `${site.origin}/?host=frame`);
  const frame = await frameOf(page);
  await frame.waitForSelector('html[data-loaded]');
  return { page, frame };
};

test('only an exact greeting is heard, and the first one counts', async () => {
  const { page, frame } = await framedBy(portal.origin);
  for (const hello of [
    null,
    'hello',
    {},
    { ...HELLO, onething: 2 },
    { ...HELLO, onething: '1' },
    { ...HELLO, type: 'welcome' },
    { ...HELLO, versions: 1 },
    { ...HELLO, versions: ['1'] },
    { ...HELLO, offers: 'ticket' },
    { ...HELLO, offers: [{}] },
    { ...HELLO, versions: [2] },
  ]) {
    await knock(page, hello);
    assert.equal(await isMet(frame), false, JSON.stringify(hello));
  }
  for (const ports of [0, 2]) {
    await knock(page, HELLO, { ports });
    assert.equal(await isMet(frame), false, `${ports} ports`);
  }
  await knock(page, { ...HELLO, versions: [3, 1], offers: ['title', 'constructor', 'steal'] });
  assert.equal(await isMet(frame), true);
  assert.deepEqual(await frame.evaluate(() => Object.keys(globalThis.adapter.abilities)), ['title']);
  await knock(page, { ...HELLO, offers: ['ticket'] });
  assert.deepEqual(await frame.evaluate(() => Object.keys(globalThis.adapter.abilities)), ['title']);
});

test('another version is told so', async () => {
  const { page } = await framedBy(portal.origin);
  const answer = await page.evaluate(
    ([hello, origin]) =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data }) => resolve(data);
        window.frames[0].postMessage(hello, origin, [port2]);
      }),
    [{ ...HELLO, versions: [2, 7] }, site.origin],
  );
  assert.deepEqual(answer, { type: 'unwelcome', versions: [1] });
});

test('an origin nobody named is not heard; neither is a sandbox, nor a window that is not the parent', async () => {
  const foreign = await framedBy(stranger.origin);
  await knock(foreign.page, HELLO);
  assert.equal(await isMet(foreign.frame), false);

  const sandboxed = await openPhone(browser);
  await sandboxed.page.goto(portal.origin);
  await sandboxed.page.evaluate(
    (inside) => {
      const box = Object.assign(document.createElement('iframe'), { src: '/other.html' });
      box.sandbox = 'allow-scripts';
      return new Promise((resolve) => {
        box.onload = resolve;
        document.body.append(box);
      });
    },
  );
  const box = await frameOf(sandboxed.page);
  await box.evaluate((src) => document.body.append(Object.assign(document.createElement('iframe'), { src })), `${site.origin}/?host=frame`);
  const inside = await (await box.waitForSelector('iframe')).contentFrame();
  await inside.waitForSelector('html[data-loaded]');
  // In a sandbox the page's own origin is none either: only a greeting to anybody reaches it.
  await knock(box, HELLO, { origin: '*' });
  assert.equal(await isMet(inside), false);

  const { page, frame } = await framedBy(portal.origin);
  await page.evaluate(
    () => new Promise((resolve) => document.body.append(Object.assign(document.createElement('iframe'), { src: '/other.html', onload: resolve }))),
  );
  const sibling = page.frames().find((one) => one.url().endsWith('/other.html'));
  await knock(sibling, HELLO, { target: 'sibling' });
  assert.equal(await isMet(frame), false);
  // The same words from the parent are heard: nothing else was wrong with them.
  await knock(page, HELLO);
  assert.equal(await isMet(frame), true);
});

test('what is malformed or unknown on the port is not heard', async () => {
  const { page, frame } = await ready();
  await page.evaluate(() => {
    const { setTheme, setLocale, ticket } = globalThis.errand;
    setLocale({ tag: 'en' });
    setTheme(7);
    ticket('');
  });
  await settled(page);
  assert.deepEqual(await frame.evaluate(() => globalThis.told), []);
});

test('a page that is never met is said to be out of reach', async () => {
  const { page } = await openPhone(browser);
  await page.clock.install();
  await page.goto(stranger.origin);
  await embed(page, script());
  await (await frameOf(page)).waitForSelector('html[data-loaded]');
  await page.clock.runFor(21_000);
  await heard(page, 'error', { kind: 'unreachable' });
});

test('the element: attributes, events that bubble, a ticket set before and after', async () => {
  const { page, troubles } = await openPhone(browser);
  await page.goto(portal.origin);
  await page.evaluate((page) => {
    globalThis.heard = [];
    for (const type of ['ready', 'error', 'close']) {
      document.addEventListener(`onething-${type}`, ({ detail }) => globalThis.heard.push({ type, ...detail }));
    }
    const errand = document.createElement('onething-errand');
    const attributes = { src: page, bundle: 'newborn', locale: 'en', title: '出生', offers: 'close', theme: '{' };
    for (const [name, value] of Object.entries(attributes)) errand.setAttribute(name, value);
    errand.ticket = 'before';
    document.querySelector('main').append(errand);
  }, site.origin);
  await page.evaluate((script) => import(script), script());
  let frame = await frameOf(page);
  await frame.waitForSelector('html[data-loaded]');
  await live(frame);
  await heard(page, 'ready', { route: 'bundles/newborn' });
  await heard(page, 'error', { kind: 'theme-invalid' });
  assert.equal(await page.evaluate(() => document.querySelector('iframe').title), '出生');
  assert.deepEqual(await asks(frame, 'ticket'), { value: 'before' });
  assert.deepEqual(await asks(frame, 'ticket'), { message: 'failed' });
  // The errand asked in vain: whoever gives tickets from now on is asked at once.
  await page.evaluate(() => void (document.querySelector('onething-errand').ticket = async () => 'after'));
  await frame.waitForFunction(() => globalThis.told.some(({ type }) => type === 'onething:ticket'));
  assert.deepEqual(await asks(frame, 'ticket'), { value: 'after' });
  assert.deepEqual(await asks(frame, 'close'), { value: undefined });
  await heard(page, 'close');
  await page.evaluate(() => document.querySelector('onething-errand').setAttribute('locale', 'zh-CN'));
  await frame.waitForFunction(() => globalThis.told.some(({ tag }) => tag === 'zh-CN'));

  await page.evaluate(() => document.querySelector('onething-errand').setAttribute('bundle', 'retirement'));
  frame = await frameOf(page);
  await frame.waitForURL(/bundles\/retirement/);
  await frame.waitForSelector('html[data-loaded]');
  await live(frame);
  await heard(page, 'ready', { route: 'bundles/retirement' });
  await page.evaluate(() => document.querySelector('onething-errand').remove());
  assert.equal(await page.locator('iframe').count(), 0);
  assert.deepEqual(troubles, []);
});

test('the contrasts that are held against a theme are those of the page', async () => {
  const { page } = await openPhone(browser);
  await page.goto(site.origin);
  const { own, ratio } = await page.evaluate(async () => {
    const { OWN, contrast } = await import('/host/theme.js');
    return { own: OWN, ratio: contrast('#000000', '#ffffff') };
  });
  assert.equal(ratio, 21);
  const sheet = readFileSync(new URL('../../style/tokens.css', import.meta.url), 'utf8');
  const [light, dark] = sheet.split('@media').map((part) => (name) => new RegExp(`--${name}: ([^;]+);`).exec(part)[1]);
  for (const [scheme, token] of Object.entries({ light, dark })) {
    const grounds = ['paper', 'wash', 'bad-wash', 'good-wash'].map(token);
    assert.deepEqual(own[scheme], { accent: token('accent'), on: token('on-accent'), grounds });
  }
});

test('nothing is ever posted to whoever happens to be there', () => {
  const scripts = readdirSync(PUBLIC, { recursive: true }).filter((name) => name.endsWith('.js'));
  assert.ok(scripts.includes('embed.js') && scripts.includes('host/frame.js'));
  for (const name of scripts) assert.doesNotMatch(readFileSync(new URL(name, PUBLIC), 'utf8'), /postMessage\([^;]*['"`]\*['"`]/, name);
});
