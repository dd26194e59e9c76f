//! What WeChat Pay is told of a trade, and the way to its cashier it answers with.
//!
//! JSAPI/小程序下单, H5下单 and Native下单, `/v3/pay/transactions/{jsapi,h5,native}`.

use contract::payment::{Channel, Handoff};
use jiff::{Timestamp, tz};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shop;
use super::sign::Signer;
use crate::pay::{Failure, Trade};

/// Longest description, in bytes.
const DESCRIPTION: usize = 127;

/// What stands for itself in a part of an address (RFC 3986, unreserved).
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A part of an address.
pub(super) fn part(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, PART)
}

/// Where a trade is told; none for a channel of somebody else.
pub(super) fn path(channel: Channel) -> Option<&'static str> {
    match channel {
        Channel::WechatJsapi => Some("/v3/pay/transactions/jsapi"),
        Channel::WechatH5 => Some("/v3/pay/transactions/h5"),
        Channel::WechatQr => Some("/v3/pay/transactions/native"),
        _ => None,
    }
}

/// A trade in its words. The same trade always reads the same: a repeated call with anything
/// changed is refused.
pub(super) fn told(shop: &Shop, trade: &Trade) -> Result<Value, Failure> {
    let mut body = json!({
        "appid": shop.app,
        "mchid": shop.merchant,
        "description": cut(&trade.subject, DESCRIPTION),
        "out_trade_no": trade.id,
        "time_expire": moment(trade.expires_at),
        "notify_url": trade.notify_url,
        "amount": { "total": trade.amount, "currency": "CNY" },
    });
    match trade.channel {
        Channel::WechatJsapi => {
            let payer = trade.payer.as_ref().ok_or_else(|| Failure::Refused("PAYER_UNKNOWN".to_owned()))?;
            body["payer"] = json!({ "openid": payer });
        }
        Channel::WechatH5 => {
            body["scene_info"] = json!({ "payer_client_ip": trade.client_ip, "h5_info": { "type": "Wap" } });
        }
        _ => {}
    }
    Ok(body)
}

#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    prepay_id: Option<String>,
    #[serde(default)]
    h5_url: Option<String>,
    #[serde(default)]
    code_url: Option<String>,
}

/// The way to the cashier, out of a verified answer.
pub(super) fn handoff(shop: &Shop, signer: &Signer, trade: &Trade, body: &[u8], now: i64) -> Result<Handoff, Failure> {
    let told = serde_json::from_slice::<Told>(body).ok();
    let way = told.and_then(|told| match trade.channel {
        Channel::WechatJsapi => Some(jsapi(shop, signer, &told.prepay_id?, now)),
        Channel::WechatH5 => Some(Ok(Handoff::Address { url: returning(&told.h5_url?, &trade.return_url) })),
        Channel::WechatQr => crate::qr::handoff(&told.code_url?).map(Ok),
        _ => None,
    });
    way.unwrap_or(Err(Failure::Unsure("malformed")))
}

/// What the page gives to `getBrandWCPayRequest` (JSAPI调起支付).
fn jsapi(shop: &Shop, signer: &Signer, prepay: &str, now: i64) -> Result<Handoff, Failure> {
    let (time_stamp, nonce, package) = (now.to_string(), crate::random::id(), format!("prepay_id={prepay}"));
    let pay_sign = signer.pay(&shop.app, &time_stamp, &nonce, &package)?;
    Ok(Handoff::Jsapi { app_id: shop.app.clone(), time_stamp, nonce, package, pay_sign })
}

/// WeChat's page, which comes back to ours (H5调起支付).
fn returning(page: &str, back: &str) -> String {
    let joint = if page.contains('?') { '&' } else { '?' };
    format!("{page}{joint}redirect_url={}", part(back))
}

/// RFC 3339 in the zone WeChat Pay's manual writes in.
fn moment(at: Timestamp) -> String {
    format!("{:.0}", at.display_with_offset(tz::offset(8)))
}

/// As much of a text as fits, in whole characters.
pub(super) fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    &text[..end]
}

#[cfg(test)]
mod tests {
    use contract::payment::AttemptId;

    use super::super::vectors;
    use super::*;

    fn shop() -> Shop {
        Shop { app: "wx1".to_owned(), merchant: "19".to_owned() }
    }

    fn trade(channel: Channel) -> Trade {
        Trade {
            id: AttemptId("t1".to_owned()),
            amount: 8000,
            subject: "餐饮许可".to_owned(),
            channel,
            return_url: "https://city.example/onething/#/pay?a=1&b=餐".to_owned(),
            notify_url: "https://city.example/n".to_owned(),
            expires_at: "2026-11-22T01:30:00.999Z".parse().unwrap(),
            payer: Some("openid-1".to_owned()),
            client_ip: "2001:db8::1".to_owned(),
        }
    }

    fn signer() -> Signer {
        Signer { merchant: "19".to_owned(), serial: "AB".to_owned(), key: vectors::merchant() }
    }

    fn way(channel: Channel, body: &str) -> Result<Handoff, Failure> {
        handoff(&shop(), &signer(), &trade(channel), body.as_bytes(), 1000)
    }

    #[test]
    fn each_channel_is_told_what_it_needs() {
        let body = told(&shop(), &trade(Channel::WechatQr)).unwrap();
        let expected = json!({
            "appid": "wx1", "mchid": "19", "description": "餐饮许可", "out_trade_no": "t1",
            "time_expire": "2026-11-22T09:30:00+08:00", "notify_url": "https://city.example/n",
            "amount": { "total": 8000, "currency": "CNY" },
        });
        assert_eq!(body, expected);
        let body = told(&shop(), &trade(Channel::WechatJsapi)).unwrap();
        assert_eq!(body["payer"], json!({ "openid": "openid-1" }));
        let body = told(&shop(), &trade(Channel::WechatH5)).unwrap();
        let scene = json!({ "payer_client_ip": "2001:db8::1", "h5_info": { "type": "Wap" } });
        assert_eq!((&body["scene_info"], &body["payer"]), (&scene, &Value::Null));
        let nobody = Trade { payer: None, ..trade(Channel::WechatJsapi) };
        assert_eq!(told(&shop(), &nobody), Err(Failure::Refused("PAYER_UNKNOWN".to_owned())));
        assert!(path(Channel::AlipayQr).is_none() && path(Channel::PayCode).is_none());
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!((cut("", 5), cut("abc", 5), cut("abcdef", 5)), ("", "abc", "abcde"));
        assert_eq!((cut("餐饮", 5), cut("餐饮", 6), cut("餐", 2)), ("餐", "餐饮", ""));
    }

    #[test]
    fn the_way_to_the_cashier() {
        let Ok(Handoff::Jsapi { app_id, time_stamp, nonce, package, pay_sign }) =
            way(Channel::WechatJsapi, r#"{"prepay_id":"wx26"}"#)
        else {
            panic!("no way")
        };
        assert_eq!((app_id.as_str(), time_stamp.as_str(), package.as_str()), ("wx1", "1000", "prepay_id=wx26"));
        assert_eq!(signer().pay(&app_id, &time_stamp, &nonce, &package).unwrap(), pay_sign);
        let url = "https://wx.tenpay.com/x?prepay_id=wx26&package=1&redirect_url=https%3A%2F%2Fcity.example%2Fonething%2F%23%2Fpay%3Fa%3D1%26b%3D%E9%A4%90";
        let body = r#"{"h5_url":"https://wx.tenpay.com/x?prepay_id=wx26&package=1"}"#;
        assert_eq!(way(Channel::WechatH5, body), Ok(Handoff::Address { url: url.to_owned() }));
        let body = r#"{"code_url":"weixin://wxpay/bizpayurl?pr=JyC91EIz1"}"#;
        assert!(matches!(way(Channel::WechatQr, body), Ok(Handoff::Qr { .. })));
        for channel in [Channel::WechatJsapi, Channel::WechatH5, Channel::WechatQr] {
            for body in ["", "[]", "{}", r#"{"other":"x"}"#] {
                assert_eq!(way(channel, body), Err(Failure::Unsure("malformed")), "{channel:?} {body}");
            }
        }
    }
}
