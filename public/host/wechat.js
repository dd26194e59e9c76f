// WeChat's browser, and the web-view of its mini-programs. The title bar shows the document's title. What the JS-SDK
// (`wx`) does needs a signature made for the page's address: it counts once the SDK says that it was accepted.

import { bridge, jsapi } from '../pay.js';
import { abilities, absent, called, forward, pause } from './ways.js';

/** How long the signature is waited for; accepted later, it still serves. */
const SIGNATURE = 1_500;

const SIGNED = {
  scan: ['scanQRCode', () => ({ needResult: 1, scanType: ['qrCode'] }), ({ resultStr }) => resultStr],
  location: ['getLocation', () => ({ type: 'wgs84' }), (place) => place],
};

const start = async (adapter, own) => {
  const weixin = (await bridge('WeixinJSBridge')) ?? absent();
  const { wx } = window;
  Object.assign(adapter.abilities, own(weixin, wx?.miniProgram));
  if (typeof wx?.ready !== 'function') return;
  const signed = new Promise((resolve) => wx.ready(resolve)).then(
    () => Object.assign(adapter.abilities, abilities(SIGNED, (method) => typeof wx[method] === 'function', called(wx))),
    () => undefined,
  );
  await Promise.race([signed, pause(SIGNATURE)]);
};

const browser = (weixin) => ({
  close: () =>
    new Promise((resolve, reject) =>
      weixin.invoke('closeWindow', {}, (answer) => (/:ok$/.test(answer?.err_msg) ? resolve() : reject(new Error('failed')))),
    ),
  pay: async ({ jsapi: signed }) => jsapi(signed ?? absent()),
});

/** A mini-program's web-view cannot pay: its own page has to. */
const miniProgram = (_, mini) => {
  if (typeof mini?.postMessage === 'function') forward((data) => mini.postMessage({ data }));
  return typeof mini?.navigateBack === 'function' ? { close: async () => void mini.navigateBack() } : {};
};

export const adapter = { name: 'wechat', bar: true, abilities: {}, start: () => start(adapter, browser) };
export const mini = { name: 'wechat-mini', bar: true, abilities: {}, start: () => start(mini, miniProgram) };
