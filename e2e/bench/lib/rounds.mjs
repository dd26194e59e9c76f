// What every comparison does: its targets in turn, one report, and everything ended whatever happens.

import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname } from 'node:path';

import { openBrowser } from '../../lib/browser.mjs';

/** Measures each target in each round, every second round in the other order; gives the numbers of each. */
export async function inTurn(what, rounds, targets) {
  const names = Object.keys(targets);
  const measured = Object.fromEntries(names.map((name) => [name, []]));
  // Round 0 is a rehearsal: it fills the caches of browser and server, and does not count.
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      console.error(`${what}, round ${round} of ${rounds}: ${name}`);
      const numbers = await targets[name]().catch((error) => {
        throw new Error(`${name}: ${error.message}`, { cause: error });
      });
      if (round > 0) measured[name].push(numbers);
    }
  }
  return measured;
}

/** Runs with a browser and writes what comes out; `during` keeps what was started until the end. */
export async function report(out, work) {
  const ends = [];
  const during = async (starting) => {
    const started = await starting;
    ends.push(() => started.stop());
    return started;
  };
  try {
    const browser = await openBrowser();
    ends.push(() => browser.close());
    const found = await work(browser, during);
    const machine = { processor: cpus()[0].model, cores: cpus().length, browser: browser.version(), node: process.version };
    await mkdir(dirname(out), { recursive: true });
    await writeFile(out, `${JSON.stringify({ at: new Date().toISOString(), machine, ...found }, null, 1)}\n`);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}
