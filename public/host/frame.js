// The page inside another page: listens for the greeting of the page around it, and speaks protocol 1 of
// docs/embedding.md over the port that came with it. Only origins the operator named are heard.

const VERSION = 1;
/** What happens before anybody listens is kept, up to this many messages. */
const KEPT = 20;

const root = document.documentElement;
const framed = window.parent !== window;
const first = history.length;

let port;
let waiting = [];
const send = (message) => {
  if (port) port.postMessage(message);
  else if (waiting.length < KEPT) waiting.push(message);
};

/** Codes in an address open something for whoever has it: they are not told, and neither is a query. */
const told = (route) => route.split('?')[0].replace(/^(pay|continue)\/.+/, '$1');
const route = () =>
  told(
    (location.hash.startsWith('#/') ? location.hash.slice(2) : location.pathname.slice((root.dataset.base ?? '/').length)).replace(new RegExp(`^(${root.dataset.languages})(/|$)`), ''),
  );

const live = new Promise((resolve) => {
  const look = () => root.dataset.live !== undefined && resolve();
  new MutationObserver(look).observe(root, { attributeFilter: ['data-live'] });
  look();
});

/** Questions the page around has not answered yet, by number. */
const asked = new Map();
let count = 0;
const ask = (type, more) =>
  new Promise((resolve, reject) => {
    count += 1;
    asked.set(count, { resolve, reject });
    send({ type, id: count, ...more });
  });
const answer = (id, ok, value) => {
  const question = asked.get(id);
  asked.delete(id);
  if (ok) question?.resolve(value);
  else question?.reject(new Error('failed'));
};

/** A ticket that was handed in before anybody asked. */
let ticket;
const takeTicket = async () => {
  const taken = ticket;
  ticket = undefined;
  return taken ?? ask('ticket');
};

/** What the page around may do for this one, once it offered to. */
const OFFERS = {
  __proto__: null,
  ticket: takeTicket,
  close: () => ask('close'),
  open: (url) => ask('open', { url }),
  share: ({ title, text, url }) => ask('share', { title, text, url }),
};
const abilities = {};
const allow = (names) => {
  for (const name of names) if (OFFERS[name]) abilities[name] = OFFERS[name];
};

/** What the page around says, by type; whatever is none of these, or not of its shape, is not heard. */
const HEARD = {
  __proto__: null,
  answer({ id, ok }) {
    answer(id, ok === true);
  },
  ticket({ ticket: given, id }) {
    if (typeof given !== 'string' || !given) return;
    if (asked.has(id)) return answer(id, true, given);
    ticket = given;
    allow(['ticket']);
    live.then(() => window.dispatchEvent(new Event('onething:ticket')));
  },
  locale({ tag }) {
    if (typeof tag !== 'string') return;
    live.then(() => window.dispatchEvent(new CustomEvent('onething:locale', { detail: { tag } })));
  },
  async theme({ tokens }) {
    const { wear } = await import('./theme.js');
    const fault = wear(tokens);
    if (fault) send({ type: 'error', ...fault });
  },
  back() {
    if (history.length > first) history.back();
    else abilities.close?.().catch(() => undefined);
  },
  ping() {
    send({ type: 'pong' });
  },
};

const grow = () => {
  // The frame is made as tall as the page: what is as tall as its frame would never shrink again.
  document.body.style.minHeight = '0';
  document.body.style.setProperty('--fold', '0');
  let last = 0;
  new ResizeObserver(() => {
    const px = Math.ceil(root.getBoundingClientRect().height);
    if (px > 0 && px !== last) send({ type: 'height', px: (last = px) });
  }).observe(root);
};

const welcomed = ({ origin, source }) => {
  const framers = document.querySelector('meta[name="framers"]')?.content.split(/\s+/) ?? [];
  // A sandbox's origin reads `null`, and so does everybody else's in one.
  return source === window.parent && origin !== 'null' && [location.origin, ...framers].includes(origin);
};
const isNames = (value) => Array.isArray(value) && value.every((name) => typeof name === 'string');
const isHello = ({ data, ports }) =>
  data?.onething === 1 && data.type === 'hello' && Array.isArray(data.versions) && data.versions.every(Number.isInteger)
  && isNames(data.offers ?? []) && ports.length === 1;

const met = new Promise((resolve) => {
  if (!framed) return;
  window.addEventListener('message', function greeted(event) {
    if (!welcomed(event) || !isHello(event)) return;
    const [theirs] = event.ports;
    if (!event.data.versions.includes(VERSION)) return theirs.postMessage({ type: 'unwelcome', versions: [VERSION] });
    // The first to be welcomed stays; the greeting is repeated only until it hears that.
    window.removeEventListener('message', greeted);
    port = theirs;
    port.onmessage = ({ data }) => HEARD[data?.type]?.(data);
    allow(event.data.offers ?? []);
    abilities.title = async (text) => send({ type: 'title', text });
    send({ type: 'welcome', version: VERSION, locale: root.lang, route: route() });
    waiting.forEach(send);
    waiting = [];
    // Whoever greets late was not asked when the page started.
    if (abilities.ticket) live.then(() => window.dispatchEvent(new Event('onething:offer')));
    grow();
    resolve();
  });
});

/** What the page around is told of what happens here, and which words of it. */
const TOLD = {
  __proto__: null,
  step: ['route', 'title'],
  submitted: ['application'],
  paid: ['application'],
  rated: ['application'],
  error: ['kind'],
};
if (framed) {
  live.then(() => send({ type: 'ready', locale: root.lang, route: route() }));
  window.addEventListener('onething:event', ({ detail }) => {
    const words = TOLD[detail?.type]?.filter((name) => typeof detail[name] === 'string');
    if (!words) return;
    const said = words.map((name) => [name, name === 'route' ? told(detail.route) : detail[name]]);
    send({ type: detail.type, ...Object.fromEntries(said) });
  });
}

/** Abilities appear once the page around has offered them. */
export const adapter = { name: 'frame', bar: false, abilities, start: () => met };
