// The keyboard walker: goes through a page with Tab as somebody without a pointer does, and says what they would stumble over.

import { install } from './keyboard/inside.mjs';
import { changed, pixels } from './keyboard/pixels.mjs';

/** Longer than any page of ours. */
const MOST = 800;
/** A date with its time has seven parts and a calendar. */
const PARTS = 10;
const KEYS = [..."abcdefghijklmnopqrstuvwxyz0123456789/?.,;'[]-=`"];

const ask = (page, name, ...given) => page.evaluate(([name, given]) => globalThis.keyboardWalker[name](...given), [name, given]);

/**
 * Walks a page forth and back; gives what is wrong, as `rule: where`. `looks` remembers over a whole run on
 * what the focus has been seen. The page is left as it was, without focus.
 */
export async function walk(page, { looks = new Set(), keys = true } = {}) {
  await page.evaluate(install);
  let found = await once(page, looks);
  // A page that was drawn anew under way, as lists are when their search comes alive, is gone through once more.
  if (found.length > 0) found = await once(page, looks);
  found.push(...(await forbidden(page)));
  if (keys) found.push(...(await shortcuts(page)));
  await ask(page, 'reset');
  return [...new Set(found)];
}

async function once(page, looks) {
  const found = [];
  const say = (rule, where) => found.push(`${rule}: ${where}`);
  const path = await forth(page, looks, say);
  const opened = path.filter(({ opened }) => opened).map(({ id }) => id);
  for (const where of await ask(page, 'missed', path.map(({ stop }) => stop))) say('never reached', where);
  // Who cannot get out need not look for the way back.
  if (found.every((one) => !one.startsWith('trapped'))) await back(page, path, say);
  await ask(page, 'fold', opened);
  if (await ask(page, 'modal')) await escape(page, say);
  else await skipLink(page, path, say);
  return found;
}

/** From the top to the end. What is folded is unfolded under way. */
async function forth(page, looks, say) {
  await ask(page, 'reset');
  const path = [];
  for (let still = 0, tabs = 0; tabs < MOST; tabs += 1) {
    await page.keyboard.press('Tab');
    const at = await ask(page, 'stop');
    if (at?.whole) continue;
    if (!at || at.id === path[0]?.id) {
      if (at && path.length === 1 && !at.parts) say('trapped', at.html);
      else return path;
    }
    if (at.id === path.at(-1)?.id) {
      still += 1;
      if (at.parts && still < PARTS) continue;
      say('trapped', at.html);
      return path;
    }
    still = 0;
    if (path.some(({ id }) => id === at.id)) {
      say('trapped in a circle', at.html);
      return path;
    }
    path.push(at);
    await judge(page, at, looks, say);
    if (at.folded) await unfold(page, at, say);
  }
  say('without end', path.at(-1).html);
  return path;
}

/** What holds wherever the focus is. */
async function judge(page, at, looks, say) {
  if (!at.seen) return say('focus on what is not seen', at.html);
  if (at.unnamed) say('focus on what is hidden from readers', at.html);
  if (at.outside) say('focus behind the dialog', at.html);
  if (!at.inSight) say('out of sight', at.html);
  if (at.cover) say('covered', `${at.html} by ${at.cover}`);
  if (at.disorder) say('out of order', `${at.html} ${at.disorder}`);
  if (!at.inSight || looks.has(at.look)) return;
  const { marked, needed } = await mark(page, at);
  if (marked >= needed) looks.add(at.look);
  else say('focus not visible', `${at.html} (${marked} of ${needed} pixels)`);
}

/** How many pixels tell that something has the focus; needed are those of a line of 2 px around it. */
async function mark(page, { id, box }) {
  const { width, height } = page.viewportSize();
  const [x, y] = [Math.max(0, Math.floor(box.left - 8)), Math.max(0, Math.floor(box.top - 8))];
  const [right, bottom] = [Math.min(width, Math.ceil(box.left + box.width + 8)), Math.min(height, Math.ceil(box.top + box.height + 8))];
  const clip = { x, y, width: right - x, height: bottom - y };
  const shot = async () => pixels(await page.screenshot({ clip, animations: 'disabled' }));
  await ask(page, 'blur');
  const without = await shot();
  // Leaving may have drawn something, as a fault does; so the look with the focus is taken last.
  await ask(page, 'focus', id);
  const marked = changed(without, await shot());
  // Corners are round.
  return { marked, needed: Math.floor(4 * (Math.min(box.width, width) + Math.min(box.height, height)) * 0.9) };
}

async function unfold(page, at, say) {
  await page.keyboard.press('Enter');
  at.opened = await ask(page, 'isOpen', at.id);
  if (!at.opened) say('does not open', at.html);
}

/** From the end to the top: the same way. */
async function back(page, path, say) {
  const way = [];
  for (let still = 0; still < PARTS && way.length <= path.length; ) {
    await page.keyboard.press('Shift+Tab');
    const at = await ask(page, 'stop');
    if (!at || (way.length > 1 && at.stop === way[0].stop)) break;
    if (at.whole) continue;
    still = at.stop === way.at(-1)?.stop ? still + 1 : 0;
    if (still === 0) way.push(at);
  }
  way.reverse();
  const other = path.findIndex(({ stop }, index) => stop !== way[index]?.stop);
  if (other >= 0 || way.length !== path.length) {
    say('another way back', `${path.length} stops forth, ${way.length} back; first ${path[other]?.html} for ${way[other]?.html}`);
  }
}

/** A dialog keeps the focus only as long as somebody wants it to. */
async function escape(page, say) {
  await page.keyboard.press('Escape');
  if (await ask(page, 'modal')) return say('Escape does not leave', 'the dialog');
  await ask(page, 'openAgain');
}

/** The first stop leads past the bar. */
async function skipLink(page, path, say) {
  if (!(await ask(page, 'hasBar'))) return;
  if (!path[0]?.skips) return say('no skip link', path[0]?.html);
  await ask(page, 'reset');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  if (!(await ask(page, 'mainIsFocused'))) return say('skip link leads nowhere', path[0].html);
  await page.keyboard.press('Tab');
  const at = await ask(page, 'stop');
  if ((await ask(page, 'mainHasStops')) && !at?.inMain) say('skip link leads past the page', at?.html);
}

const forbidden = async (page) => (await ask(page, 'forbidden')).map((html) => `tabindex or accesskey: ${html}`);

/** Keys pressed beside every field do nothing. */
async function shortcuts(page) {
  const press = async () => {
    await ask(page, 'reset');
    const before = await ask(page, 'shape');
    for (const key of KEYS) await page.keyboard.press(key);
    return before === (await ask(page, 'shape'));
  };
  // A page may have moved by itself; it does not do so every time.
  return (await press()) || (await press()) ? [] : ['a key of its own: a letter, a number or a mark changes the page'];
}
