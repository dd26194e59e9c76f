// Zhejiang's app and its mini-programs, by ZWJSBridge 1.1.0 as its public types describe it.

import { abilities, absent, appeared } from './ways.js';

const STYLES = { normal: false, elder: true };
/** The cashier was left. Every other number leaves it open what became of the money, but for "failed". */
const LEFT = 6001;
const FAILED = 40000;

const TABLE = {
  ticket: ['ssoTicket', undefined, ({ result, ticketId }) => (result ? ticketId : absent())],
  title: ['setTitle', (title) => ({ title })],
  close: ['close'],
  share: ['share', ({ title, text, url }) => ({ title, content: text, url })],
  scan: ['scan', () => ({ type: 'qrCode' }), ({ text }) => text],
  image: ['chooseImage', () => ({ upload: false }), ({ picSrc }) => picSrc[0]],
  location: ['getLocation', undefined, ({ latitude, longitude }) => ({ latitude, longitude })],
  call: ['phoneCall', (corpId) => ({ corpId })],
  // With `type: 'reload'` it would sign the citizen on anew.
  open: ['openLink', (url) => ({ url })],
  style: ['getUiStyle', undefined, ({ uiStyle }) => ({ elder: STYLES[uiStyle] })],
  pay: ['pay', ({ zwjs }) => zwjs ?? absent()],
};

/** The bridge's script, where the operator put a copy of it; the content security policy allows no other. */
const script = (address) =>
  new Promise((resolve, reject) => {
    const element = document.createElement('script');
    element.addEventListener('load', resolve);
    element.addEventListener('error', reject);
    element.src = address;
    document.head.append(element);
  });

const start = async () => {
  const address = document.querySelector('meta[name="zwjsbridge"]')?.content;
  if (address && !window.ZWJSBridge) await script(address);
  const bridge = await appeared('ZWJSBridge');
  await new Promise((resolve) => bridge.onReady(resolve));
  const call = async (method, given) => {
    try {
      return (await bridge[method](given)) ?? {};
    } catch (error) {
      const code = Number(error?.errorCode ?? error?.code ?? error);
      if (method !== 'pay' || code === FAILED || !Number.isFinite(code)) throw error;
      if (code === LEFT) throw new Error('cancelled');
      return {};
    }
  };
  Object.assign(adapter.abilities, abilities(TABLE, (method) => typeof bridge[method] === 'function', call));
};

export const adapter = { name: 'zlb', bar: true, abilities: {}, start };
