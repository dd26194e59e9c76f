// The form, and what happens to it.

import { NEWBORN, holds, openStep, person, saved } from '../draft.mjs';
import { ready } from '../payment.mjs';
import { LATER, RESTAURANT } from './materials.mjs';
import { turnTo } from './walk.mjs';

/** The steps of the newborn's form, in order. */
const STEPS = ['child', 'mother', 'father', 'marriage', 'household', 'insurance', 'agent', 'delivery'];

const AGENT = { ...NEWBORN, by_agent: 'yes' };

/** A draft of the mother, and her phone. */
async function begin(walk, answers = NEWBORN) {
  const who = await person(walk.server, 'mother');
  const draft = await who.draft('newborn', answers);
  const page = await walk.phone(who);
  const step = (name) => walk.open(page, `drafts/${draft}/form/${name}`, { drawn: 'html[data-live] .form-section' });
  return { who, draft, page, step };
}

async function fill(page, id, text) {
  await turnTo(page, id);
  await page.locator(`#f-${id}`).fill(text);
}

/** Presses the way on; where something is missing the summary comes. */
async function complain(page) {
  const onward = page.locator('main form > .action button').first();
  // Whoever leaves a field is told at once what is wrong with it, and what stands below moves.
  await onward.focus();
  await onward.click();
  await page.locator('#faults').waitFor();
}

async function steps(walk) {
  const { page, step } = await begin(walk, AGENT);
  for (const name of STEPS) {
    await step(name);
    await walk.stop(`form-${name}`, page);
  }
  await step('delivery');
  await turnTo(page, 'receive_mode');
  await page.locator('[data-field="receive_mode"] input[value=post]').check();
  await turnTo(page, 'post_receiver');
  await walk.stop('form-same-as', page);
}

async function faults(walk) {
  const { page, step } = await begin(walk);
  await step('child');
  await fill(page, 'baby_name', '123');
  await complain(page);
  await walk.stop('form-faults', page);
}

async function whole(walk) {
  const { page, step } = await begin(walk, AGENT);
  await step('all');
  await walk.stop('form-whole', page);
  await complain(page);
  await walk.stop('form-whole-faults', page);
}

async function known(walk) {
  const { page, step } = await begin(walk);
  await step('mother');
  const field = page.locator('[data-field="mother_address"]');
  await field.locator('[data-act=open]').click();
  await fill(page, 'mother_address', '新搬的路 1 号');
  await page.locator('#f-mother_address').blur();
  await field.locator('[data-act=dispute]').click();
  await field.locator('[data-note]').fill('我已经搬家');
  await walk.stop('form-dispute', page);
  await step('mother');
  const given = page.locator('.known [data-field]').first();
  await given.locator('[data-act=more]').click();
  await given.locator('[data-act=who]').click();
  await page.locator('.recipients').waitFor();
  await walk.stop('form-recipients', page);
}

async function choices(walk) {
  const { page, step } = await begin(walk);
  await step('mother');
  await page.locator('[data-field="mother_ethnic"] [data-act=open]').click();
  await fill(page, 'mother_ethnic', '10');
  await page.locator('#f-mother_ethnic-list [role=option]').first().waitFor();
  await walk.stop('form-combobox', page);
  await step('mother');
  const place = page.locator('[data-field="mother_hukou_region"]');
  await place.locator('[data-act=open]').click();
  await place.locator('[data-act=place]').click();
  await place.locator('select[data-level="0"] option[value="99"]').waitFor({ state: 'attached' });
  await place.locator('select[data-level="0"]').selectOption('99');
  await walk.stop('form-place', page);
}

/** Rows that are added: the people of a restaurant. */
async function rows(walk) {
  const who = await person(walk.server, 'founder');
  const draft = await ready(walk.server, who, { ...RESTAURANT, except: LATER });
  const page = await walk.phone(who);
  await walk.open(page, `drafts/${draft}/form/people`, { drawn: 'html[data-live] .form-section' });
  await turnTo(page, 'staff');
  await page.locator('[data-act=add]').first().click();
  await walk.stop('form-rows', page);
  await complain(page);
  await walk.stop('form-rows-faults', page);
}

async function conflict(walk) {
  const { who, draft, page, step } = await begin(walk);
  const other = await walk.phone(who);
  await step('child');
  await openStep(other, walk.server, draft);
  await fill(other, 'baby_name', '林小满');
  await holds(who, draft, 'baby_name', '林小满');
  await fill(page, 'baby_name', '林小雪');
  await page.locator('.conflict').waitFor();
  await walk.stop('form-conflict', page);
}

async function offline(walk) {
  const { page, step } = await begin(walk);
  await step('child');
  await turnTo(page, 'baby_name');
  await page.context().setOffline(true);
  await fill(page, 'baby_name', '林小满');
  await page.locator('.saving[data-saving="kept"]').waitFor();
  await walk.stop('form-offline', page);
}

/** Neither the server nor the device takes what is typed. */
async function unkept(walk) {
  const { page, step } = await begin(walk);
  await page.addInitScript(() => {
    const open = () => {
      throw new DOMException('', 'QuotaExceededError');
    };
    Object.defineProperty(globalThis, 'indexedDB', { value: { open } });
  });
  await step('child');
  await turnTo(page, 'baby_name');
  await page.context().setOffline(true);
  await fill(page, 'baby_name', '林小满');
  await page.locator('.unkept').waitFor();
  await page.locator('.saving[data-saving="trouble"]').waitFor();
  await walk.stop('form-unkept', page);
}

async function register(walk) {
  const mother = await person(walk.server, 'mother');
  await mother.call('PUT', '/demo/registers/household', { state: 'down' });
  const { page, step } = await begin(walk);
  await step('child');
  await page.locator('#gaps').waitFor();
  await walk.stop('form-register-down', page);
  await mother.call('PUT', '/demo/registers/household', { state: 'up' });
}

async function signedOut(walk) {
  const { page, step } = await begin(walk);
  await step('child');
  await turnTo(page, 'baby_name');
  await page.context().clearCookies();
  await page.locator('#f-baby_name').pressSequentially('林');
  await page.locator('dialog[open] [data-persona]').first().waitFor();
  await walk.stop('form-signed-out', page);
}

/** The session is at its end, and the answer to the last question about it never comes. */
async function ending(walk) {
  const { page, step } = await begin(walk);
  let asked = 0;
  await page.route('**/api/v1/session', async (route) => {
    if (route.request().method() !== 'GET') return route.continue();
    asked += 1;
    if (asked > 1) return undefined;
    const answer = await route.fetch();
    return route.fulfill({ response: answer, json: { ...(await answer.json()), expires_in: 3 } });
  });
  await step('child');
  await page.locator('#stay').waitFor();
  await walk.stop('form-session-ends', page, { unanswered: true });
}

/** A newer release waits while somebody writes. */
async function release(walk) {
  const { page, step } = await begin(walk);
  await step('child');
  await page.locator('html[data-live]').waitFor({ state: 'attached' });
  await fill(page, 'baby_name', '林小满');
  await saved(page);
  await page.evaluate(() => window.dispatchEvent(new CustomEvent('onething:release', { detail: { release: 'next', needed: false } })));
  await page.locator('#release-accept').waitFor();
  await walk.stop('form-release', page);
}

async function handover(walk) {
  const { who, draft, page } = await begin(walk);
  await walk.open(page, `drafts/${draft}/handover`, { drawn: '#to-agent' });
  await walk.stop('handover', page);
  await page.locator('#to-agent').click();
  await page.locator('.qr path').waitFor({ state: 'attached' });
  await walk.stop('handover-code', page);
  const code = (await page.locator('#code-letters').innerText()).replaceAll(' ', '');
  const helper = await walk.phone(await person(walk.server, 'founder'));
  await walk.open(helper, 'continue', { drawn: '#typed-code' });
  await walk.stop('continue', helper);
  await helper.locator('#typed-code').fill('ABCD2345');
  await helper.locator('main form button').click();
  await helper.locator('[role=alert] .notice').waitFor();
  await walk.stop('continue-refused', helper);
  await helper.locator('#typed-code').fill(code);
  await helper.locator('main form button').click();
  await helper.waitForURL(new RegExp(`drafts/${draft}/form`));
  await helper.locator('.form-section').first().waitFor();
  await helper.locator('main .notice').first().waitFor();
  await walk.stop('form-as-agent', helper);
  await walk.open(page, `drafts/${draft}/handover`, { drawn: '#end-agent' });
  await walk.stop('handover-taken', page);
  await who.call('DELETE', `/drafts/${draft}/agent`);
}

async function review(walk) {
  const who = await person(walk.server, 'mother');
  const draft = await ready(walk.server, who, { errand: 'newborn', answers: NEWBORN });
  const page = await walk.phone(who);
  await walk.open(page, `drafts/${draft}/review`, { drawn: '#submit' });
  await walk.stop('review', page);
  await page.locator('#recipients summary').click();
  await page.locator('#recipients li').first().waitFor();
  await page.locator('main button.link').first().click();
  await walk.stop('review-unfolded', page);
  await page.route('**/submission', (route) => route.abort());
  await page.locator('#submit').click();
  await page.locator('#submit[aria-disabled]').waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll('main p[role=status]:not(.saving)')].some((line) => line.textContent));
  await walk.stop('review-unsure', page);
}

async function reviewFaults(walk) {
  const { page, draft } = await begin(walk);
  await walk.open(page, `drafts/${draft}/review`, { drawn: '#submit' });
  await page.locator('#submit').click();
  await page.locator('#faults').waitFor();
  await walk.stop('review-faults', page);
}

export const FORM = [
  { states: [...STEPS.map((name) => `form-${name}`), 'form-same-as'], go: steps },
  { states: ['form-faults'], go: faults },
  { states: ['form-whole', 'form-whole-faults'], go: whole },
  { states: ['form-dispute', 'form-recipients'], go: known },
  { states: ['form-combobox', 'form-place'], go: choices },
  { states: ['form-rows', 'form-rows-faults'], go: rows },
  { states: ['form-conflict'], go: conflict },
  { states: ['form-offline'], go: offline },
  { states: ['form-unkept'], go: unkept },
  { states: ['form-register-down'], go: register },
  { states: ['form-signed-out'], go: signedOut },
  { states: ['form-session-ends'], go: ending },
  { states: ['form-release'], go: release },
  { states: ['handover', 'handover-code', 'continue', 'continue-refused', 'form-as-agent', 'handover-taken'], go: handover },
];
export const REVIEW = [
  { states: ['review', 'review-unfolded', 'review-unsure'], go: review },
  { states: ['review-faults'], go: reviewFaults },
];
