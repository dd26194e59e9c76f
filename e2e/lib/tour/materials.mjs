// Documents: every way to meet one, and where they are kept.

import { NEWBORN, person } from '../draft.mjs';
import { ready } from '../payment.mjs';
import { openProxy } from '../proxy.mjs';

export const RESTAURANT = {
  errand: 'restaurant',
  answers: { scale: 'small', projects: ['hot_food'], need_fire: 'yes', fire_mode: 'commitment', shop_features: ['none'], by_agent: 'no' },
};
/** Papers of it that may be promised for later. */
export const LATER = ['m_fire_rules_later', 'm_fire_plan_later'];
const FLAT = {
  errand: 'property_transfer',
  answers: { sale_kind: 'sale', buyer_kind: 'person', has_loan: 'no', want_items: ['tv'], by_agent: 'no' },
};
const NOTHING = {
  errand: 'flexible_job',
  answers: { work_kind: 'freelance', subsidy_kind: 'none', local_hukou: 'yes', want_file: 'no', want_hf: 'no' },
};
const BANK = '#m-m_bank';

const photo = new URL('../../fixtures/photo.png', import.meta.url).pathname;

/** The documents of a draft on a phone. */
async function materials(walk, who, draft) {
  const page = await walk.phone(who);
  await walk.open(page, `drafts/${draft}/materials`, { drawn: '.checklist' });
  return page;
}

/** What becomes of a file is said a moment later, once. */
const said = (page, words) => page.locator(`${BANK} [role=status]`, { hasText: words }).waitFor({ state: 'attached' });

async function checklist(walk) {
  const who = await person(walk.server, 'mother');
  const page = await materials(walk, who, await who.draft('newborn', NEWBORN));
  await walk.stop('materials', page);
  await page.locator('#reuse details summary').first().click();
  await page.locator(`${BANK} details summary`).click();
  await walk.stop('materials-unfolded', page);
  await page.locator('main > .action button, main .screen > .action button').first().click();
  await page.locator('#faults').waitFor();
  await walk.stop('materials-faults', page);
  await page.locator('#reuse button.primary').click();
  await page.locator('#reuse').waitFor({ state: 'detached' });
  await page.locator(`${BANK} input[type=file]`).last().setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') });
  await page.locator(`${BANK} .sending.bad`).waitFor();
  await said(page, await page.locator(`${BANK} .sending.bad p`).innerText());
  await walk.stop('materials-refused', page);
  await page.locator(`${BANK} .sending.bad button`).click();
  for (const count of [1, 2]) {
    await page.locator(`${BANK} input[type=file]`).last().setInputFiles(photo);
    await page.locator(`${BANK} .document`).nth(count - 1).waitFor();
    await page.locator(`${BANK} .sending`).waitFor({ state: 'detached' });
  }
  await said(page, /photo\.jpg[^%]+$/);
  await walk.stop('materials-pages', page);
}

/** A file that is under way and does not arrive. */
async function sending(walk) {
  const proxy = await openProxy(walk.server);
  try {
    const who = await person(walk.server, 'mother');
    const draft = await who.draft('newborn', NEWBORN);
    const page = await walk.phone(who);
    await page.goto(walk.address(`drafts/${draft}/materials`).replace(walk.server.origin, proxy.origin));
    await page.locator('.checklist').waitFor();
    proxy.stallAt(100);
    await page.locator(`${BANK} input[type=file]`).last().setInputFiles(photo);
    // While it is being made smaller it has its first name.
    await page.locator(`${BANK} .sending`, { hasText: 'photo.jpg' }).locator('progress').waitFor();
    await said(page, '%');
    await walk.stop('materials-sending', page);
  } finally {
    await walk.leave();
    proxy.stop();
  }
}

/** Opens the first paper one may sign for a material. */
async function paper(page, material) {
  await page.locator(`#m-${material} button[aria-expanded]`).first().click();
  await page.locator(`#m-${material} .paper`).waitFor();
}

async function promise(walk) {
  const who = await person(walk.server, 'founder');
  const draft = await ready(walk.server, who, { ...RESTAURANT, except: LATER });
  const page = await materials(walk, who, draft);
  await paper(page, LATER[0]);
  await walk.stop('materials-promise', page);
  await page.locator('.paper button.primary').click();
  await page.locator(`#m-${LATER[0]}.met`).waitFor();
  await walk.stop('materials-promised', page);
}

async function declaration(walk) {
  const who = await person(walk.server, 'buyer');
  const page = await materials(walk, who, await ready(walk.server, who, { ...FLAT, except: ['m_marriage'] }));
  await paper(page, 'm_marriage');
  await walk.stop('materials-declaration', page);
}

async function nothing(walk) {
  const who = await person(walk.server, 'pensioner');
  const draft = await ready(walk.server, who, NOTHING);
  const page = await walk.phone(who);
  await walk.open(page, `drafts/${draft}/materials`, { drawn: '#zero' });
  await walk.stop('materials-none', page);
}

/** The store of what was provided before. */
async function store(walk) {
  const who = await person(walk.server, 'mother');
  await ready(walk.server, who, { errand: 'newborn', answers: NEWBORN });
  const page = await walk.phone(who);
  await walk.open(page, 'documents', { drawn: '.checklist .document' });
  await walk.stop('documents', page);
  await page.locator('.document details summary').first().click();
  const remove = page.locator('.checklist').last().locator('.document > div button').first();
  await remove.click();
  await remove.waitFor();
  await walk.stop('documents-delete', page);
}

export const LEGS = [
  { states: ['materials', 'materials-unfolded', 'materials-faults', 'materials-refused', 'materials-pages'], go: checklist },
  { states: ['materials-sending'], go: sending },
  { states: ['materials-promise', 'materials-promised'], go: promise },
  { states: ['materials-declaration'], go: declaration },
  { states: ['materials-none'], go: nothing },
];
export const STORE = [{ states: ['documents', 'documents-delete'], go: store }];
