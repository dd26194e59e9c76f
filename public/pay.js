// Asks the wallet the page runs in, WeChat or Alipay, to open its cashier, and says when that closed. What the
// wallet's front end answers proves nothing, so nobody hears it: the page asks the backend afterwards.

/** How long a bridge may take to come. */
const READY = 3_000;
/** How long it may take to answer: somebody is typing a password meanwhile. */
const ANSWER = 90_000;

/** The bridge a wallet puts into its pages, sooner or later; undefined where there is none. */
export const bridge = (name) =>
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

/** Asks once, and waits for the first answer, if one ever comes. */
const asked = async (name, ask) => {
  const found = await bridge(name);
  if (!found) return;
  await new Promise((resolve) => {
    setTimeout(resolve, ANSWER);
    try {
      ask(found, () => resolve());
    } catch (error) {
      resolve();
    }
  });
};

/** WeChat's cashier; `parameters` as the backend signed them. */
export const jsapi = (parameters) => asked('WeixinJSBridge', (wechat, closed) => wechat.invoke('getBrandWCPayRequest', parameters, closed));

/** Alipay's cashier for a trade. */
export const tradePay = (tradeNO) => asked('AlipayJSBridge', (alipay, closed) => alipay.call('tradePay', { tradeNO }, closed));
