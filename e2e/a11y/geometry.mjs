// Where things are on a page, how large, and in what colours: measured in every view a person may have of it.

import { install as boxes } from './geometry/boxes.mjs';
import { install as colours } from './geometry/colours.mjs';

const PHONE = { width: 390, height: 844 };
const NARROW = { width: 320, height: 844 };
/** A desk's 1280×1024 at 400 %. */
const ZOOMED = { width: 320, height: 256 };
const LAYOUT = [['small', 44], ['crossing'], ['clipped'], ['muddled'], ['sideways']];
const ELDER = [['small', 60], ['crossing'], ['clipped'], ['muddled'], ['sideways'], ['fine', 18, 1.3]];
const STANDING = ['standing', 0.4];
const COLOURS = [['faint'], ['edgeless']];

const elder = { attribute: ['data-style', 'elder'] };

/** Every view: what is done to the page for it, and what is asked then. */
export const VIEWS = {
  default: { size: PHONE, rules: [...LAYOUT, ...COLOURS] },
  narrow: { size: NARROW, rules: LAYOUT },
  zoomed: { size: ZOOMED, rules: [...LAYOUT, STANDING] },
  'text 200 %': { size: PHONE, text: 2, rules: [...LAYOUT, ['rigid', 2]] },
  elder: { size: PHONE, ...elder, rules: ELDER },
  'elder narrow': { size: NARROW, ...elder, rules: ELDER },
  'elder zoomed': { size: ZOOMED, ...elder, rules: [...ELDER, STANDING] },
  'elder text 200 %': { size: PHONE, ...elder, text: 2, rules: [...ELDER, ['rigid', 2]] },
  dark: { size: PHONE, media: { colorScheme: 'dark' }, rules: COLOURS },
  contrast: { size: PHONE, media: { contrast: 'more' }, rules: COLOURS },
  'dark contrast': { size: PHONE, media: { colorScheme: 'dark', contrast: 'more' }, rules: COLOURS },
};

/** What is wrong with a page as it stands: `{ rule, where, measured, view }`. The page is left as it was. */
export async function measure(page, { views = Object.keys(VIEWS) } = {}) {
  const size = page.viewportSize();
  await page.evaluate(boxes);
  await page.evaluate(colours);
  const undo = await page.evaluateHandle(unfold);
  const found = [];
  for (const name of views) found.push(...(await inView(page, name)));
  await undo.evaluate((back) => back());
  await page.setViewportSize(size);
  return found;
}

/** What is out of sight has its place too. */
function unfold() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('* { content-visibility: visible !important; transition: none !important; }');
  document.adoptedStyleSheets.push(sheet);
  const place = [scrollX, scrollY];
  return () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
    scrollTo(...place);
  };
}

async function inView(page, name) {
  const { size, attribute, media, text, rules } = VIEWS[name];
  await page.setViewportSize(size);
  if (media) await page.emulateMedia(media);
  const undo = await page.evaluateHandle(dress, { attribute, text });
  await settled(page);
  const found = [];
  for (const [rule, ...given] of rules) {
    const told = await page.evaluate(([rule, given]) => globalThis.geometry.ask(rule, ...given), [rule, given]);
    found.push(...told.map(([measured, where]) => ({ rule, where, measured, view: name })));
  }
  await undo.evaluate((back) => back());
  if (media) await page.emulateMedia(Object.fromEntries(Object.keys(media).map((feature) => [feature, null])));
  return found;
}

/** Puts an attribute on the page, and lets its letters grow. */
function dress({ attribute, text }) {
  const root = document.documentElement;
  const [name, value] = attribute ?? [];
  const [had, size] = [name && root.getAttribute(name), root.style.fontSize];
  if (name) root.setAttribute(name, value);
  if (text) {
    globalThis.geometry.note();
    root.style.fontSize = `${parseFloat(getComputedStyle(root).fontSize) * text}px`;
  }
  return () => {
    if (name && had === null) root.removeAttribute(name);
    else if (name) root.setAttribute(name, had);
    root.style.fontSize = size;
  };
}

/** Two frames, where the page has frames at all: one without scripts has none for us. */
const settled = (page) =>
  Promise.race([
    page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))),
    new Promise((resolve) => setTimeout(resolve, 250)),
  ]);
