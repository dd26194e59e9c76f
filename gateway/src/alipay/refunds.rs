//! Giving money back. Alipay does it at once.

use serde_json::{Map, Value, json};

use super::trades::{find, identity, payer};
use super::{Call, Refused};
use crate::book::NoRefund;
use crate::clock;
use crate::gateway::Shared;
use crate::money::{fen, yuan};
use crate::notify::Notice;
use crate::trade::{Protocol, RefundOrder};

/// `alipay.trade.refund`. Without a number of its own a refund is one of the whole trade.
pub(super) fn ask(gateway: &Shared, call: &Call) -> Result<Map<String, Value>, Refused> {
    let trade = find(gateway, call)?;
    let order = RefundOrder {
        id: call.text("out_request_no").unwrap_or_else(|| trade.order.id.clone()),
        amount: fen(&call.required("refund_amount")?).ok_or_else(Refused::parameter)?,
        reason: call.text("refund_reason").unwrap_or_default(),
        notify_url: trade.order.notify_url.clone(),
    };
    let id = order.id.clone();
    let (_, _, new) = gateway.book.refund(Protocol::Alipay, &trade.order.id, order).map_err(refused)?;
    let (trade, refund) = gateway.book.settle(Protocol::Alipay, &id).ok_or_else(Refused::parameter)?;
    if new {
        gateway.announce(Notice::of_refund(&trade, &refund));
    }
    let mut said = identity(&trade);
    said.insert("buyer_user_id".to_owned(), json!(payer(&trade)));
    said.insert("fund_change".to_owned(), json!(if new { "Y" } else { "N" }));
    // All that went back so far, as the real one says.
    said.insert("refund_fee".to_owned(), json!(yuan(trade.refunded())));
    said.insert("gmt_refund_pay".to_owned(), json!(refund.done_at.map(clock::plain)));
    Ok(said)
}

fn refused(why: NoRefund) -> Refused {
    match why {
        NoRefund::Unknown => Refused::business("ACQ.TRADE_NOT_EXIST", "交易不存在"),
        NoRefund::Unpaid => Refused::business("ACQ.TRADE_STATUS_ERROR", "交易状态不合法"),
        NoRefund::TooMuch => Refused::business("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限"),
        NoRefund::Differs => Refused::business("ACQ.DISCORDANT_REPEAT_REQUEST", "不一致的请求"),
    }
}

/// `alipay.trade.fastpay.refund.query`. Of a refund it never heard of it says nothing, and that is a success.
pub(super) fn query(gateway: &Shared, call: &Call) -> Result<Map<String, Value>, Refused> {
    let trade = find(gateway, call)?;
    let id = call.required("out_request_no")?;
    let Some(refund) = trade.refund(&id) else {
        return Ok(Map::new());
    };
    let mut said = identity(&trade);
    said.insert("out_request_no".to_owned(), json!(id));
    said.insert("total_amount".to_owned(), json!(yuan(trade.sum())));
    said.insert("refund_amount".to_owned(), json!(yuan(refund.order.amount)));
    said.insert("refund_reason".to_owned(), json!(refund.order.reason));
    said.insert("refund_status".to_owned(), json!("REFUND_SUCCESS"));
    said.insert("gmt_refund_pay".to_owned(), json!(refund.done_at.map(clock::plain)));
    Ok(said)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::alipay::{Params, trades};
    use crate::gateway::Gateway;
    use crate::trade::Channel;

    fn call(content: Value) -> Call {
        Call { params: Params::new(), content }
    }

    #[tokio::test]
    async fn a_refund_happens_once_and_the_last_one_closes_the_trade() {
        let gateway = Arc::new(Gateway::new(crate::keys::tests::keys(), String::new()));
        let order = json!({ "out_trade_no": "1", "total_amount": "1.00", "subject": "s", "buyer_id": "2088" });
        let order = call(order);
        trades::create(&gateway, &order, Channel::Mini).unwrap();
        let trade = gateway.book.find(Protocol::Alipay, "1").unwrap();
        gateway.book.pay(&trade, 0).unwrap();
        let back = |id: &str, amount: &str| {
            ask(&gateway, &call(json!({ "out_trade_no": "1", "out_request_no": id, "refund_amount": amount })))
        };
        let first = back("r1", "0.40").unwrap();
        assert_eq!((&first["fund_change"], &first["refund_fee"]), (&json!("Y"), &json!("0.40")));
        assert_eq!(back("r1", "0.40").unwrap()["fund_change"], "N");
        assert_eq!(back("r1", "0.41").unwrap_err().sub_code, "ACQ.DISCORDANT_REPEAT_REQUEST");
        assert_eq!(back("r2", "0.61").unwrap_err().sub_code, "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL");
        assert_eq!(back("r2", "0.60").unwrap()["refund_fee"], "1.00");
        let queried = trades::query(&gateway, &order).unwrap();
        assert_eq!((&queried["trade_status"], &queried["total_amount"]), (&json!("TRADE_CLOSED"), &json!("1.00")));
        assert!(queried.contains_key("send_pay_date"));
        let asked = |id: &str| query(&gateway, &call(json!({ "out_trade_no": "1", "out_request_no": id }))).unwrap();
        assert_eq!(asked("r1")["refund_status"], "REFUND_SUCCESS");
        assert!(asked("r3").is_empty());
    }
}
