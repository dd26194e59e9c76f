//! Trades: begun by a payer's browser or by the merchant, asked for, closed.

use serde_json::{Map, Value, json};

use super::{Call, Refused, SOMEBODY};
use crate::clock;
use crate::gateway::{Gateway, Shared};
use crate::money::{fen, yuan};
use crate::trade::{Channel, Order, Protocol, Trade, TradeResult};

const UNKNOWN: Refused = Refused::business("ACQ.TRADE_NOT_EXIST", "交易不存在");

/// `alipay.trade.wap.pay` and `alipay.trade.page.pay`: gives the cashier's address.
pub(super) fn begin(gateway: &Shared, call: &Call, method: &str) -> Result<String, Refused> {
    let (channel, product) = match method {
        "alipay.trade.wap.pay" => (Channel::Wap, "QUICK_WAP_WAY"),
        _ => (Channel::Page, "FAST_INSTANT_TRADE_PAY"),
    };
    if call.required("product_code")? != product {
        return Err(Refused::parameter());
    }
    Ok(gateway.cashier(&open(gateway, call, channel)?))
}

/// `alipay.trade.create` and `alipay.trade.precreate`
pub(super) fn create(gateway: &Shared, call: &Call, channel: Channel) -> Result<Map<String, Value>, Refused> {
    if channel == Channel::Mini && buyer(call).is_none() {
        return Err(Refused::parameter());
    }
    let trade = open(gateway, call, channel)?;
    let mut said = Map::from_iter([("out_trade_no".to_owned(), json!(trade.order.id))]);
    let (name, value) = match channel {
        Channel::Qr => ("qr_code", gateway.cashier(&trade)),
        _ => ("trade_no", trade.number),
    };
    said.insert(name.to_owned(), json!(value));
    Ok(said)
}

fn buyer(call: &Call) -> Option<String> {
    call.text("buyer_open_id").or_else(|| call.text("buyer_id"))
}

fn open(gateway: &Gateway, call: &Call, channel: Channel) -> Result<Trade, Refused> {
    let expires_at = match call.text("time_expire") {
        Some(text) => Some(clock::read_plain(&text).ok_or_else(Refused::parameter)?),
        None => None,
    };
    let order = Order {
        protocol: Protocol::Alipay,
        id: call.required("out_trade_no")?,
        amount: fen(&call.required("total_amount")?).filter(|amount| *amount > 0).ok_or_else(Refused::parameter)?,
        subject: call.required("subject")?,
        channel,
        payer: buyer(call),
        return_url: call.param("return_url").map(str::to_owned),
        notify_url: call.param("notify_url").map(str::to_owned),
        expires_at,
    };
    if order.id.len() > 64 || order.subject.chars().count() > 256 {
        return Err(Refused::parameter());
    }
    let differs = Refused::business("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改");
    let (trade, _) = gateway.book.open(order).map_err(|_| differs)?;
    match trade.result_at(clock::now()) {
        // A payer's browser may come again: the cashier shows what became of the trade.
        _ if matches!(channel, Channel::Wap | Channel::Page) => Ok(trade),
        TradeResult::Paid => Err(Refused::business("ACQ.TRADE_HAS_SUCCESS", "交易已被支付")),
        TradeResult::Closed => Err(Refused::business("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")),
        TradeResult::Pending | TradeResult::Failed => Ok(trade),
    }
}

/// The trade a call is about. An order whose code nobody scanned is no trade yet.
pub(super) fn find(gateway: &Gateway, call: &Call) -> Result<Trade, Refused> {
    let trade = match (call.text("trade_no"), call.text("out_trade_no")) {
        (Some(number), _) => gateway.book.lookup(&number).filter(|trade| trade.order.protocol == Protocol::Alipay),
        (None, Some(id)) => gateway.book.find(Protocol::Alipay, &id),
        (None, None) => return Err(Refused::parameter()),
    };
    trade.filter(|trade| trade.opened).ok_or(UNKNOWN)
}

/// `alipay.trade.query`
pub(super) fn query(gateway: &Shared, call: &Call) -> Result<Map<String, Value>, Refused> {
    let trade = find(gateway, call)?;
    let total = yuan(trade.sum());
    let mut said = identity(&trade);
    said.insert("trade_status".to_owned(), json!(status(&trade)));
    said.insert("total_amount".to_owned(), json!(total));
    said.insert("buyer_user_id".to_owned(), json!(payer(&trade)));
    if let Some(paid_at) = trade.paid_at {
        said.insert("send_pay_date".to_owned(), json!(clock::plain(paid_at)));
        said.insert("receipt_amount".to_owned(), json!(total));
        said.insert("buyer_pay_amount".to_owned(), json!(total));
    }
    Ok(said)
}

/// `alipay.trade.close`: only a trade that waits for its payer can be closed.
pub(super) fn close(gateway: &Shared, call: &Call) -> Result<Map<String, Value>, Refused> {
    let trade = find(gateway, call)?;
    let illegal = Refused::business("ACQ.TRADE_STATUS_ERROR", "交易状态不合法");
    if trade.result_at(clock::now()) != TradeResult::Pending {
        return Err(illegal);
    }
    let closed = gateway.book.end(&trade, TradeResult::Closed).ok_or(illegal)?;
    Ok(identity(&closed))
}

/// The numbers of a trade, Alipay's and the merchant's.
pub(super) fn identity(trade: &Trade) -> Map<String, Value> {
    Map::from_iter([("trade_no".to_owned(), json!(trade.number)), ("out_trade_no".to_owned(), json!(trade.order.id))])
}

/// What became of a trade, in Alipay's words: one that went back whole is closed.
pub(super) fn status(trade: &Trade) -> &'static str {
    match trade.result_at(clock::now()) {
        TradeResult::Paid if trade.refunded() >= trade.sum() => "TRADE_CLOSED",
        TradeResult::Paid => "TRADE_SUCCESS",
        TradeResult::Closed => "TRADE_CLOSED",
        TradeResult::Pending | TradeResult::Failed => "WAIT_BUYER_PAY",
    }
}

/// Who paid, or will.
pub(super) fn payer(trade: &Trade) -> &str {
    trade.order.payer.as_deref().unwrap_or(SOMEBODY)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::alipay::Params;

    fn call(content: Value) -> Call {
        Call { params: Params::new(), content }
    }

    #[tokio::test]
    async fn a_code_nobody_scanned_is_no_trade() {
        let gateway = Arc::new(Gateway::new(crate::keys::tests::keys(), String::new()));
        let order = call(json!({ "out_trade_no": "1", "total_amount": "1.00", "subject": "Exam fee" }));
        assert!(create(&gateway, &order, Channel::Qr).unwrap().contains_key("qr_code"));
        assert_eq!(query(&gateway, &order).unwrap_err().sub_code, "ACQ.TRADE_NOT_EXIST");
        let trade = gateway.book.find(Protocol::Alipay, "1").unwrap();
        gateway.book.opened(&trade);
        assert_eq!(query(&gateway, &order).unwrap()["trade_status"], "WAIT_BUYER_PAY");
        gateway.book.pay(&trade, 0).unwrap();
        assert_eq!(query(&gateway, &order).unwrap()["trade_status"], "TRADE_SUCCESS");
        assert_eq!(close(&gateway, &order).unwrap_err().sub_code, "ACQ.TRADE_STATUS_ERROR");
    }

    #[tokio::test]
    async fn another_amount_is_another_trade() {
        let gateway = Arc::new(Gateway::new(crate::keys::tests::keys(), String::new()));
        let order = |amount: &str| {
            let content = json!({ "out_trade_no": "1", "total_amount": amount, "subject": "s", "buyer_id": "2088" });
            create(&gateway, &call(content), Channel::Mini).map_err(|why| why.sub_code)
        };
        assert!(order("1.00").is_ok() && order("1.00").is_ok());
        assert_eq!(order("1.01"), Err("ACQ.CONTEXT_INCONSISTENT"));
        assert_eq!(order("0"), Err("ACQ.INVALID_PARAMETER"));
        assert_eq!(order("1.001"), Err("ACQ.INVALID_PARAMETER"));
    }
}
