// What is around the errands: one's own things, help, messages, and what fails.

import { NEWBORN, person } from '../draft.mjs';
import { handedIn } from '../payment.mjs';

async function mine(walk) {
  const anybody = await walk.phone();
  await walk.open(anybody, 'mine', { drawn: 'main a.primary' });
  await walk.stop('mine-signed-out', anybody);
  const who = await person(walk.server, 'mother');
  const begun = await walk.phone(who);
  // Everybody of the simulator has begun something by now.
  await begun.route('**/api/v1/mine*', (route) => route.fulfill({ json: { drafts: [], applications: [], messages: [] } }));
  await walk.open(begun, 'mine', { drawn: 'main a.primary' });
  await walk.stop('mine-empty', begun);
  await handedIn(walk.server, who, { errand: 'newborn', answers: NEWBORN });
  await who.draft('newborn', NEWBORN);
  await who.call('POST', '/messages', { kind: 'enquiry', words: '窗口几点开门？', contact: '' });
  const page = await walk.phone(who);
  await walk.open(page, 'mine', { drawn: 'main a.card' });
  await walk.stop('mine', page);
}

async function service(walk) {
  const page = await walk.phone();
  await walk.open(page, 'help');
  await walk.stop('help', page);
  for (const name of ['service', 'accessibility', 'glossary']) {
    await walk.open(page, name);
    await walk.stop(name, page);
  }
  await walk.open(page, 'nowhere/at/all');
  await page.locator('html[data-live] main a.primary').waitFor();
  await walk.stop('missing', page);
  await walk.open(page, 'proofs', { drawn: 'details summary' });
  await walk.stop('proofs', page);
  await page.locator('main details summary').first().click();
  await walk.stop('proofs-unfolded', page);
  await page.locator('main details[open] a[href*="feedback/"]').first().click();
  await page.locator('#message').waitFor();
  await page.locator('main form .notice:not(:empty)').waitFor();
  await walk.stop('report', page);
}

/** The menu that is in every bar. */
async function languages(walk) {
  const page = await walk.phone();
  await walk.open(page, 'help', { drawn: 'html[data-live] .languages' });
  await page.locator('.bar .languages > summary').click();
  await walk.stop('languages', page);
}

async function feedback(walk) {
  const page = await walk.phone();
  await walk.open(page, 'feedback', { drawn: '#message' });
  await walk.stop('feedback', page);
  await page.locator('form > .action button').click();
  await page.locator('[role=alert] .notice').waitFor();
  await walk.stop('feedback-faults', page);
  await page.locator('#message').fill('窗口排队太久');
  await page.locator('form > .action button').click();
  await page.locator('.notice.good').waitFor();
  await walk.stop('feedback-sent', page);
}

/** The same screen while its content is under way, refused, and without a network. */
async function failing(walk) {
  const who = await person(walk.server, 'mother');
  const cases = {
    loading: () => undefined,
    'failed-server': (route) => route.fulfill({ status: 500, body: '' }),
    'failed-network': (route) => route.abort(),
  };
  for (const [name, answer] of Object.entries(cases)) {
    const page = await walk.phone(who);
    await page.route('**/api/v1/mine*', answer);
    const drawn = name === 'loading' ? 'main .skeleton.seen' : 'main button.primary';
    await walk.open(page, 'mine', { drawn });
    // The footer knows who is there.
    await page.locator('.foot button.link').waitFor({ state: 'attached' });
    await walk.stop(name, page, { drawn });
  }
}

async function broken(walk) {
  const old = await walk.phone();
  await old.addInitScript(() => delete window.WebAssembly);
  await walk.open(old, 'bundles/newborn', { drawn: '#unsupported' });
  await walk.stop('unsupported', old, { drawn: '#unsupported' });
  const page = await walk.phone();
  await walk.open(page, 'mine', { drawn: 'html[data-live] main h1' });
  await page.evaluate(() => setTimeout(() => {
    throw new WebAssembly.RuntimeError('unreachable');
  }));
  await page.locator('#recovery button').waitFor();
  await walk.stop('recovery', page);
}

export const LEGS = [
  { states: ['mine-signed-out', 'mine-empty', 'mine'], go: mine },
  { states: ['help', 'service', 'accessibility', 'glossary', 'missing', 'proofs', 'proofs-unfolded', 'report'], go: service },
  { states: ['languages'], go: languages },
  { states: ['feedback', 'feedback-faults', 'feedback-sent'], go: feedback },
  { states: ['loading', 'failed-server', 'failed-network'], go: failing },
  { states: ['unsupported', 'recovery'], go: broken },
];
