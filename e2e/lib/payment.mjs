// Paying as people do it: an application that owes something, the page that says how it stands, the simulator's cashier.

import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { look, openPhone } from './browser.mjs';
import { person } from './draft.mjs';
import { eventually } from './patience.mjs';

/** A phone's browser. */
export const PHONE = {
  isMobile: true,
  hasTouch: true,
  userAgent: 'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
};
/** WeChat's own browser. */
export const WECHAT = { ...PHONE, userAgent: `${PHONE.userAgent} MicroMessenger/8.0.60` };
/** A browser with room for a QR code. */
export const DESKTOP = { viewport: { width: 1280, height: 800 } };

/** What the page says, from the files it is built from. */
export const texts = (language) => {
  const read = (part) => JSON.parse(readFileSync(new URL(`../../locales/${language}/${part}.json`, import.meta.url), 'utf8'));
  return Object.fromEntries(['pay', 'receipt', 'progress', 'problem', 'account'].map((part) => [part, read(part)]));
};

/** A text with its places filled. */
export const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** A text with anything in its places. */
export const like = (text) => new RegExp(`^${text.split(/\{\w+\}/).map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+')}$`);

/** Fen as yuan. */
export const yuan = (fen) => `¥${(fen / 100).toFixed(2)}`;

const CARD = { errand: 'social_card', answers: { card_action: ['replace'], who: 'self' } };

/** A draft made by the API with everything it asks for but some materials; ready to be sent. */
export async function ready(server, who, { errand, answers, except = [] }) {
  const { bundle, codes } = await who.call('GET', `/bundles/${errand}`);
  const fields = new Map([...(bundle.questions ?? []), ...bundle.fields].map((field) => [field.id, field]));
  const draft = await who.draft(errand, answers);
  let said;
  for (let round = 0; round < 10; round += 1) {
    let { version } = await who.call('GET', `/drafts/${draft}`);
    // A value that no register gave is refused, so that what is missing is said and nothing is sent.
    said = await submit(server, who, draft, { commitments: [], given: ['nothing'] });
    const faults = said.faults.filter(({ at }) => at !== 'nothing' && !except.includes(at));
    if (faults.length === 0) return draft;
    // Facts first: what is asked of materials depends on them.
    const asked = faults.filter(({ rule }) => rule !== 'material').map(({ at }) => at.split('.')[0]);
    if (asked.length > 0) {
      const set = Object.fromEntries(asked.map((id) => [id, believable(fields.get(id), codes)]));
      await who.call('PATCH', `/drafts/${draft}`, { set }, { 'if-match': `"${version}"` });
      continue;
    }
    for (const { at: material } of faults) {
      const documents = [await uploaded(server, who, errand, material)];
      const saved = await who.call('PUT', `/drafts/${draft}/materials/${material}`, { provided: { how: 'documents', documents } }, { 'if-match': `"${version}"` });
      version = saved.version;
    }
  }
  throw new Error(`${errand} could not be filled in: ${JSON.stringify(said)}`);
}

/** Sends a draft; gives the application, or what is wrong. */
async function submit(server, who, draft, body) {
  const { version } = await who.call('GET', `/drafts/${draft}`);
  const answer = await fetch(`${server.api}/drafts/${draft}/submission`, {
    method: 'POST',
    headers: { ...signed(who), 'content-type': 'application/json', 'if-match': `"${version}"` },
    body: JSON.stringify(body),
  });
  return answer.json();
}

/** An application sent by the API, with some materials promised for later; gives its card. */
export async function handedIn(server, who, { errand, answers, later = [] }) {
  const draft = await ready(server, who, { errand, answers, except: later });
  for (const material of later) {
    const { version } = await who.call('GET', `/drafts/${draft}`);
    const { digest } = await who.call('GET', `/drafts/${draft}/materials/${material}/papers/deferral`);
    await who.call('PUT', `/drafts/${draft}/materials/${material}`, { provided: { how: 'deferred' }, signed: digest }, { 'if-match': `"${version}"` });
  }
  const { bundle } = await who.call('GET', `/bundles/${errand}`);
  const said = await submit(server, who, draft, { commitments: (bundle.commitments ?? []).map(({ id }) => id) });
  assert.ok(said.id, `${errand} could not be sent: ${JSON.stringify(said)}`);
  return said;
}

/** An application of somebody that owes something, sent by the API: by default 20 yuan for a new card. */
export async function owing(server, persona, wanted = CARD) {
  const who = await person(server, persona);
  return new Owed(server, who, persona, await handedIn(server, who, wanted));
}

const signed = ({ cookie }) => ({ cookie: `${cookie.name}=${cookie.value}`, 'idempotency-key': randomUUID() });

/** Answers by kind of field, as the server's own tests give them. */
const ANSWERS = {
  region: '990105001001', email: 'a@example.com', phone: '0453-6282828', partial_date: '2020', date_range: '2026-01-01/2026-12-31',
  yes_no: 'no', name: '张三', id_number: '11010519491231002X', document_number: 'G12345678', uscc: '91350100M000100Y43',
  mobile: '13900001111', date: '2026-11-01', datetime: '2026-11-01T08:30', month: '2026-11', number: '1', money: '1', percent: '1',
  bank_account: '6222021234567890',
};

function believable(field, codes) {
  const one = ({ kind, options, codes: table }) => {
    const [first] = (table ? codes[table] : options) ?? [];
    if (kind === 'choice') return first.id;
    return kind === 'choices' ? [first.id] : (ANSWERS[kind] ?? '测试');
  };
  return field.kind === 'list' ? [Object.fromEntries(field.columns.map((column) => [column.id, one(column)]))] : one(field);
}

/** Sends a picture like no other for a material (tus); gives the document. */
async function uploaded(server, who, bundle, material) {
  const bytes = picture();
  const metadata = Object.entries({ filename: '照片.png', bundle, material }).map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`);
  const tus = () => ({ ...signed(who), 'tus-resumable': '1.0.0' });
  const begun = await fetch(`${server.api}/uploads`, {
    method: 'POST',
    headers: { ...tus(), 'upload-length': String(bytes.length), 'upload-metadata': metadata.join(',') },
  });
  if (begun.status !== 201) throw new Error(`${material}: ${await begun.text()}`);
  const place = server.origin + begun.headers.get('location');
  const headers = { ...tus(), 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' };
  const sent = await fetch(place, { method: 'PATCH', headers, body: bytes });
  if (sent.status !== 204) throw new Error(`${material}: ${await sent.text()}`);
  return (await (await fetch(place, { headers: signed(who) })).json()).document.id;
}

/** A small picture (PNG) of random colours. */
function picture() {
  const crc = (bytes) => {
    let rest = ~0;
    for (const byte of bytes) {
      rest ^= byte;
      for (let bit = 0; bit < 8; bit += 1) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0);
    }
    return ~rest >>> 0;
  };
  const chunk = (name, data) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc(body));
    return Buffer.concat([length, body, check]);
  };
  const header = Buffer.from([0, 0, 0, 8, 0, 0, 0, 1, 8, 2, 0, 0, 0]);
  const row = Buffer.concat([Buffer.from([0]), randomBytes(24)]);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(row)), chunk('IEND', Buffer.alloc(0))]);
}

/** An application that owes something, and what the backend and the gateways know of its money. */
class Owed {
  constructor(server, who, persona, { id, number, payment }) {
    Object.assign(this, { server, who, persona, id, number, due: payment.due, attempts: new Set() });
    assert.ok(this.due > 0, JSON.stringify(payment));
  }

  application(language = 'zh-CN') {
    return this.who.call('GET', `/applications/${this.id}`, undefined, { 'accept-language': language });
  }

  /** How it stands; the latest attempt is remembered, so that its trade is found. */
  async payment(language) {
    const { payment } = await this.application(language);
    if (payment.attempt) this.attempts.add(payment.attempt.id);
    return payment;
  }

  /** The trades of the attempts seen so far, as the gateways know them, oldest first. */
  async trades() {
    await this.payment();
    return (await this.server.gateway.trades()).filter(({ id }) => this.attempts.has(id));
  }

  /** What became of them. */
  async results() {
    return (await this.trades()).map(({ result }) => result);
  }

  /** Fen the gateways took and did not give back. */
  async kept() {
    const paid = (await this.trades()).filter(({ result }) => result === 'paid');
    return paid.reduce((sum, { amount, refunded }) => sum + amount - refunded, 0);
  }

  /** In the end: all of it is paid, exactly what is due was kept of so many charges, and nobody can pay any more. */
  settled({ charges = 1 } = {}) {
    return eventually(async () => {
      const payment = await this.payment();
      const results = await this.results();
      assert.equal(payment.state, 'settled');
      assert.deepEqual(payment.orders.map(({ state }) => state).filter((state) => state !== 'paid'), []);
      assert.equal(results.filter((result) => result === 'paid').length, charges, `${results}`);
      assert.ok(!results.includes('pending'), `${results}`);
      assert.equal(await this.kept(), this.due);
      return payment;
    });
  }

  /** Paid by the API, without a page. */
  async payAtOnce() {
    const wish = { channel: 'unionpay', return_to: '/', seen: this.due };
    const { attempt } = await this.who.call('POST', `/applications/${this.id}/payment/attempts`, wish);
    await pressAt(this.server, attempt.handoff.url);
    return this.settled();
  }
}

/** Presses a button of a cashier without opening its page; `cashier` is its address, or a prepay handle. */
export async function pressAt(server, cashier, action = 'pay') {
  const key = cashier.split('/cashier/').at(-1).split(/[/?]/)[0];
  const answer = await fetch(`${server.gateway.origin}/cashier/${key}/press`, { method: 'POST', body: JSON.stringify({ action }) });
  assert.equal(answer.status, 200, cashier);
  return (await answer.json()).result;
}

/** Runs in every page: notes each sentence about the payment, also one that stays for a moment only. */
const listen = () => {
  const heard = [];
  window.heard = heard;
  new MutationObserver(() => {
    for (const { textContent } of document.querySelectorAll('#truth p')) if (!heard.includes(textContent)) heard.push(textContent);
  }).observe(document, { childList: true, subtree: true, characterData: true });
};

/** Somebody who pays: one tab on the payment's page, and at the cashier. */
export class Payer {
  constructor(parts) {
    Object.assign(this, parts);
  }

  /** Opens a device of the one who owes, or of somebody who is not signed in. */
  static async open(t, browser, owed, { language = 'zh-CN', host = PHONE, signedIn = true } = {}) {
    const { context, page, troubles } = await openPhone(browser, { locale: language === 'en' ? 'en-GB' : language, ...host });
    t.after(() => context.close());
    if (signedIn) await context.addCookies([owed.who.cookie]);
    await context.addInitScript(listen);
    return new Payer({ context, page, troubles, owed, server: owed.server, language, host });
  }

  /** Another tab on the same device. */
  async tab() {
    const page = await this.context.newPage();
    page.on('pageerror', (error) => this.troubles.push(error.message));
    return new Payer({ ...this, page });
  }

  /** Keeps this tab from hearing of what happens elsewhere, as one that slept. */
  deaf() {
    return this.page.route('**/applications/*/events', (route) => route.abort());
  }

  /** Opens the payment. */
  async goTo(path = `applications/${this.owed.id}/pay`) {
    await this.page.goto(this.server.url + path);
    await this.page.locator('#truth').waitFor({ state: 'attached' });
  }

  /** Looks at a state of the screen. */
  async look(name) {
    await look(this.page, `payment-${name}-${this.language}`);
    if (this.host.viewport) await this.page.setViewportSize(this.host.viewport);
  }

  /** Waits until the page says these sentences, each a whole one, about the payment. */
  async says(...sentences) {
    for (const sentence of sentences) await this.page.locator('#truth').getByText(sentence, { exact: true }).waitFor();
  }

  /** Waits until the page says this of what was pressed. */
  alerts(sentence) {
    return this.page.locator('main [role=alert]').getByText(sentence, { exact: true }).waitFor();
  }

  /** Waits until a sentence stands anywhere on the screen. */
  reads(sentence) {
    return this.page.locator('main').getByText(sentence, { exact: true }).first().waitFor();
  }

  /** Since it was loaded, the page has said none of these, not even for a moment. */
  async never(...sentences) {
    const heard = await this.page.evaluate(() => window.heard);
    assert.deepEqual(heard.filter((line) => sentences.includes(line)), []);
  }

  /** Chooses how to pay. */
  choose(name) {
    return this.page.locator('#how label.option', { hasText: name }).locator('input').check();
  }

  /** Presses the button that begins to pay. */
  press() {
    return this.page.locator('#pay:not([aria-disabled])').click();
  }

  /** Follows a link of the screen by its words. */
  follow(name) {
    return this.page.locator('main').getByRole('link', { name, exact: true }).click();
  }

  /** Waits for the cashier, and gives its path. */
  async atCashier() {
    const { origin } = this.server.gateway;
    await this.page.waitForURL((url) => url.origin === origin && url.pathname.startsWith('/cashier/'));
    await this.owed.payment();
    return new URL(this.page.url()).pathname;
  }

  /** Presses a button of the cashier. */
  act(action) {
    return this.page.locator(`button[value=${action}]`).click();
  }

  /** From the button to the end at the cashier. */
  async payThere(action = 'pay') {
    await this.press();
    await this.atCashier();
    await this.act(action);
  }

  /** Keeps the tab from leaving for the cashier, which is opened later or never. */
  async hold() {
    let caught;
    const address = new Promise((resolve) => {
      caught = resolve;
    });
    const theirs = (url) => url.origin === this.server.gateway.origin;
    await this.page.route(theirs, (route) => {
      caught(route.request().url());
      // As if the person had stopped it: no error page takes the place of the screen.
      return route.abort('aborted');
    });
    return { address, release: () => this.page.unroute(theirs) };
  }

  /** What the QR code on the screen says. */
  async scan() {
    const code = this.page.locator('svg.qr');
    const side = Number((await code.getAttribute('viewBox')).split(' ')[2]);
    return readCode(await code.locator('path').getAttribute('d'), side);
  }

  /** Asks whether a receipt is genuine. */
  async verify({ code, number, check }) {
    for (const [id, value] of Object.entries({ code, number, check })) await this.page.locator(`#receipt-${id}`).fill(value);
    await this.page.locator('main form button').click();
  }

  /** No script failed, and no policy was broken. */
  calm() {
    // Browsers ask the simulator for an icon, which its policy does not let them have.
    const icon = `${this.server.gateway.origin}/favicon.ico`;
    assert.deepEqual(this.troubles.filter((trouble) => !trouble.includes(icon)), []);
  }
}

/** Bytes of error correction of a block, and blocks, by version, at level M: what the server draws for addresses. */
const BLOCKS = [, [10, 1], [16, 1], [26, 1], [18, 2], [24, 2], [16, 4]];
const MASKS = [
  (x, y) => (x + y) % 2,
  (x, y) => y % 2,
  (x) => x % 3,
  (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
  (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];
const ALPHANUMERIC = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

/** Reads a QR code from its drawing, as a camera would: dark modules over a square with four of white around. */
export function readCode(path, side) {
  const width = side - 8;
  const version = (width - 17) / 4;
  assert.ok(BLOCKS[version], `a code of ${width} modules`);
  const dark = new Set([...path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => `${x - 4} ${y - 4}`));
  const at = (x, y) => (dark.has(`${x} ${y}`) ? 1 : 0);
  // How it is corrected and masked stands around the corner.
  const corner = [[8, 0], [8, 1], [8, 2], [8, 3], [8, 4], [8, 5], [8, 7], [8, 8], [7, 8], [5, 8], [4, 8], [3, 8], [2, 8], [1, 8], [0, 8]];
  const format = corner.reduce((sum, [x, y], bit) => sum | (at(x, y) << bit), 0) ^ 0x5412;
  assert.equal(format >> 13, 0, 'level M');
  const mask = MASKS[(format >> 10) & 7];
  const middle = width - 7;
  const fixed = (x, y) =>
    x === 6 || y === 6 || (x < 9 && y < 9) || (x < 9 && y >= width - 8) || (x >= width - 8 && y < 9) ||
    (version > 1 && Math.abs(x - middle) < 3 && Math.abs(y - middle) < 3);
  // Two columns at a time, from the right, up and down.
  let bits = '';
  for (let right = width - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right = 5;
    for (let step = 0; step < width; step += 1) {
      const y = up ? width - 1 - step : step;
      for (const x of [right, right - 1]) if (!fixed(x, y)) bits += at(x, y) ^ (mask(x, y) === 0 ? 1 : 0);
    }
  }
  const bytes = bits.match(/.{8}/g);
  const [correction, blocks] = BLOCKS[version];
  const length = bytes.length / blocks - correction;
  // Blocks stand byte by byte among each other.
  let data = '';
  for (let block = 0; block < blocks; block += 1) for (let byte = 0; byte < length; byte += 1) data += bytes[byte * blocks + block];
  const take = (count) => {
    const taken = data.slice(0, count);
    data = data.slice(count);
    return parseInt(taken, 2);
  };
  const read = [];
  while (data.length >= 4) {
    const kind = take(4);
    if (kind === 0) break;
    if (kind === 1) {
      for (let left = take(10); left > 0; left -= 3) {
        const digits = Math.min(left, 3);
        read.push(String(take(digits * 3 + 1)).padStart(digits, '0'));
      }
    } else if (kind === 2) {
      for (let left = take(9); left > 0; left -= 2) {
        const pair = left > 1 ? take(11) : take(6);
        read.push(left > 1 ? ALPHANUMERIC[Math.floor(pair / 45)] + ALPHANUMERIC[pair % 45] : ALPHANUMERIC[pair]);
      }
    } else {
      assert.equal(kind, 4, 'bytes');
      for (let left = take(8); left > 0; left -= 1) read.push(String.fromCharCode(take(8)));
    }
  }
  return read.join('');
}
