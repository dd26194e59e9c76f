//! A trade as Alipay is told of it.

use contract::payment::Channel;
use jiff::Timestamp;
use serde_json::json;

use super::forms;
use super::sign::Call;
use crate::pay::{Failure, Trade};

/// Longest `qr_code_timeout_express`, in minutes: fifteen days.
const LONGEST: i64 = 15 * 24 * 60;

/// The call that makes a trade: `alipay.trade.wap.pay` (手机网站支付), `alipay.trade.create` (小程序支付) or
/// `alipay.trade.precreate` (扫码支付). Repeated for the same trade it says the same.
pub(super) fn order<'a>(trade: &'a Trade, app: &str, now: Timestamp) -> Result<Call<'a>, Failure> {
    let mut content = json!({
        "out_trade_no": trade.id,
        "total_amount": forms::yuan(trade.amount),
        "subject": subject(&trade.subject),
        "time_expire": forms::time(trade.expires_at),
    });
    let mut return_url = "";
    let method = match trade.channel {
        Channel::AlipayWap => {
            content["product_code"] = "QUICK_WAP_WAY".into();
            content["quit_url"] = trade.return_url.as_str().into();
            return_url = &trade.return_url;
            "alipay.trade.wap.pay"
        }
        Channel::AlipayApp => {
            let payer = trade.payer.as_deref().ok_or_else(|| Failure::Refused("PAYER_UNKNOWN".to_owned()))?;
            content["product_code"] = "JSAPI_PAY".into();
            content["op_app_id"] = app.into();
            content["buyer_open_id"] = payer.into();
            "alipay.trade.create"
        }
        Channel::AlipayQr => {
            // Until somebody scans the code there is no trade that could expire, only the code.
            let minutes = (trade.expires_at.as_second() - now.as_second()) / 60;
            content["qr_code_timeout_express"] = format!("{}m", minutes.clamp(1, LONGEST)).into();
            "alipay.trade.precreate"
        }
        _ => return Err(Failure::Refused("CHANNEL_UNKNOWN".to_owned())),
    };
    Ok(Call { method, content, notify_url: &trade.notify_url, return_url })
}

/// What it is for, without the signs Alipay takes no `subject` with (`/`, `=`, `&`), nor those that would break a
/// line of its statement, and no longer than Alipay allows.
fn subject(text: &str) -> String {
    let plain = |letter: char| if "/=&,\"".contains(letter) || letter.is_control() { ' ' } else { letter };
    text.chars().map(plain).take(128).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::payment::AttemptId;

    fn now() -> Timestamp {
        "2026-11-22T02:00:00Z".parse().unwrap()
    }

    fn trade(channel: Channel) -> Trade {
        Trade {
            id: AttemptId("a1".into()),
            amount: 10_000,
            subject: "护照/工本费, \"一\"".into(),
            channel,
            return_url: "https://city.example/#/applications/1".into(),
            notify_url: "https://city.example/api/payments/alipay".into(),
            expires_at: "2026-11-22T02:15:59Z".parse().unwrap(),
            payer: Some("payer".into()),
            client_ip: "192.0.2.1".into(),
        }
    }

    #[test]
    fn each_channel_has_its_call() {
        let common = json!({
            "out_trade_no": "a1",
            "total_amount": "100.00",
            "subject": "护照 工本费   一 ",
            "time_expire": "2026-11-22 10:15:59",
        });
        let wap = trade(Channel::AlipayWap);
        let call = order(&wap, "2021", now()).unwrap();
        let mut expected = common.clone();
        expected["product_code"] = "QUICK_WAP_WAY".into();
        expected["quit_url"] = "https://city.example/#/applications/1".into();
        assert_eq!((call.method, &call.content), ("alipay.trade.wap.pay", &expected));
        assert_eq!((call.notify_url, call.return_url), (wap.notify_url.as_str(), wap.return_url.as_str()));
        let app = trade(Channel::AlipayApp);
        let call = order(&app, "2021", now()).unwrap();
        let mut expected = common.clone();
        expected["product_code"] = "JSAPI_PAY".into();
        expected["op_app_id"] = "2021".into();
        expected["buyer_open_id"] = "payer".into();
        assert_eq!((call.method, &call.content), ("alipay.trade.create", &expected));
        let code = trade(Channel::AlipayQr);
        let call = order(&code, "2021", now()).unwrap();
        let mut expected = common;
        expected["qr_code_timeout_express"] = "15m".into();
        assert_eq!((call.method, &call.content), ("alipay.trade.precreate", &expected));
        assert_eq!(call.return_url, "");
    }

    #[test]
    fn what_cannot_be_asked_is_not() {
        let nobody = Trade { payer: None, ..trade(Channel::AlipayApp) };
        let refused = |code: &str| Some(Failure::Refused(code.to_owned()));
        assert_eq!(order(&nobody, "2021", now()).err(), refused("PAYER_UNKNOWN"));
        assert_eq!(order(&trade(Channel::Unionpay), "2021", now()).err(), refused("CHANNEL_UNKNOWN"));
        let late = Trade { expires_at: now(), ..trade(Channel::AlipayQr) };
        assert_eq!(order(&late, "2021", now()).unwrap().content["qr_code_timeout_express"], "1m");
        assert_eq!(subject(&"一".repeat(500)).chars().count(), 128);
    }
}
