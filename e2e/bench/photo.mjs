// What a 12-megapixel photo costs the page before it is sent, beside the same work on the main thread.
//
//   node e2e/bench/photo.mjs --rounds 3 --server <binary>
//
// The protocol's throttle slows the main thread only, so the whole renderer is also stopped three
// quarters of the time: that is the better likeness of a slow phone.

import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

import { openBrowser } from '../lib/browser.mjs';
import { person } from '../lib/draft.mjs';
import { median, shown, spread } from './lib/numbers.mjs';
import { startServer } from './lib/servers.mjs';

const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '3' }, server: { type: 'string' } } });
const rounds = Number(options.rounds);
if (!options.server || !Number.isInteger(rounds) || rounds < 1) throw new Error('--server <binary> and a count of --rounds are needed');

const WIDTH = 4032;
const HEIGHT = 3024;
/** The goal: no task of the page longer than this. */
const LONGEST = 200;

/** A photo with as much detail as a camera's: a picture of a page of writing with grain. */
async function takePhoto(browser) {
  const page = await browser.newPage();
  const text = await page.evaluate(
    async ([width, height]) => {
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext('2d');
      context.fillStyle = '#e9e4d8';
      context.fillRect(0, 0, width, height);
      context.fillStyle = '#26303c';
      context.font = '44px sans-serif';
      for (let row = 1; row < height / 60; row += 1) context.fillText(`${row} 居民户口簿 住址 姓名 `.repeat(12), 40, row * 60);
      const image = context.getImageData(0, 0, width, height);
      let state = 7;
      for (let place = 0; place < image.data.length; place += 1) {
        state = (state * 1664525 + 1013904223) >>> 0;
        image.data[place] += (state >>> 28) - 8;
      }
      context.putImageData(image, 0, 0);
      const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
      const bytes = new Uint8Array(await blob.arrayBuffer());
      let text = '';
      for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
      return btoa(text);
    },
    [WIDTH, HEIGHT],
  );
  await page.close();
  return Buffer.from(text, 'base64');
}

const kilobytes = (pid, key) => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

/** Stops the processes three quarters of the time until told to let them go. */
function slowed(pids) {
  let running = true;
  let timer;
  const signal = (name) => pids.forEach((pid) => process.kill(pid, name));
  const beat = () => {
    running = !running;
    signal(running ? 'SIGCONT' : 'SIGSTOP');
    timer = setTimeout(beat, running ? 4 : 12);
  };
  beat();
  return () => {
    clearTimeout(timer);
    signal('SIGCONT');
  };
}

async function measure(server, photo, { rate = 1, duty = false, worker = true }) {
  const browser = await openBrowser();
  const mother = await person(server, 'mother');
  const draft = await mother.draft();
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  await context.addCookies([mother.cookie]);
  const page = await context.newPage();
  await page.addInitScript((worker) => {
    if (!worker) delete globalThis.Worker;
    globalThis.tasks = [];
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => globalThis.tasks.push(entry.duration))).observe({ entryTypes: ['longtask'] });
  }, worker);
  await page.goto(`${server.url}drafts/${draft}/materials`);
  const input = page.locator('#m-m_bank input[type=file]');
  await input.waitFor({ state: 'attached' });
  const root = await browser.newBrowserCDPSession();
  const session = await context.newCDPSession(page);
  const { processInfo } = await root.send('SystemInfo.getProcessInfo');
  const pids = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  await page.waitForTimeout(500);
  if (rate > 1) await session.send('Emulation.setCPUThrottlingRate', { rate });
  await page.evaluate(() => {
    globalThis.tasks.length = 0;
  });
  const sent = page.waitForRequest((request) => request.method() === 'PATCH' && request.url().includes('/uploads/'), { timeout: 60_000 });
  // The bytes reach the page before the clock starts: choosing a file copies nothing on a phone.
  await page.evaluate((text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    globalThis.chosen = new File([bytes], 'IMG_0001.jpg', { type: 'image/jpeg' });
  }, photo.toString('base64'));
  await page.evaluate(() => {
    globalThis.tasks.length = 0;
  });
  // The peak is counted from here on.
  for (const pid of pids) writeFileSync(`/proc/${pid}/clear_refs`, '5');
  const before = Math.max(...pids.map((pid) => kilobytes(pid, 'VmRSS')));
  const begun = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/uploads'));
  const release = duty ? slowed(pids) : () => {};
  const began = performance.now();
  await input.evaluate((element) => {
    const files = new DataTransfer();
    files.items.add(globalThis.chosen);
    element.files = files.files;
    element.dispatchEvent(new Event('change', { bubbles: true }));
  });
  await sent;
  const time = performance.now() - began;
  release();
  const size = Number((await begun).headers()['upload-length']);
  await page.locator('#m-m_bank .document').waitFor({ timeout: 60_000 });
  const longest = await page.evaluate(() => Math.max(0, ...globalThis.tasks));
  const memory = (Math.max(...pids.map((pid) => kilobytes(pid, 'VmHWM'))) - before) / 1024;
  await browser.close();
  return { time, longest, memory, size };
}

const CONDITIONS = [
  ['unthrottled', {}],
  ['main thread ÷4', { rate: 4 }],
  ['whole renderer ÷4', { duty: true }],
  ['no worker, main thread ÷4 (baseline)', { rate: 4, worker: false }],
];

const server = await startServer({ binary: options.server, catalogue: 'catalogue' });
const browser = await openBrowser();
const photo = await takePhoto(browser);
await browser.close();
console.log(`${WIDTH}×${HEIGHT} photo, ${(photo.length / 1e6).toFixed(1)} MB; ${rounds} rounds; ${cpus()[0].model}, ${cpus().length} cores`);
let within = true;
for (const [name, condition] of CONDITIONS) {
  const all = [];
  for (let round = 0; round < rounds; round += 1) all.push(await measure(server, photo, condition));
  const of = (key) => all.map((one) => one[key]);
  const longest = Math.max(...of('longest'));
  if (condition.worker !== false) within &&= longest <= LONGEST;
  console.log(
    `${name.padEnd(38)} to first byte ${shown(spread(of('time')))} ms · longest task ${Math.round(longest)} ms · renderer +${Math.round(median(of('memory')))} MB at most · sent ${Math.round(median(of('size')) / 1000)} kB`,
  );
}
console.log(within ? `no task of the page over ${LONGEST} ms` : `a task of the page took over ${LONGEST} ms`);
await server.stop();
