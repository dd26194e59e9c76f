// A draft made by the API, and the phones that open it: the quick way to the middle of a form.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { openPhone } from './browser.mjs';
import { eventually } from './patience.mjs';

export const NEWBORN = { married: 'yes', settle_with: 'mother', parents_same_ethnic: 'yes', maternity_insured: 'yes', by_agent: 'no', over_one_year: 'no' };

/** Signs somebody in; `call` asks the API as that person. */
export async function person(server, persona) {
  const { ticket } = await (await fetch(`${server.api}/demo/personas/${persona}/ticket`, { method: 'POST' })).json();
  const answer = await fetch(`${server.api}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ticket }),
  });
  const [name, value] = answer.headers.get('set-cookie').split(';')[0].split('=');
  const call = async (method, path, body, headers = {}) => {
    const answer = await fetch(server.api + path, {
      method,
      headers: { cookie: `${name}=${value}`, 'content-type': 'application/json', 'idempotency-key': randomUUID(), ...headers },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${text}`);
    return text && JSON.parse(text);
  };
  const draft = async (bundle = 'newborn', answers = NEWBORN) => (await call('POST', '/drafts', { bundle, answers })).id;
  const facts = async (id) => (await call('GET', `/drafts/${id}`)).facts;
  return { call, draft, facts, cookie: { name, value, url: server.url } };
}

/** A phone on which somebody is signed in. */
export async function phoneOf(browser, who, options) {
  const phone = await openPhone(browser, options);
  await phone.context.addCookies([who.cookie]);
  return phone;
}

/** Waits until the program has the page, which may have been drawn before. */
export const live = (page) => page.locator('html[data-live]').waitFor({ state: 'attached' });

/** Opens a step of a draft. */
export async function openStep(page, server, draft, step = 'child') {
  await page.goto(`${server.url}drafts/${draft}/form/${step}`);
  await live(page);
  await page.locator('.form-section').first().waitFor();
}

/** Waits until the page says that everything is on the server. */
export const saved = (page) => page.locator('.saving[data-saving="saved"]').waitFor();

/** Waits until the server holds a fact. */
export const holds = (who, draft, fact, value) =>
  eventually(async () => assert.equal((await who.facts(draft))[fact], value, `${fact} on the server`));
