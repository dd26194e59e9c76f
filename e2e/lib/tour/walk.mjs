// What every leg of the tour needs: phones to open pages on, and the stop at a state.

import assert from 'node:assert/strict';
import { openPhone } from '../browser.mjs';
import { eventually } from '../patience.mjs';

/** What browsers that speak a language ask for, where it is not the language's own tag. */
const BROWSERS = { en: 'en-GB' };

/** A page that stands still: the screen is drawn, fonts are there, nothing moves. */
const rest = async () => {
  await document.fonts.ready;
  for (const animation of document.getAnimations()) if (animation.effect.getComputedTiming().endTime < Infinity) animation.finish();
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
};

/** Goes on to a question, where one is asked after the other (elder style); elsewhere it stands there. */
export async function turnTo(page, field) {
  const question = page.locator(`[data-field="${field}"]`);
  await question.waitFor({ state: 'attached' });
  for (let tries = 0; !(await question.isVisible()); tries += 1) {
    assert.ok(tries < 20, `${field} does not come in turn`);
    await page.locator('main form > .action button').first().click();
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  }
}

/** Follows what a page asks the API; gives what ends once everything has its answer. Code may be fetched ahead meanwhile. */
function follow(page) {
  const open = new Set();
  page.on('request', (request) => {
    if (request.method() === 'GET' && request.resourceType() === 'fetch' && request.url().includes('/api/')) open.add(request);
  });
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => open.delete(request));
  // Of what a page asked before it was left, the browser does not always tell the end.
  page.on('response', (response) => {
    if (response.request().isNavigationRequest() && response.frame() === page.mainFrame()) open.clear();
  });
  return () => eventually(() => assert.equal(open.size, 0, `${[...open].map((request) => request.url())} has no answer`));
}

export class Walk {
  constructor({ browser, server, locale, query, wanted, visit }) {
    Object.assign(this, { browser, server, locale, query, wanted, visit, seen: [], contexts: [], settled: new WeakMap() });
  }

  /** A fresh phone, of somebody who is signed in or of anybody; its page. */
  async phone(who, options) {
    const { context, page } = await openPhone(this.browser, { locale: BROWSERS[this.locale] ?? this.locale, ...options });
    this.contexts.push(context);
    this.settled.set(page, follow(page));
    if (who) await context.addCookies([who.cookie]);
    return page;
  }

  /** Puts the phones of a leg away. */
  async leave() {
    await Promise.all(this.contexts.splice(0).map((context) => context.close()));
  }

  /** The address of a screen. */
  address(path) {
    const url = new URL(path, this.server.url);
    for (const [name, value] of new URLSearchParams(this.query)) url.searchParams.set(name, value);
    return url.href;
  }

  /** Opens a screen. */
  async open(page, path, { drawn = 'h1' } = {}) {
    await page.goto(this.address(path));
    await page.locator(drawn).first().waitFor({ state: 'attached' });
    return page;
  }

  /**
   * Stands at a state, once the page is still. `drawn` tells of it where the screen has no heading yet; `unanswered` states are of
   * a server that does not answer.
   */
  async stop(name, page, { drawn = 'main h1', unanswered = drawn !== 'main h1' } = {}) {
    if (!this.wanted.has(name)) return;
    assert.ok(!this.seen.includes(name), `${name} is one state`);
    await page.locator(drawn).first().waitFor();
    if (drawn === 'main h1') await page.locator('main .skeleton').waitFor({ state: 'detached' });
    if (!unanswered) await this.settled.get(page)();
    await Promise.race([page.evaluate(rest), new Promise((_, fail) => setTimeout(fail, 60_000, new Error(`${name} does not stand still`)))]);
    this.seen.push(name);
    await this.visit(name, page);
  }
}
