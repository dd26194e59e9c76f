// What Lighthouse says of a phone on home, guide and form: four categories, and every audit that is not whole.
//
//   node e2e/bench/lighthouse.mjs --server <binary>
//
// The reports with all they hold are written to target/bench/lighthouse/.

import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import lighthouse from 'lighthouse';
import { chromium } from 'playwright-core';

import { person } from '../lib/draft.mjs';
import { table } from './lib/numbers.mjs';
import { freePort, startServer } from './lib/servers.mjs';

const GOAL = 95;
const out = new URL('../../target/bench/lighthouse/', import.meta.url);

const { values: options } = parseArgs({ options: { server: { type: 'string' } } });
if (!options.server) throw new Error('--server <binary> is needed');

/** A browser in which Lighthouse can open its tabs, outside any context of a test; `enter` signs somebody in there. */
async function openForLighthouse() {
  const port = await freePort();
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--accept-lang=zh-CN', `--remote-debugging-port=${port}`],
    // Pages may be kept for going back, as in any browser.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
  const session = await browser.newBrowserCDPSession();
  const enter = ({ cookie }) => session.send('Storage.setCookies', { cookies: [cookie] });
  return { port, enter, close: () => browser.close() };
}

/** Caches are emptied before, cookies stay. A trace without its beginning says nothing: it is recorded again. */
async function run(address, port, tries = 4) {
  const ran = await lighthouse(address, { port, output: 'html', logLevel: 'error' });
  return ran.lhr.runtimeError?.code === 'NO_NAVSTART' && tries > 1 ? run(address, port, tries - 1) : ran;
}

/** One page: scores of 100 by category, and what is not whole, the heaviest first. */
async function judge(name, address, port) {
  const { lhr, report } = await run(address, port);
  await writeFile(new URL(`${name}.html`, out), report);
  if (lhr.runtimeError) throw new Error(`${name}: ${lhr.runtimeError.message}`);
  const refused = lhr.audits['network-requests'].details.items.find(({ statusCode }) => statusCode >= 400);
  if (refused) throw new Error(`${name}: ${refused.statusCode} from ${refused.url}`);
  const categories = Object.values(lhr.categories);
  const flawed = categories.flatMap(({ title, auditRefs }) =>
    auditRefs
      .map(({ id, weight }) => ({ ...lhr.audits[id], weight, category: title }))
      .filter(({ score }) => score !== null && score < 1)
      .sort((one, other) => other.weight - one.weight),
  );
  return { name, scores: categories.map(({ title, score }) => ({ title, score: Math.round(score * 100) })), flawed };
}

const server = await startServer({ binary: resolve(options.server), catalogue: resolve('catalogue') });
try {
  const mother = await person(server, 'mother');
  const { port, enter, close } = await openForLighthouse();
  try {
    await mkdir(out, { recursive: true });
    const addresses = {
      home: server.url,
      guide: `${server.url}bundles/newborn`,
      form: `${server.url}drafts/${await mother.draft()}/form`,
    };
    const pages = [];
    for (const [name, address] of Object.entries(addresses)) {
      console.error(`Lighthouse: ${name}`);
      // A session ends with the last tab.
      if (name === 'form') await enter(mother);
      pages.push(await judge(name, address, port));
    }
    const marked = ({ score }) => `${score} ${score >= GOAL ? '✓' : '✗'}`;
    const head = [`page, each at least ${GOAL}`, ...pages[0].scores.map(({ title }) => title)];
    console.log(`\n${table(head, pages.map(({ name, scores }) => [name, ...scores.map(marked)]))}\n`);
    const flaws = pages.flatMap(({ name, flawed }) =>
      flawed.map(({ category, id, score, weight, displayValue = '' }) =>
        [`${name}: ${id}`, category, `${Math.round(score * 100)}`, `${weight}`, displayValue]),
    );
    console.log(table(['not whole', 'category', 'score', 'weight', 'measured'], flaws));
    console.error(`\nReports: ${out.pathname}`);
  } finally {
    await close();
  }
} finally {
  await server.stop();
}
