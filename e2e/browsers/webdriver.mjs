// WebDriver (https://www.w3.org/TR/webdriver2/) without a library: a page a browser shows, and what a hand does to it.

/** What is asked of a browser, as WebDriver says it over HTTP and Marionette over its socket. */
export const COMMANDS = {
  navigate: { name: 'WebDriver:Navigate', method: 'POST', path: () => 'url' },
  script: { name: 'WebDriver:ExecuteScript', method: 'POST', path: () => 'execute/sync' },
  click: { name: 'WebDriver:ElementClick', method: 'POST', path: ({ id }) => `element/${id}/click` },
  keys: { name: 'WebDriver:ElementSendKeys', method: 'POST', path: ({ id }) => `element/${id}/value` },
  window: { name: 'WebDriver:SetWindowRect', method: 'POST', path: () => 'window/rect' },
  screenshot: { name: 'WebDriver:TakeScreenshot', method: 'GET', path: () => 'screenshot' },
};

/** The member in which an element travels. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** What a browser says of an element that is being drawn: ask again. */
const PASSING = [
  'element click intercepted', 'element not interactable', 'javascript error',
  'no such element', 'no such frame', 'stale element reference',
];

/** A browser's refusal, by the name the standard gives it. */
export class Refused extends Error {
  constructor({ error, message }) {
    super(`${error}: ${message}`);
    this.reason = error;
  }
}

/** Asks until there is an answer. */
export async function until(what, ask, seconds = 20) {
  for (const end = Date.now() + seconds * 1000; ; ) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export class Page {
  /** `send(command, parameters)` gives what the browser answers, or throws `Refused`. */
  constructor(send) {
    this.send = send;
  }

  goto(url) {
    return this.send('navigate', { url });
  }

  /** What a function gives when called in the page. It sees only its arguments. */
  script(call, ...args) {
    return this.send('script', { script: `return (${call}).apply(null, arguments)`, args });
  }

  /** Waits for an element, named by selector, or for whatever a function gives in the page. */
  waitFor(wanted, ...args) {
    if (typeof wanted === 'string') return this.waitFor((selector) => document.querySelector(selector) !== null, wanted);
    return until(`${wanted} with ${args}`, () => this.tried(() => this.script(wanted, ...args)));
  }

  /** Undefined while the page is changing. */
  async tried(work) {
    try {
      return await work();
    } catch (error) {
      if (!PASSING.includes(error.reason)) throw error;
    }
  }

  /** Does something to an element as soon as it can be done. */
  on(selector, work) {
    // A screen scrolls in the frame it arrives in; in the middle of the window nothing that stays in place lies above.
    const shown = async (wanted) => {
      for (let frame = 0; frame < 2; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
      const element = document.querySelector(wanted);
      element?.scrollIntoView({ block: 'center', behavior: 'instant' });
      return element;
    };
    const done = async () => {
      const element = await this.script(shown, selector);
      if (element) await work(element[ELEMENT]);
      return element;
    };
    return until(selector, () => this.tried(done));
  }

  click(selector) {
    return this.on(selector, (id) => this.send('click', { id }));
  }

  /** Types where there was nothing; a file is named by its path. */
  fill(selector, text) {
    return this.on(selector, (id) => this.send('keys', { id, text }));
  }

  /** A picture of the window, as PNG. */
  async screenshot() {
    return Buffer.from(await this.send('screenshot', {}), 'base64');
  }
}
