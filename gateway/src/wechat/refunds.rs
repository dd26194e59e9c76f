//! Giving money back.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Json;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Refused;
use super::orders::read;
use crate::book::NoRefund;
use crate::clock;
use crate::gateway::Shared;
use crate::trade::{Protocol, Refund, RefundOrder, Trade};

/// Where the money goes, in WeChat Pay's words.
pub(super) const TO: &str = "支付用户零钱";

#[derive(Deserialize)]
struct Asked {
    transaction_id: Option<String>,
    out_trade_no: Option<String>,
    out_refund_no: String,
    reason: Option<String>,
    notify_url: Option<String>,
    amount: Amount,
}

#[derive(Deserialize)]
struct Amount {
    refund: i64,
    total: i64,
    currency: String,
}

/// `POST /v3/refund/domestic/refunds`
pub(super) async fn ask(State(gateway): State<Shared>, body: Bytes) -> Result<Json<Value>, Refused> {
    let asked: Asked = read(&body)?;
    if asked.amount.currency != "CNY" || asked.out_refund_no.is_empty() || asked.out_refund_no.len() > 64 {
        return Err(Refused::parameter("amount.currency or out_refund_no is not as it has to be"));
    }
    let by_number = asked.transaction_id.as_deref().and_then(|number| gateway.book.lookup(number));
    let by_id = asked.out_trade_no.as_deref().and_then(|id| gateway.book.find(Protocol::Wechat, id));
    let trade = by_number.or(by_id).filter(|trade| trade.order.protocol == Protocol::Wechat).ok_or_else(unknown)?;
    if asked.amount.total != trade.order.amount && asked.amount.total != trade.sum() {
        return Err(Refused::request("订单金额或退款金额与之前请求不一致，请核实后再试"));
    }
    let order = RefundOrder {
        id: asked.out_refund_no,
        amount: asked.amount.refund,
        reason: asked.reason.unwrap_or_default(),
        notify_url: asked.notify_url,
    };
    let (trade, refund, new) =
        gateway.book.refund(Protocol::Wechat, &trade.order.id, order).map_err(|why| match why {
            NoRefund::Unknown => unknown(),
            NoRefund::Unpaid => Refused::request("订单未支付，不能退款"),
            NoRefund::TooMuch => Refused::request("申请退款金额有误，或超过可退金额"),
            NoRefund::Differs => Refused::request("订单金额或退款金额与之前请求不一致，请核实后再试"),
        })?;
    if new {
        gateway.settle_soon(Protocol::Wechat, &refund.order.id);
    }
    Ok(Json(describe(&trade, &refund)))
}

/// `GET /v3/refund/domestic/refunds/{id}`
pub(super) async fn query(State(gateway): State<Shared>, Path(id): Path<String>) -> Result<Json<Value>, Refused> {
    let (trade, refund) = gateway.book.find_refund(Protocol::Wechat, &id).ok_or_else(unknown)?;
    Ok(Json(describe(&trade, &refund)))
}

fn unknown() -> Refused {
    Refused::new(StatusCode::NOT_FOUND, "RESOURCE_NOT_EXISTS", "查询的资源不存在")
}

/// A refund as WeChat Pay describes it.
fn describe(trade: &Trade, refund: &Refund) -> Value {
    let (total, back) = (trade.sum(), refund.order.amount);
    let mut described = json!({
        "refund_id": refund.number,
        "out_refund_no": refund.order.id,
        "transaction_id": trade.number,
        "out_trade_no": trade.order.id,
        "channel": "ORIGINAL",
        "user_received_account": TO,
        "create_time": clock::rfc3339(refund.asked_at),
        "status": if refund.done_at.is_some() { "SUCCESS" } else { "PROCESSING" },
        "funds_account": "AVAILABLE",
        "amount": {
            "total": total,
            "refund": back,
            "payer_total": total,
            "payer_refund": back,
            "settlement_total": total,
            "settlement_refund": back,
            "discount_refund": 0,
            "currency": "CNY",
        },
    });
    if let Some(done_at) = refund.done_at {
        described["success_time"] = json!(clock::rfc3339(done_at));
    }
    described
}
