// The form under everything that happens to it: several hands, no network, a killed tab, a lost session, a wrong register.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { look, openBrowser } from '../lib/browser.mjs';
import { holds, live, openStep, person, phoneOf, saved } from '../lib/draft.mjs';
import { startServer } from '../lib/server.mjs';

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

const type = async (page, id, text) => {
  await page.locator(`#f-${id}`).fill(text);
};

test('two tabs on one draft: different fields merge silently', async () => {
  const draft = await mother.draft();
  const one = await phoneOf(browser, mother);
  const other = await one.context.newPage();
  await openStep(one.page, server, draft);
  await openStep(other, server, draft);
  await type(one.page, 'baby_name', '林小满');
  await saved(one.page);
  await holds(mother, draft, 'baby_name', '林小满');
  await type(other, 'baby_length_cm', '50');
  await holds(mother, draft, 'baby_length_cm', '50');
  // The second tab learns what the first one said.
  await other.waitForFunction(() => document.getElementById('f-baby_name').value === '林小满');
  assert.equal(await other.locator('.conflict').count(), 0);
  assert.deepEqual(one.troubles, []);
});

test('two devices on one field: both answers are shown, and the person chooses', async () => {
  const draft = await mother.draft();
  const [one, other] = [await phoneOf(browser, mother), await phoneOf(browser, mother)];
  await openStep(one.page, server, draft);
  await openStep(other.page, server, draft);
  await type(one.page, 'baby_name', '林小满');
  await holds(mother, draft, 'baby_name', '林小满');
  await type(other.page, 'baby_name', '林小雪');
  await other.page.locator('.conflict').waitFor();
  assert.match(await other.page.locator('.conflict').innerText(), /林小满/);
  assert.match(await other.page.locator('.saving').innerText(), /另一处/);
  await look(other.page, 'form-conflict');
  await other.page.locator('[data-act=theirs]').click();
  assert.equal(await other.page.locator('#f-baby_name').inputValue(), '林小满');
  await saved(other.page);
  // Once more, and this time one's own counts.
  await type(one.page, 'baby_name', '林小雨');
  await holds(mother, draft, 'baby_name', '林小雨');
  await type(other.page, 'baby_name', '林小雪');
  await other.page.locator('[data-act=mine]').click();
  await holds(mother, draft, 'baby_name', '林小雪');
  await saved(other.page);
});

test('no network mid-form: one goes on, and nothing is lost', async () => {
  const draft = await mother.draft();
  const { context, page, troubles } = await phoneOf(browser, mother);
  await openStep(page, server, draft);
  await context.setOffline(true);
  await type(page, 'baby_name', '林小满');
  await page.locator('.saving[data-saving="kept"]').waitFor();
  assert.match(await page.locator('.saving').innerText(), /已加密存在这台设备上/);
  await look(page, 'form-offline');
  await page.locator('[data-field="baby_surname_from"] input').first().check();
  await type(page, 'baby_length_cm', '50');
  await page.locator('[data-field="child_order"] input').first().check();
  await page.locator('main form > .action button').click();
  // The next questions are at hand without a network.
  await page.waitForURL(/form\/mother/);
  await context.setOffline(false);
  await saved(page);
  await holds(mother, draft, 'baby_name', '林小满');
  await holds(mother, draft, 'child_order', 'first');
  assert.deepEqual(troubles, []);
});

test('a tab that dies mid-word loses at most two seconds', async () => {
  const draft = await mother.draft();
  const { context, page } = await phoneOf(browser, mother);
  await openStep(page, server, draft);
  await context.setOffline(true);
  await page.locator('#f-baby_name').pressSequentially('林小', { delay: 50 });
  // What was typed two seconds ago is sealed; the key cannot be read out, and no word lies there in the clear.
  await page.waitForTimeout(2000);
  const lying = await page.evaluate(async () => {
    const base = await new Promise((resolve) => {
      const request = indexedDB.open('onething');
      request.onsuccess = () => resolve(request.result);
    });
    const all = (name) =>
      new Promise((resolve) => {
        const request = base.transaction(name).objectStore(name).getAll();
        request.onsuccess = () => resolve(request.result);
      });
    const [[key], entries] = [await all('keys'), await all('entries')];
    const bytes = entries.map(({ data }) => new TextDecoder().decode(data)).join('');
    return { extractable: key.extractable, entries: entries.length, clear: bytes.includes('林') || bytes.includes('baby') };
  });
  assert.deepEqual(lying, { extractable: false, entries: 1, clear: false });
  const session = await context.newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  session.send('Page.crash').catch(() => {});
  await crashed;
  await page.close();
  await context.setOffline(false);
  const again = await context.newPage();
  await openStep(again, server, draft);
  await again.waitForFunction(() => document.getElementById('f-baby_name').value === '林小');
  await holds(mother, draft, 'baby_name', '林小');
});

test('a link followed right after the last key loses nothing', async () => {
  const draft = await mother.draft();
  const { page } = await phoneOf(browser, mother);
  await openStep(page, server, draft);
  await page.locator('#f-baby_name').pressSequentially('林小满');
  await page.locator('.bar a[href$="/mine"]').click();
  await page.waitForURL(/\/mine$/);
  await holds(mother, draft, 'baby_name', '林小满');
});

test('what a closed tab kept does not overwrite what was said elsewhere since', async () => {
  const draft = await mother.draft();
  const { context, page } = await phoneOf(browser, mother);
  await openStep(page, server, draft);
  await context.setOffline(true);
  await type(page, 'baby_name', '林小雪');
  await type(page, 'baby_length_cm', '50');
  await page.waitForTimeout(2000);
  await page.close();
  await context.setOffline(false);
  const phone = await phoneOf(browser, mother);
  await openStep(phone.page, server, draft);
  await type(phone.page, 'baby_name', '林小满');
  await holds(mother, draft, 'baby_name', '林小满');
  const again = await context.newPage();
  await openStep(again, server, draft);
  await again.locator('.conflict').waitFor();
  assert.match(await again.locator('.conflict').innerText(), /林小满/);
  assert.equal(await again.locator('#f-baby_name').inputValue(), '林小雪');
  // The rest of what was kept arrives without a question.
  await holds(mother, draft, 'baby_length_cm', '50');
  await again.locator('[data-act=theirs]').click();
  await saved(again);
  assert.equal((await mother.facts(draft)).baby_name, '林小满');
});

test('who signs out leaves nothing behind, not even what was just typed', async () => {
  const draft = await mother.draft();
  const own = await person(server, 'mother');
  const { page } = await phoneOf(browser, own);
  await openStep(page, server, draft);
  // The server takes nothing, so that something is left to keep.
  await page.route('**/api/v1/drafts/*', (route) => (route.request().method() === 'PATCH' ? route.abort() : route.continue()));
  await type(page, 'baby_name', '林小满');
  await page.locator('.saving[data-saving="kept"]').waitFor();
  await page.locator('.foot button.link').click();
  await page.waitForURL(server.url);
  await page.waitForTimeout(2500);
  const left = await page.evaluate(async () => {
    if (!(await indexedDB.databases()).some(({ name }) => name === 'onething')) return 0;
    const base = await new Promise((resolve) => {
      const request = indexedDB.open('onething');
      request.onsuccess = () => resolve(request.result);
    });
    return new Promise((resolve) => {
      const request = base.transaction('entries').objectStore('entries').count();
      request.onsuccess = () => resolve(request.result);
    });
  });
  assert.equal(left, 0);
});

test('a session that ends mid-form is renewed in place, and the focus returns', async () => {
  const draft = await mother.draft();
  const { context, page } = await phoneOf(browser, mother);
  await openStep(page, server, draft);
  await context.clearCookies();
  await page.locator('#f-baby_name').pressSequentially('林小满');
  await page.locator('dialog[open]').waitFor();
  assert.match(await page.locator('dialog').innerText(), /您填写的都在/);
  await look(page, 'form-signed-out');
  await page.locator('dialog [data-persona="mother"]').click();
  await page.waitForFunction(() => !document.querySelector('dialog[open]'));
  await saved(page);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'f-baby_name');
  await holds(mother, draft, 'baby_name', '林小满');
});

test('the end of a session is announced ahead', async () => {
  const short = await startServer({ session: 9 });
  try {
    const who = await person(short, 'mother');
    const draft = await who.draft();
    const { page } = await phoneOf(browser, who);
    await openStep(page, short, draft);
    await page.locator('#stay').waitFor();
    await page.locator('#stay').click();
    await page.locator('#stay').waitFor({ state: 'detached' });
    // Whoever does nothing at all is asked to sign in again, over the form.
    await page.locator('dialog[open]').waitFor();
  } finally {
    await short.stop();
  }
});

test('a register that is down is said, and asked again for its fields only', async () => {
  await mother.call('PUT', '/demo/registers/household', { state: 'down' });
  const draft = await mother.draft();
  const { page } = await phoneOf(browser, mother);
  await openStep(page, server, draft);
  assert.match(await page.locator('#gaps').innerText(), /户籍/);
  await look(page, 'form-register-down');
  await mother.call('PUT', '/demo/registers/household', { state: 'up' });
  await page.locator('#ask-again').click();
  await page.locator('#gaps').waitFor({ state: 'detached' });
  await page.goto(`${server.url}drafts/${draft}/form/mother`);
  await live(page);
  await page.locator('.known [data-field="mother_hukou_region"]').waitFor();
});

test('a wrong register: corrected, taken back, disputed', async () => {
  const draft = await mother.draft();
  const { page, troubles } = await phoneOf(browser, mother);
  await openStep(page, server, draft, 'mother');
  const field = page.locator('[data-field="mother_address"]');
  assert.match(await page.locator('.known').innerText(), /来自.+核对于.+（.+）/);
  const before = await field.locator('.answer').innerText();
  await field.locator('[data-act=open]').click();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'f-mother_address');
  await type(page, 'mother_address', '新搬的路 1 号');
  await page.locator('#f-mother_address').blur();
  assert.match(await field.locator('.source').innerText(), /您已修改/);
  await saved(page);
  // The old value stays beside the new one, masked or not as before, until it is taken back.
  await openStep(page, server, draft, 'mother');
  assert.match(await field.locator('.source').innerText(), /您已修改/);
  await field.locator('[data-act=dispute]').click();
  await field.locator('[data-note]').fill('我已经搬家');
  await look(page, 'form-dispute');
  await field.locator('[data-act=dispute-send]').click();
  await field.locator('[data-act=withdraw]').waitFor();
  await saved(page);
  assert.equal((await mother.call('GET', `/drafts/${draft}`)).disputes.mother_address, '我已经搬家');
  await field.locator('[data-act=restore]').click();
  await saved(page);
  await holds(mother, draft, 'mother_address', before);
  // Who gets it, and why.
  await openStep(page, server, draft, 'mother');
  await field.locator('[data-act=more]').click();
  await field.locator('[data-act=who]').click();
  assert.match(await field.locator('.recipients').innerText(), /公安，用于“/);
  await look(page, 'form-known');
  assert.deepEqual(troubles, []);
});

test('handed over by QR code to another device, and to somebody who helps', async () => {
  const draft = await mother.draft();
  const { page } = await phoneOf(browser, mother);
  await page.goto(`${server.url}drafts/${draft}/handover`);
  await page.locator('#to-myself').click();
  await page.locator('.qr path').waitFor();
  await look(page, 'handover');
  const code = (await page.locator('#code-letters').innerText()).replaceAll(' ', '');
  const second = await phoneOf(browser, mother);
  await second.page.goto(`${server.url}continue/${code}`);
  await second.page.locator('main form button').click();
  await second.page.waitForURL(new RegExp(`drafts/${draft}/form`));

  await page.locator('#to-agent').click();
  await page.waitForFunction((code) => document.getElementById('code-letters').textContent.replaceAll(' ', '') !== code, code);
  const other = (await page.locator('#code-letters').innerText()).replaceAll(' ', '');
  const helper = await person(server, 'founder');
  const agent = await phoneOf(browser, helper);
  await agent.page.goto(`${server.url}continue`);
  // The code that was used up, first.
  await agent.page.locator('#typed-code').fill(code);
  await agent.page.locator('main form button').click();
  await agent.page.locator('[role=alert] .notice').waitFor();
  await agent.page.locator('#typed-code').fill(other.toLowerCase());
  await look(agent.page, 'continue');
  await agent.page.locator('main form button').click();
  await agent.page.waitForURL(new RegExp(`drafts/${draft}/form`));
  await agent.page.locator('.notice', { hasText: '代填' }).first().waitFor();
  await type(agent.page, 'baby_name', '林小满');
  await holds(mother, draft, 'baby_name', '林小满');
  await agent.page.goto(`${server.url}drafts/${draft}/materials`);
  await agent.page.locator('.checklist').waitFor();
  assert.equal(await agent.page.locator('.ways button', { hasText: /承诺|容缺|以后/ }).count(), 0);
  // The owner sees who is at work, and ends it.
  await page.goto(`${server.url}drafts/${draft}/handover`);
  await page.locator('#end-agent').click();
  await page.locator('#end-agent').waitFor({ state: 'detached' });
  await assert.rejects(helper.facts(draft), /not-found/);
});

test('a device that keeps nothing is said, and the server still saves', async () => {
  const draft = await mother.draft();
  const { context, page } = await phoneOf(browser, mother);
  await context.addInitScript(() => {
    // A browser that denies storage: private mode, or a full disk.
    Object.defineProperty(globalThis, 'indexedDB', { value: { open: () => { throw new DOMException('', 'QuotaExceededError'); } } });
  });
  await openStep(page, server, draft);
  await page.route('**/api/v1/drafts/*', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await route.continue();
  });
  await type(page, 'baby_name', '林小满');
  await page.locator('.unkept').waitFor();
  await saved(page);
  await holds(mother, draft, 'baby_name', '林小满');
});

test('storage that is full is said, and the server still saves', async () => {
  const draft = await mother.draft();
  const { context, page } = await phoneOf(browser, mother);
  // Before the page is opened: what the browser found free a moment ago it takes for free for a while.
  const session = await context.newCDPSession(page);
  await session.send('Storage.overrideQuotaForOrigin', { origin: server.origin, quotaSize: 1 });
  await openStep(page, server, draft);
  await context.setOffline(true);
  await type(page, 'baby_name', '林小满');
  await page.locator('.unkept').waitFor();
  await page.locator('.saving[data-saving="trouble"]').waitFor();
  assert.match(await page.locator('.saving').innerText(), /不要关闭页面/);
  await context.setOffline(false);
  await saved(page);
  await holds(mother, draft, 'baby_name', '林小满');
});

test('a draft begun before: continue, begin anew, discard', async () => {
  const own = await person(server, 'bereaved_son');
  const draft = await own.draft('after_death', {});
  const { page } = await phoneOf(browser, own);
  await page.goto(`${server.url}bundles/after_death/start`);
  await page.locator(`[data-draft="${draft}"]`).waitFor();
  await look(page, 'start-begun');
  await page.locator('#anew').click();
  await page.waitForURL(/drafts\/[0-9a-f]+\/form/);
  assert.ok(!page.url().includes(draft));
  await page.goto(`${server.url}bundles/after_death/start`);
  await page.locator(`[data-draft="${draft}"] button`).click();
  await page.locator(`[data-draft="${draft}"]`).waitFor({ state: 'detached' });
  await assert.rejects(own.facts(draft), /not-found/);
  await page.locator('[data-draft] a').click();
  await page.waitForURL(/drafts\/[0-9a-f]+\/form/);
});

test('long lists are searched by word, pinyin and code; a place is named down to the village; the same is ticked', async () => {
  const draft = await mother.draft();
  const { page, troubles } = await phoneOf(browser, mother);
  await openStep(page, server, draft, 'mother');
  await page.locator('[data-field="mother_ethnic"] [data-act=open]').click();
  const box = page.locator('#f-mother_ethnic');
  for (const words of ['chaoxian', '朝鲜', '10']) {
    await box.fill(words);
    assert.equal(await page.locator('#f-mother_ethnic-list [role=option]').first().innerText(), '朝鲜族');
  }
  await look(page, 'form-combobox');
  await box.press('Escape');
  await box.fill('cxz');
  await box.press('Enter');
  assert.equal(await box.inputValue(), '朝鲜族');
  await holds(mother, draft, 'mother_ethnic', '10');
  await box.fill('没有这个');
  await page.locator('#f-mother_ethnic-list [aria-disabled]').waitFor();
  await box.blur();
  assert.equal(await box.inputValue(), '朝鲜族', 'what is no answer is not taken');

  const place = page.locator('[data-field="mother_hukou_region"]');
  await place.locator('[data-act=open]').click();
  await place.locator('[data-act=place]').click();
  for (const [level, code] of ['99', '9901', '990101', '990101001', '990101001002'].entries()) {
    await place.locator(`[data-level="${level}"] option[value="${code}"]`).waitFor({ state: 'attached' });
    await place.locator(`[data-level="${level}"]`).selectOption(code);
  }
  await holds(mother, draft, 'mother_hukou_region', '990101001002');

  await openStep(page, server, draft, 'delivery');
  await page.locator('[data-field="receive_mode"] input[value=post]').check();
  const same = page.locator('[data-field="post_receiver"] [data-same="mother_name"]');
  assert.ok(await same.isChecked(), 'what is known is not asked again');
  assert.match(await page.locator('#f-post_receiver').innerText(), /林/);
  await same.uncheck();
  await type(page, 'post_receiver', '外婆');
  await holds(mother, draft, 'post_receiver', '外婆');
  await look(page, 'form-same');
  assert.deepEqual(troubles, []);
});

test('the whole form on one page; what is wrong is led to, from the last look too', async () => {
  const draft = await mother.draft();
  const { page, troubles } = await phoneOf(browser, mother);
  await page.goto(`${server.url}drafts/${draft}/form/all`);
  await live(page);
  await page.locator('.form-section').first().waitFor();
  await look(page, 'form-whole');
  await page.locator('main form > .action button').click();
  await page.locator('#faults').waitFor();
  const first = page.locator('#faults a').first();
  const target = (await first.getAttribute('href')).slice(1);
  await first.click();
  assert.ok(await page.evaluate((id) => document.activeElement.id.startsWith(id), target));
  await type(page, 'baby_name', '123');
  await page.locator('#f-baby_name').blur();
  assert.equal(await page.locator('#f-baby_name').getAttribute('aria-invalid'), 'true');
  assert.match(await page.locator('#f-baby_name-fault').innerText(), /姓名只用文字/);
  // The last look shows what the server has: a word still on its way would make it stale.
  await holds(mother, draft, 'baby_name', '123');
  await page.goto(`${server.url}drafts/${draft}/review`);
  await page.locator('#recipients summary').click();
  await page.locator('#recipients li').first().waitFor();
  assert.match(await page.locator('#recipients').innerText(), /公安/);
  assert.match(await page.locator('main').innerText(), /共 \d+ 项内容，您只填写了其中 \d+ 项/);
  await page.locator('#submit').click();
  await page.locator('#faults').waitFor();
  await page.locator('#faults a', { hasText: '新生儿姓名' }).first().click();
  await page.waitForURL(/form\/child/);
  await page.waitForFunction(() => document.activeElement.id === 'f-baby_name');
  assert.deepEqual(troubles, []);
});
