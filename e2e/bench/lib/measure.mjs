// One page, opened once: how long it takes to stand, to show a keystroke, to show what an answer opens, and what it weighs.

import { openPhone } from '../../lib/browser.mjs';
import { bring, mounted, timePaints, watchMount, watchWasm } from './probe.mjs';

const THROTTLE = 4;
const KEYS = 40;
const INPUTS = 20;
const TOGGLES = 20;
const MB = 1024 * 1024;

/** At most so many of a list, spread evenly over it. */
const some = (list, most) =>
  list.length <= most ? list : Array.from({ length: most }, (_, place) => list[Math.floor((place * list.length) / most)]);

/** What is typed into and what is chosen: the same fields on both pages. */
export function script({ fields }) {
  const always = fields.filter((field) => !field.when?.length);
  const inputs = some(always.filter(({ kind }) => kind === 'text'), INPUTS).map(({ id }) => id);
  const opens = (gate) =>
    fields
      .filter(({ when = [] }) => when.length === 1 && when[0].join() === `${gate.id},is,yes`)
      .map(({ id }) => id);
  const gates = always.filter(({ kind }) => kind === 'yes_no').map((gate) => ({ id: gate.id, opens: opens(gate) }));
  const toggles = some(gates.filter((gate) => gate.opens.length > 0), TOGGLES);
  if (inputs.length === 0 || toggles.length === 0) throw new Error('the bundle has no text, or no condition, to measure');
  return { ids: fields.map(({ id }) => id), inputs, toggles };
}

/** The promise, or after half a minute an error that says what did not happen. */
export async function within(promise, missing) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${missing} in 30 seconds`)), 30_000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Does something with a phone of its own that talks the debugging protocol; trouble of the page is an error. */
export async function onPhone(browser, options, work) {
  const { context, page, troubles } = await openPhone(browser, options);
  try {
    const session = await context.newCDPSession(page);
    const result = await work({ context, page, session });
    if (troubles.length > 0) throw new Error('the page is in trouble');
    return result;
  } catch (error) {
    throw new Error([error.message, `at ${page.url()}`, ...troubles].join('; '), { cause: error });
  } finally {
    await context.close();
  }
}

/** Slows the processor of a page to that of a poor phone. */
export const slow = (session) => session.send('Emulation.setCPUThrottlingRate', { rate: THROTTLE });

/** Hears what the page tells through the binding `benched`. */
export async function listen(session, heard) {
  session.on('Runtime.bindingCalled', ({ name, payload }) => name === 'benched' && heard(JSON.parse(payload)));
  await session.send('Runtime.enable');
  await session.send('Runtime.addBinding', { name: 'benched' });
}

/** Opens the page in a context of its own and measures it. `address` may prepare the context. */
export const measure = (browser, address, { ids, inputs, toggles }) =>
  onPhone(browser, {}, async ({ context, page, session }) => {
    await context.addInitScript(watchWasm);
    await context.addInitScript(watchMount);
    const target = await address(context);
    await slow(session);
    await page.goto(target, { waitUntil: 'commit' });
    const mount = await within(page.evaluate(mounted), 'no measure `form-mount`');
    const missing = await page.evaluate((ids) => ids.filter((id) => !document.querySelector(`[data-field="${id}"]`)), ids);
    if (missing.length > 0) throw new Error(`${missing.length} fields are not there, the first is ${missing[0]}`);
    const paint = await painter(page, session);
    const keys = await keystrokes(page, paint, inputs);
    const opened = await openings(page, paint, toggles);
    return { mount, keys, toggles: opened, ...(await memory(page, session)) };
  });

/** Gives a function that does something to the page and tells how long it took to be painted. */
async function painter(page, session) {
  let report;
  await listen(session, (length) => report(length));
  await page.evaluate(timePaints);
  return async (what, act, expects = { ids: [], visible: true }) => {
    await page.evaluate((expects) => void (globalThis.benchExpects = expects), expects);
    const painted = new Promise((resolve) => (report = resolve));
    await act();
    return within(painted, `${what} was not painted`);
  };
}

/** Brings an element into view and gives its place. */
export async function reach(page, selector, focus = false) {
  const place = await within(page.evaluate(bring, { selector, focus }), `no frames at ${selector}`);
  if (typeof place === 'string') throw new Error(`${selector}: ${place}`);
  return place;
}

async function keystrokes(page, paint, inputs) {
  const lengths = [];
  for (let key = 0, at = null; key < KEYS; key += 1) {
    const input = inputs[Math.floor((key * inputs.length) / KEYS)];
    if (input !== at) await reach(page, `[data-field="${input}"] input`, true);
    at = input;
    lengths.push(await paint(`a keystroke in ${input}`, () => page.keyboard.press('a')));
  }
  return lengths;
}

async function openings(page, paint, toggles) {
  const lengths = [];
  const answer = async ({ id, opens }, value) => {
    const { x, y } = await reach(page, `[data-field="${id}"] input[value="${value}"]`);
    return paint(`${id}=${value}, with what hangs on it,`, () => page.mouse.click(x, y), { ids: opens, visible: value === 'yes' });
  };
  for (let count = 0; count < TOGGLES; count += 1) {
    const gate = toggles[count % toggles.length];
    // A short form has too few of them: they are closed again, which does not count.
    if (count >= toggles.length) await answer(gate, 'no');
    const open = await page.evaluate((ids) => ids.some((id) => document.querySelector(`[data-field="${id}"]`).checkVisibility()), gate.opens);
    if (open) throw new Error(`what ${gate.id} opens is open already`);
    lengths.push(await answer(gate, 'yes'));
  }
  return lengths;
}

/** What is held after everything that can go has gone. */
async function memory(page, session) {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return { heap: usedSize / MB, wasm: (await page.evaluate(() => globalThis.wasmBytes())) / MB };
}
