// Pages opened cold on a poor phone: when they can be read, when they can be used, and what they cost until then.

import { person } from '../../lib/draft.mjs';
import { forgetDrafts } from './drafts.mjs';
import { listen, onPhone, reach, slow, within } from './measure.mjs';
import { watchUse, watchVitals } from './probe.mjs';
import { kilobytes, watchWire } from './wire.mjs';

/** Longer tasks keep a person waiting, by so much as they are longer. */
const BEARABLE = 50;

/** What had come over the wire at a moment, in kB and file by file. */
const carried = (wire, moment) => ({ files: wire.files(moment), kB: kilobytes(wire.files(moment)) });

/** A phone with nothing in it on a slow network. No worker is let in: the throttle does not reach it. */
const onPoorPhone = (browser, { who, scripts }, work) =>
  onPhone(browser, { serviceWorkers: 'block', hasTouch: true }, async (phone) => {
    if (who) await phone.context.addCookies([who.cookie]);
    for (const [script, argument] of scripts) await phone.context.addInitScript(script, argument);
    const wire = await watchWire(phone.session);
    await slow(phone.session);
    return work({ ...phone, wire });
  });

/** Opens a screen of ours and waits until the program has it. */
async function openLive(page, address) {
  await page.goto(address, { waitUntil: 'commit' });
  await page.locator('html[data-live]').waitFor({ state: 'attached' });
}

/** Milliseconds by which tasks between the first paint and a moment were too long. */
const blocking = ({ tasks, fcp }, until) =>
  tasks
    .filter(({ startTime }) => startTime < until)
    .reduce((sum, { startTime, duration }) => sum + Math.max(0, startTime + duration - Math.max(startTime, fcp) - BEARABLE), 0);

/** A page to read. */
export const reading = (browser, address, { live }) =>
  onPoorPhone(browser, { scripts: [[watchVitals]] }, async ({ page, wire }) => {
    if (live) await openLive(page, address);
    else await page.goto(address);
    await wire.quiet();
    const seen = await page.evaluate(() => globalThis.benchVitals());
    const end = live ? seen.live : Infinity;
    return { ...seen, blocking: blocking(seen, end), ...carried(wire, seen.origin + end) };
  });

/** Types into the wanted fields as they come; gives a function that waits for the next one's use. */
async function user({ page, session }) {
  let met;
  await listen(session, (told) => (told.until ? met(told) : page.keyboard.press('a')));
  return () => within(new Promise((resolve) => (met = resolve)), 'no field could be used');
}

/** A form opened by its address: until its first text field shows a typed character. */
export const form = (browser, { who, address, field }) =>
  onPoorPhone(browser, { who, scripts: [[watchVitals], [watchUse, [{ field, at: '' }]]] }, async (phone) => {
    const use = (await user(phone))();
    await phone.page.goto(address, { waitUntil: 'commit' });
    const { origin, until } = await use;
    const seen = await phone.page.evaluate(() => globalThis.benchVitals());
    return { usable: until - origin, shift: seen.shift, blocking: blocking(seen, until - origin), ...carried(phone.wire, until) };
  });

/**
 * The form reached as people reach it: its guide opened cold and read until its idle time is over, then tap by tap.
 * Nothing was begun before. First the first part of the form, then all of it by its link.
 */
export async function fromGuide(browser, { server, bundle, field, later }) {
  const who = await person(server, 'mother');
  await forgetDrafts(who);
  const wanted = [{ field, at: '/form$' }, { field: later, at: '/form/all$' }];
  return onPoorPhone(browser, { who, scripts: [[watchVitals], [watchUse, wanted]] }, async (phone) => {
    const { page, wire } = phone;
    const next = await user(phone);
    const tap = async (selector) => {
      await page.locator(selector).waitFor();
      const { x, y } = await reach(page, selector);
      const at = performance.timeOrigin + performance.now();
      await page.touchscreen.tap(x, y);
      return at;
    };
    await openLive(page, `${server.url}bundles/${bundle}`);
    await wire.quiet();
    const begun = await tap('.guide .action a.primary');
    const part = next();
    const tapped = await tap('form > .action button.primary');
    const first = await part;
    const all = next();
    await tap('a[href$="/form/all"]');
    const whole = await all;
    return {
      arrival: first.until - first.since,
      tap: first.until - tapped,
      way: first.until - begun,
      whole: whole.until - whole.since,
    };
  });
}
