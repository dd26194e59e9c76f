// Without a network, and across releases: what was seen opens, what was typed stays, nobody meets a white page.

import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { look, openBrowser, openPhone, until } from '../lib/browser.mjs';
import { Citizen } from '../lib/citizen.mjs';
import { holds, live, NEWBORN, openStep, person, phoneOf, saved } from '../lib/draft.mjs';
import { startServer } from '../lib/server.mjs';

const WITH_WORKER = { serviceWorkers: 'allow' };
const WITHOUT_WORKER = { serviceWorkers: 'block' };

let browser;
let server;
let mother;
before(async () => {
  browser = await openBrowser();
  server = await startServer();
  mother = await person(server, 'mother');
});
after(async () => {
  await browser?.close();
  await server?.stop();
});


/** Waits until the worker has everything: what was seen comes first, the rest of the code last. */
const kept = (page) =>
  until(page, async () => {
    if (!navigator.serviceWorker.controller) return false;
    const home = new URL(document.documentElement.dataset.base, location.href);
    const { release, later } = await (await fetch(new URL('precache.json', home))).json();
    const name = (await caches.keys()).find((name) => name.startsWith(`onething-${release}@`));
    const addresses = name ? (await (await caches.open(name)).keys()).map(({ url }) => url) : [];
    return later.every((path) => addresses.includes(new URL(path, home).href));
  });

/** Everything in Cache Storage: addresses, and what is kept there as text. */
const lying = (page) =>
  page.evaluate(async () => {
    const found = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const answer = await cache.match(request, { ignoreVary: true });
        const text = [...answer.headers].join('\n') + (await answer.text());
        found.push({ address: request.url, answered: answer.url, type: answer.headers.get('content-type'), text });
      }
    }
    return found;
  });

/** A server whose page can be released anew. */
const withReleases = async (work) => {
  const dist = await mkdtemp(join(tmpdir(), 'onething-dist-'));
  await cp(new URL('../../dist', import.meta.url), dist, { recursive: true });
  const own = await startServer({ dist });
  try {
    await work(own, () => releaseAnew(dist), dist);
  } finally {
    await own.stop();
    await rm(dist, { recursive: true, force: true });
  }
};

/** Puts another release in the place of the one served: every name with a hash changes. Returns the release. */
const releaseAnew = async (dist) => {
  const files = (await readdir(dist, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const list = JSON.parse(await readFile(join(dist, 'precache.json'), 'utf8'));
  const other = (hash) => `${hash.slice(0, -1)}${hash.endsWith('0') ? '1' : '0'}`;
  const hashes = new Set([list.release, ...files.flatMap((file) => /-([0-9a-f]{16,})(?:_bg)?\./.exec(file)?.[1] ?? [])]);
  const anew = (text) => [...hashes].reduce((text, hash) => text.replaceAll(hash, other(hash)), text);
  for (const file of files) {
    if (/\.(html|js|json|css)$/.test(file)) {
      await writeFile(file, anew(await readFile(file, 'utf8')));
      await Promise.all(['br', 'gz'].map((ending) => rm(`${file}.${ending}`, { force: true })));
    }
  }
  // Compressed copies of what was rewritten are gone by now.
  for (const file of files) if (anew(file) !== file) await rename(file, anew(file)).catch(() => undefined);
  return other(list.release);
};

/** The page looks for another release when the network is back. */
const comeBack = (page) => page.evaluate(() => window.dispatchEvent(new Event('online')));

const runs = (page, release) =>
  page.locator(`html[data-live] meta[name="release"][content="${release}"]`).waitFor({ state: 'attached' });

/** Opens an address, or the same again, without a network. What the engine asks beside the worker fails, and is reported as if the page had. */
const open = (page, address) => (address ? page.goto(address) : page.reload()).catch((error) => assert.match(error.message, /ERR_INTERNET_DISCONNECTED/));

const type = (page, id, text) => page.locator(`#f-${id}`).fill(text);

test('offline, a guide that was seen opens, and one that was not says so; back again, it comes', async () => {
  const { context, page, troubles } = await openPhone(browser, WITH_WORKER);
  // What is in the query of a page may name somebody.
  await page.goto(`${server.url}bundles/newborn?from=SOMEBODY`);
  await live(page);
  const title = await page.locator('h1').innerText();
  await kept(page);
  assert.doesNotMatch(JSON.stringify(await lying(page)), /SOMEBODY/);
  await context.setOffline(true);
  await open(page, `${server.url}bundles/newborn`);
  await live(page);
  await page.locator('.guide').waitFor();
  assert.equal(await page.locator('h1').innerText(), title);
  await look(page, 'guide-offline');
  // On to the questions: all code is at hand.
  await page.locator('.guide .action a').first().click();
  await page.locator('form fieldset.field').first().waitFor();
  await open(page, `${server.url}bundles/after_death`);
  await live(page);
  await page.locator('main button.primary').waitFor();
  assert.match(await page.locator('main').innerText(), /没有连上/);
  await look(page, 'guide-unseen-offline');
  await context.setOffline(false);
  await page.locator('main button.primary').click();
  await page.locator('.guide').waitFor();
  assert.deepEqual(troubles, []);
});

test('a guide reached without leaving the page counts as seen', async () => {
  const { context, page } = await openPhone(browser, WITH_WORKER);
  await page.goto(server.url);
  await live(page);
  await kept(page);
  await page.locator('a.card[href*="bundles/newborn"]').first().click();
  await page.locator('.guide').waitFor();
  await until(page, () => caches.match(`${document.documentElement.dataset.base}api/v1/bundles/newborn?language=zh-CN`));
  await context.setOffline(true);
  await open(page);
  await live(page);
  await page.locator('.guide').waitFor();
});

test('the form goes on without a network, even through a reload, and sends when it is back', async () => {
  const draft = await mother.draft();
  const { context, page, troubles } = await phoneOf(browser, mother, WITH_WORKER);
  await openStep(page, server, draft);
  await kept(page);
  await context.setOffline(true);
  await type(page, 'baby_name', '林小满');
  await page.locator('.saving[data-saving="kept"]').waitFor();
  await page.locator('[data-field="baby_surname_from"] input').first().check();
  await type(page, 'baby_length_cm', '50');
  await page.locator('[data-field="child_order"] input').first().check();
  await page.locator('main form > .action button').click();
  await page.waitForURL(/form\/mother/);
  await page.locator('.saving[data-saving="kept"]').waitFor();
  // The draft itself is on the server only: the page says so, calmly.
  await open(page);
  await live(page);
  await page.locator('h1').waitFor();
  await look(page, 'form-reloaded-offline');
  await context.setOffline(false);
  await openStep(page, server, draft);
  await saved(page);
  await holds(mother, draft, 'baby_name', '林小满');
  await holds(mother, draft, 'baby_length_cm', '50');
  assert.equal(await page.locator('#f-baby_name').inputValue(), '林小满');
  assert.deepEqual(troubles, []);
});

test('after a whole journey nothing personal lies in the caches', async () => {
  const { page } = await openPhone(browser, WITH_WORKER);
  const citizen = new Citizen(page, server, 'newborn', { prefix: 'offline' });
  await citizen.findGuide('chusheng');
  await kept(page);
  await citizen.answerSituations(NEWBORN);
  await citizen.signIn('mother');
  await citizen.fillForm();
  await citizen.provideMaterials();
  const { facts } = await (await page.request.get(`${server.api}/drafts/${citizen.draft}`)).json();
  const number = await citizen.submit();
  await page.goto(`${server.url}mine`);
  await page.locator(`a[href*="${citizen.application}"]`).first().waitFor();
  await page.goto(server.url);
  await live(page);
  await kept(page);

  const naming = ['name', 'id_number', 'mobile', 'address', 'document_number', 'bank_account'];
  const fields = await citizen.fields();
  const said = Object.entries(facts)
    .filter(([id, value]) => naming.includes(fields.get(id)?.kind) && typeof value === 'string' && value.length > 2 && !value.startsWith('='))
    .map(([, value]) => value);
  assert.ok(said.length > 3, 'there is something to look for');
  const secrets = [...said, '110101199405160124', citizen.draft, citizen.application, number];
  const found = await lying(page);
  assert.ok(found.some(({ address }) => address.includes('/api/v1/home')), 'there is something to look into');
  for (const { address, answered, type, text } of found) {
    const { pathname, search } = new URL(address);
    const path = pathname.slice(new URL(server.url).pathname.length);
    if (path.startsWith('api/')) assert.match(path, /^api\/v1\/(home|bundles\/\w+)$/, address);
    assert.match(search, /^(\?(v=\w+|language=[\w-]+))?$/, address);
    for (const secret of secrets) {
      assert.ok(![address, answered, text].some((place) => place.includes(secret)), `${secret} in ${address}`);
    }
    if (type !== 'application/wasm') assert.doesNotMatch(text, /(?<!\d)\d{6}(19|20)\d{9}[\dX](?!\d)/, `an ID number in ${address}`);
  }
});

test('a release mid-form: asked first, nothing typed is lost, the new one runs and the old one is gone', () =>
  withReleases(async (own, releaseNext) => {
    const who = await person(own, 'mother');
    const draft = await who.draft();
    const { page, troubles } = await phoneOf(browser, who, WITH_WORKER);
    await openStep(page, own, draft);
    await kept(page);
    await type(page, 'baby_name', '林小满');
    const next = await releaseNext();
    await comeBack(page);
    await page.locator('#release-accept').waitFor();
    await look(page, 'form-release');
    // Whoever does not want it now goes on with what runs.
    await page.evaluate(() => {
      window.untouched = true;
    });
    await type(page, 'baby_length_cm', '50');
    await holds(who, draft, 'baby_length_cm', '50');
    assert.ok(await page.evaluate(() => window.untouched), 'nothing was loaded anew');
    // Agreed right after the last key.
    await type(page, 'baby_length_cm', '51');
    await page.locator('#release-accept').click();
    await runs(page, next);
    await page.locator('.form-section').first().waitFor();
    assert.equal(await page.locator('#f-baby_name').inputValue(), '林小满');
    assert.equal(await page.locator('#f-baby_length_cm').inputValue(), '51');
    await holds(who, draft, 'baby_name', '林小满');
    await holds(who, draft, 'baby_length_cm', '51');
    assert.equal(await page.locator('#release-accept').count(), 0);
    await kept(page);
    await until(page, async (next) => {
      const names = (await caches.keys()).filter((name) => name.startsWith('onething-'));
      return names.length === 1 && names[0].startsWith(`onething-${next}@`);
    }, next);
    assert.deepEqual(troubles, []);
  }));

test('a release while somebody only reads: the next screen is the new one, without a question; what was seen stays', () =>
  withReleases(async (own, releaseNext) => {
    const { context, page } = await openPhone(browser, WITH_WORKER);
    await page.goto(`${own.url}bundles/after_death`);
    await live(page);
    await kept(page);
    await page.goto(`${own.url}bundles/newborn`);
    await live(page);
    await page.locator('.guide').waitFor();
    const next = await releaseNext();
    await comeBack(page);
    await until(page, async () => (await navigator.serviceWorker.getRegistration()).waiting);
    assert.equal(await page.locator('#release-accept').count(), 0);
    await page.locator('.guide .action a').first().click();
    await runs(page, next);
    assert.match(page.url(), /bundles\/newborn\/situations$/);
    await kept(page);
    await context.setOffline(true);
    await open(page, `${own.url}bundles/after_death`);
    await live(page);
    await page.locator('.guide').waitFor();
  }));

test('a worker that never answers for the page keeps the new release away for seconds, not for ever', () =>
  withReleases(async (own, releaseNext, dist) => {
    const { page } = await openPhone(browser, WITH_WORKER);
    await page.goto(`${own.url}bundles/newborn`);
    await live(page);
    await kept(page);
    // As an engine does that ends a worker too early.
    const forgetful = `let asked = false;
      addEventListener('fetch', (event) => {
        if (event.request.mode !== 'navigate' || asked) return;
        asked = true;
        event.stopImmediatePropagation();
        event.respondWith(new Promise(() => undefined));
      });\n`;
    await writeFile(join(dist, 'sw.js'), forgetful + (await readFile(join(dist, 'sw.js'), 'utf8')));
    const next = await releaseNext();
    await comeBack(page);
    await until(page, async () => (await navigator.serviceWorker.getRegistration()).waiting);
    await page.locator('.guide .action a').first().click();
    await runs(page, next);
  }));

test('code that a release took away: a reader is led on, a writer is asked, and no word is lost', () =>
  withReleases(async (own, releaseNext) => {
    const who = await person(own, 'mother');
    const draft = await who.draft();
    const [reader, writer] = [await openPhone(browser, WITHOUT_WORKER), await phoneOf(browser, who, WITHOUT_WORKER)];
    await reader.page.goto(`${own.url}bundles/newborn`);
    await live(reader.page);
    await openStep(writer.page, own, draft);
    await type(writer.page, 'baby_name', '林小满');
    const next = await releaseNext();

    await reader.page.locator('.bar a[href$="/mine"]').click();
    await runs(reader.page, next);
    await reader.page.waitForURL(/\/mine$/);
    await reader.page.locator('main a.primary').waitFor();

    await writer.page.locator('.bar a[href$="/mine"]').click();
    await writer.page.locator('#release-accept').waitFor();
    assert.notEqual(await writer.page.locator('meta[name="release"]').getAttribute('content'), next);
    await writer.page.locator('#release-accept').click();
    await runs(writer.page, next);
    await holds(who, draft, 'baby_name', '林小满');
    await openStep(writer.page, own, draft);
    assert.equal(await writer.page.locator('#f-baby_name').inputValue(), '林小满');
    for (const { troubles } of [reader, writer]) assert.deepEqual(troubles, []);
  }));

test('code that cannot be brought while the release is the same comes with another try', async () => {
  const { page } = await openPhone(browser, WITHOUT_WORKER);
  await page.goto(`${server.url}bundles/newborn`);
  await live(page);
  // The network takes everything but what the page asks for the next screen.
  await page.route(/-[0-9a-f]{16,}(_bg)?\.(js|wasm)$/, (route) => route.abort());
  await page.locator('.bar a[href$="/mine"]').click();
  await page.locator('main button.primary').waitFor();
  assert.equal(await page.locator('#release-accept').count(), 0);
  await page.unrouteAll();
  await page.locator('main button.primary').click();
  await page.locator('main a.primary').waitFor();
});
