// An errand in the page of another site: a portal that may frame it, one that may not, and the demonstration's own.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { axe, look, openBrowser, openPhone } from '../lib/browser.mjs';
import { Citizen } from '../lib/citizen.mjs';
import { openDesk } from '../lib/desk.mjs';
import { NEWBORN } from '../lib/draft.mjs';
import { embed, frameOf, heard, settled, startSite } from '../lib/portal.mjs';
import { startServer } from '../lib/server.mjs';

let browser;
let portal;
let stranger;
let server;
before(async () => {
  // `localhost` and the server's `127.0.0.1` are foreign to each other, as a province's portal and a city's page are.
  [browser, portal, stranger] = await Promise.all([openBrowser(), startSite(), startSite()]);
  server = await startServer({ framers: [portal.origin] });
});
after(async () => {
  await browser?.close();
  await Promise.all([portal, stranger, server].map((one) => one?.stop()));
});

const script = () => `${server.url}embed.js`;
const ticketOf = async (persona) => (await (await fetch(`${server.api}/demo/personas/${persona}/ticket`, { method: 'POST' })).json()).ticket;
const isLive = (frame) => frame.locator('html[data-live]').waitFor({ state: 'attached' });
const signedIn = (frame) => frame.locator('.foot button').waitFor();

/** The portal's page with an errand in it that has taken over. */
const embedded = async (options) => {
  const phone = await openPhone(browser);
  await phone.page.goto(portal.origin);
  await embed(phone.page, script(), options);
  const frame = await frameOf(phone.page);
  await isLive(frame);
  return { ...phone, frame };
};

test('a portal that may frame the page shows an errand as tall as it is, and hears where the citizen is', async () => {
  const { page, frame, troubles } = await embedded({ bundle: 'newborn' });
  assert.equal((await heard(page, 'ready')).route, 'bundles/newborn');
  await frame.locator('.guide').waitFor();
  const heading = await frame.locator('h1').innerText();
  assert.deepEqual(await heard(page, 'step'), { type: 'step', route: 'bundles/newborn', title: heading });
  const whole = () => frame.evaluate(() => Math.ceil(document.documentElement.getBoundingClientRect().height));
  const fits = async () => {
    await page.waitForFunction((height) => document.querySelector('iframe').offsetHeight === height, await whole());
    assert.ok(await frame.evaluate(() => document.documentElement.scrollHeight <= innerHeight), 'scrolls within its frame');
  };
  await fits();
  const guide = await whole();

  await frame.locator('.guide .action a.primary').click();
  await heard(page, 'step', { route: 'bundles/newborn/situations' });
  await frame.locator('form fieldset.field').first().waitFor();
  await fits();
  assert.notEqual(await whole(), guide);
  await page.evaluate(() => globalThis.errand.back());
  await frame.locator('.guide').waitFor();
  assert.equal(page.url(), `${portal.origin}/`);
  assert.deepEqual(troubles, []);
});

test('another portal cannot frame it, and is told that nobody answers', async () => {
  const { page } = await openPhone(browser);
  await page.clock.install();
  await page.goto(stranger.origin);
  await embed(page, script(), { bundle: 'newborn' });
  const frame = await frameOf(page);
  // It is refused while one waits for it, or was before.
  await frame.waitForURL(/^chrome-error:/, { waitUntil: 'commit' }).catch(({ message }) => assert.match(message, /ERR_BLOCKED_BY_RESPONSE/));
  await page.clock.runFor(21_000);
  await heard(page, 'error', { kind: 'unreachable' });
  assert.equal(await frame.locator('.guide').count(), 0);

  const answer = await fetch(server.url);
  assert.match(answer.headers.get('content-security-policy'), new RegExp(`frame-ancestors 'self' ${portal.origin}(;|$)`));
  assert.match(await answer.text(), new RegExp(`<meta name="framers" content="${portal.origin}"`));
});

test('a portal without the name of framer cannot take its place by script', async () => {
  const { page, frame } = await embedded({ bundle: 'newborn' });
  await heard(page, 'ready');
  // Whoever is framed beside the errand is neither its parent nor the first.
  await page.evaluate(
    () => new Promise((resolve) => document.body.append(Object.assign(document.createElement('iframe'), { src: '/', onload: resolve }))),
  );
  const sibling = page.frames().find((one) => one !== page.mainFrame() && one.url().startsWith(portal.origin));
  await sibling.evaluate((origin) => {
    const { port2 } = new MessageChannel();
    window.parent.frames[0].postMessage({ onething: 1, type: 'hello', versions: [1], offers: ['ticket'] }, origin, [port2]);
  }, server.origin);
  await settled(page);
  assert.equal(await frame.evaluate(() => globalThis.onething.host.can('ticket')), false);
});

test('from the ticket to the rating within the frame; the ticket is in no address', async () => {
  const phone = await openPhone(browser);
  const addresses = [];
  phone.context.on('request', (request) => addresses.push(request.url(), request.headers().referer ?? ''));
  phone.page.on('framenavigated', (frame) => addresses.push(frame.url()));
  await phone.page.goto(portal.origin);
  const ticket = await ticketOf('mother');
  await embed(phone.page, script(), { bundle: 'newborn', tickets: [ticket] });
  const frame = await frameOf(phone.page);
  await isLive(frame);
  await signedIn(frame);

  const citizen = new Citizen(frame, server, 'newborn');
  // The screens were looked at elsewhere; a frame has no window of its own to narrow.
  citizen.look = async () => undefined;
  await citizen.answerSituations(NEWBORN);
  await frame.waitForURL(/drafts\/[0-9a-f]+\/form/);
  await frame.locator('.saving').waitFor();
  await citizen.fillForm();
  await citizen.provideMaterials();
  const number = await citizen.submit();
  assert.equal((await heard(phone.page, 'submitted')).application, citizen.application);

  // The session lasts in a foreign site's frame: the only ticket is used up.
  await frame.evaluate(() => location.reload());
  await frame.locator('.receipt strong', { hasText: number }).waitFor();

  const desk = await openDesk(server.api);
  await desk.finish(number);
  await frame.locator('a[href$="/certificates"]').waitFor();
  await citizen.collectAndRate(5);
  assert.equal((await heard(phone.page, 'rated')).application, citizen.application);

  for (const address of addresses) assert.ok(!address.includes(ticket), address);
  assert.ok(addresses.length > 50, `${addresses.length} addresses seen`);
  // Nor does the portal hear anything of what was written.
  const said = JSON.stringify(await phone.page.evaluate(() => globalThis.heard));
  for (const secret of ['林晓梅', '110101199405160124', '13900001111']) assert.ok(!said.includes(secret), secret);
  assert.deepEqual(phone.troubles, []);
});

test('a ticket that is handed in later signs in where the citizen is', async () => {
  const { page, frame } = await embedded({ bundle: 'newborn', route: 'mine' });
  await frame.locator('main a.primary').waitFor();
  await heard(page, 'ready');
  await page.evaluate((ticket) => globalThis.errand.ticket(ticket), await ticketOf('mother'));
  await signedIn(frame);
  assert.match(frame.url(), /#\/mine$/);
});

test('a ticket that is worth nothing leaves the guide as it is', async () => {
  const { page } = await openPhone(browser);
  await page.goto(portal.origin);
  const refused = page.waitForResponse((answer) => answer.url() === `${server.api}/session` && answer.request().method() === 'POST');
  await embed(page, script(), { bundle: 'newborn', ticket: 'worthless' });
  assert.ok((await refused).status() >= 400);
  const frame = await frameOf(page);
  await isLive(frame);
  await frame.locator('.guide').waitFor();
  await settled(page);
  assert.equal(await frame.locator('.foot button').count(), 0);
  assert.deepEqual(await axe(frame), []);
});

test('the portal chooses the language and the colours, and colours nobody can read are refused', async () => {
  const { page, frame } = await embedded({ bundle: 'newborn', locale: 'en', theme: { primary: '#0b57d0', radius: 4 } });
  await frame.locator('h2', { hasText: 'What to prepare' }).waitFor();
  assert.equal((await heard(page, 'ready')).locale, 'en');
  const button = () => frame.locator('.guide .action a.primary').evaluate((element) => {
    const { backgroundColor, color, borderRadius } = getComputedStyle(element);
    return { backgroundColor, color, borderRadius };
  });
  await frame.waitForFunction(() => getComputedStyle(document.querySelector('.guide .action a.primary')).borderRadius === '4px');
  const worn = await button();
  assert.deepEqual(worn, { backgroundColor: 'rgb(11, 87, 208)', color: 'rgb(255, 255, 255)', borderRadius: '4px' });
  assert.deepEqual(await axe(frame), []);
  await page.evaluate(() => globalThis.errand.setTheme({ primary: '#ffd54f', radius: 20 }));
  const fault = await heard(page, 'error', { kind: 'theme-contrast' });
  assert.equal(fault.token, 'primary');
  assert.ok(fault.ratio < fault.needed);
  assert.deepEqual(await button(), worn);
  await page.evaluate(() => globalThis.errand.setLocale('zh-CN'));
  await frame.locator('h2', { hasText: '要准备什么' }).waitFor();
  assert.equal(await frame.locator('html').getAttribute('lang'), 'zh-CN');
});

test('the demonstration has a portal to try all this', async () => {
  const { page, troubles } = await openPhone(browser);
  await page.goto(`${server.url}demo/host/`);
  const frame = await frameOf(page);
  await isLive(frame);
  await page.locator('#log [data-type=ready]').waitFor();
  await page.locator('#person option[value=mother]').waitFor({ state: 'attached' });
  await look(page, 'demo-host');
  await page.locator('#person').selectOption('mother');
  await signedIn(frame);
  await page.locator('#locale').selectOption('en');
  await frame.locator('h2', { hasText: 'What to prepare' }).waitFor();
  await page.locator('#theme').selectOption({ index: 1 });
  await frame.waitForFunction(() => document.documentElement.style.getPropertyValue('--accent') === '#0b57d0');
  await page.locator('#theme').selectOption({ index: 2 });
  await frame.waitForFunction(() => document.documentElement.style.getPropertyValue('--accent') === '#a3261f');
  await page.locator('#theme').selectOption({ index: 3 });
  await page.locator('#log [data-type=error]', { hasText: 'theme-contrast' }).waitFor();
  await page.locator('#bundle').selectOption('retirement');
  await page.frameLocator('iframe').locator('html[data-live] .guide').waitFor();
  await page.locator('#log [data-type=ready]', { hasText: 'bundles/retirement' }).waitFor();
  assert.deepEqual(troubles, []);
});
