//! Signatures of WeChat Pay's API v3: SHA-256 with RSA over lines of text.
//!
//! Ours as 如何生成请求签名 and 小程序调起支付签名 say (pay.weixin.qq.com/doc/v3/merchant/4012365336 and
//! …/4012365341), theirs as 如何使用微信支付公钥验签 says
//! (pay.weixin.qq.com/docs/merchant/development/interface-rules/signature-verification.html).

use axum::http::HeaderMap;

use crate::pay::Failure;
use crate::pay::keys::{SigningKey, VerifyingKey};

/// How far a signature's time may be from ours, in seconds.
const FRESH: u64 = 300;

/// WeChat Pay sends wrong signatures that begin so, to see whether they are refused.
const PROBE: &str = "WECHATPAY/SIGNTEST/";

/// What a merchant signs with.
pub(super) struct Signer {
    /// 商户号.
    pub(super) merchant: String,
    /// The number of the merchant's own certificate.
    pub(super) serial: String,
    /// Its key.
    pub(super) key: SigningKey,
}

impl Signer {
    /// The `Authorization` of a request. `path` is what follows the host, with the query; `body`
    /// is what is sent, byte for byte.
    pub(super) fn authorization(
        &self,
        method: &str,
        path: &str,
        body: &str,
        at: i64,
        nonce: &str,
    ) -> Result<String, Failure> {
        let signature = self.key.sign(format!("{method}\n{path}\n{at}\n{nonce}\n{body}\n").as_bytes())?;
        let Self { merchant, serial, .. } = self;
        Ok(format!(
            r#"WECHATPAY2-SHA256-RSA2048 mchid="{merchant}",nonce_str="{nonce}",signature="{signature}",timestamp="{at}",serial_no="{serial}""#
        ))
    }

    /// `paySign`: with it the page opens the cashier inside WeChat.
    pub(super) fn pay(&self, app: &str, at: &str, nonce: &str, package: &str) -> Result<String, Failure> {
        self.key.sign(format!("{app}\n{at}\n{nonce}\n{package}\n").as_bytes())
    }
}

/// What WeChat Pay says beside an answer or a notification: who signed it, and when.
pub(super) struct Signed<'a> {
    at: i64,
    stamp: &'a str,
    nonce: &'a str,
    signature: &'a str,
    /// Which of its keys signed.
    pub(super) serial: &'a str,
}

impl<'a> Signed<'a> {
    /// Reads the headers; none where one is missing or unreadable.
    pub(super) fn read(headers: &'a HeaderMap) -> Option<Self> {
        let read = |name: &str| headers.get(name)?.to_str().ok().filter(|value| !value.is_empty());
        let stamp = read("wechatpay-timestamp")?;
        Some(Self {
            at: stamp.parse().ok()?,
            stamp,
            nonce: read("wechatpay-nonce")?,
            signature: read("wechatpay-signature")?,
            serial: read("wechatpay-serial")?,
        })
    }

    /// Whether it was said about now; anything else could be said again by somebody who listened.
    pub(super) fn timely(&self, now: i64) -> bool {
        now.abs_diff(self.at) <= FRESH
    }

    /// Whether a key signed it over this body.
    pub(super) fn by(&self, key: &VerifyingKey, body: &[u8]) -> bool {
        let message = [self.stamp.as_bytes(), b"\n", self.nonce.as_bytes(), b"\n", body, b"\n"].concat();
        !self.signature.starts_with(PROBE) && key.verifies(&message, self.signature)
    }
}

/// Headers as WeChat Pay would send them with a body, signed with the test key of [`super::vectors`].
#[cfg(test)]
pub(super) fn headers(at: i64, body: &[u8]) -> HeaderMap {
    let message = [format!("{at}\nnonce\n").as_bytes(), body, b"\n"].concat();
    let signature = super::vectors::platform().sign(&message).unwrap();
    let at = at.to_string();
    let values = [
        ("wechatpay-timestamp", at.as_str()),
        ("wechatpay-nonce", "nonce"),
        ("wechatpay-signature", signature.as_str()),
        ("wechatpay-serial", super::vectors::SERIAL),
    ];
    values.into_iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::vectors;
    use super::*;

    fn signer() -> Signer {
        let serial = "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB".to_owned();
        Signer { merchant: "1900007291".to_owned(), serial, key: vectors::merchant() }
    }

    const NONCE: &str = "593BEC0C930BF1AFEB40B4A08C8FB242";

    #[test]
    fn a_key_signs_as_published() {
        // wechatpay-apiv3/wechatpay-go, utils/sign_test.go.
        let expected = "BKyAfU4iMCuvXMXS0Wzam3V/cnxZ+JaqigPM5OhljS2iOT95OO6Fsuml2JkFANJU9K6q9bLlDhPXuoVz+pp4hAm6pHU4ld815U4jsKu1RkyaII+1CYBUYC8TK0XtJ8FwUXXz8vZHh58rrAVN1XwNyvD1vfpxrMT4SL536GLwvpUHlCqIMzoZUguLli/K8V29QiOhuH6IEqLNJn8e9b3nwNcQ7be3CzYGpDAKBfDGPCqCv8Rw5zndhlffk2FEA70G4hvMwe51qMN/RAJbknXG23bSlObuTCN7Ndj1aJGH6/L+hdwfLpUtJm4QYVazzW7DFD27EpSQEqA8bX9+8m1rLg==";
        assert_eq!(vectors::platform().sign(b"source").unwrap(), expected);
        assert!(vectors::certified().verifies(b"source", expected));
        assert!(!vectors::certified().verifies(b"sourcf", expected));
    }

    #[test]
    fn a_request_is_signed_as_in_the_manual() {
        // 如何生成请求签名, pay.weixin.qq.com/doc/v3/merchant/4012365336.
        let body = r#"{"appid":"wxd678efh567hg6787","mchid":"1900007291","description":"Image形象店-深圳腾大-QQ公仔","out_trade_no":"1217752501201407033233368018","notify_url":"https://www.weixin.qq.com/wxpay/pay.php","amount":{"total":100,"currency":"CNY"},"payer":{"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}}"#;
        let expected = r#"WECHATPAY2-SHA256-RSA2048 mchid="1900007291",nonce_str="593BEC0C930BF1AFEB40B4A08C8FB242",signature="jnks4dlrPw3ZX+ozVvSK39oa0t7OMBsg83BHAwd8BRdUFiVaQNTLTvci+wURgP1OQBbKYhFGvt7iqYpDSTQkp7Uq1sltaQKyncCyrA1g88m5bsKERQfPyT0ahSwKTYJ1CAn9QiJuSJRq1QsQs07eehbU/k9BCS51jTyc1Jpsi2H77HF9f/BnjXAOP3/sPObg6V5Ee4EzwLox684hhuMuIwHo7D8KFk3LIHOKDcNI4It1aCXydFWNpNK+SG86VUDe5kwoDpw4Ulqfu9z8OFDGbDs9TCxEv8iqQzbpxOlEVoOe2kalSYM5kApQb3nZcxdUtoE0liJGW3RGUNE0t4v01A==",timestamp="1554208460",serial_no="408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB""#;
        let said = signer().authorization("POST", "/v3/pay/transactions/jsapi", body, 1_554_208_460, NONCE);
        assert_eq!(said.unwrap(), expected);
    }

    #[test]
    fn a_cashier_is_opened_as_in_the_manual() {
        // 小程序调起支付签名, pay.weixin.qq.com/doc/v3/merchant/4012365341; JSAPI's is the same.
        let expected = "mI35pfNEQV6777ke/1T+LJLQDNTm7yeoUJH+j/adPGhmCCi0PbgkvYQTRcXH0uibcLVtvFLdGLpmoYO9FV6lBBsTAjuhh5YOvQi0e2g3e0yytitiNET9FEuqM0pjnKfRW4K6LIZDdbWJv9KhZUx3DrJa5TL7OJ7VdADVivxVySIlPVKjGwuCXzuXSJes0UcILgWQUMyha5/3nYofuHtS7r+KYyMuxD+oJ9VM1Qdxk4UIG59CP5Y3wtYIFybyF3bdu1caHTRRX+DLyMXyYA/IrTmiW01c4RPjpHBX5Dk1sZyY1zVsWNsvMHr2e1NTWtBxKJ+qk5N61J7caYoepHFaxw==";
        let package = "prepay_id=wx201410272009395522657a690389285100";
        assert_eq!(signer().pay("wx2421b1c4370ec43b", "1554208460", NONCE, package).unwrap(), expected);
    }

    #[test]
    fn an_answer_is_verified_as_in_the_manual() {
        // 如何使用微信支付公钥验签, …/development/interface-rules/signature-verification.html.
        let signature = "mfI1CPqvBrgcXfgXMFjdNIhBf27ACE2YyeWsWV9ZI7T7RU0vHvbQpu9Z32ogzc+k8ZC5n3kz7h70eWKjgqNdKQF0eRp8mVKlmfzMLBVHbssB9jEZEDXThOX1XFqX7s7ymia1hoHQxQagPGzkdWxtlZPZ4ZPvr1RiqkgAu6Is8MZgXXrRoBKqjmSdrP1N7uxzJ/cjfSiis9FiLjuADoqmQ1P7p2N876YPAol7Rn0+GswwAwxldbdLrmVSjfytfSBJFqTMHn4itojgxSWWN1byuckQt8hSTEv/Lg97QoeGniYP17T80pJeQyL3b+295FPHSO2AtvCgyIbKMZ0BALilAA==";
        let mut headers = headers(0, b"");
        headers.insert("wechatpay-timestamp", "1722850421".parse().unwrap());
        headers.insert("wechatpay-nonce", "d824f2e086d3c1df967785d13fcd22ef".parse().unwrap());
        headers.insert("wechatpay-signature", signature.parse().unwrap());
        let body = br#"{"code_url":"weixin://wxpay/bizpayurl?pr=JyC91EIz1"}"#;
        let signed = Signed::read(&headers).unwrap();
        assert!(signed.by(&vectors::answering(), body));
        assert!(!signed.by(&vectors::answering(), &body[1..]) && !signed.by(&vectors::certified(), body));
    }

    #[test]
    fn changing_anything_breaks_a_signature() {
        let (good, key) = (headers(1000, b"{}"), vectors::certified());
        let by = |headers: &HeaderMap, body: &[u8]| Signed::read(headers).is_some_and(|signed| signed.by(&key, body));
        assert!(by(&good, b"{}"));
        assert!(!by(&good, b"{ }") && !by(&good, b""));
        let probe = format!("{PROBE}{}", good["wechatpay-signature"].to_str().unwrap());
        for (name, value) in [
            ("wechatpay-timestamp", "1001"),
            ("wechatpay-timestamp", "+1000"),
            ("wechatpay-nonce", "nonc"),
            ("wechatpay-signature", "AAAA"),
            ("wechatpay-signature", probe.as_str()),
        ] {
            let mut headers = good.clone();
            headers.insert(name, value.parse().unwrap());
            assert!(!by(&headers, b"{}"), "{name}: {value}");
        }
        for name in ["wechatpay-timestamp", "wechatpay-nonce", "wechatpay-signature", "wechatpay-serial"] {
            let mut headers = good.clone();
            headers.insert(name, "".parse().unwrap());
            assert!(Signed::read(&headers).is_none(), "{name}: empty");
            headers.remove(name);
            assert!(Signed::read(&headers).is_none(), "{name}: missing");
        }
        assert!(by(&headers(1000, b""), b""), "an answer without a body is signed too");
    }

    #[test]
    fn five_minutes_count_as_now() {
        let headers = headers(1000, b"");
        let signed = Signed::read(&headers).unwrap();
        assert!(signed.timely(1000) && signed.timely(700) && signed.timely(1300));
        assert!(!signed.timely(699) && !signed.timely(1301) && !signed.timely(i64::MIN) && !signed.timely(i64::MAX));
    }
}
