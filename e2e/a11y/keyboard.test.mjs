// Every screen state, gone through with the keyboard alone; and that the walker sees what it is for.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser, openPhone } from '../lib/browser.mjs';
import { openStep, person, phoneOf } from '../lib/draft.mjs';
import { startServer } from '../lib/server.mjs';
import { STATES, tour } from '../lib/tour.mjs';
import { walk } from './keyboard.mjs';

let browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser?.close());

/** A page with nothing wrong, but for what is put into it. */
const BAR = '<a class="skip" href="#main">Skip</a><header><a href="#home">Home</a></header>';
const sheet = (main, { style = '', bar = BAR, script = '' } = {}) => `
  <!doctype html><html lang="en"><title>x</title>
  <style>body { margin: 20px; font: 20px sans-serif } :focus-visible { outline: 3px solid black; outline-offset: 2px } ${style}</style>
  <body>${bar}<main id="main" tabindex="-1">${main}</main><script>${script}</script>`;

/** Two buttons, the page's own, and something done to them. */
const TWO = '<p><button>One</button></p><p><button>Two</button></p>';
const styled = (style) => sheet(TWO, { style });
const scripted = (script) => sheet(TWO, { script: `{ const [one, two] = document.querySelectorAll("main button"); ${script} }` });

/** What each rule is for, at its smallest. */
const CANARIES = {
  'trapped': scripted('one.onkeydown = (event) => event.key === "Tab" && event.preventDefault()'),
  'trapped in a circle': scripted('two.onkeydown = (event) => { event.preventDefault(); one.focus() }'),
  'never reached': sheet(`${TWO}<p><button tabindex="-1">Three</button></p>`),
  'out of order': sheet('<div><button>One</button> <button>Two</button></div>', { style: 'div { display: flex; flex-direction: row-reverse }' }),
  'covered': styled('header { position: fixed; top: 0; height: 200px; background: white; width: 300px }'),
  'out of sight': styled('main p + p { position: fixed; left: -400px }'),
  'focus not visible': styled('main button:focus { outline: 3px solid #ccc }'),
  'focus on what is not seen': styled('main p + p button { width: 0; height: 0; padding: 0; border: 0; overflow: hidden }'),
  'focus on what is hidden from readers': sheet(`${TWO}<p aria-hidden="true"><button>Three</button></p>`),
  'does not open': sheet('<details><summary>More</summary>text</details>', {
    script: 'document.querySelector("summary").onclick = (event) => event.preventDefault()',
  }),
  'another way back': scripted(
    'two.onkeydown = (event) => { if (event.shiftKey) { event.preventDefault(); document.querySelector("header a").focus() } }',
  ),
  'Escape does not leave': sheet(`<dialog>${TWO}</dialog>`, {
    script: 'document.querySelector("dialog").showModal(); onkeydown = (event) => event.key === "Escape" && event.preventDefault()',
  }),
  'no skip link': sheet(TWO, { bar: '<header><a href="#home">Home</a></header>' }),
  'skip link leads nowhere': scripted(
    'document.querySelector("main").removeAttribute("tabindex"); document.querySelector(".skip").onclick = (event) => event.preventDefault()',
  ),
  'tabindex or accesskey': sheet('<p><button accesskey="k">One</button></p>'),
  'a key of its own': scripted('addEventListener("keydown", (event) => event.key === "s" && one.after(document.createElement("hr")))'),
};

const SOUND = sheet(`
  ${TWO}<details><summary>More</summary><a href="#x">x</a></details>
  <label><input type="radio" name="a"> A</label><label><input type="radio" name="a"> B</label><p><input type="date"></p>`);
const DIALOG = sheet(`${TWO}<dialog>${TWO}</dialog>`, { script: 'document.querySelector("dialog").showModal()' });

test('the walker sees each fault, and none where there is none', async () => {
  const { page } = await openPhone(browser);
  for (const html of [SOUND, DIALOG]) {
    await page.setContent(html);
    assert.deepEqual(await walk(page), []);
  }
  for (const [rule, html] of Object.entries(CANARIES)) {
    // What a page before has left listening is gone.
    await page.goto('about:blank');
    await page.setContent(html);
    const found = await walk(page, { keys: rule === 'a key of its own' });
    assert.ok(found.some((one) => one.startsWith(`${rule}:`)), `${rule} not among ${JSON.stringify(found)}`);
  }
  // What only looks like a control.
  await page.setContent(sheet(`${TWO}<div class="press">Three</div>`, { style: '.press { cursor: pointer }' }));
  assert.match(String(await walk(page)), /^never reached: <div class="press">/);
});

/** Ways that fill in several questions of a screen, which the elder style asks one by one. */
const STEPS = 'child|mother|father|marriage|household|insurance|agent|delivery|same-as';
const AT_ONCE = new RegExp(`^(situations.*|guide-answered|sign-in|form-(${STEPS}|faults|rows.*|conflict|offline|unkept|signed-out|release))$`);
const ELDER = STATES.filter((name) => !AT_ONCE.test(name));

for (const [style, query, only] of [['standard', '', STATES], ['elder', 'style=elder', ELDER]]) {
  test(`every screen state is gone through with keys, ${style}`, async (t) => {
    // Each tour has a server of its own: what stands on some screens counts what was done before.
    const server = await startServer();
    const looks = new Set();
    const visit = (name, page) => t.test(name, async () => assert.deepEqual(await walk(page, { looks, keys: style === 'standard' }), []));
    try {
      await tour({ browser, server, query, only }, visit);
    } finally {
      await server.stop();
    }
  });
}

test('question by question, as the elder style asks: what is not in turn is not come to', async () => {
  const server = await startServer();
  try {
    const who = await person(server, 'mother');
    const { page } = await phoneOf(browser, who);
    await page.goto(`${server.url}bundles/newborn/situations?style=elder`);
    await page.locator('.turn').waitFor();
    assert.deepEqual(await walk(page), [], 'a situation');
    await page.locator('form > .action button').click();
    await page.locator('#faults').waitFor();
    assert.deepEqual(await walk(page), [], 'a situation not answered');
    const draft = await who.draft();
    for (const step of ['child', 'mother', 'household', 'delivery']) {
      await openStep(page, server, draft, step);
      assert.deepEqual(await walk(page), [], step);
    }
  } finally {
    await server.stop();
  }
});
