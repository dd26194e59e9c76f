// Firefox by Marionette, the socket under geckodriver: WebDriver's commands, each with its length before it.

import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { started } from './program.mjs';
import { COMMANDS, Page, Refused, until } from './webdriver.mjs';

const PREFERENCES = {
  // Any free one; Firefox writes down which.
  'marionette.port': 0,
  'intl.accept_languages': 'zh-CN',
};

/** In Firefox itself: a page as wide as a phone; no window is that narrow. */
const PHONE = `Object.assign(gBrowser.selectedBrowser.style, { maxWidth: '390px', maxHeight: '844px' })`;

/** In Firefox itself: the errors of the pages it showed. */
const TROUBLES = `return Services.console.getMessageArray()
  .filter((one) => one instanceof Ci.nsIScriptError && one.flags === Ci.nsIScriptError.errorFlag && /^http/.test(one.sourceName))
  .map((one) => one.message)`;

/** Opens a window as wide as a phone, with nothing in it. */
export async function openFirefox() {
  const profile = await mkdtemp(join(tmpdir(), 'onething-firefox-'));
  let firefox;
  const close = async () => {
    await firefox?.stop();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`);
    await writeFile(join(profile, 'user.js'), lines.join(''));
    const flags = ['--headless', '--marionette', '--remote-allow-system-access', '--no-remote', '--profile', profile];
    firefox = await started('firefox-esr', flags);
    const port = await until('Firefox', () => readFile(join(profile, 'MarionetteActivePort'), 'utf8').catch(() => undefined), 60);
    const ask = await dial(Number(port));
    await ask('WebDriver:NewSession', { capabilities: { alwaysMatch: {} } });
    const page = new Page(async (command, parameters) => (await ask(COMMANDS[command].name, parameters)).value);
    const inFirefox = async (script) => {
      await ask('Marionette:SetContext', { value: 'chrome' });
      const { value } = await ask('WebDriver:ExecuteScript', { script, args: [] });
      await ask('Marionette:SetContext', { value: 'content' });
      return value;
    };
    await inFirefox(PHONE);
    return { page, troubles: () => inFirefox(TROUBLES), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Calls over the socket: `[0, number, command, parameters]` there, `[1, number, error, result]` back. */
async function dial(port) {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const waiting = new Map();
  let heard = Buffer.alloc(0);
  socket.on('data', (piece) => {
    heard = Buffer.concat([heard, piece]);
    for (;;) {
      const colon = heard.indexOf(':');
      const end = colon + 1 + Number(heard.subarray(0, colon));
      if (colon < 0 || heard.length < end) return;
      const [, number, error, result] = Object.values(JSON.parse(heard.subarray(colon + 1, end)));
      heard = heard.subarray(end);
      waiting.get(number)?.(error, result);
      waiting.delete(number);
    }
  });
  const lost = () => waiting.forEach((answer) => answer({ error: 'closed', message: 'Firefox went away' }));
  socket.on('close', lost).on('error', lost);
  let last = 0;
  return (command, parameters) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, (error, result) => (error ? reject(new Refused(error)) : resolve(result)));
      const message = JSON.stringify([0, last, command, parameters]);
      socket.write(`${Buffer.byteLength(message)}:${message}`);
    });
}
