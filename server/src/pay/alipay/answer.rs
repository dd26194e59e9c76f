//! What the gateway answers: `{"alipay_trade_query_response":{…},"sign":"…"}`, the signature being over the
//! node's text as it was sent. Nothing of an answer counts before that was verified.

use std::borrow::Cow;
use std::collections::BTreeMap;

use contract::Fen;
use contract::payment::{AttemptId, TradeResult};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::forms;
use crate::pay::keys::VerifyingKey;
use crate::pay::{Failure, GiveBack, RefundReport, Report};

/// An answer nobody vouches for.
const UNVERIFIED: Failure = Failure::Unsure("unverified");

/// The node of a successful answer.
pub(super) fn verified(body: &[u8], method: &str, key: &VerifyingKey) -> Result<String, Failure> {
    let text = std::str::from_utf8(body).map_err(|_| UNVERIFIED)?;
    let parts: BTreeMap<String, &RawValue> = serde_json::from_str(text).map_err(|_| UNVERIFIED)?;
    let name = format!("{}_response", method.replace('.', "_"));
    let node = parts.get(&name).or_else(|| parts.get("error_response")).ok_or(UNVERIFIED)?.get();
    let sign: String = serde_json::from_str(parts.get("sign").ok_or(UNVERIFIED)?.get()).map_err(|_| UNVERIFIED)?;
    let node = signed_text(node, &sign, key).ok_or(UNVERIFIED)?;
    succeeded(&node)?;
    Ok(node.into_owned())
}

/// The text the signature is over. Some answers are signed before their slashes are escaped: Alipay's own
/// SDK then tries it unescaped (alipay-sdk-java-all, `checkResponseSign`). Only what was signed is read.
fn signed_text<'a>(node: &'a str, sign: &str, key: &VerifyingKey) -> Option<Cow<'a, str>> {
    if key.verifies(node.as_bytes(), sign) {
        return Some(Cow::Borrowed(node));
    }
    let unescaped = node.replace("\\/", "/");
    key.verifies(unescaped.as_bytes(), sign).then_some(Cow::Owned(unescaped))
}

/// Whether the call did what it should, by «公共错误码» and the method's own codes. What is neither success nor
/// a definite no may have been done.
fn succeeded(node: &str) -> Result<(), Failure> {
    #[derive(Deserialize)]
    struct Outcome {
        code: String,
        sub_code: Option<String>,
    }
    let outcome: Outcome = fields(node)?;
    match outcome.code.as_str() {
        "10000" => Ok(()),
        "40001" | "40002" | "40004" | "40006" => match outcome.sub_code {
            // `ACQ.SYSTEM_ERROR`, `aop.ACQ.SYSTEM_ERROR`: nobody knows.
            Some(code) if code.ends_with("SYSTEM_ERROR") => Err(Failure::Unsure("system error")),
            code => Err(Failure::Refused(code.unwrap_or(outcome.code))),
        },
        _ => Err(Failure::Unsure("not now")),
    }
}

/// Alipay's number of a trade that was created (`alipay.trade.create`).
pub(super) fn created(node: &str, trade: &AttemptId) -> Result<String, Failure> {
    #[derive(Deserialize)]
    struct Created {
        out_trade_no: String,
        trade_no: String,
    }
    let created: Created = fields(node)?;
    ours(&created.out_trade_no, trade)?;
    Ok(created.trade_no)
}

/// What the QR code says (`alipay.trade.precreate`).
pub(super) fn precreated(node: &str, trade: &AttemptId) -> Result<String, Failure> {
    #[derive(Deserialize)]
    struct Precreated {
        out_trade_no: String,
        qr_code: String,
    }
    let precreated: Precreated = fields(node)?;
    ours(&precreated.out_trade_no, trade)?;
    Ok(precreated.qr_code)
}

/// What became of a trade (`alipay.trade.query`).
pub(super) fn report(node: &str, trade: &AttemptId) -> Result<Report, Failure> {
    #[derive(Deserialize)]
    struct Queried<'a> {
        out_trade_no: String,
        trade_no: Option<String>,
        trade_status: String,
        #[serde(default, borrow)]
        total_amount: Option<&'a RawValue>,
        send_pay_date: Option<String>,
    }
    let queried: Queried<'_> = fields(node)?;
    ours(&queried.out_trade_no, trade)?;
    let paid = queried.send_pay_date.is_some_and(|date| !date.is_empty());
    let result = result(&queried.trade_status, paid).ok_or(Failure::Unsure("an unknown state"))?;
    let amount = match result {
        TradeResult::Paid => Some(money(queried.total_amount)?),
        _ => None,
    };
    Ok(Report { result, amount, number: queried.trade_no })
}

/// A `trade_status`. A closed trade that had been paid was given back in full: money came in, and its way
/// back is asked about separately.
pub(super) fn result(status: &str, paid: bool) -> Option<TradeResult> {
    match status {
        "WAIT_BUYER_PAY" => Some(TradeResult::Pending),
        "TRADE_SUCCESS" | "TRADE_FINISHED" => Some(TradeResult::Paid),
        "TRADE_CLOSED" if paid => Some(TradeResult::Paid),
        "TRADE_CLOSED" => Some(TradeResult::Closed),
        _ => None,
    }
}

/// Whether a refund moved money (`alipay.trade.refund`). None moves either when the same refund was done before.
pub(super) fn moved(node: &str, trade: &AttemptId) -> Result<bool, Failure> {
    #[derive(Deserialize)]
    struct Refunded {
        out_trade_no: String,
        fund_change: String,
    }
    let refunded: Refunded = fields(node)?;
    ours(&refunded.out_trade_no, trade)?;
    Ok(refunded.fund_change == "Y")
}

/// How far a refund is (`alipay.trade.fastpay.refund.query`); an answer that says nothing about it knows none.
pub(super) fn refund(node: &str, refund: &GiveBack) -> Result<Option<RefundReport>, Failure> {
    #[derive(Deserialize)]
    struct Queried<'a> {
        out_trade_no: Option<String>,
        out_request_no: Option<String>,
        #[serde(default, borrow)]
        refund_amount: Option<&'a RawValue>,
        refund_status: Option<String>,
    }
    let queried: Queried<'_> = fields(node)?;
    let Some(status) = queried.refund_status.filter(|status| !status.is_empty()) else { return Ok(None) };
    ours(&queried.out_trade_no.unwrap_or_default(), &refund.trade)?;
    if queried.out_request_no.as_deref() != Some(refund.id.as_str()) {
        return Err(Failure::Unsure("another refund"));
    }
    if money(queried.refund_amount)? != refund.amount {
        return Err(Failure::Unsure("another amount"));
    }
    Ok(Some(if status == "REFUND_SUCCESS" { RefundReport::Done } else { RefundReport::Processing }))
}

/// Where a statement can be had (`alipay.data.dataservice.bill.downloadurl.query`).
pub(super) fn statement(node: &str) -> Result<String, Failure> {
    #[derive(Deserialize)]
    struct Found {
        bill_download_url: String,
    }
    fields::<Found>(node).map(|found| found.bill_download_url)
}

fn fields<'a, T: Deserialize<'a>>(node: &'a str) -> Result<T, Failure> {
    serde_json::from_str(node).map_err(|_| Failure::Unsure("unreadable"))
}

fn ours(number: &str, trade: &AttemptId) -> Result<(), Failure> {
    if number == trade.as_str() { Ok(()) } else { Err(Failure::Unsure("another trade")) }
}

/// An amount, from the digits that were sent: never by way of a floating-point number.
fn money(raw: Option<&RawValue>) -> Result<Fen, Failure> {
    let text = raw.map(RawValue::get).unwrap_or_default();
    forms::fen(text.trim_matches('"')).ok_or(Failure::Unsure("no amount"))
}

#[cfg(test)]
mod tests;
