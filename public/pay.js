// Asks the wallet the page runs in, WeChat or Alipay, to open its cashier. What the wallet's front end
// answers proves nothing: the page asks the backend afterwards, whatever was said here.

/** How long a bridge may take to come. */
const READY = 3_000;
/** How long it may take to answer: somebody is typing a password meanwhile. */
const ANSWER = 90_000;

const WECHAT = { ok: 'ok', cancel: 'cancel', fail: 'fail' };
const ALIPAY = { 9000: 'ok', 6001: 'cancel', 4000: 'fail', 99: 'fail' };

/** The bridge a wallet puts into its pages, sooner or later; undefined where there is none. */
const bridge = (name) =>
  new Promise((resolve) => {
    const event = `${name}Ready`;
    let timer;
    const look = () => {
      clearTimeout(timer);
      document.removeEventListener(event, look);
      resolve(window[name]);
    };
    if (window[name]) look();
    else {
      document.addEventListener(event, look);
      timer = setTimeout(look, READY);
    }
  });

/** Asks once. A second answer, none, and one that cannot be read all count as not known. */
const asked = async (name, ask) => {
  const found = await bridge(name);
  if (!found) return 'unknown';
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('unknown'), ANSWER);
    const hear = (outcome) => {
      clearTimeout(timer);
      resolve(outcome || 'unknown');
    };
    try {
      ask(found, hear);
    } catch (error) {
      hear();
    }
  });
};

/** WeChat's cashier; `parameters` as the backend signed them. */
export const jsapi = (parameters) =>
  asked('WeixinJSBridge', (wechat, hear) =>
    wechat.invoke('getBrandWCPayRequest', parameters, (answer) => hear(WECHAT[String(answer && answer.err_msg).split(':')[1]])),
  );

/** Alipay's cashier for a trade. */
export const tradePay = (tradeNO) =>
  asked('AlipayJSBridge', (alipay, hear) => alipay.call('tradePay', { tradeNO }, (answer) => hear(ALIPAY[String(answer && answer.resultCode)])));
