// Each engine reports the fault that was made for it, by the rule named, and nothing on a page without a fault: an engine that has
// stopped to look passes everything.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { openBrowser } from '../lib/browser.mjs';
import * as alfa from './engines/alfa.mjs';
import * as axe from './engines/axe.mjs';
import * as htmlcs from './engines/htmlcs.mjs';
import * as htmlvalidate from './engines/htmlvalidate.mjs';
import * as ibm from './engines/ibm.mjs';
import * as vnu from './engines/vnu.mjs';
import { MODES, appearance, inMode } from './modes.mjs';
import { Report } from './report.mjs';

const read = (name) => readFile(new URL(`canaries/${name}.html`, import.meta.url), 'utf8');

let browser;
let page;
before(async () => {
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 390, height: 844 } });
});
after(() => browser?.close());

/** What an engine finds on a canary. */
async function found(engine, canary) {
  const html = await read(canary);
  if (engine === vnu) return vnu.check([{ name: canary, html }]);
  // An address of its own, for engines that ask for one.
  await page.route('http://canary/', (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }));
  await page.goto('http://canary/');
  await page.unroute('http://canary/');
  return engine.check(page);
}

const RULES = new Map([
  [axe, 'color-contrast'],
  [ibm, 'input_label_exists:Fail_1'],
  [htmlcs, 'WCAG2AA.Principle1.Guideline1_1.1_1_1.H37'],
  [alfa, 'sia-r12'],
  [htmlvalidate, 'no-dup-id'],
  [vnu, 'error'],
]);

for (const [engine, rule] of RULES) {
  test(`${engine.name} reports its canary by ${rule}`, async () => {
    const rules = (await found(engine, engine.name)).map((finding) => finding.rule);
    assert.ok(rules.includes(rule), `${rules}`);
  });
  test(`${engine.name} has nothing to report on a page without a fault`, async () => {
    assert.deepEqual(await found(engine, 'clean'), []);
  });
}

test('a finding says where and what', async () => {
  for (const engine of RULES.keys()) {
    for (const { rule, where, html, message } of await found(engine, engine.name)) {
      assert.ok([rule, where, html, message].every((text) => typeof text === 'string'), engine.name);
      assert.ok(rule && where && message, `${engine.name}: ${rule}, ${where}, ${message}`);
    }
  }
});

test('every mode shows, and is undone', async () => {
  await found(axe, 'modes');
  const before = await appearance(page);
  for (const mode of Object.keys(MODES)) {
    const during = await inMode(page, mode, () => appearance(page));
    assert.equal(during === before, mode === 'default', mode);
    assert.equal(await appearance(page), before, `${mode} is undone`);
  }
});

test('an exception covers what it names, and one that nothing needs is a fault', () => {
  const place = { locale: 'zh-CN', state: 'home', mode: 'default' };
  const finding = { rule: 'a', where: 'main', html: '<p>1</p>', message: 'wrong' };
  const report = new Report([{ engine: 'axe', rule: 'a', where: '<p>', reason: 'so it is' }]);
  assert.ok(!report.good({ whole: false }), 'nothing was looked at');
  report.add('axe', place, [], 1);
  assert.ok(!report.good({ whole: true }), 'an exception that nothing needs');
  report.add('axe', place, [finding], 1);
  assert.ok(report.good({ whole: true }));
  report.add('axe', place, [{ ...finding, html: '<b>1</b>' }], 1);
  report.add('axe', { ...place, state: 'help' }, [{ ...finding, html: '<b>2</b>' }], 1);
  assert.equal(report.json().findings.length, 1, 'the same fault counts once');
  assert.ok(!report.good({ whole: true }));
  const broken = new Report([]);
  broken.add('axe', place, [], 1);
  broken.failed('axe', place, new Error('gone'));
  assert.ok(!broken.good({ whole: true }), 'an engine that failed');
});
