// What the page may ask of the app it runs in. One adapter is chosen by what the app says of itself; what that cannot
// do, the browser does where it has a way. Every question ends with one answer, and nothing a bridge says is believed
// before it was checked. Going back needs no care: a ticket is taken out of the address without a step in the history,
// so that nobody has to go back twice.

import { adapter as browser } from './host/browser.js';
import { RULES, isTicket } from './host/rules.js';

/** How long a bridge may take to come. One that comes later still serves, but nobody waits for it. */
const NEGOTIATION = 3_000;

/** The file each adapter lies in, and its name there. */
const ADAPTERS = {
  browser: ['browser'],
  frame: ['frame'],
  zlb: ['zlb'],
  wechat: ['wechat'],
  'wechat-mini': ['wechat', 'mini'],
  alipay: ['alipay'],
  'alipay-mini': ['alipay', 'mini'],
  ticket: ['ticket'],
};

const root = document.documentElement;
const no = (why) => ({ ok: false, why });

/** Whether the page stands in an app that signs people in, or its operator takes tickets from addresses. */
const invited = () =>
  /dtdreamweb|MicroMessenger|alipay|miniprogram/i.test(navigator.userAgent) ||
  Boolean(window.ZWJSBridge || window.onethingHost || document.querySelector('meta[name="tickets"]'));

/** Takes the ticket out of the address, where it stands in a query before `#` or behind it. */
const takeTicket = () => {
  let ticket;
  const without = (query) => {
    const rest = query.split('&').filter((pair) => {
      const [[name, value] = []] = new URLSearchParams(pair);
      if (name !== 'ticket' && name !== 'ticketId') return true;
      ticket ??= value;
      return false;
    });
    return rest.join('&');
  };
  const cleaned = location.href.replace(/\?([^#?]*)/g, (_, query) => without(query).replace(/^(?=.)/, '?'));
  if (ticket !== undefined) history.replaceState(history.state, '', cleaned);
  // A plain browser takes none: whoever makes the link would choose who the reader is signed in as.
  return invited() && isTicket(ticket) ? ticket : undefined;
};

/** Which adapter speaks with the app around; the address may name one. */
const chosen = (ticket) => {
  const named = new URLSearchParams(location.search).get('host');
  if (Object.keys(ADAPTERS).includes(named)) return named;
  const agent = navigator.userAgent;
  const mini = /miniprogram/i.test(agent) || window.__wxjs_environment === 'miniprogram';
  if (window.parent !== window) return 'frame';
  if (window.ZWJSBridge || /dtdreamweb/i.test(agent)) return 'zlb';
  if (/MicroMessenger/i.test(agent)) return mini ? 'wechat-mini' : 'wechat';
  if (/alipay/i.test(agent)) return mini ? 'alipay-mini' : 'alipay';
  return ticket || window.onethingHost ? 'ticket' : 'browser';
};

const load = async (name) => {
  const [file, part = 'adapter'] = ADAPTERS[name];
  return (await import(`./host/${file}.js`))[part];
};

/** Asks one way; the first answer in time counts, whatever comes after it. */
const asked = (way, ability, argument) =>
  new Promise((resolve) => {
    const { time, given, read } = RULES[ability];
    const timer = setTimeout(resolve, time, no('late'));
    const end = (answer) => {
      clearTimeout(timer);
      resolve(answer);
    };
    // The way is asked at once, while the tap that led here still allows what only a tap may open.
    const work = async () => read(await way(given(argument)));
    work().then(
      (value) => end(value === undefined ? { ok: true } : { ok: true, value }),
      (error) => end(no(['absent', 'cancelled'].includes(error?.message) ? error.message : 'failed')),
    );
  });

/** Telephone numbers and pages elsewhere go through the app, where it has a way of its own. */
const watchLinks = (host, adapter) =>
  document.addEventListener('click', (event) => {
    const anchor = event.target instanceof Element && event.target.closest('a[href]');
    if (!anchor || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const elsewhere = anchor.protocol === 'https:' && (anchor.target === '_blank' || anchor.origin !== location.origin);
    const ability = anchor.protocol === 'tel:' ? 'call' : elsewhere && !anchor.hasAttribute('download') && 'open';
    if (!ability || !adapter.abilities[ability]) return;
    event.preventDefault();
    const argument = ability === 'call' ? anchor.href.slice('tel:'.length) : anchor.href;
    host.ask(ability, argument).then(({ why }) => why === 'failed' && asked(browser.abilities[ability], ability, argument));
  }, true);

const preferred = () => {
  try {
    return localStorage.getItem('style') === 'elder';
  } catch (error) {
    return false;
  }
};

/** Reads how large the app writes, now and whenever the page is looked at again. */
const watchStyle = (host, adapter) => {
  let last = JSON.stringify({ elder: false, scale: null });
  const read = async () => {
    if (document.visibilityState !== 'visible' || !adapter.abilities.style) return;
    const { ok, value } = await host.ask('style');
    if (!ok || JSON.stringify(value) === last) return;
    last = JSON.stringify(value);
    // What somebody chose here holds where the app asks for nothing.
    if (value.elder) root.dataset.style = 'elder';
    else if (!preferred()) delete root.dataset.style;
    // The elder style has a size of its own, which its buttons change from there (public/elder.js).
    const elder = value.elder && value.scale !== null;
    if (elder) root.style.setProperty('--text', `${Math.round(Math.min(Math.max(17 * value.scale, 18), 30))}px`);
    root.style.fontSize = value.scale === null || elder ? '' : `${value.scale * 100}%`;
    window.dispatchEvent(new CustomEvent('onething:style', { detail: value }));
  };
  document.addEventListener('visibilitychange', read);
  window.addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return;
    read();
    window.dispatchEvent(new Event('onething:returned'));
  });
  host.ready.then(read);
};

/** A keyboard that comes up must not cover the field it is for. */
const watchKeyboard = () => {
  const view = window.visualViewport;
  view?.addEventListener('resize', () => {
    const field = document.activeElement;
    if (!field?.matches('input, select, textarea')) return;
    const { top, bottom } = field.getBoundingClientRect();
    if (top < view.offsetTop || bottom > view.offsetTop + view.height) field.scrollIntoView({ block: 'center' });
  });
};

/** Chooses the adapter and begins to negotiate; `host.ready` says when that is over. */
export const start = async () => {
  let ticket = takeTicket();
  const adapter = await load(chosen(ticket)).catch(() => browser);
  const wayTo = (ability) => RULES[ability] && (adapter.abilities[ability] ?? browser.abilities[ability]);
  const answer = (ability, argument) => {
    const way = wayTo(ability);
    return way ? asked(way, ability, argument) : Promise.resolve(no('absent'));
  };
  let bar;
  const showBar = (theirs) => {
    bar = theirs && adapter.bar;
    if (bar) root.dataset.bar = 'host';
    else delete root.dataset.bar;
  };

  let negotiating = true;
  let over;
  const host = {
    name: adapter.name,
    get bar() {
      return bar;
    },
    can: (ability) => Boolean((ability === 'ticket' && ticket) || wayTo(ability)),
    ask: (ability, argument) => {
      if (ability === 'open' && /^tel:/i.test(argument)) return host.ask('call', String(argument).slice('tel:'.length));
      if (ability === 'ticket' && ticket) {
        const value = ticket;
        ticket = undefined;
        return Promise.resolve({ ok: true, value });
      }
      return negotiating ? host.ready.then(() => answer(ability, argument)) : answer(ability, argument);
    },
    ready: new Promise((resolve) => {
      over = resolve;
    }),
  };

  const settle = (found) => {
    negotiating = false;
    showBar(found);
    over();
  };
  // Their bar counts from the first, so that nothing moves; ours comes back where no bridge does.
  showBar(true);
  const timer = setTimeout(settle, NEGOTIATION, false);
  const begin = async () => adapter.start?.(host);
  begin().then(() => settle(true), () => settle(false)).then(() => clearTimeout(timer));

  watchLinks(host, adapter);
  watchStyle(host, adapter);
  watchKeyboard();
  return host;
};
