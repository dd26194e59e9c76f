// What engines need of a page: their script in it, or the HTML it has become.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { resolve } = createRequire(import.meta.url);

/**
 * A function that puts a script of a package into a page which has not got its `name` yet: by the debugging protocol, so that
 * the page's own policy stays as it is.
 */
export function injector(path, name) {
  const source = readFileSync(resolve(path), 'utf8');
  return async (page) => {
    if (!(await page.evaluate((name) => name in globalThis, name))) await page.evaluate(source);
  };
}

/**
 * The HTML a page has become. Empty comments are where the program finds its places again; in a text field, where one is no text to a
 * browser, it would be read as text.
 */
export const rendered = async (page) => (await page.content()).replaceAll('<!---->', '');
