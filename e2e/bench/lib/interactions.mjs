// Every screen of an errand, used as people use it: how long a tap or a key takes until the page is painted anew.

import { openDesk } from '../../lib/desk.mjs';
import { NEWBORN, person } from '../../lib/draft.mjs';
import { owing } from '../../lib/payment.mjs';
import { forgetDrafts } from './drafts.mjs';
import { onPhone, slow } from './measure.mjs';
import { paintedTwice, watchTaps } from './probe.mjs';

/** Somebody with an application that owes something, and one that is done. */
export async function seed(server) {
  const mother = await person(server, 'mother');
  const [owed, done] = [await owing(server, 'mother'), await owing(server, 'mother')];
  await done.payAtOnce();
  await (await openDesk(server.api)).finish(done.number);
  return { server, who: mother, owed: owed.id, done: done.id };
}

/** The first few that match. */
const some = (selector, count) => Array.from({ length: count }, (_, nth) => `${selector} >> nth=${nth}`);

/** A tap is a selector, typing a selector with its keys. Where the last tap leads away, `on` is what it leads to. */
const typing = (selector, text) => [selector, ...text];
const screens = ({ draft, owed, done }) => ({
  home: {
    path: '',
    acts: [typing('#search', 'chusheng'), ['#search', ...Array(8).fill('Backspace')], 'main a.card[href$="bundles/newborn"]'],
    on: '.guide',
  },
  guide: {
    path: 'bundles/newborn',
    acts: ['.guide h1', '.numbers dd >> nth=0', ...some('.guide .facts li', 4), '.guide .action a.primary'],
    on: 'form fieldset.field',
  },
  situations: {
    path: 'bundles/newborn/situations',
    acts: [
      'form > .action button', ...Object.entries(NEWBORN).map(([fact, value]) => `#f-${fact} input[value="${value}"]`),
      '[data-act=who] >> nth=0',
    ],
  },
  start: { path: 'bundles/newborn/start', acts: ['h1', 'li.entry p >> nth=0', '#anew'], on: '.form-section' },
  'sign-in': { path: 'sign-in?to=bundles/newborn', out: true, acts: ['h1', 'main p >> nth=0', '[data-persona=mother]'], on: '.guide' },
  form: {
    path: `drafts/${draft}/form`,
    acts: [
      'main form > .action button', typing('#f-baby_name', 'linxiaoman'), typing('#f-baby_length_cm', '50'),
      '#f-baby_surname_from input >> nth=0', ...some('#f-child_order input', 2),
      '[data-act=more] >> nth=0', '[data-act=open] >> nth=1', '[data-act=who] >> nth=0',
    ],
  },
  'whole form': {
    path: `drafts/${draft}/form/all`,
    acts: ['main form > .action button', typing('#f-baby_name', 'linxiaoman'), ...some('#f-child_order input', 3)],
  },
  materials: {
    path: `drafts/${draft}/materials`,
    acts: [...some('.checklist summary', 3), '#reuse summary', 'main > .action button'],
  },
  review: {
    path: `drafts/${draft}/review`,
    acts: ['main .link', 'main .link', '#recipients summary', '#recipients summary', '#submit'],
  },
  progress: {
    path: `applications/${owed}`,
    acts: ['main details summary >> nth=-1', 'main details summary >> nth=-1', '.receipt strong', '.now a.primary'],
    on: '#pay',
  },
  pay: {
    path: `applications/${owed}/pay`,
    acts: [...some('input[name=channel]', 4).reverse(), 'main details summary', '#make-link'],
  },
  certificates: {
    path: `applications/${done}/certificates`,
    acts: ['main details summary', ...some('input[name=mode]', 3).reverse(), '.certificate >> nth=0', 'a[href$="/rating"]'],
    on: '.face',
  },
  rating: {
    path: `applications/${done}/rating`,
    acts: ['.face[data-level="1"]', ...some('main form input', 2), '.face[data-level="2"]', typing('#words', 'buhao')],
  },
});

async function use(browser, seeded, name) {
  const { server, who } = seeded;
  await forgetDrafts(who);
  const { path, out, acts, on } = screens({ ...seeded, draft: await who.draft() })[name];
  return onPhone(browser, { hasTouch: true }, async ({ context, page, session }) => {
    if (!out) await context.addCookies([who.cookie]);
    await context.addInitScript(watchTaps);
    await slow(session);
    await page.goto(server.url + path);
    await page.locator('html[data-live]').waitFor({ state: 'attached' });
    const timed = () => page.evaluate(() => globalThis.benchTaps());
    for (const act of on ? acts.slice(0, -1) : acts) {
      const [selector, ...keys] = [act].flat();
      await page.locator(selector).first().tap();
      await page.evaluate(paintedTwice);
      for (const key of keys) {
        await page.keyboard.press(key);
        await page.evaluate(paintedTwice);
      }
    }
    const before = await timed();
    if (!on) return before;
    await page.locator(acts.at(-1)).first().tap();
    await page.locator(on).first().waitFor();
    await page.evaluate(paintedTwice);
    const all = await timed();
    // A tap that led to another document was timed by nobody.
    return all.length > before.length ? all : before;
  });
}

/** The screens by name: each opens anew and gives the milliseconds of its interactions. */
export const uses = (browser, seeded) =>
  Object.fromEntries(Object.keys(screens(seeded)).map((name) => [name, () => use(browser, seeded, name)]));
