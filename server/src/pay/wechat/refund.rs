//! Giving money back: how WeChat Pay is told, and what it answers.
//!
//! 申请退款 and 查询单笔退款, `/v3/refund/domestic/refunds`.

use contract::Fen;
use contract::payment::{AttemptId, RefundId};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{read, refused_as};
use super::call::Answer;
use super::order::cut;
use crate::pay::{Failure, GiveBack, RefundReport};

/// Longest reason, in bytes.
const REASON: usize = 80;

/// A refund in its words. The same number is given back once, however often it is asked for.
pub(super) fn told(refund: &GiveBack) -> Value {
    json!({
        "out_trade_no": refund.trade,
        "out_refund_no": refund.id,
        "reason": cut(&refund.reason, REASON),
        "notify_url": refund.notify_url,
        "amount": { "refund": refund.amount, "total": refund.total, "currency": "CNY" },
    })
}

#[derive(Deserialize)]
struct Said {
    out_refund_no: RefundId,
    out_trade_no: AttemptId,
    status: String,
    amount: Amount,
}

#[derive(Deserialize)]
struct Amount {
    refund: Fen,
    total: Fen,
}

/// How a refund we asked for stands.
///
/// Where the merchant's balance does not suffice (`NOT_ENOUGH`) nothing happened: it can be asked
/// for again with the same number once there is money, and somebody has to see to that. The same
/// as of a refund that failed, so it is said as one.
pub(super) fn report(refund: &GiveBack, answer: &Answer) -> Result<RefundReport, Failure> {
    let said: Said = match read(answer) {
        Err(failure) if refused_as(&failure, &["NOT_ENOUGH", "NOTENOUGH"]) => return Ok(RefundReport::Failed),
        said => said?,
    };
    let amounts = (said.amount.refund, said.amount.total) == (refund.amount, refund.total);
    if !amounts || said.out_refund_no != refund.id || said.out_trade_no != refund.trade {
        return Err(Failure::Unsure("not ours"));
    }
    word(&said.status).ok_or(Failure::Unsure("unknown state"))
}

/// The same of one WeChat Pay may never have heard of.
pub(super) fn report_if_any(refund: &GiveBack, answer: &Answer) -> Result<Option<RefundReport>, Failure> {
    match report(refund, answer) {
        Err(failure) if refused_as(&failure, &["RESOURCE_NOT_EXISTS"]) => Ok(None),
        said => said.map(Some),
    }
}

/// The word for how far a refund is. `ABNORMAL`: the payer's account takes no money any more, and
/// somebody has to give it back another way.
pub(super) fn word(status: &str) -> Option<RefundReport> {
    match status {
        "SUCCESS" => Some(RefundReport::Done),
        "PROCESSING" => Some(RefundReport::Processing),
        "CLOSED" => Some(RefundReport::Closed),
        "ABNORMAL" => Some(RefundReport::Failed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::answer::answered;
    use super::*;

    fn refund() -> GiveBack {
        GiveBack {
            id: RefundId("r1".to_owned()),
            trade: AttemptId("t1".to_owned()),
            amount: 100,
            total: 8000,
            reason: "退".repeat(40),
            notify_url: "https://city.example/n".to_owned(),
        }
    }

    /// As in the manual's answer of 申请退款, with a word of ours in place of one of theirs.
    fn said(from: &str, to: &str) -> Result<RefundReport, Failure> {
        let body = r#"{"refund_id":"5000","out_refund_no":"r1","transaction_id":"4200","out_trade_no":"t1","channel":"ORIGINAL","user_received_account":"x","create_time":"2026-11-22T09:30:00+08:00","status":"SUCCESS","funds_account":"AVAILABLE","amount":{"total":8000,"refund":100,"payer_total":7900,"payer_refund":99,"currency":"CNY"}}"#;
        assert!(body.contains(from), "{from}");
        report(&refund(), &answered(200, &body.replacen(from, to, 1)))
    }

    #[test]
    fn a_refund_is_told() {
        let body = told(&refund());
        assert_eq!(body["reason"].as_str().unwrap(), "退".repeat(26), "80 bytes at most");
        assert_eq!(body["amount"], json!({ "refund": 100, "total": 8000, "currency": "CNY" }));
        assert_eq!((&body["out_trade_no"], &body["out_refund_no"]), (&json!("t1"), &json!("r1")));
        assert_eq!(body["notify_url"], json!("https://city.example/n"));
    }

    #[test]
    fn every_state_has_its_meaning() {
        assert_eq!(said("", ""), Ok(RefundReport::Done));
        assert_eq!(said("SUCCESS", "PROCESSING"), Ok(RefundReport::Processing));
        assert_eq!(said("SUCCESS", "CLOSED"), Ok(RefundReport::Closed));
        assert_eq!(said("SUCCESS", "ABNORMAL"), Ok(RefundReport::Failed));
        assert_eq!(said("SUCCESS", "OTHER"), Err(Failure::Unsure("unknown state")));
    }

    #[test]
    fn another_refund_says_nothing() {
        for (from, to) in [(r#""r1""#, r#""r2""#), (r#""t1""#, r#""t2""#), (":100", ":101"), (":8000", ":8001")] {
            assert_eq!(said(from, to), Err(Failure::Unsure("not ours")), "{to}");
        }
        assert_eq!(said(":100", ":1.00"), Err(Failure::Unsure("malformed")));
    }

    #[test]
    fn refusals() {
        let problem = |code: &str| answered(403, &format!(r#"{{"code":"{code}"}}"#));
        assert_eq!(report(&refund(), &problem("NOT_ENOUGH")), Ok(RefundReport::Failed));
        assert_eq!(report(&refund(), &problem("NO_AUTH")), Err(Failure::Refused("NO_AUTH".to_owned())));
        assert_eq!(report(&refund(), &problem("SYSTEM_ERROR")), Err(Failure::Unsure("not now")));
        assert_eq!(report_if_any(&refund(), &problem("RESOURCE_NOT_EXISTS")), Ok(None));
        let unknown = report(&refund(), &problem("RESOURCE_NOT_EXISTS"));
        assert_eq!(unknown, Err(Failure::Refused("RESOURCE_NOT_EXISTS".to_owned())));
    }
}
