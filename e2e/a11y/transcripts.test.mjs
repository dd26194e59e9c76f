// Every screen is heard as it was when somebody last read its transcript. `UPDATE=1` writes them anew: read them before they are kept.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { openBrowser, openPhone } from '../lib/browser.mjs';
import { startServer } from '../lib/server.mjs';
import { STATES, tour } from '../lib/tour.mjs';
import { drawWhole } from './modes.mjs';
import { flaws, transcript } from './transcripts.mjs';
import { announcements, chatter, written } from './transcripts/announcements.mjs';

const folder = new URL('transcripts/', import.meta.url);
const file = (name) => new URL(`${name}.txt`, folder);
const update = process.env.UPDATE === '1';
const ANNOUNCED = 'announcements';

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

const goldens = () => readdirSync(folder).filter((name) => name.endsWith('.txt')).map((name) => name.slice(0, -'.txt'.length));

/** Told whole, however much it is. */
const none = (wrong) => assert.ok(wrong.length === 0, `\n${wrong.join('\n')}`);

/** The first line in which two transcripts differ. */
function difference(heard, golden) {
  const line = heard.findIndex((words, index) => words !== golden[index]);
  const at = line < 0 ? heard.length : line;
  return `line ${at + 1}: heard “${heard[at] ?? ''}”, written “${golden[at] ?? ''}”`;
}

/** Compares with what is written down, or writes it down. */
function compare(name, lines) {
  if (update) return void writeFileSync(file(name), `${lines.join('\n')}\n`);
  const golden = goldens().includes(name) ? readFileSync(file(name), 'utf8').trimEnd().split('\n') : undefined;
  if (!golden) return `${name} has no transcript`;
  return lines.join('\n') === golden.join('\n') ? undefined : `${name}, ${difference(lines, golden)}`;
}

test('every screen is heard as it is written down, and nothing in it is bad to hear', async () => {
  const wrong = [];
  await tour({ browser, server, only }, async (name, page) => {
    // What is being saved is soon saved.
    await page.locator('.saving[data-saving="pending"]').waitFor({ state: 'detached', timeout: 5000 }).catch(() => undefined);
    await drawWhole(page);
    const lines = await transcript(page);
    // What a refused file was refused for is announced, and stands in its row.
    const bad = flaws(lines).filter((flaw) => !(name === 'materials-refused' && flaw.startsWith('is said twice')));
    wrong.push(compare(name, lines), ...bad.map((flaw) => `${name} ${flaw}`));
  });
  none(wrong.filter(Boolean));
});

test('every transcript is of a screen that is there', () => {
  const known = [...STATES, ANNOUNCED];
  for (const name of goldens().filter((one) => !known.includes(one))) {
    if (update) rmSync(file(name));
    else assert.fail(`${name}.txt is of no state`);
  }
});

test('what is said without being asked comes in order, and nobody chatters', async () => {
  // What the mother wrote on the tour would be offered to her here.
  const fresh = await startServer();
  const journey = await announcements(browser, fresh).finally(fresh.stop);
  const wrong = [compare(ANNOUNCED, written(journey)), ...chatter(journey)];
  none(wrong.filter(Boolean));
});

const PAGE = `<!doctype html><html lang="zh-CN"><title>样</title>
<main><h1>标题</h1><h3>跳过</h3><button></button><p>110****0124</p><p>·</p><p>共 ¥</p><p>到期 2026-12-07</p><ul></ul>
<p><a href="#">同样</a></p><p><a href="#">同样</a></p></main>`;

test('what is bad to hear is found', async () => {
  const { context, page } = await openPhone(browser);
  await page.setContent(PAGE);
  const found = flaws(await transcript(page)).join('\n');
  const all = [
    ...['has no name: 按钮', 'skips a level: 3 after 1', 'reads stars', 'is punctuation: ·', 'date for machines'],
    ...['is said twice: 链接 同样', 'without a number'],
  ];
  for (const what of all) {
    assert.ok(found.includes(what), `${what} in\n${found}`);
  }
  await page.setContent('<!doctype html><title>样</title><p>话</p>');
  assert.match(flaws(await transcript(page)).join(), /no known language/);
  await context.close();
});

test('a page is heard by its roles, names and states', async () => {
  const { context, page } = await openPhone(browser);
  await page.setContent(`<!doctype html><html lang="zh-CN"><title>样</title><main><h1>办 <span lang="en">Form</span></h1>
    <div role="status">已保存</div><form><label for="a">姓名</label><p id="h">用文字</p>
    <input id="a" required aria-invalid="true" aria-describedby="h">
    <fieldset><legend>性别</legend><label><input type="radio" name="s" checked> 女</label><label><input type="radio" name="s"> 男</label></fieldset>
    </form><ul><li>一</li><li>二，<a href="#">三</a></li></ul><p class="x" aria-hidden="true">不说</p></main>`);
  assert.deepEqual(await transcript(page), [
    '页面 样，语言 zh-CN', '地标 主要内容', '  标题 1 级 办 〔en〕Form', '  实时区域 礼貌', '    已保存', '  用文字', '  编辑框 姓名，空，必填，无效，描述：用文字', '  分组 性别',
    '    单选按钮 女，已选中，第 1 个共 2 个', '    单选按钮 男，未选中，第 2 个共 2 个', '  列表 2 项', '    • 一', '    • 二，', '      链接 三',
  ]);
  await context.close();
});

test('a region that chatters is found', () => {
  const say = (region, words, at) => ({ region, words, at });
  const found = (...told) => chatter([{ step: '步', told }]).length;
  assert.equal(found(say(1, '一', 0), say(1, '二', 1500)), 0);
  assert.equal(found(say(1, '一', 0), say(1, '二', 300)), 1);
  assert.equal(found(say(1, '一', 0), say(1, '一', 1500), say(1, '一', 3000)), 1);
  assert.equal(found(say(1, '错误一', 0), say(2, '错误一', 0)), 1);
});
