// Materials: reuse, phones' uploads over a bad network, promises kept and broken, nothing to bring at all.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { look, openBrowser, openPhone } from '../lib/browser.mjs';
import { Citizen } from '../lib/citizen.mjs';
import { openDesk } from '../lib/desk.mjs';
import { live, NEWBORN, person, phoneOf } from '../lib/draft.mjs';
import { eventually } from '../lib/patience.mjs';
import { openProxy } from '../lib/proxy.mjs';
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

const BANK = '#m-m_bank';

/** A draft's materials on a phone. */
async function openMaterials(who, draft, at = server, options) {
  const phone = await phoneOf(browser, who, options);
  await phone.page.goto(`${at.url}drafts/${draft}/materials`);
  await phone.page.locator('.checklist').waitFor();
  return phone;
}

/** A photo as a phone takes it: full of detail, so that it stays large. */
const photo = (page, width, height, seed = 7) =>
  page.evaluate(
    async ([width, height, seed]) => {
      const canvas = document.createElement('canvas');
      Object.assign(canvas, { width, height });
      const context = canvas.getContext('2d');
      const image = context.createImageData(width, height);
      const words = new Uint32Array(image.data.buffer);
      let state = seed;
      for (let place = 0; place < words.length; place += 1) {
        state = (state * 1664525 + 1013904223) >>> 0;
        words[place] = 0xff000000 | (state >>> 8);
      }
      context.putImageData(image, 0, 0);
      const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.9));
      return btoa([...new Uint8Array(await blob.arrayBuffer())].map((byte) => String.fromCharCode(byte)).join(''));
    },
    [width, height, seed],
  ).then((text) => Buffer.from(text, 'base64'));

const file = (name, mimeType, buffer) => ({ name, mimeType, buffer });

/** One page of PDF. */
const pdf = () => {
  const body = '%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>\nendobj\n';
  const offsets = ['1 0 obj', '2 0 obj', '3 0 obj'].map((mark) => String(body.indexOf(mark)).padStart(10, '0'));
  const table = `xref\n0 4\n0000000000 65535 f \n${offsets.map((offset) => `${offset} 00000 n \n`).join('')}`;
  return Buffer.from(`${body}${table}trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF\n`);
};

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** The digest the page announced for what it sends. */
function announced(page) {
  const digests = [];
  page.on('request', (request) => {
    if (request.method() !== 'POST' || !request.url().endsWith('/uploads')) return;
    const pair = request.headers()['upload-metadata'].split(',').find((one) => one.startsWith('sha256 '));
    digests.push(Buffer.from(pair.split(' ')[1], 'base64').toString());
  });
  return digests;
}

/** What the server holds of a document. */
async function held(who, at, id) {
  const answer = await fetch(`${at.api}/documents/${id}/content`, { headers: { cookie: `${who.cookie.name}=${who.cookie.value}` } });
  assert.equal(answer.status, 200);
  return Buffer.from(await answer.arrayBuffer());
}

const given = async (who, draft, material) => (await who.call('GET', `/drafts/${draft}`)).materials[material]?.documents ?? [];

test('what is stored is used in one tap, and each use is told', async () => {
  const mother = await person(server, 'mother');
  const draft = await mother.draft();
  const { page, troubles } = await openMaterials(mother, draft);
  // A register answers in the place of her own identity card: nothing is asked.
  assert.match(await page.locator('#m-m_mother_id.met').innerText(), /统一身份认证/);
  assert.match(await page.locator('.lead').innerText(), /需要 4 份材料，已备好 1 份/);
  await look(page, 'materials-found');
  // For what, and by whom, is said before the tap.
  assert.match(await page.locator('#reuse').innerText(), /只用来办理/);
  await page.locator('#reuse button.primary').click();
  await page.locator('.lead', { hasText: '已备好 4 份' }).waitFor();
  assert.match(await page.locator('#m-m_father_id').innerText(), /家庭成员/);
  await page.locator('a', { hasText: '我的证照和材料' }).first().click();
  await page.locator('h1', { hasText: '我的证照和材料' }).waitFor();
  await page.locator('summary', { hasText: '用过 1 次' }).first().click();
  assert.match(await page.locator('details[open]').first().innerText(), /新生儿出生一件事.*已同意告知/s);
  await look(page, 'documents');
  // A file can be deleted; the draft's place is open again.
  await page.locator('button', { hasText: '删除' }).first().click();
  await look(page, 'documents-delete');
  await page.locator('button', { hasText: '删除这份材料' }).click();
  await page.locator('p', { hasText: '还没有上传过材料' }).waitFor();
  assert.deepEqual(await given(mother, draft, 'm_ss_photo'), [], 'what is deleted is in no draft');
  assert.deepEqual(troubles, []);
});

test('two photos and a PDF become one material, in order, turned and taken out', async () => {
  const mother = await person(server, 'mother');
  const draft = await mother.draft();
  const { page, troubles } = await openMaterials(mother, draft);
  const photos = [await photo(page, 640, 480, 1), await photo(page, 640, 480, 2)];
  const choose = page.locator(`${BANK} input[type=file]`).last();
  await choose.setInputFiles([file('甲.jpg', 'image/jpeg', photos[0]), file('乙.jpg', 'image/jpeg', photos[1])]);
  await page.locator(`${BANK} .document`).nth(1).waitFor();
  await choose.setInputFiles([file('丙.pdf', 'application/pdf', pdf())]);
  await page.locator(`${BANK} .document`).nth(2).waitFor();
  await look(page, 'materials-pages');
  const names = () => page.locator(`${BANK} .document p:first-child`).allInnerTexts();
  const before = (await names()).map((text) => text.split('\n')[0]);
  assert.deepEqual(new Set(before), new Set(['甲.jpg', '乙.jpg', '丙.pdf']));
  await page.locator(`${BANK} .document`).nth(2).locator('button', { hasText: '上移' }).click();
  await page.waitForFunction(([box, name]) => document.querySelectorAll(`${box} .document`)[1]?.innerText.startsWith(name), [BANK, before[2]]);
  // A photo is turned: a new version of it, in the same place.
  const first = page.locator(`${BANK} .document`).first();
  const [old] = await given(mother, draft, 'm_bank');
  await first.locator('button', { hasText: '向右转' }).click();
  await first.locator('.badge', { hasText: '第 2 版' }).waitFor();
  await eventually(async () => assert.notEqual((await given(mother, draft, 'm_bank'))[0], old));
  const size = await first.locator('img').evaluate(async (image) => (await image.decode(), [image.naturalWidth, image.naturalHeight]));
  assert.deepEqual(size, [480, 640]);
  await page.locator(`${BANK} .document`).last().locator('button', { hasText: '移除' }).click();
  await page.locator(`${BANK} .document`).nth(2).waitFor({ state: 'detached' });
  await eventually(async () => assert.equal((await given(mother, draft, 'm_bank')).length, 2));
  // Taken again: the newer photo stands in its place.
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), first.locator('button', { hasText: '重拍' }).click()]);
  await chooser.setFiles(file('丁.jpg', 'image/jpeg', await photo(page, 500, 500, 3)));
  await first.locator('p', { hasText: '丁.jpg' }).waitFor();
  assert.deepEqual(troubles, []);
});

test('what is not taken is said at once, and nothing is lost', async () => {
  const mother = await person(server, 'mother');
  const { page, troubles } = await openMaterials(mother, await mother.draft());
  const choose = page.locator(`${BANK} input[type=file]`);
  const heic = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic'), Buffer.alloc(64)]);
  for (const [sent, said] of [
    [file('a.heic', 'image/heic', heic), '打不开 HEIC'],
    [file('a.txt', 'text/plain', Buffer.from('hello')), '只能用照片'],
    [file('a.jpg', 'image/jpeg', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2])), '打不开或不完整'],
    [file('a.pdf', 'application/pdf', Buffer.from(pdf().toString().replace('/Catalog', '/Catalog /OpenAction << /S /JavaScript /JS (app.alert(1)) >>'))), '不安全'],
    [file('a.pdf', 'application/pdf', Buffer.alloc(0)), '是空的'],
  ]) {
    await choose.setInputFiles(sent);
    await page.locator(`${BANK} .sending.bad`, { hasText: said }).waitFor();
    if (said.includes('HEIC')) await look(page, 'materials-refused');
    await page.locator(`${BANK} .sending.bad button`).click();
  }
  assert.equal(await page.locator(`${BANK}.met`).count(), 0);
  assert.deepEqual(troubles, []);
});

test('an upload cut at 1 %, 50 % and 99 % goes on where it stopped', async () => {
  const proxy = await openProxy(server);
  const mother = await person(server, 'mother');
  const draft = await mother.draft();
  const { page, troubles } = await openMaterials(mother, draft, proxy);
  const digests = announced(page);
  const offsets = [];
  page.on('request', (request) => {
    if (request.method() === 'PATCH' && request.url().includes('/uploads/')) offsets.push(Number(request.headers()['upload-offset']));
  });
  let length;
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/uploads')) length = Number(request.headers()['upload-length']);
  });
  for (const [place, share] of [0.01, 0.5, 0.99].entries()) {
    const bytes = await photo(page, 1400, 1000, place + 10);
    // The photo is made small first; what is sent is about as large as what was chosen.
    proxy.cutAt(Math.round(bytes.length * share * 0.6));
    await page.locator(`${BANK} input[type=file]`).last().setInputFiles(file(`${place}.jpg`, 'image/jpeg', bytes));
    await page.locator(`${BANK} .document`).nth(place).waitFor();
    assert.equal(proxy.planned(), false, 'the upload was cut');
    await eventually(async () => assert.equal((await given(mother, draft, 'm_bank')).length, place + 1));
    const documents = await given(mother, draft, 'm_bank');
    assert.equal(sha256(await held(mother, server, documents[place])), digests[place]);
  }
  const resumed = offsets.filter((offset) => offset > 0);
  assert.ok(resumed.length >= 2 && resumed.every((offset) => offset <= length), `${offsets}`);
  assert.deepEqual(troubles, []);
  proxy.stop();
});

test('a tab killed in the middle of an upload loses nothing', async () => {
  const proxy = await openProxy(server);
  const mother = await person(server, 'mother');
  const draft = await mother.draft();
  const { context, page } = await openMaterials(mother, draft, proxy);
  const digests = announced(page);
  const bytes = await photo(page, 1400, 1000, 42);
  proxy.stallAt(Math.round(bytes.length * 0.3));
  await page.locator(`${BANK} input[type=file]`).setInputFiles(file('照片.jpg', 'image/jpeg', bytes));
  await page.locator(`${BANK} .sending progress`).waitFor();
  while (proxy.planned()) await page.waitForTimeout(50);
  const session = await context.newCDPSession(page);
  const crashed = page.waitForEvent('crash');
  session.send('Page.crash').catch(() => {});
  await crashed;
  const next = await context.newPage();
  const creations = [];
  next.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/uploads')) creations.push(request.url());
  });
  await next.goto(`${proxy.url}drafts/${draft}/materials`);
  await next.locator(`${BANK} .document`).waitFor();
  await eventually(async () => assert.equal((await given(mother, draft, 'm_bank')).length, 1));
  const [document] = await given(mother, draft, 'm_bank');
  assert.equal(sha256(await held(mother, server, document)), digests[0]);
  assert.deepEqual(creations, [], 'it went on with the same upload');
  proxy.stop();
});

/** A restaurant's draft on its materials, with both fire papers to come later. */
async function restaurant(founder, { features = 'none' } = {}) {
  const phone = await openPhone(browser);
  const citizen = new Citizen(phone.page, server, 'restaurant', { prefix: 'promise' });
  const answers = { scale: 'small', projects: ['hot_food'], need_fire: features === 'none' ? 'yes' : 'no', shop_features: [features], by_agent: 'no' };
  if (features === 'none') answers.fire_mode = 'commitment';
  const draft = await founder.draft('restaurant', answers);
  await phone.context.addCookies([founder.cookie]);
  citizen.draft = draft;
  await phone.page.goto(`${server.url}drafts/${draft}/form`);
  await live(phone.page);
  await citizen.fillForm();
  return { ...phone, citizen, draft };
}

/** Reads a paper and signs it. */
async function sign(page, material, way) {
  const entry = page.locator(`#m-${material}`);
  await entry.locator('button', { hasText: way }).click();
  await entry.locator('.paper').waitFor();
  await look(page, `paper-${material}`);
  await entry.locator('.paper button.primary').click();
  await page.locator(`#m-${material}.met`).waitFor();
}

/** Takes one lane to its end. */
async function issue(desk, number, item) {
  const { id } = await desk.lane(number, item);
  for (const action of ['accept', 'approve', 'issue']) await desk.act(id, { action });
}

const LATER = ['m_fire_rules_later', 'm_fire_plan_later'];
const letPass = (days) => fetch(`${server.api}/demo/calendar`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ days }) });

test('deferral: promised, reminded, brought; and one that lapses', async () => {
  const founder = await person(server, 'founder');
  const { page, citizen, troubles } = await restaurant(founder);
  await citizen.provideMaterials({ except: LATER });
  for (const material of LATER) await sign(page, material, '以后补交');
  await citizen.goOnToReview();
  const number = await citizen.submit();
  const ledger = page.locator('#owed');
  assert.equal(await ledger.locator('[data-owed]').count(), 2);
  assert.match(await ledger.innerText(), /到期不补.*终止办理/s);
  const papers = ledger.locator('details');
  await papers.locator('summary').click();
  // The promise and the notice of each, as files that last.
  assert.equal(await papers.locator('a').count(), 4);
  const [download] = await Promise.all([page.waitForEvent('download'), papers.locator('a').first().click()]);
  assert.match(download.suggestedFilename(), /容缺受理.*\.pdf/);
  await look(page, 'ledger');

  const desk = await openDesk(server.api);
  await issue(desk, number, 'biz_check');
  const lane = await desk.lane(number, 'fire');
  await desk.act(lane.id, { action: 'accept' });
  await assert.rejects(desk.act(lane.id, { action: 'approve' }), /conflict/, 'nothing is decided while it is owed');
  await letPass(13);
  await page.locator('#owed', { hasText: '还剩' }).waitFor();
  await page.locator('summary', { hasText: '办理记录' }).click();
  await page.locator('details li', { hasText: '已提醒补交材料' }).waitFor();
  await page.locator('.panel.now a').click();
  await page.locator('h1', { hasText: '补交材料' }).waitFor();
  await look(page, 'owed');
  await page.locator(`#m-${LATER[0]} input[type=file]`).setInputFiles(file('制度.pdf', 'application/pdf', pdf()));
  await page.locator(`#m-${LATER[0]} .document`).waitFor();
  await page.locator('section', { has: page.locator(`#m-${LATER[0]}`) }).locator('> button').click();
  await page.locator(`#m-${LATER[0]}`).waitFor({ state: 'detached' });
  assert.equal(await page.locator(`#m-${LATER[1]}`).count(), 1, 'the other one is still to come');
  await page.locator('main a.quiet').last().click();
  await page.locator('#owed [data-owed]', { hasText: '已补交' }).waitFor();
  // The other one does not come: what waits for it ends, and it is on record.
  await letPass(40);
  await page.locator('#owed [data-owed]', { hasText: '仍没有补交' }).waitFor();
  assert.match(await page.locator('.timeline').innerText(), /已终止/);
  await look(page, 'ledger-lapsed');
  await letPass(0);
  const again = await founder.draft('restaurant', { scale: 'small', projects: ['hot_food'], need_fire: 'yes', fire_mode: 'commitment', shop_features: ['none'], by_agent: 'no' });
  await page.goto(`${server.url}drafts/${again}/materials`);
  await page.locator(`#m-${LATER[0]}`, { hasText: '承诺没有履行' }).waitFor();
  assert.equal(await page.locator(`#m-${LATER[0]} button`, { hasText: '以后补交' }).count(), 0);
  const [breach] = await (await fetch(`${server.api}/desk/breaches`, { headers: { cookie: desk.cookie } })).json();
  assert.equal(breach.number, number);
  await fetch(`${server.api}/desk/breaches/${breach.id}/repair`, { method: 'POST', headers: { cookie: desk.cookie } });
  await page.reload();
  await page.locator(`#m-${LATER[0]} button`, { hasText: '以后补交' }).waitFor();
  assert.deepEqual(troubles, []);
});

test('approval on commitment: the decision first, the paper after it', async () => {
  const founder = await person(server, 'founder');
  const { page, citizen, troubles } = await restaurant(founder, { features: 'signboard' });
  await citizen.provideMaterials({ except: ['m_sign_img'] });
  await sign(page, 'm_sign_img', '先审批');
  await citizen.goOnToReview();
  const number = await citizen.submit();
  assert.match(await page.locator('[data-owed]').innerText(), /决定之后开始计算/);
  const desk = await openDesk(server.api);
  await issue(desk, number, 'biz_check');
  const lane = await desk.lane(number, 'sign');
  await desk.act(lane.id, { action: 'accept' });
  await desk.act(lane.id, { action: 'approve' });
  await page.locator('[data-owed]', { hasText: '还剩 10 个工作日' }).waitFor();
  await look(page, 'ledger-decided');
  assert.deepEqual(troubles, []);
});

test('a declaration is signed, and taken back before the decision', async () => {
  const buyer = await person(server, 'buyer');
  const phone = await openPhone(browser);
  const { page, context, troubles } = phone;
  const citizen = new Citizen(page, server, 'property_transfer', { prefix: 'declaration' });
  const draft = await buyer.draft('property_transfer', { sale_kind: 'sale', buyer_kind: 'person', has_loan: 'no', want_items: ['tv'], by_agent: 'no' });
  await context.addCookies([buyer.cookie]);
  citizen.draft = draft;
  await page.goto(`${server.url}drafts/${draft}/form`);
  await live(page);
  await citizen.fillForm();
  await citizen.provideMaterials({ except: ['m_marriage'] });
  const met = page.locator('#m-m_marriage.met');
  if (await met.count()) await met.locator('button', { hasText: /移除|换一种/ }).first().click();
  await sign(page, 'm_marriage', '用书面承诺代替');
  await citizen.goOnToReview();
  const number = await citizen.submit();
  await page.locator('[data-declared] button', { hasText: '撤回' }).click();
  await page.locator('[data-declared] button', { hasText: '撤回承诺' }).click();
  await page.locator('[data-owed]', { hasText: '撤回承诺后补交' }).waitFor();
  await look(page, 'declaration-withdrawn');
  await page.locator('#owed a.button').click();
  await page.locator('#m-m_marriage input[type=file]').setInputFiles(file('结婚证.pdf', 'application/pdf', pdf()));
  await page.locator('#m-m_marriage .document').waitFor();
  await page.locator('section button.primary').last().click();
  await page.locator('#owed [data-owed]', { hasText: '已补交' }).waitFor();
  const { papers } = await buyer.call('GET', `/applications/${citizen.application}`);
  assert.ok(papers.some((paper) => paper.kind === 'declaration' && paper.withdrawn));
  assert.match(number, /^\d{16}$/);
  assert.deepEqual(troubles, []);
});

test('an errand that needs no documents says so and is sent', async () => {
  const pensioner = await person(server, 'pensioner');
  const phone = await openPhone(browser);
  const { page, context, troubles } = phone;
  const citizen = new Citizen(page, server, 'flexible_job', { prefix: 'zero' });
  const draft = await pensioner.draft('flexible_job', { work_kind: 'freelance', subsidy_kind: 'none', local_hukou: 'yes', want_file: 'no', want_hf: 'no' });
  await context.addCookies([pensioner.cookie]);
  citizen.draft = draft;
  await page.goto(`${server.url}drafts/${draft}/form`);
  await live(page);
  await citizen.fillForm();
  await page.locator('#zero', { hasText: '零材料' }).waitFor();
  await citizen.goOnToReview();
  assert.match(await citizen.submit(), /^\d{16}$/);
  assert.deepEqual(troubles, []);
});

test('the list of proofs is open to all, and a demand beyond it is reported from the material', async () => {
  const { page, troubles } = await openPhone(browser);
  await page.goto(`${server.url}proofs`);
  await page.locator('main details summary').first().waitFor();
  await page.locator('main details').first().locator('summary').click();
  await look(page, 'proofs');
  await page.locator('main details[open] a', { hasText: '多要了材料' }).click();
  await page.locator('.notice', { hasText: '关于：' }).waitFor();
  await page.locator('#message').fill('窗口要求另开一份清单上没有的证明');
  await look(page, 'report');
  await page.locator('form button.primary').click();
  await page.locator('.notice.good').waitFor();
  assert.deepEqual(troubles, []);
});

test('english: a photo, its progress and the store speak the language too', async () => {
  const mother = await person(server, 'mother');
  const { page, troubles } = await openMaterials(mother, await mother.draft('newborn', NEWBORN), server, { locale: 'en-GB' });
  await page.locator(`${BANK} input[type=file]`).setInputFiles(file('card.jpg', 'image/jpeg', await photo(page, 300, 200)));
  await page.locator(`${BANK} .document`).waitFor();
  await look(page, 'materials-en');
  await page.goto(`${server.url}documents`);
  await page.locator('h1', { hasText: 'My certificates and documents' }).waitFor();
  await look(page, 'documents-en');
  assert.deepEqual(troubles, []);
});
