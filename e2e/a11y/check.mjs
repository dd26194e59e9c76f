// Six engines over every screen state, in every mode, in two languages: nothing to report.
//
//   node e2e/a11y/check.mjs [--quick] [--modes all|default,elder,…] [--locales zh-CN,en] [--engines axe,…] [--only state,…]
//     [--query style=elder] [--out target/a11y]
//
// Prints a table of engines and modes, each finding once with the states it was seen in, and what each engine takes of time;
// writes `report.json`. Ends with 1 on any finding that `exceptions.json` does not name, on an exception that nothing needs
// any more, and on an engine that fails.
//
// Engines that read style look in each mode; those that read markup once a state, for no mode changes what the document says.
// A mode in which a state looks exactly as by default (less motion, where nothing moves) is not looked at again.
// `--quick` is what a change is held to each time, in about six minutes: Chinese by all engines, and by axe in dark and elder style too.
// All of it takes about fifty.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { openBrowser } from '../lib/browser.mjs';
import { startServer } from '../lib/server.mjs';
import { STATES, tour } from '../lib/tour.mjs';
import * as alfa from './engines/alfa.mjs';
import * as axe from './engines/axe.mjs';
import * as htmlcs from './engines/htmlcs.mjs';
import * as htmlvalidate from './engines/htmlvalidate.mjs';
import * as ibm from './engines/ibm.mjs';
import { rendered } from './engines/page.mjs';
import * as vnu from './engines/vnu.mjs';
import { MODES, appearance, drawWhole, inMode } from './modes.mjs';
import { Report } from './report.mjs';

const STYLE = [axe, ibm, htmlcs, alfa];
const ENGINES = [...STYLE, htmlvalidate, vnu];

/** Which engines look in which mode of a language, where there is no time for all: about six minutes. */
const QUICK = { 'zh-CN': { default: ENGINES, dark: [axe], elder: [axe] } };

const { values: asked } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    modes: { type: 'string', default: 'all' },
    locales: { type: 'string', default: 'zh-CN,en' },
    engines: { type: 'string', default: ENGINES.map(({ name }) => name).join() },
    only: { type: 'string', default: STATES.join() },
    query: { type: 'string', default: '' },
    out: { type: 'string', default: 'target/a11y' },
  },
});

/** Names from a list, each of which there is. */
function named(list, known) {
  const names = list.split(',');
  for (const name of names) if (!known.includes(name)) throw new Error(`there is no ${name}; there are ${known.join(', ')}`);
  return names;
}

/** What is looked at: engines by language and mode. */
function plan() {
  const engines = named(asked.engines, ENGINES.map(({ name }) => name));
  const modes = asked.modes === 'all' ? Object.keys(MODES) : named(asked.modes, Object.keys(MODES));
  const whole = Object.fromEntries(modes.map((mode) => [mode, mode === modes[0] ? ENGINES : STYLE]));
  const languages = asked.quick ? Object.entries(QUICK) : asked.locales.split(',').map((locale) => [locale, whole]);
  const chosen = (list) => list.filter(({ name }) => engines.includes(name));
  return languages.map(([locale, modes]) => [locale, Object.entries(modes).map(([mode, list]) => [mode, chosen(list)])]);
}

/** Walks the tour in one language. */
async function look(browser, report, locale, modes) {
  const server = await startServer();
  const documents = [];
  const only = named(asked.only, STATES);
  try {
    await tour({ browser, server, locale, query: asked.query, only }, async (state, page) => {
      let plain;
      await drawWhole(page);
      for (const [mode, engines] of modes) {
        await inMode(page, mode, async () => {
          const seen = await appearance(page);
          if (mode === 'default') plain = seen;
          else if (seen === plain) return;
          if (engines.includes(vnu)) documents.push({ name: state, html: await rendered(page) });
          await together(report, { locale, state, mode }, page, engines.filter((engine) => engine !== vnu));
        });
      }
    });
  } catch (error) {
    report.failed('tour', { locale, state: 'some', mode: 'any' }, error);
  } finally {
    await server.stop();
  }
  if (documents.length > 0) await atOnce(report, { locale, mode: modes[0][0] }, documents);
}

/** Engines that work in the page take turns there; the others work beside them. */
async function together(report, place, page, engines) {
  const beside = engines.filter((engine) => engine === alfa || engine === htmlvalidate);
  const inside = engines.filter((engine) => !beside.includes(engine));
  const inTurn = async () => {
    for (const engine of inside) await one(report, place, page, engine);
  };
  await Promise.all([...beside.map((engine) => one(report, place, page, engine)), inTurn()]);
}

async function one(report, place, page, engine) {
  const begun = performance.now();
  try {
    report.add(engine.name, place, await patiently(engine.check(page)), performance.now() - begun);
  } catch (error) {
    report.failed(engine.name, place, error);
  }
}

/** An engine that never comes to an end has failed. */
function patiently(work) {
  let timer;
  const end = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer within a minute')), 60_000);
  });
  return Promise.race([work, end]).finally(() => clearTimeout(timer));
}

async function atOnce(report, place, documents) {
  const begun = performance.now();
  try {
    const found = await vnu.check(documents);
    const each = (performance.now() - begun) / documents.length;
    for (const { name } of documents) report.add(vnu.name, { ...place, state: name }, found.filter(({ state }) => state === name), each);
  } catch (error) {
    report.failed(vnu.name, { ...place, state: 'all' }, error);
  }
}

const exceptions = JSON.parse(await readFile(new URL('exceptions.json', import.meta.url), 'utf8'));
const report = new Report(exceptions);
const browser = await openBrowser();
try {
  for (const [locale, modes] of plan()) await look(browser, report, locale, modes);
} finally {
  await browser.close();
}
// What was not looked at everywhere cannot tell which exceptions are needed.
const whole = !asked.quick && process.argv.length === 2;
await mkdir(asked.out, { recursive: true });
await writeFile(`${asked.out}/report.json`, `${JSON.stringify(report.json(), undefined, 1)}\n`);
console.log(report.text({ whole }));
process.exitCode = report.good({ whole }) ? 0 : 1;
