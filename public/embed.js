// Puts an errand into another page: <onething-errand> and `open`. The errand lives in an iframe, and the two talk over
// a port that is handed to its origin alone. The protocol, version 1, is described in docs/embedding.md.

const EVENTS = ['ready', 'step', 'submitted', 'paid', 'rated', 'height', 'error', 'title'];
/** What the errand may ask of the page around it, where that one offers it. */
const ASKED = ['close', 'open', 'share'];
/** The greeting is repeated until the errand listens. */
const AGAIN = 250;
const GREETINGS = 80;
const LEAST = 240;
const MOST = 20_000;

/** Shows an errand at the end of `container`. */
export function open(container, options = {}) {
  const { page = new URL('./', import.meta.url), bundle, route = bundle ? `bundles/${bundle}` : '', title, fixed, on = {} } = options;
  const { offers = ASKED.filter((ability) => on[ability]) } = options;
  let { locale, theme, ticket: source } = options;

  const address = new URL(page, document.baseURI);
  address.searchParams.set('host', 'frame');
  if (locale) address.searchParams.set('lang', locale);
  address.hash = `/${route}`;

  /** The port of the errand that welcomed us, and those sent since that nobody answered. */
  let port;
  let sent = [];
  let timer;
  /** The errand asked for a ticket when there was none. */
  let missed = false;
  /** A ticket was handed in after the greeting, and before anybody answered it. */
  let early = false;
  const pings = [];
  let steps = 0;

  const tell = (type, detail) => on[type]?.(detail);
  const post = (message) => port?.postMessage(message);
  const rest = () => {
    clearInterval(timer);
    for (const one of sent) if (one !== port) one.close();
    sent = [];
  };
  const leave = () => {
    port?.close();
    port = undefined;
    rest();
  };

  /** Tickets are good for once: one that was handed in is forgotten. */
  const give = async (id) => {
    const from = source;
    if (typeof from === 'string') source = undefined;
    let ticket;
    try {
      ticket = await (typeof from === 'function' ? from() : from);
    } catch {
      // Whoever gives tickets knows why; the errand offers its own sign-in.
    }
    missed = !ticket;
    post(ticket ? { type: 'ticket', ticket, id } : { type: 'answer', id, ok: false });
  };

  const serve = async (type, { id, ...wish }) => {
    let ok = offers.includes(type) && (type !== 'open' || /^(https|tel):/i.test(wish.url));
    try {
      if (ok) await on[type]?.(wish);
    } catch {
      ok = false;
    }
    post({ type: 'answer', id, ok });
  };

  const hear = (from, { type, ...more }) => {
    if (!port) {
      if (type === 'unwelcome') {
        rest();
        tell('error', { kind: 'version', versions: more.versions });
      }
      if (type !== 'welcome') return;
      port = from;
      rest();
      if (early) give();
      early = false;
      if (theme) post({ type: 'theme', tokens: theme });
      if (locale && locale !== more.locale) post({ type: 'locale', tag: locale });
    } else if (type === 'ticket') give(more.id);
    else if (type === 'pong') pings.shift()?.();
    else if (ASKED.includes(type)) serve(type, more);
    else if (EVENTS.includes(type)) {
      if (type === 'height' && !fixed) frame.style.height = `${Math.min(Math.max(more.px, LEAST), MOST)}px`;
      if (type === 'title' && !title) frame.title = more.text;
      // The errand is as tall as what it shows, so it cannot scroll itself back to its top.
      if (type === 'step' && steps++ && frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
      tell(type, more);
    }
  };

  const frame = document.createElement('iframe');
  // Whatever page comes into the frame is greeted anew: an errand that was reloaded, or one that comes back from a cashier.
  frame.addEventListener('load', () => {
    leave();
    steps = 0;
    let left = GREETINGS;
    const greet = () => {
      if (!left--) {
        rest();
        return tell('error', { kind: 'unreachable' });
      }
      const { port1, port2 } = new MessageChannel();
      sent.push(port1);
      port1.onmessage = ({ data }) => hear(port1, data ?? {});
      const hello = { onething: 1, type: 'hello', versions: [1], offers: 'ticket' in options ? ['ticket', ...offers] : offers };
      frame.contentWindow.postMessage(hello, address.origin, [port2]);
    };
    timer = setInterval(greet, AGAIN);
    greet();
  });
  frame.title = title ?? 'onething';
  frame.allow = 'clipboard-write; web-share';
  frame.referrerPolicy = 'no-referrer';
  Object.assign(frame.style, { display: 'block', width: '100%', height: fixed ? '100%' : `${LEAST * 2}px`, border: '0' });
  frame.src = address;
  container.append(frame);

  return {
    frame,
    setLocale: (tag) => post({ type: 'locale', tag: (locale = tag) }),
    setTheme: (tokens) => post({ type: 'theme', tokens: (theme = tokens || {}) }),
    back: () => post({ type: 'back' }),
    /** Hands a ticket in, or names who gives one when the errand asks. */
    ticket(next) {
      source = next;
      early = !port && typeof next === 'string';
      if (port && next && (missed || typeof next === 'string')) give();
    },
    /** Ends when the errand has heard everything that was sent before. */
    ping: () =>
      new Promise((resolve) => {
        pings.push(resolve);
        post({ type: 'ping' });
      }),
    close() {
      leave();
      frame.remove();
    },
  };
}

const parsed = (theme) => {
  try {
    return JSON.parse(theme);
  } catch {
    // The errand refuses what is no theme, and says so.
    return { theme };
  }
};

class Errand extends HTMLElement {
  static observedAttributes = ['bundle', 'route', 'src', 'locale', 'theme'];

  connectedCallback() {
    // What was set before this class was there.
    if (Object.prototype.hasOwnProperty.call(this, 'ticket')) {
      this.source = this.ticket;
      delete this.ticket;
    }
    const named = (name) => this.getAttribute(name) ?? undefined;
    const fire = (type) => [type, (detail) => this.dispatchEvent(new CustomEvent(`onething-${type}`, { detail, bubbles: true, composed: true }))];
    if (getComputedStyle(this).display === 'inline') this.style.display = 'block';
    this.handle = open(this, {
      page: named('src'),
      bundle: named('bundle'),
      route: named('route'),
      locale: named('locale'),
      theme: this.hasAttribute('theme') ? parsed(named('theme')) : undefined,
      title: named('title'),
      fixed: this.hasAttribute('fixed'),
      offers: ASKED.filter((ability) => named('offers')?.split(' ').includes(ability)),
      ticket: this.source,
      on: Object.fromEntries([...EVENTS, ...ASKED].map(fire)),
    });
  }

  disconnectedCallback() {
    this.handle.close();
    this.handle = undefined;
  }

  attributeChangedCallback(name, before, value) {
    if (!this.handle || before === value) return;
    if (name === 'locale') this.handle.setLocale(value);
    else if (name === 'theme') this.handle.setTheme(value && parsed(value));
    else {
      this.disconnectedCallback();
      this.connectedCallback();
    }
  }

  get ticket() {
    return this.source;
  }

  set ticket(source) {
    this.source = source;
    this.handle?.ticket(source);
  }
}

if (!customElements.get('onething-errand')) customElements.define('onething-errand', Errand);
