// A screen as a page nobody could make lighter: the same words and looks in one file, without a script.

import { onPhone } from './measure.mjs';

/** Opens a screen of ours and gives it as such a page, with its words. */
export const freeze = (browser, address) =>
  onPhone(browser, { serviceWorkers: 'block' }, async ({ page }) => {
    await page.goto(address);
    await page.locator('html[data-live]').waitFor({ state: 'attached' });
    return page.evaluate(() => {
      const copy = document.documentElement.cloneNode(true);
      const needless = 'script, noscript, link, style, template, meta[name]:not([name=viewport], [name=color-scheme], [name=description])';
      for (const element of copy.querySelectorAll(needless)) element.remove();
      const rules = [...document.styleSheets].flatMap(({ cssRules }) => [...cssRules].map(({ cssText }) => cssText));
      const style = document.createElement('style');
      style.textContent = rules.join('\n');
      const icon = Object.assign(document.createElement('link'), { rel: 'icon', href: 'data:,' });
      copy.querySelector('head').append(icon, style);
      return { html: `<!doctype html>${copy.outerHTML}`, words: document.body.innerText };
    });
  });

/** Makes sure that a page has exactly these words. */
export const sameWords = (browser, address, words) =>
  onPhone(browser, {}, async ({ page }) => {
    await page.goto(address);
    if ((await page.evaluate(() => document.body.innerText)) !== words) throw new Error('the page without scripts has other words');
  });
