// WebKitGTK's own small browser by its WebDriver, on a screen nobody sees.

import { once } from 'node:events';
import { freePort, started } from './program.mjs';
import { COMMANDS, Page, Refused, until } from './webdriver.mjs';

/** Nothing tells what WebKit's console says, so the page is listened to once it is there. */
class Heard extends Page {
  async goto(url) {
    await super.goto(url);
    await this.script(() => {
      window.troubles = [];
      for (const type of ['error', 'unhandledrejection', 'securitypolicyviolation'])
        addEventListener(type, (event) => window.troubles.push(`${type}: ${event.message ?? event.reason ?? event.blockedURI}`));
    });
  }
}

/** Opens a window about as wide as a phone, with nothing in it. */
export async function openWebKit() {
  const running = [];
  const run = async (...program) => {
    running.unshift(await started(...program));
    return running[0].child;
  };
  const close = async () => {
    for (const { stop } of running) await stop();
  };
  try {
    // The screen says its number once it is there.
    const stdio = ['ignore', 'ignore', 'ignore', 'pipe'];
    const screen = await run('Xvfb', ['-displayfd', '3', '-screen', '0', '390x844x24', '-nolisten', 'tcp'], { stdio });
    const [number] = await once(screen.stdio[3], 'data');
    const port = await freePort();
    // It asks for no language, so the page speaks its own.
    const env = { ...process.env, DISPLAY: `:${String(number).trim()}`, LC_ALL: 'C.UTF-8' };
    await run('WebKitWebDriver', [`--port=${port}`], { env });
    const ask = async (method, path, parameters) => {
      const body = method === 'POST' ? JSON.stringify(parameters) : undefined;
      const answer = await fetch(`http://127.0.0.1:${port}/${path}`, { method, body });
      const { value } = await answer.json();
      if (!answer.ok) throw new Refused(value);
      return value;
    };
    await until('WebKitWebDriver', () => ask('GET', 'status').catch(() => undefined));
    const { sessionId } = await ask('POST', 'session', { capabilities: { alwaysMatch: {} } });
    const page = new Heard((command, parameters) => {
      const { method, path } = COMMANDS[command];
      return ask(method, `session/${sessionId}/${path(parameters)}`, parameters);
    });
    await page.send('window', { x: 0, y: 0, width: 390, height: 844 });
    return { page, troubles: () => page.script(() => window.troubles ?? []), close };
  } catch (error) {
    await close();
    throw error;
  }
}
