//! What WeChat Pay answers: how a trade stands, and why it says no.

use contract::Fen;
use contract::payment::{AttemptId, TradeResult};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Shop;
use super::call::Answer;
use crate::pay::{Failure, Report};

/// Codes that say to ask again (错误码), whatever the status they come with. The last is said of
/// statements that are not ready.
const LATER: [&str; 8] = [
    "SYSTEM_ERROR",
    "SYSTEMERROR",
    "FREQUENCY_LIMITED",
    "FREQUENCY_LIMIT_EXCEED",
    "RATELIMIT_EXCEEDED",
    "BANK_ERROR",
    "BIZERR_NEED_RETRY",
    "STATEMENT_CREATING",
];

/// Nothing of that number.
const NO_ORDER: [&str; 2] = ["ORDER_NOT_EXIST", "ORDERNOTEXIST"];

#[derive(Deserialize)]
struct Problem {
    code: String,
}

/// Reads a verified answer that says yes; otherwise why not.
pub(super) fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, Failure> {
    said_yes(answer)?;
    serde_json::from_slice(&answer.body).map_err(|_| Failure::Unsure("malformed"))
}

/// Whether a verified answer says yes. Any code that does not say to ask again is a refusal.
pub(super) fn said_yes(answer: &Answer) -> Result<(), Failure> {
    if answer.status.is_success() {
        return Ok(());
    }
    let problem = serde_json::from_slice::<Problem>(&answer.body).ok().filter(|_| answer.status.is_client_error());
    match problem {
        Some(problem) if LATER.contains(&problem.code.as_str()) => Err(Failure::Unsure("not now")),
        Some(problem) => Err(Failure::Refused(problem.code)),
        None => Err(Failure::Unsure("malformed")),
    }
}

/// Whether a failure is one of these refusals.
pub(super) fn refused_as(failure: &Failure, codes: &[&str]) -> bool {
    matches!(failure, Failure::Refused(code) if codes.contains(&code.as_str()))
}

/// A trade in its words (查询订单, 支付成功回调通知).
#[derive(Deserialize)]
pub(super) struct Transaction {
    appid: String,
    mchid: String,
    /// Our number of it.
    pub(super) out_trade_no: AttemptId,
    #[serde(default)]
    transaction_id: Option<String>,
    trade_state: String,
    #[serde(default)]
    amount: Option<Amount>,
}

/// `total` is what the order cost. `payer_total` may be less, where a coupon paid a part; that is
/// between the payer and whoever gave the coupon, so the order is paid all the same.
#[derive(Deserialize)]
struct Amount {
    total: Fen,
    /// Where it is not said it is yuan: nothing else is sold here.
    #[serde(default)]
    currency: Option<String>,
}

impl Transaction {
    /// Whether it is a trade of ours.
    pub(super) fn is_of(&self, shop: &Shop) -> bool {
        self.appid == shop.app && self.mchid == shop.merchant
    }

    /// How it stands. One whose money goes back (`REFUND`) was paid: refunds are asked for separately.
    pub(super) fn report(self) -> Result<Report, Failure> {
        let result = match self.trade_state.as_str() {
            "SUCCESS" | "REFUND" => TradeResult::Paid,
            "NOTPAY" | "USERPAYING" | "ACCEPT" => TradeResult::Pending,
            "CLOSED" | "REVOKED" => TradeResult::Closed,
            "PAYERROR" => TradeResult::Failed,
            _ => return Err(Failure::Unsure("unknown state")),
        };
        let currency = self.amount.as_ref().and_then(|amount| amount.currency.as_deref());
        if currency.is_some_and(|currency| currency != "CNY") {
            return Err(Failure::Unsure("not ours"));
        }
        let total = self.amount.map(|amount| amount.total);
        match (result, total) {
            (TradeResult::Paid, None) => Err(Failure::Unsure("malformed")),
            (TradeResult::Paid, amount) => Ok(Report { result, amount, number: self.transaction_id }),
            _ => Ok(Report { result, amount: None, number: self.transaction_id }),
        }
    }
}

/// How a trade we asked for stands.
pub(super) fn trade(shop: &Shop, id: &AttemptId, answer: &Answer) -> Result<Report, Failure> {
    match read::<Transaction>(answer) {
        Ok(said) if said.is_of(shop) && said.out_trade_no == *id => said.report(),
        Ok(_) => Err(Failure::Unsure("not ours")),
        Err(failure) if refused_as(&failure, &NO_ORDER) => {
            Ok(Report { result: TradeResult::Absent, amount: None, number: None })
        }
        Err(failure) => Err(failure),
    }
}

/// Whether a trade is closed now (关闭订单). One that is paid (`ORDER_PAID`, `ORDERPAID`) is a refusal like any other.
pub(super) fn closed(answer: &Answer) -> Result<(), Failure> {
    let gone =
        |failure: &Failure| refused_as(failure, &NO_ORDER) || refused_as(failure, &["ORDER_CLOSED", "ORDERCLOSED"]);
    said_yes(answer).or_else(|failure| if gone(&failure) { Ok(()) } else { Err(failure) })
}

#[cfg(test)]
pub(super) fn answered(status: u16, body: &str) -> Answer {
    let status = axum::http::StatusCode::from_u16(status).unwrap();
    Answer { status, body: axum::body::Bytes::copy_from_slice(body.as_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As in the manual's answer of 查询订单, with a word of ours in place of one of theirs.
    fn said(from: &str, to: &str) -> Result<Report, Failure> {
        let body = r#"{"amount":{"currency":"CNY","payer_currency":"CNY","payer_total":7900,"total":8000},"appid":"wx1","attach":"","bank_type":"OTHERS","mchid":"19","out_trade_no":"t1","payer":{"openid":"o"},"promotion_detail":[{"amount":100}],"success_time":"2026-11-22T09:30:00+08:00","trade_state":"SUCCESS","trade_state_desc":"支付成功","trade_type":"JSAPI","transaction_id":"4200"}"#;
        assert!(body.contains(from), "{from}");
        asked(200, &body.replacen(from, to, 1))
    }

    fn asked(status: u16, body: &str) -> Result<Report, Failure> {
        let shop = Shop { app: "wx1".to_owned(), merchant: "19".to_owned() };
        trade(&shop, &AttemptId("t1".to_owned()), &answered(status, body))
    }

    fn refused(code: &str) -> Failure {
        Failure::Refused(code.to_owned())
    }

    fn problem(code: &str) -> String {
        format!(r#"{{"code":"{code}","message":"x"}}"#)
    }

    #[test]
    fn a_paid_trade_says_what_the_order_cost() {
        let paid = Report { result: TradeResult::Paid, amount: Some(8000), number: Some("4200".to_owned()) };
        assert_eq!(said("", ""), Ok(paid.clone()));
        assert_eq!(said("SUCCESS", "REFUND"), Ok(paid.clone()));
        assert_eq!(said(r#""currency":"CNY","#, ""), Ok(paid));
        assert_eq!(said(r#""amount":{"#, r#""other":{"#), Err(Failure::Unsure("malformed")));
    }

    #[test]
    fn every_state_has_its_meaning() {
        for (state, result) in [
            ("NOTPAY", TradeResult::Pending),
            ("USERPAYING", TradeResult::Pending),
            ("CLOSED", TradeResult::Closed),
            ("REVOKED", TradeResult::Closed),
            ("PAYERROR", TradeResult::Failed),
        ] {
            let report = said("SUCCESS", state).unwrap();
            assert_eq!((report.result, report.amount), (result, None), "{state}");
        }
        assert_eq!(said("SUCCESS", "success"), Err(Failure::Unsure("unknown state")));
        let waiting = r#"{"amount":{"payer_currency":"CNY","total":1},"appid":"wx1","mchid":"19","out_trade_no":"t1","promotion_detail":[],"scene_info":{"device_id":""},"trade_state":"NOTPAY","trade_state_desc":"订单未支付"}"#;
        assert_eq!(asked(200, waiting).unwrap().result, TradeResult::Pending);
    }

    #[test]
    fn a_trade_of_somebody_else_says_nothing() {
        for (from, to) in [
            (r#""appid":"wx1""#, r#""appid":"wx2""#),
            (r#""mchid":"19""#, r#""mchid":"20""#),
            (r#""out_trade_no":"t1""#, r#""out_trade_no":"t2""#),
            (r#""currency":"CNY""#, r#""currency":"HKD""#),
        ] {
            assert_eq!(said(from, to), Err(Failure::Unsure("not ours")), "{to}");
        }
        for (from, to) in [(r#""mchid":"19","#, ""), ("8000", "80.00"), ("8000", r#""8000""#), ("{", "")] {
            assert_eq!(said(from, to), Err(Failure::Unsure("malformed")), "{from}");
        }
    }

    #[test]
    fn a_trade_nobody_knows_is_absent() {
        for code in ["ORDER_NOT_EXIST", "ORDERNOTEXIST"] {
            assert_eq!(asked(404, &problem(code)).unwrap().result, TradeResult::Absent);
        }
        assert_eq!(asked(404, "{}"), Err(Failure::Unsure("malformed")), "a proxy's 404 is none of WeChat Pay's");
    }

    #[test]
    fn refusals_are_told_from_not_now() {
        for code in ["PARAM_ERROR", "NO_AUTH", "SIGN_ERROR", "RULE_LIMIT", "OUT_TRADE_NO_USED", "NEVER_HEARD_OF"] {
            assert_eq!(asked(400, &problem(code)), Err(refused(code)));
        }
        for code in LATER {
            assert_eq!(asked(400, &problem(code)), Err(Failure::Unsure("not now")), "{code}");
        }
        for (status, body) in [(400, ""), (403, "<html>"), (302, r#"{"code":"PARAM_ERROR"}"#)] {
            assert_eq!(asked(status, body), Err(Failure::Unsure("malformed")), "{status} {body}");
        }
    }

    #[test]
    fn closing_what_is_gone_is_no_failure() {
        assert_eq!(closed(&answered(204, "")), Ok(()));
        for code in ["ORDER_CLOSED", "ORDER_NOT_EXIST", "ORDERNOTEXIST"] {
            assert_eq!(closed(&answered(400, &problem(code))), Ok(()), "{code}");
        }
        for code in ["ORDER_PAID", "ORDERPAID"] {
            assert_eq!(closed(&answered(400, &problem(code))), Err(refused(code)));
        }
        assert_eq!(closed(&answered(400, &problem("SYSTEM_ERROR"))), Err(Failure::Unsure("not now")));
    }
}
