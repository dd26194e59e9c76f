// Contact sheets of every screen state, for an eye to go over: what no rule sees, a person does.
//
//   node e2e/a11y/look.mjs [--mode default|elder|dark|…] [--locale zh-CN|en-XA|ar-XB|…] [--query style=elder] [--only state,…]
//     [--out target/a11y/look]
//
// Writes `STATE.png`, each page from its top, and `sheet-N.png`, five pages on each.

import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { openBrowser } from '../lib/browser.mjs';
import { LANGUAGES, withPseudo } from '../lib/pseudo.mjs';
import { startServer } from '../lib/server.mjs';
import { STATES, tour } from '../lib/tour.mjs';
import { drawWhole, inMode } from './modes.mjs';

/** Pages on a sheet, how wide there, and how many screens of each are shown at most. */
const [ABREAST, WIDTH, SCREENS] = [5, 310, 2];

const { values: asked } = parseArgs({
  options: {
    mode: { type: 'string', default: 'default' },
    locale: { type: 'string', default: 'zh-CN' },
    query: { type: 'string', default: '' },
    only: { type: 'string', default: STATES.join() },
    out: { type: 'string', default: 'target/a11y/look' },
  },
});

/** The top of a page: two phones' worth, or less. */
async function taken(page) {
  const { width, height } = page.viewportSize();
  const whole = await page.evaluate(() => document.documentElement.scrollHeight);
  return page.screenshot({ fullPage: true, clip: { x: 0, y: 0, width, height: Math.min(whole, height * SCREENS) } });
}

async function sheet(browser, pictures) {
  const page = await browser.newPage({ viewport: { width: ABREAST * (WIDTH + 10), height: 100 } });
  const figures = pictures.map(
    ([name, png]) => `<figure><figcaption>${name}</figcaption><img src="data:image/png;base64,${png.toString('base64')}"></figure>`,
  );
  await page.setContent(`
    <style>
      body { display: flex; align-items: flex-start; margin: 0; background: #999; font: 14px sans-serif }
      figure { margin: 5px } img { display: block; width: ${WIDTH}px }
    </style>${figures.join('')}`);
  const png = await page.screenshot({ fullPage: true });
  await page.close();
  return png;
}

await mkdir(asked.out, { recursive: true });
const pseudo = LANGUAGES.includes(asked.locale) ? await withPseudo() : undefined;
const browser = await openBrowser();
const server = await startServer(pseudo && { dist: pseudo.dist });
const pictures = [];
try {
  const { locale, query } = asked;
  await tour({ browser, server, locale, query, only: asked.only.split(',') }, async (state, page) => {
    await drawWhole(page);
    await inMode(page, asked.mode, async () => pictures.push([state, await taken(page)]));
    await writeFile(`${asked.out}/${state}.png`, pictures.at(-1)[1]);
  });
} finally {
  await server.stop();
  await pseudo?.remove();
  for (let at = 0; at < pictures.length; at += ABREAST) {
    const number = String(at / ABREAST + 1).padStart(2, '0');
    await writeFile(`${asked.out}/sheet-${number}.png`, await sheet(browser, pictures.slice(at, at + ABREAST)));
  }
  await browser.close();
}
console.log(`${pictures.length} states in ${asked.out}`);
