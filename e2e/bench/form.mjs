// Our form beside one written by hand, without any framework: the same fields, the same words, the same phone.
//
//   node e2e/bench/form.mjs --fields 60,300,1000 --rounds 5 --server <binary> --catalogue <folder>
//
// The catalogue must hold a bundle `synth<N>` for each number of fields. A slow page is no failure
// here, only one that cannot be measured: /work/shared/performance.md says what is wanted.

import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { openBrowser } from '../lib/browser.mjs';
import { measure, script } from './lib/measure.mjs';
import { median, quantile, shown, spread, table } from './lib/numbers.mjs';
import { startServer, startVanilla } from './lib/servers.mjs';

/** The lines of the table: a number from each round. */
const LINES = {
  mount: { label: 'mount ms', of: (round) => round.mount },
  key: { label: 'key→paint ms', of: (round) => median(round.keys) },
  keyP95: { label: 'key→paint p95 ms', of: (round) => quantile(round.keys, 0.95) },
  toggle: { label: 'toggle→paint ms', of: (round) => median(round.toggles) },
  heap: { label: 'JS heap MB', of: (round) => round.heap },
  wasm: { label: 'wasm memory MB', of: (round) => round.wasm },
  memory: { label: 'heap + wasm MB', of: (round) => round.heap + round.wasm },
};

/** What a form of so many fields may cost: times the vanilla page, or megabytes. */
const GOAL_FIELDS = 1000;
const GOALS = [
  { line: 'keyP95', ratio: 1.2 },
  { line: 'toggle', ratio: 1.5 },
  { line: 'mount', ratio: 2 },
  { line: 'memory', most: 10 },
];

const { values: options } = parseArgs({
  options: {
    fields: { type: 'string', default: '60,300,1000' },
    rounds: { type: 'string', default: '5' },
    server: { type: 'string' },
    catalogue: { type: 'string' },
    out: { type: 'string', default: new URL('../../target/bench/form.json', import.meta.url).pathname },
  },
});
if (!options.server || !options.catalogue) throw new Error('--server <binary> and --catalogue <folder> are needed');

/** Signs in, starts a draft, and gives the address of its whole form. */
async function ownAddress(context, server, bundle) {
  const post = async (path, data, headers) => {
    const answer = await context.request.post(`${server.api}${path}`, { data, headers });
    if (!answer.ok()) throw new Error(`POST ${path}: ${answer.status()} ${await answer.text()}`);
    return answer.json();
  };
  await post('/session', await post('/demo/personas/founder/ticket'));
  const { id } = await post('/drafts', { bundle, answers: {} }, { 'idempotency-key': randomUUID() });
  return `${server.url}drafts/${id}/form/all`;
}

/** Both pages with so many fields, in turn, each round in the other order. */
async function compare(browser, { server, vanilla }, fields, rounds) {
  const bundle = `synth${fields}`;
  const answer = await fetch(`${server.api}/bundles/${bundle}`);
  if (!answer.ok) throw new Error(`GET /bundles/${bundle}: ${answer.status}`);
  const deeds = script((await answer.json()).bundle);
  const addresses = {
    ours: (context) => ownAddress(context, server, bundle),
    vanilla: () => `${vanilla.url}form.html?bundle=/api/v1/bundles/${bundle}`,
  };
  const measured = { ours: [], vanilla: [] };
  // Round 0 is a rehearsal: it fills the caches of browser and server, and does not count.
  for (let round = 0; round <= rounds; round += 1) {
    const names = Object.keys(addresses);
    for (const name of round % 2 === 0 ? names : names.reverse()) {
      console.error(`${fields} fields, round ${round} of ${rounds}: ${name}`);
      const numbers = await measure(browser, addresses[name], deeds).catch((error) => {
        throw new Error(`${name}: ${error.message}`, { cause: error });
      });
      if (round > 0) measured[name].push(numbers);
    }
  }
  const lines = Object.entries(LINES).map(([line, { of }]) => {
    const [ours, plain] = [spread(measured.ours.map(of)), spread(measured.vanilla.map(of))];
    return [line, { ours, vanilla: plain, ratio: plain.median > 0 ? ours.median / plain.median : null }];
  });
  return { fields, lines: Object.fromEntries(lines), rounds: measured };
}

function tableOf({ lines }) {
  const cells = Object.entries(lines).map(([line, { ours, vanilla, ratio }]) =>
    [LINES[line].label, shown(ours), shown(vanilla), ratio === null ? '' : `${ratio.toFixed(2)}×`]);
  return table(['what', 'ours', 'vanilla', 'ratio'], cells);
}

/** The goals, each with what was measured; nothing where the form they are meant for was not. */
function judge(result) {
  return result && GOALS.map(({ line, ratio, most }) => {
    const { label } = LINES[line];
    const measured = ratio ? result.lines[line].ratio : result.lines[line].ours.median;
    const wanted = ratio ?? most;
    return { label, wanted, measured, unit: ratio ? '× vanilla' : ' MB', reached: measured <= wanted };
  });
}

const counts = options.fields.split(',').map(Number);
const results = [];
const failures = [];
const [server, browser] = await Promise.all([
  startServer({ binary: resolve(options.server), catalogue: resolve(options.catalogue) }),
  openBrowser(),
]);
const vanilla = await startVanilla(server.url);
try {
  for (const fields of counts) {
    try {
      const result = await compare(browser, { server, vanilla }, fields, Number(options.rounds));
      results.push(result);
      console.log(`\n**${fields} fields, ${options.rounds} rounds**\n\n${tableOf(result)}`);
    } catch (error) {
      failures.push(`${fields} fields: ${error.message}`);
    }
  }
  const goals = judge(results.find(({ fields }) => fields === GOAL_FIELDS));
  const verdict = (goals ?? []).map(({ label, wanted, measured, unit, reached }) =>
    `${label} ≤ ${wanted}${unit}: ${measured.toFixed(2)}, ${reached ? 'reached' : 'MISSED'}`);
  console.log(`\nGoals at ${GOAL_FIELDS} fields: ${verdict.join(' · ') || 'not measured'}`);
  const machine = { processor: cpus()[0].model, cores: cpus().length, browser: browser.version(), node: process.version };
  await mkdir(dirname(options.out), { recursive: true });
  await writeFile(options.out, `${JSON.stringify({ at: new Date().toISOString(), machine, results, goals, failures }, null, 1)}\n`);
} finally {
  vanilla.stop();
  await browser.close();
  await server.stop();
}
for (const failure of failures) console.error(failure);
process.exitCode = failures.length > 0 ? 1 : 0;
