// Pages of other origins, and errands embedded in them.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';

const MEDIA = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json' };

/** A page with room for an errand, as a portal has one. */
export const PORTAL = '<!doctype html><html lang="zh-CN"><title>门户</title><main><h1>门户</h1></main></html>';

/**
 * Serves `pages` (a text, or a function that gives it, by path) and the files of `folder` from an origin of its own. Of
 * the two hosts, `localhost` and `127.0.0.1`, each is a foreign site to the other. Like any plain host it knows no
 * media type of wasm.
 */
export async function startSite({ host = 'localhost', pages = { '/': PORTAL }, folder } = {}) {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, 'http://localhost').pathname.replace(/\/$/, '/index.html');
    const page = pages[path.replace(/index\.html$/, '')] ?? pages[path];
    const type = MEDIA[extname(path)] ?? 'application/octet-stream';
    const body = page ? (typeof page === 'function' ? page() : page) : folder && (await readFile(new URL(`.${path}`, folder)).catch(() => undefined));
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': type, 'access-control-allow-origin': '*' });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return { origin: `http://${host}:${server.address().port}`, stop };
}

/**
 * Embeds an errand into a portal's page by `script`, the address of `embed.js`. The portal offers `offers`, fails in
 * `fails`, and gives `tickets` one by one when asked; what it hears is found with `heard`.
 */
export const embed = (page, script, { offers = [], fails = [], tickets, ...options } = {}) =>
  page.evaluate(
    async ([script, { offers, fails, tickets, ...options }]) => {
      const { open } = await import(script);
      globalThis.heard = [];
      const hear = (type) => [
        type,
        (detail) => {
          globalThis.heard.push({ type, ...detail });
          if (fails.includes(type)) throw new Error(type);
        },
      ];
      const events = ['ready', 'step', 'submitted', 'paid', 'rated', 'height', 'error', 'title', 'close', 'open', 'share'];
      const more = tickets && { ticket: async () => tickets.shift() };
      const on = Object.fromEntries(events.map(hear));
      globalThis.errand = open(document.querySelector('main'), { ...options, ...more, offers, on });
    },
    [script, { offers, fails, tickets, ...options }],
  );

/** The frame of the errand on a portal's page. */
export const frameOf = async (page) => (await page.waitForSelector('iframe')).contentFrame();

/** Waits until the portal has heard a message of a type that holds `words`, and gives it. */
export const heard = async (page, type, words = {}) => {
  const found = await page.waitForFunction(
    ([type, words]) =>
      globalThis.heard?.find((one) => one.type === type && Object.entries(words).every(([name, value]) => one[name] === value)),
    [type, words],
  );
  return found.jsonValue();
};

/** Waits until the errand has done what the portal asked before. */
export const settled = (page) => page.evaluate(() => globalThis.errand.ping());
