//! What Alipay tells an app by itself: a form with a signature.

use super::trades::{payer, status};
use super::{APP, Params, SELLER, sign};
use crate::clock;
use crate::gateway::Gateway;
use crate::money::yuan;
use crate::notify::{Sent, Twist};
use crate::trade::{Refund, Trade};

/// A notification of a trade, or of one of its refunds; both go where the trade's go.
pub(crate) fn notice(
    gateway: &Gateway,
    id: &str,
    trade: &Trade,
    refund: Option<&Refund>,
    twist: Twist,
) -> Option<Sent> {
    let url = trade.order.notify_url.clone()?;
    let mut params = params(id, trade, refund, twist);
    params.insert("sign".to_owned(), sign::of_notice(&gateway.keys, &params, twist.forged));
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&params).finish();
    let kind = "application/x-www-form-urlencoded; charset=utf-8".to_owned();
    Some(Sent { url, headers: vec![("Content-Type".to_owned(), kind)], body })
}

fn params(id: &str, trade: &Trade, refund: Option<&Refund>, twist: Twist) -> Params {
    let now = clock::now();
    let at = now.as_second() - twist.seconds_ago;
    let at = jiff::Timestamp::from_second(at).unwrap_or(now);
    let total = yuan(trade.sum() + if refund.is_none() { twist.more } else { 0 });
    let mut said = vec![
        ("notify_time", clock::plain(at)),
        ("notify_type", "trade_status_sync".to_owned()),
        ("notify_id", id.to_owned()),
        ("app_id", APP.to_owned()),
        ("auth_app_id", APP.to_owned()),
        ("charset", "utf-8".to_owned()),
        ("version", "1.0".to_owned()),
        ("sign_type", "RSA2".to_owned()),
        ("trade_no", trade.number.clone()),
        ("out_trade_no", trade.order.id.clone()),
        ("buyer_id", payer(trade).to_owned()),
        ("seller_id", SELLER.to_owned()),
        ("trade_status", status(trade).to_owned()),
        ("subject", trade.order.subject.clone()),
        ("receipt_amount", total.clone()),
        ("buyer_pay_amount", total.clone()),
        ("total_amount", total),
        ("gmt_create", clock::plain(trade.created_at)),
    ];
    said.extend(trade.paid_at.map(|at| ("gmt_payment", clock::plain(at))));
    if let Some(refund) = refund {
        // Of all refunds up to this one, as the real one says.
        let so_far = trade.refunds.iter().take_while(|one| one.order.id != refund.order.id);
        let fee: i64 = so_far.map(|one| one.order.amount).sum::<i64>() + refund.order.amount + twist.more;
        said.push(("out_biz_no", refund.order.id.clone()));
        said.push(("refund_fee", yuan(fee)));
        said.push(("gmt_refund", clock::plain(refund.done_at.unwrap_or(refund.asked_at))));
    }
    said.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing;
    use crate::trade::{Channel, Order, Protocol, RefundOrder};

    #[tokio::test]
    async fn a_notification_is_signed_without_its_signature_kind() {
        let gateway = Gateway::new(crate::keys::tests::keys(), String::new());
        let order = Order {
            protocol: Protocol::Alipay,
            id: "1".to_owned(),
            amount: 100,
            subject: "考试 & 费".to_owned(),
            channel: Channel::Wap,
            payer: None,
            return_url: None,
            notify_url: Some("http://127.0.0.1:1/n".to_owned()),
            expires_at: None,
        };
        let (trade, _) = gateway.book.open(order).unwrap();
        gateway.book.pay(&trade, 0).unwrap();
        for (id, amount) in [("r1", 30), ("r2", 70)] {
            let order = RefundOrder { id: id.to_owned(), amount, reason: String::new(), notify_url: None };
            gateway.book.refund(Protocol::Alipay, "1", order).unwrap();
        }
        let trade = gateway.book.find(Protocol::Alipay, "1").unwrap();
        let sent = notice(&gateway, "n", &trade, trade.refund("r2"), Twist::default()).unwrap();
        let told: Params = form_urlencoded::parse(sent.body.as_bytes()).into_owned().collect();
        assert_eq!((told["trade_status"].as_str(), told["refund_fee"].as_str()), ("TRADE_CLOSED", "1.00"));
        assert_eq!((told["out_biz_no"].as_str(), told["subject"].as_str()), ("r2", "考试 & 费"));
        let signed = told.iter().filter(|(name, _)| !name.starts_with("sign"));
        let signed: Vec<String> = signed.map(|(name, value)| format!("{name}={value}")).collect();
        let public = gateway.keys.alipay_gateway.to_public_key();
        assert!(signing::verifies(&public, &signed.join("&"), &told["sign"]));
        let first = notice(&gateway, "n", &trade, trade.refund("r1"), Twist::default()).unwrap();
        assert!(first.body.contains("refund_fee=0.30"));
    }
}
