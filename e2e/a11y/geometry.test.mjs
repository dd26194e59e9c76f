// Every screen, in every view: what is pressed is large enough and alone in its place, what is read is whole and in colours that can be read.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser, openPhone } from '../lib/browser.mjs';
import { startServer } from '../lib/server.mjs';
import { tour } from '../lib/tour.mjs';
import { VIEWS, measure } from './geometry.mjs';

/** Some states only, by their names with commas between. */
const only = process.env.ONLY?.split(',');

let browser;
let server;
before(async () => {
  browser = await openBrowser();
  server = await startServer();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Each fault once, with what was measured and where it was seen. */
function told(found) {
  const once = new Map();
  for (const { rule, where, measured, view, state } of found) {
    const key = `${rule}: ${where}`;
    const seen = once.get(key) ?? { measured: new Set(), views: new Set(), states: new Set() };
    seen.measured.add(measured);
    seen.views.add(view);
    seen.states.add(state);
    once.set(key, seen);
  }
  const list = (set) => [...set].slice(0, 4).join(', ') + (set.size > 4 ? ` and ${set.size - 4} more` : '');
  return [...once].map(([key, { measured, views, states }]) => `${key} (${list(measured)}; ${list(views)}; ${list(states)})`).sort();
}

test('every screen is in order in every view', async () => {
  const found = [];
  await tour({ browser, server, only }, async (state, page) => {
    found.push(...(await measure(page)).map((fault) => ({ ...fault, state })));
  });
  assert.ok(found.length === 0, `\n${told(found).join('\n')}`);
});

/** A page on which exactly these rules fail in a view. */
async function fails(view, body, rules, style = '') {
  const { context, page } = await openPhone(browser);
  await page.setContent(`<!doctype html><html lang="zh-CN"><title>样</title><style>${SOUND}${style}</style>${body}`);
  const found = await measure(page, { views: [view] });
  await context.close();
  assert.deepEqual([...new Set(found.map(({ rule }) => rule))].sort(), [...rules].sort(), `${view}: ${body}\n${JSON.stringify(found)}`);
}

/** Nothing is wrong with this. */
const SOUND = `
  body { margin: 1rem; background: #fff; color: #000; font: 1rem/1.6 sans-serif; overflow-wrap: anywhere }
  button, input { min-width: 60px; min-height: 60px; border: 1px solid #333; background: #fff; color: #000; font: inherit }
  a { color: #00f }
  [data-style=elder] { font-size: 20px }
  @media (prefers-color-scheme: dark) { body, button, input { background: #000; color: #fff; border-color: #fff } a { color: #9cf } }
`;
const WORDS = '<h1>标题</h1><p>一句话，里面有<a href="#">一个链接</a>。</p><button>按下</button> <label><input type="checkbox"> 勾选</label>';

test('a page in order has no fault in any view', async () => {
  for (const view of Object.keys(VIEWS)) await fails(view, WORDS, [], 'label { display: inline-flex; min-height: 60px; align-items: center }');
});

const CANARIES = [
  ['small', 'default', '<button style="min-height: 43px">按下</button>'],
  ['small', 'elder', '<button style="min-height: 50px">按下</button>'],
  ['small', 'default', '<p><a href="#">一个链接</a></p>'],
  ['small', 'default', '<p><a href="#">一个链接</a> · <a href="#">又一个链接</a></p>'],
  ['small', 'default', '<label style="display: inline-block; height: 30px"><input type="radio" style="min-height: 20px"> 选</label>'],
  ['crossing', 'default', '<button>一</button><button style="margin-left: -20px">二</button>'],
  ['clipped', 'default', '<p style="width: 40px; overflow: hidden; white-space: nowrap">这一句话被切掉了</p>'],
  ['clipped', 'narrow', '<div style="height: 20px; overflow: clip"><p>一</p><p>二</p></div>'],
  ['clipped', 'narrow', '<p style="margin-left: -60px">在屏幕外</p>'],
  ['muddled', 'zoomed', '<p>上面的话</p><p style="margin-top: -2.2rem">下面的话</p>'],
  ['sideways', 'narrow', '<div style="width: 400px; height: 10px"></div>'],
  ['standing', 'zoomed', '<div style="position: fixed; inset: auto 0 0 0; height: 120px"></div>'],
  ['rigid', 'text 200 %', '<p style="font-size: 16px">不变大</p>'],
  ['fine', 'elder', '<p style="font-size: 16px">太小</p>'],
  ['fine', 'elder', '<p style="line-height: 1.2">太密</p>'],
  ['faint', 'default', '<p style="color: #666">不够七比一</p>'],
  ['faint', 'default', '<p><button style="color: #888">看不清</button></p>'],
  ['faint', 'default', '<div style="opacity: 0.5"><p>半透明</p></div>'],
  ['faint', 'default', '<input aria-label="名" placeholder="看不清的提示" class="pale">', '.pale::placeholder { color: #aaa }'],
  ['faint', 'dark', '<p style="color: #000">黑底黑字</p>'],
  ['faint', 'contrast', '<p class="soft">对比度更高时反而看不清</p>', '@media (prefers-contrast: more) { .soft { color: #999 } }'],
  ['edgeless', 'default', '<input aria-label="名" style="border-color: #ccc">'],
  ['edgeless', 'dark', '<button style="border-color: #222">按下</button>'],
];

test('each rule finds what it is there for', async () => {
  for (const [rule, view, body, style] of CANARIES) await fails(view, body, [rule], style);
});
