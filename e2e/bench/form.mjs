// Our form beside one written by hand, without any framework: the same fields, the same words, the same phone.
//
//   node e2e/bench/form.mjs --fields 60,300,1000 --rounds 5 --server <binary> --catalogue <folder>
//
// The catalogue must hold a bundle `synth<N>` for each number of fields. A slow page is no failure
// here, only one that cannot be measured.

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { person } from '../lib/draft.mjs';
import { measure, script } from './lib/measure.mjs';
import { median, quantile, shown, spread, table } from './lib/numbers.mjs';
import { inTurn, report } from './lib/rounds.mjs';
import { startServer, startVanilla } from './lib/servers.mjs';

/** The lines of the table: a number from each round. */
const LINES = {
  mount: { what: 'mount', unit: 'ms', of: (round) => round.mount },
  key: { what: 'key→paint', unit: 'ms', of: (round) => median(round.keys) },
  keyP95: { what: 'key→paint p95', unit: 'ms', of: (round) => quantile(round.keys, 0.95) },
  toggle: { what: 'toggle→paint', unit: 'ms', of: (round) => median(round.toggles) },
  heap: { what: 'JS heap', unit: 'MB', of: (round) => round.heap },
  wasm: { what: 'wasm memory', unit: 'MB', of: (round) => round.wasm },
  memory: { what: 'JS heap + wasm memory', unit: 'MB', of: (round) => round.heap + round.wasm },
};

/** What a form of so many fields may cost: so many times the vanilla page, or so much at most. */
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
const counts = options.fields.split(',').map(Number);
const rounds = Number(options.rounds);
if (!options.server || !options.catalogue) throw new Error('--server <binary> and --catalogue <folder> are needed');
if (![rounds, ...counts].every((number) => Number.isInteger(number) && number > 0)) throw new Error('--fields and --rounds are counts');

/** Signs in, starts a draft, and gives the address of its whole form. */
async function ownAddress(context, server, bundle) {
  const who = await person(server, 'founder');
  await context.addCookies([who.cookie]);
  return `${server.url}drafts/${await who.draft(bundle, {})}/form/all`;
}

/** Both pages with so many fields, in turn, each round in the other order. */
async function compare(browser, { server, vanilla }, fields) {
  const bundle = `synth${fields}`;
  const answer = await fetch(`${server.api}/bundles/${bundle}`);
  if (!answer.ok) throw new Error(`GET /bundles/${bundle}: ${answer.status}`);
  const deeds = script((await answer.json()).bundle);
  const measured = await inTurn(`${fields} fields`, rounds, {
    ours: async () => {
      const numbers = await measure(browser, (context) => ownAddress(context, server, bundle), deeds);
      if (numbers.wasm === 0) throw new Error('no wasm memory was seen');
      return numbers;
    },
    vanilla: () => measure(browser, () => `${vanilla.url}form.html?bundle=/api/v1/bundles/${bundle}`, deeds),
  });
  const lines = Object.entries(LINES).map(([line, { of }]) => {
    const [ours, plain] = [spread(measured.ours.map(of)), spread(measured.vanilla.map(of))];
    return [line, { ours, vanilla: plain, ratio: plain.median > 0 ? ours.median / plain.median : null }];
  });
  return { fields, lines: Object.fromEntries(lines), rounds: measured };
}

function tableOf({ lines }) {
  const cells = Object.entries(lines).map(([line, { ours, vanilla, ratio }]) => {
    const { what, unit } = LINES[line];
    return [`${what}, ${unit}`, shown(ours), shown(vanilla), ratio === null ? '' : `${ratio.toFixed(2)}×`];
  });
  return table(['what', 'ours', 'vanilla', 'ratio'], cells);
}

/** The goals, each with what was measured; none where the form they are meant for was not. */
function judge(result) {
  if (!result) return [];
  return GOALS.map(({ line, ratio, most }) => {
    const { ours, ratio: times } = result.lines[line];
    const [measured, wanted] = ratio ? [times, ratio] : [ours.median, most];
    return { what: LINES[line].what, wanted, measured, unit: ratio ? '× vanilla' : ` ${LINES[line].unit}`, reached: measured <= wanted };
  });
}

const failures = [];
await report(options.out, async (browser, during) => {
  const server = await during(startServer({ binary: resolve(options.server), catalogue: resolve(options.catalogue) }));
  const vanilla = await during(startVanilla(server.url));
  const results = [];
  for (const fields of counts) {
    try {
      const result = await compare(browser, { server, vanilla }, fields);
      results.push(result);
      console.log(`\n**${fields} fields, ${rounds} rounds**\n\n${tableOf(result)}`);
    } catch (error) {
      failures.push(`${fields} fields: ${error.message}`);
    }
  }
  const goals = judge(results.find(({ fields }) => fields === GOAL_FIELDS));
  const verdicts = goals.map(({ what, wanted, measured, unit, reached }) =>
    `${what} ≤ ${wanted}${unit}: ${measured.toFixed(2)}, ${reached ? 'reached' : 'MISSED'}`);
  console.log(`\nGoals at ${GOAL_FIELDS} fields: ${verdicts.join(' · ') || 'not measured'}`);
  return { results, goals, failures };
});
for (const failure of failures) console.error(failure);
process.exitCode = failures.length > 0 ? 1 : 0;
