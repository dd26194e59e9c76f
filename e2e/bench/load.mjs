// How soon a poor phone can read our guide and use our form, beside pages without any framework, in the same run.
//
//   node e2e/bench/load.mjs --rounds 5 --server <binary> --catalogue <folder>
//
// The catalogue must hold a bundle `synth60`. The guide is held against the same words in a page without scripts, the
// form against the vanilla page. A slow page is no failure here, only one that cannot be measured.

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { person } from '../lib/draft.mjs';
import { startServer as startCity } from '../lib/server.mjs';
import { form, fromGuide, reading } from './lib/cold.mjs';
import { freeze, sameWords } from './lib/frozen.mjs';
import { seed, uses } from './lib/interactions.mjs';
import { median, quantile, shown, spread, table } from './lib/numbers.mjs';
import { inTurn, report } from './lib/rounds.mjs';
import { startServer, startVanilla } from './lib/servers.mjs';
import { kilobytes } from './lib/wire.mjs';

const BUNDLE = 'synth60';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    server: { type: 'string' },
    catalogue: { type: 'string' },
    out: { type: 'string', default: new URL('../../target/bench/load.json', import.meta.url).pathname },
  },
});
const rounds = Number(options.rounds);
if (!options.server || !options.catalogue) throw new Error('--server <binary> and --catalogue <folder> are needed');
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds is a count');

/** The lines of the tables: what, of which target, beside which target. */
const READING = [
  ['first contentful paint, ms', 'fcp'],
  ['largest contentful paint, ms', 'lcp'],
  ['live, ms', 'live'],
  ['blocking time, ms', 'blocking'],
  ['layout shift', 'shift'],
  ['on the wire, kB', 'kB'],
].map(([what, of]) => ({ what, of, ours: 'guide', beside: 'static' }));
const FILLING = [
  { what: 'usable, cold deep link, ms', ours: 'form', of: 'usable', beside: 'vanilla' },
  { what: 'blocking time, ms', ours: 'form', of: 'blocking', beside: 'vanilla' },
  { what: 'layout shift', ours: 'form', of: 'shift', beside: 'vanilla' },
  { what: 'on the wire, kB', ours: 'form', of: 'kB', beside: 'vanilla' },
  // Each beside the vanilla page opened cold.
  { what: 'usable, coming from its guide, ms', ours: 'way', of: 'arrival', beside: 'vanilla', by: 'usable' },
  { what: '… from the tap, with the draft made, ms', ours: 'way', of: 'tap', beside: 'vanilla', by: 'usable' },
  { what: '… from leaving the guide, ms', ours: 'way', of: 'way', beside: 'vanilla', by: 'usable' },
  { what: 'all its parts on one page, then, ms', ours: 'way', of: 'whole', beside: 'vanilla', by: 'usable' },
];

/** What is wanted: so many times the page beside it, or so much at most. */
const GOALS = [
  { what: 'guide: first contentful paint', ours: 'guide', of: 'fcp', beside: 'static', ratio: 1.1 },
  { what: 'guide: kB until live', ours: 'guide', of: 'kB', most: 110 },
  { what: 'guide: blocking time, ms', ours: 'guide', of: 'blocking', most: 150 },
  { what: 'guide: layout shift', ours: 'guide', of: 'shift', most: 0 },
  { what: 'form: usable, cold deep link', ours: 'form', of: 'usable', beside: 'vanilla', ratio: 1.5 },
  { what: 'form: kB until usable', ours: 'form', of: 'kB', most: 140 },
  { what: 'form: blocking time, ms', ours: 'form', of: 'blocking', most: 150 },
  { what: 'form: layout shift', ours: 'form', of: 'shift', most: 0 },
  { what: 'form: usable, coming from its guide', ours: 'way', of: 'arrival', beside: 'vanilla', by: 'usable', ratio: 1 },
];
/** Milliseconds to the next paint, on every screen, 95 times of 100. */
const PROMPT = 100;

const numbers = (measured, target, of) => spread(measured[target].map((round) => round[of] ?? NaN));

/** A line measured: ours, the page beside it, and how many times that ours is. */
function compared(measured, { ours, of, beside, by = of }) {
  const own = numbers(measured, ours, of);
  const plain = beside && numbers(measured, beside, by);
  return { own, plain, times: plain?.median > 0 ? own.median / plain.median : null };
}

const known = (spread) => (Number.isNaN(spread.median) ? '' : shown(spread));

function tableOf(measured, lines) {
  const cells = lines.map((line) => {
    const { own, plain, times } = compared(measured, line);
    return [line.what, known(own), known(plain), times === null ? '' : `${times.toFixed(2)}×`];
  });
  return table(['what', 'ours', 'beside', 'ratio'], cells);
}

function judge(measured, screens) {
  const goals = GOALS.map((goal) => {
    const { own, times } = compared(measured, goal);
    const [value, wanted] = goal.ratio ? [times, goal.ratio] : [own.median, goal.most];
    return { what: goal.what, wanted, value, unit: goal.ratio ? '×' : '' };
  });
  const paints = screens.map(({ name, p95 }) => ({ what: `${name}: next paint p95, ms`, wanted: PROMPT, value: p95, unit: '' }));
  return [...goals, ...paints].map((goal) => ({ ...goal, reached: goal.value <= goal.wanted }));
}

/** Every interaction of a screen, of all rounds. */
const prompt = (used) =>
  Object.entries(used).map(([name, taps]) => {
    const all = taps.flat();
    return { name, count: all.length, median: median(all), p95: quantile(all, 0.95), most: Math.max(...all) };
  });

function filesOf({ files }) {
  const lines = files.sort((one, other) => other.bytes - one.bytes).map(({ path, kind, bytes }) => [path, kind, (bytes / 1000).toFixed(1)]);
  const kinds = [...new Set(files.map(({ kind }) => kind))];
  const sums = kinds.map((kind) => `${kind} ${kilobytes(files.filter((file) => file.kind === kind)).toFixed(1)}`);
  return `${table(['file', 'kind', 'kB'], lines)}\n\n${sums.join(' · ')} · together ${kilobytes(files).toFixed(1)} kB`;
}

await report(options.out, async (browser, during) => {
  const binary = resolve(options.server);
  const city = await during(startServer({ binary, catalogue: resolve('catalogue') }));
  const synthetic = await during(startServer({ binary, catalogue: resolve(options.catalogue) }));
  const guide = `${city.url}bundles/newborn`;
  const { html, words } = await freeze(browser, guide);
  const plain = await during(startVanilla(synthetic.url, { 'guide.html': html }));
  await sameWords(browser, `${plain.url}guide.html`, words);

  const { bundle } = await (await fetch(`${synthetic.api}/bundles/${BUNDLE}`)).json();
  const texts = bundle.fields.filter(({ kind, when }) => kind === 'text' && !when?.length);
  const field = texts[0].id;
  const later = texts.find(({ group }) => group !== texts[0].group).id;
  const who = await person(synthetic, 'founder');
  const deepLink = async () => `${synthetic.url}drafts/${await who.draft(BUNDLE, {})}/form/all`;

  const measured = await inTurn('loading', rounds, {
    static: () => reading(browser, `${plain.url}guide.html`, { live: false }),
    guide: () => reading(browser, guide, { live: true }),
    vanilla: () => form(browser, { address: `${plain.url}form.html?bundle=/api/v1/bundles/${BUNDLE}`, field }),
    form: async () => form(browser, { who, address: await deepLink(), field }),
    way: () => fromGuide(browser, { server: synthetic, bundle: BUNDLE, field, later }),
  });
  console.log(`\n**The guide beside a page without scripts, ${rounds} rounds: median (least–most)**\n\n${tableOf(measured, READING)}`);
  console.log(`\n**A form of 60 fields beside the vanilla page opened cold**\n\n${tableOf(measured, FILLING)}`);
  for (const target of ['guide', 'form', 'vanilla']) {
    console.log(`\n**What came over the wire: ${target}**\n\n${filesOf(measured[target][0])}`);
  }

  const used = await inTurn('using', rounds, uses(browser, await seed(await during(startCity()))));
  const screens = prompt(used);
  const goals = judge(measured, screens);

  const paints = screens.map(({ name, ...told }) => [name, ...Object.values(told).map((number) => number.toFixed(0))]);
  console.log(`\n**From an interaction to the next paint, ms**\n\n${table(['screen', 'times', 'median', 'p95', 'most'], paints)}`);
  const verdicts = goals.map(({ what, wanted, value, unit, reached }) =>
    [what, `≤ ${wanted}${unit}`, `${value.toFixed(2)}${unit}`, reached ? '✓' : '✗']);
  console.log(`\n**Goals**\n\n${table(['what', 'goal', 'measured', ''], verdicts)}`);
  return { measured, used, goals };
});
