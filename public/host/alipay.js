// Alipay's browser by AlipayJSBridge, and the web-view of its mini-programs by `my`.

import { bridge, tradePay } from '../pay.js';
import { abilities, absent, appeared, called, forward, pause } from './ways.js';

/** How long the bridge may take to say what it has. */
const CHECK = 1_000;
const CANCELLED = 10;
const LEFT = 6001;

/** Nobody answers these: they cover the page, close it, or do nothing that could fail. */
const SILENT = ['setTitle', 'popWindow', 'pushWindow', 'navigateBack'];
const unheard = (call) => (method, given) => {
  const answer = call(method, given);
  return SILENT.includes(method) ? Promise.race([answer, pause(0)]) : answer;
};

const PHOTO = { dataType: 'dataURL', imageFormat: 'jpg', quality: 90, maxWidth: 2560, maxHeight: 2560 };
const CHANNELS = ['Weixin', 'SMS', 'CopyLink'];
const TABLE = {
  title: ['setTitle', (title) => ({ title })],
  close: ['popWindow'],
  open: ['pushWindow', (url) => ({ url })],
  share: ['share', ({ title, text, url }) => ({ channels: CHANNELS.map((name) => ({ name, param: { title, content: text, url } })) })],
  scan: ['scan', () => ({ type: 'qr' }), ({ qrCode, codeContent }) => qrCode ?? codeContent],
  image: ['photo', () => PHOTO, ({ dataURL }) => dataURL],
  location: ['getCurrentLocation', () => ({ bizType: 'onething' }), (place) => place],
};

const MINI = {
  close: ['navigateBack'],
  location: ['getLocation', undefined, (place) => place],
  pay: [
    'tradePay',
    ({ tradePay: tradeNO }) => ({ tradeNO: tradeNO ?? absent() }),
    ({ resultCode }) => {
      if (Number(resultCode) === LEFT) throw new Error('cancelled');
    },
  ],
};

const start = async () => {
  const alipay = (await bridge('AlipayJSBridge')) ?? absent();
  const call = (api, given) =>
    new Promise((resolve, reject) =>
      alipay.call(api, given, (answer) => {
        if (answer?.error) reject(new Error(Number(answer.error) === CANCELLED ? 'cancelled' : 'failed'));
        else resolve(answer ?? {});
      }),
    );
  // A client that cannot say what it has is believed to have it.
  const missing = async ([api]) => {
    const answer = await Promise.race([call('checkJSAPI', { api }), pause(CHECK)]).catch(() => undefined);
    return answer?.available === false && api;
  };
  const lacks = await Promise.all(Object.values(TABLE).map(missing));
  Object.assign(adapter.abilities, abilities(TABLE, (api) => !lacks.includes(api), unheard(call)));
  adapter.abilities.pay = async ({ tradePay: trade }) => tradePay(trade ?? absent());
};

const startMini = async () => {
  const my = await appeared('my');
  if (typeof my.postMessage === 'function') forward((data) => my.postMessage(data));
  Object.assign(mini.abilities, abilities(MINI, (method) => typeof my[method] === 'function', unheard(called(my))));
};

export const adapter = { name: 'alipay', bar: true, abilities: {}, start };
export const mini = { name: 'alipay-mini', bar: true, abilities: {}, start: startMini };
