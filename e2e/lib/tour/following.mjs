// After it was sent: how far it is, what is to correct or to bring, what came out, how it was.

import { openDesk } from '../desk.mjs';
import { NEWBORN, person } from '../draft.mjs';
import { handedIn } from '../payment.mjs';
import { LATER, RESTAURANT } from './materials.mjs';

/** An application of the mother, her phone, and the clerk. */
async function sent(walk) {
  const who = await person(walk.server, 'mother');
  const { id, number } = await handedIn(walk.server, who, { errand: 'newborn', answers: NEWBORN });
  const [page, desk] = [await walk.phone(who), await openDesk(walk.server.api)];
  return { id, number, page, desk };
}

const letPass = (walk, days) =>
  fetch(`${walk.server.api}/demo/calendar`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ days }) });

/** Opens the progress, and waits for a lane in this mood. */
async function progress(walk, page, id, mood) {
  await walk.open(page, `applications/${id}`, { drawn: `.timeline .mark-${mood}` });
}

async function waiting(walk) {
  const { id, number, page, desk } = await sent(walk);
  await progress(walk, page, id, 'now');
  await page.locator('main details summary').last().click();
  await walk.stop('progress', page);
  const lane = await desk.lane(number, 'birth_cert');
  await desk.act(lane.id, { action: 'accept' });
  await desk.act(lane.id, { action: 'stop_clock', why: '等待医院核对' });
  await progress(walk, page, id, 'needs');
  await walk.stop('progress-stopped', page);
  await desk.act(lane.id, { action: 'start_clock' });
  await desk.act(lane.id, { action: 'ask_correction', fields: ['baby_name'], materials: ['m_marriage'], reason: '姓名与病历不一致' });
  await walk.open(page, `applications/${id}`, { drawn: 'a[href*="/correction"]' });
  await walk.stop('progress-needs-you', page);
  await walk.open(page, `applications/${id}/correction`, { drawn: 'main form .field' });
  await walk.stop('correction', page);
  await page.locator('#f-baby_name').fill('123');
  await page.locator('main form > .action button').click();
  await page.locator('main form [aria-invalid=true], #faults').first().waitFor();
  await walk.stop('correction-faults', page);
}

async function overdue(walk) {
  const { id, number, page, desk } = await sent(walk);
  const lane = await desk.lane(number, 'birth_cert');
  await desk.act(lane.id, { action: 'accept' });
  try {
    await letPass(walk, 60);
    await progress(walk, page, id, 'now');
    await walk.stop('progress-overdue', page);
  } finally {
    await letPass(walk, 0);
  }
}

async function refused(walk) {
  const { id, number, page, desk } = await sent(walk);
  const lane = await desk.lane(number, 'birth_cert');
  await desk.act(lane.id, { action: 'accept' });
  await desk.act(lane.id, { action: 'refuse', why: '不属于本机构出具的范围' });
  await progress(walk, page, id, 'bad');
  await walk.stop('progress-refused', page);
}

async function done(walk) {
  const { id, number, page, desk } = await sent(walk);
  await desk.finish(number);
  await walk.open(page, `applications/${id}`, { drawn: 'a[href*="/certificates"]' });
  await walk.stop('progress-done', page);
  await walk.open(page, `applications/${id}/certificates`, { drawn: '.certificate' });
  await page.waitForFunction(() => [...document.querySelectorAll('.certificate img, img.certificate')].every((image) => image.complete));
  await walk.stop('certificates', page);
  await walk.open(page, `applications/${id}/rating`, { drawn: '.face' });
  await walk.stop('rating', page);
  await page.locator('.face[data-level="1"]').click();
  await page.locator('form button.primary').click();
  await page.locator('[role=alert] .notice').waitFor();
  await walk.stop('rating-reason', page);
  await page.locator('form .option input').first().check();
  await page.locator('form button.primary').click();
  await page.locator('.notice.good').waitFor();
  await walk.stop('rated', page);
}

/** What was promised: the ledger, the screen to bring it, and what becomes of it when it does not come. */
async function owed(walk) {
  const who = await person(walk.server, 'founder');
  const { id } = await handedIn(walk.server, who, { ...RESTAURANT, later: LATER });
  const page = await walk.phone(who);
  try {
    await walk.open(page, `applications/${id}`, { drawn: '#owed' });
    await page.locator('#owed details summary').click();
    await walk.stop('progress-owed', page);
    await walk.open(page, `applications/${id}/owed`, { drawn: '.checklist' });
    await walk.stop('owed', page);
    await letPass(walk, 60);
    await walk.open(page, `applications/${id}`, { drawn: '.timeline .mark-bad' });
    await walk.stop('progress-lapsed', page);
  } finally {
    await letPass(walk, 0);
    await forgive(walk);
  }
}

/** Whoever broke a promise may make no other until it is put right. */
async function forgive(walk) {
  const { cookie } = await openDesk(walk.server.api);
  const breaches = await (await fetch(`${walk.server.api}/desk/breaches`, { headers: { cookie } })).json();
  await Promise.all(breaches.map(({ id }) => fetch(`${walk.server.api}/desk/breaches/${id}/repair`, { method: 'POST', headers: { cookie } })));
}

export const LEGS = [
  { states: ['progress', 'progress-stopped', 'progress-needs-you', 'correction', 'correction-faults'], go: waiting },
  { states: ['progress-overdue'], go: overdue },
  { states: ['progress-refused'], go: refused },
  { states: ['progress-owed', 'owed', 'progress-lapsed'], go: owed },
  { states: ['progress-done', 'certificates', 'rating', 'rating-reason', 'rated'], go: done },
];
