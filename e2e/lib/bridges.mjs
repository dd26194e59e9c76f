// Bridges of the apps the page may run in, as doubles: they answer what the public descriptions say, as recorded in
// RECORDED, in the way a variant names, and write down in `window.__calls` what they were asked.
//
// present   comes with the page and answers
// absent    never comes
// late      comes after a second, then answers
// slow      comes with the page, answers after ten minutes
// throwing  comes with the page, throws whatever it is asked
// twice     comes with the page, answers twice, and differently

import { PHONE } from './payment.mjs';

/** How each app names itself. */
export const AGENTS = {
  zlb: `${PHONE.userAgent} dtdreamweb`,
  wechat: `${PHONE.userAgent} MicroMessenger/8.0.60`,
  'wechat-mini': `${PHONE.userAgent} MicroMessenger/8.0.60 miniProgram/wx0123456789abcdef`,
  alipay: `${PHONE.userAgent} AliApp(AP/10.6.0) AlipayClient/10.6.0 Language/zh-Hans`,
  'alipay-mini': `${PHONE.userAgent} AliApp(AP/10.6.0) AlipayClient/10.6.0 MiniProgram Language/zh-Hans`,
  ticket: PHONE.userAgent,
};

/** A JPEG of one pixel, as far as its first bytes tell. */
export const PICTURE = '/9j/4AAQSkZJRgABAQEASABIAAD/2Q==';
const PLACE = { latitude: 44.58, longitude: 129.6 };

/** What each method answers; `null` is an answer without anything in it. */
export const RECORDED = {
  zlb: {
    ssoTicket: { result: true, ticketId: 'zlb-ticket-1' },
    setTitle: { result: 'success' },
    close: {},
    phoneCall: {},
    getLocation: { ...PLACE, cityName: '示范市', region: '示范区', townCode: '990105', detailAddress: '示范路 1 号' },
    chooseImage: { picSrc: [PICTURE], picPath: [] },
    scan: { text: 'https://example.org/scanned' },
    share: null,
    openLink: {},
    getUiStyle: { uiStyle: 'elder' },
    pay: {},
  },
  wechat: {
    closeWindow: { err_msg: 'close_window:ok' },
    getBrandWCPayRequest: { err_msg: 'get_brand_wcpay_request:ok' },
    scanQRCode: { resultStr: 'https://example.org/scanned', errMsg: 'scanQRCode:ok' },
    getLocation: { ...PLACE, accuracy: 30, speed: -1, errMsg: 'getLocation:ok' },
  },
  'wechat-mini': {
    navigateBack: null,
    postMessage: null,
    scanQRCode: { resultStr: 'https://example.org/scanned', errMsg: 'scanQRCode:ok' },
    getLocation: { ...PLACE, accuracy: 30, errMsg: 'getLocation:ok' },
  },
  alipay: {
    checkJSAPI: { available: true },
    setTitle: null,
    popWindow: null,
    pushWindow: null,
    share: {},
    scan: { qrCode: 'https://example.org/scanned' },
    photo: { dataURL: PICTURE },
    getCurrentLocation: { latitude: '44.58', longitude: '129.6', accuracy: '30' },
    tradePay: { resultCode: '9000' },
  },
  'alipay-mini': {
    navigateBack: null,
    postMessage: null,
    getLocation: { latitude: '44.58', longitude: '129.6', accuracy: '30' },
    tradePay: { resultCode: '9000' },
  },
  ticket: {
    ticket: 'app-ticket-1',
    title: null,
    back: null,
    close: null,
    share: null,
    scan: 'https://example.org/scanned',
    image: PICTURE,
    location: JSON.stringify(PLACE),
    call: null,
    open: null,
    pay: null,
    style: JSON.stringify({ elder: true, scale: 1.25 }),
  },
};

/** What a second answer of a bridge that answers twice says. */
export const SECOND = {
  ticketId: 'second', resultStr: 'second', text: 'second', qrCode: 'second', uiStyle: 'normal', err_msg: 'x:fail', error: 3,
};

/** Runs in the page, before anything of it. */
const install = ({ app, variant, answers, second }) => {
  const calls = (window.__calls = []);
  const SLOW = 600_000;
  /** Changes an answer while the page runs. */
  window.__answers = answers;

  /** Writes down, and answers by callback; `{ refused }` in place of an answer is an error. */
  const reply = (method, given, succeed = () => undefined, fail = succeed) => {
    calls.push([method, given]);
    if (variant === 'throwing') throw new Error(`${method} is broken`);
    const answer = () => {
      const said = window.__answers[method];
      if (said?.refused === undefined) succeed(said);
      else fail(said.refused);
    };
    if (variant === 'slow') return void setTimeout(answer, SLOW);
    answer();
    if (variant === 'twice') succeed(second);
  };
  /** No promise, but it can be waited for; it may resolve twice. */
  const thenable = (method, given) => {
    let waiting = () => undefined;
    const answered = [];
    const hear = (which) => (said) => {
      answered.push([which, said]);
      waiting();
    };
    reply(method, given, hear(0), hear(1));
    return {
      then: (...ways) => {
        waiting = () => answered.splice(0).forEach(([which, said]) => ways[which](said));
        waiting();
      },
    };
  };
  const methods = (make) => Object.fromEntries(Object.keys(answers).map((method) => [method, make(method)]));
  const unanswered = (method) => (given) => reply(method, given && JSON.parse(JSON.stringify(given)));
  const options = (method) => ({ success, fail, cancel, ...given } = {}) => reply(method, given, success, fail);
  const twice = (run) => {
    run();
    if (variant === 'twice') run();
  };
  const wechat = (more) => {
    window.WeixinJSBridge = { invoke: reply };
    window.wx = { ready: twice, scanQRCode: options('scanQRCode'), getLocation: options('getLocation'), ...more };
    document.dispatchEvent(new Event('WeixinJSBridgeReady'));
  };

  const bridges = {
    zlb: () => {
      window.ZWJSBridge = { ...methods((method) => (given) => thenable(method, given)), onReady: twice };
    },
    wechat,
    'wechat-mini': () => wechat({ miniProgram: { navigateBack: unanswered('navigateBack'), postMessage: unanswered('postMessage') } }),
    alipay: () => {
      window.AlipayJSBridge = {
        // Methods nobody answers are those recorded without an answer.
        call: (method, given, answer) => reply(method, given, window.__answers[method] === null ? undefined : answer),
      };
      document.dispatchEvent(new Event('AlipayJSBridgeReady'));
    },
    'alipay-mini': () => {
      window.my = methods((method) => (answers[method] === null ? unanswered(method) : options(method)));
    },
    ticket: () => {
      window.onethingHost = { bar: true, ...methods((method) => (...given) => thenable(method, given[0])) };
    },
  };
  if (variant === 'late') setTimeout(() => bridges[app](), 1_000);
  else if (variant !== 'absent') bridges[app]();
};

/** A script for `page.addInitScript`: an app's bridge in a variant, some answers other than recorded. */
export const bridge = (app, variant = 'present', answers = {}) => ({
  content: `(${install})(${JSON.stringify({ app, variant, answers: { ...RECORDED[app], ...answers }, second: SECOND })});`,
});

/** What a method of the bridge was given, call by call. */
export const calls = async (page, method) =>
  (await page.evaluate(() => window.__calls ?? [])).filter(([name]) => name === method).map(([, given]) => given);
