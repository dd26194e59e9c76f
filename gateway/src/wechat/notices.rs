//! What WeChat Pay tells a merchant by itself.

use serde_json::json;

use super::{MERCHANT, orders, refunds, seal, sign};
use crate::clock;
use crate::gateway::Gateway;
use crate::notify::{Sent, Twist};
use crate::trade::{Refund, Trade};

/// A notification of a trade, or of one of its refunds.
pub(crate) fn notice(
    gateway: &Gateway,
    id: &str,
    trade: &Trade,
    refund: Option<&Refund>,
    twist: Twist,
) -> Option<Sent> {
    let url = match refund {
        Some(refund) => refund.order.notify_url.clone()?,
        None => trade.order.notify_url.clone()?,
    };
    let (event, summary, what, text) = match refund {
        Some(refund) => ("REFUND.SUCCESS", "退款成功", "refund", refunded(trade, refund, twist.more)),
        None => ("TRANSACTION.SUCCESS", "支付成功", "transaction", orders::describe(trade, twist.more).to_string()),
    };
    let resource = seal::seal(&gateway.keys.wechat_api, what, &text);
    let mut resource = serde_json::to_value(resource).ok()?;
    resource["original_type"] = json!(what);
    let at = clock::now().as_second() - twist.seconds_ago;
    let body = json!({
        "id": id,
        "create_time": clock::rfc3339(clock::now()),
        "event_type": event,
        "resource_type": "encrypt-resource",
        "summary": summary,
        "resource": resource,
    })
    .to_string();
    let proof = sign::proof(&gateway.keys, at, &body, twist.forged);
    let headers = [("Content-Type", "application/json".to_owned())].into_iter().chain(proof);
    let headers = headers.map(|(name, value)| (name.to_owned(), value)).collect();
    Some(Sent { url, headers, body })
}

fn refunded(trade: &Trade, refund: &Refund, more: i64) -> String {
    let (total, back) = (trade.sum(), refund.order.amount + more);
    json!({
        "mchid": MERCHANT,
        "out_trade_no": trade.order.id,
        "transaction_id": trade.number,
        "out_refund_no": refund.order.id,
        "refund_id": refund.number,
        "refund_status": "SUCCESS",
        "success_time": clock::rfc3339(refund.done_at.unwrap_or(refund.asked_at)),
        "user_received_account": refunds::TO,
        "amount": { "total": total, "refund": back, "payer_total": total, "payer_refund": back },
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::trade::{Channel, Order, Protocol, RefundOrder};

    fn paid(gateway: &Gateway) -> Trade {
        let order = Order {
            protocol: Protocol::Wechat,
            id: "ORDER-1".to_owned(),
            amount: 100,
            subject: "Exam fee".to_owned(),
            channel: Channel::Native,
            payer: None,
            return_url: None,
            notify_url: Some("http://127.0.0.1:1/n".to_owned()),
            expires_at: None,
        };
        let (trade, _) = gateway.book.open(order).unwrap();
        gateway.book.pay(&trade, 0).unwrap()
    }

    fn opened(gateway: &Gateway, sent: &Sent) -> Value {
        let body: Value = serde_json::from_str(&sent.body).unwrap();
        let text = seal::tests::open(&gateway.keys.wechat_api, &body["resource"]).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    #[tokio::test]
    async fn a_payment_is_told_sealed() {
        let gateway = Gateway::new(crate::keys::tests::keys(), String::new());
        let trade = paid(&gateway);
        let sent = notice(&gateway, "n1", &trade, None, Twist::default()).unwrap();
        assert_eq!(sent.url, "http://127.0.0.1:1/n");
        assert!(!sent.body.contains("ORDER-1"));
        let told = opened(&gateway, &sent);
        assert_eq!(told["out_trade_no"], "ORDER-1");
        assert_eq!((&told["trade_state"], &told["amount"]["total"]), (&json!("SUCCESS"), &json!(100)));
        let wrong = notice(&gateway, "n1", &trade, None, Twist { more: 1, ..Twist::default() }).unwrap();
        assert_eq!(opened(&gateway, &wrong)["amount"]["total"], 101);
    }

    #[tokio::test]
    async fn a_refund_is_told_where_its_merchant_wants() {
        let gateway = Gateway::new(crate::keys::tests::keys(), String::new());
        paid(&gateway);
        let order = RefundOrder {
            id: "R1".to_owned(),
            amount: 30,
            reason: String::new(),
            notify_url: Some("http://127.0.0.1:1/r".to_owned()),
        };
        let (trade, refund, _) = gateway.book.refund(Protocol::Wechat, "ORDER-1", order).unwrap();
        let sent = notice(&gateway, "n2", &trade, Some(&refund), Twist::default()).unwrap();
        assert_eq!(sent.url, "http://127.0.0.1:1/r");
        let told = opened(&gateway, &sent);
        assert_eq!((&told["out_refund_no"], &told["amount"]["refund"]), (&json!("R1"), &json!(30)));
    }
}
