//! Placing, asking for and closing orders.

use std::net::IpAddr;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Json;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{APP, MERCHANT, Refused, payer};
use crate::clock;
use crate::gateway::Shared;
use crate::trade::{Channel, Order, Protocol, Trade, TradeResult};

#[derive(Deserialize)]
struct Placed {
    appid: String,
    mchid: String,
    description: String,
    out_trade_no: String,
    time_expire: Option<String>,
    notify_url: String,
    amount: Amount,
    payer: Option<Payer>,
    scene_info: Option<Scene>,
}

#[derive(Deserialize)]
struct Amount {
    total: i64,
    currency: Option<String>,
}

#[derive(Deserialize)]
struct Payer {
    openid: String,
}

#[derive(Deserialize)]
struct Scene {
    payer_client_ip: String,
    h5_info: Option<H5>,
}

#[derive(Deserialize)]
struct H5 {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
pub(super) struct Whose {
    mchid: String,
}

/// Reads a body.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|error| Refused::parameter(error.to_string()))
}

/// `POST /v3/pay/transactions/{jsapi,h5,native}`
pub(super) async fn place(
    State(gateway): State<Shared>,
    Path(product): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refused> {
    let channel = match product.as_str() {
        "jsapi" => Channel::Jsapi,
        "h5" => Channel::H5,
        "native" => Channel::Native,
        _ => return Err(Refused::new(StatusCode::NOT_FOUND, "RESOURCE_NOT_EXISTS", "no such product")),
    };
    let order = order(read(&body)?, channel)?;
    let Ok((trade, _)) = gateway.book.open(order) else {
        return Err(Refused::request("201 商户订单号重复"));
    };
    match trade.result {
        TradeResult::Paid => return Err(Refused::new(StatusCode::BAD_REQUEST, "ORDER_PAID", "该订单已支付")),
        TradeResult::Closed => return Err(Refused::new(StatusCode::BAD_REQUEST, "ORDER_CLOSED", "订单已关闭")),
        TradeResult::Pending | TradeResult::Failed => {}
    }
    let cashier = gateway.cashier(&trade);
    Ok(Json(match channel {
        Channel::Jsapi => json!({ "prepay_id": trade.prepay }),
        // With a question mark already, as the real one: merchants append `&redirect_url=`.
        Channel::H5 => json!({ "h5_url": format!("{cashier}?prepay_id={}", trade.prepay) }),
        _ => json!({ "code_url": cashier }),
    }))
}

/// What a merchant placed, checked as strictly as the documents say.
fn order(placed: Placed, channel: Channel) -> Result<Order, Refused> {
    if placed.appid != APP || placed.mchid != MERCHANT {
        return Err(Refused::new(StatusCode::BAD_REQUEST, "APPID_MCHID_NOT_MATCH", "appid and mchid do not match"));
    }
    let expires_at = placed.time_expire.as_deref().map(clock::read_rfc3339);
    let id = &placed.out_trade_no;
    let id_fits = (6..=32).contains(&id.len())
        && id.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"_-|*".contains(&letter));
    let web = ["http://", "https://"].iter().any(|scheme| placed.notify_url.starts_with(scheme));
    let in_h5 = placed.scene_info.as_ref().is_some_and(|scene| {
        scene.payer_client_ip.parse::<IpAddr>().is_ok() && scene.h5_info.as_ref().is_some_and(|h5| !h5.kind.is_empty())
    });
    let known = placed.payer.as_ref().is_some_and(|payer| !payer.openid.is_empty());
    let checks = [
        (id_fits, "out_trade_no"),
        ((1..=127).contains(&placed.description.chars().count()), "description"),
        (placed.amount.total > 0, "amount.total"),
        (placed.amount.currency.as_deref().is_none_or(|currency| currency == "CNY"), "amount.currency"),
        (web && !placed.notify_url.contains(['?', '#']), "notify_url"),
        (expires_at.is_none_or(|at| at.is_some_and(|at| at > clock::now())), "time_expire"),
        (channel != Channel::H5 || in_h5, "scene_info"),
        (channel != Channel::Jsapi || known, "payer.openid"),
    ];
    if let Some((_, field)) = checks.into_iter().find(|(fits, _)| !fits) {
        return Err(Refused::parameter(format!("{field} is missing or not as it has to be")));
    }
    Ok(Order {
        protocol: Protocol::Wechat,
        id: placed.out_trade_no,
        amount: placed.amount.total,
        subject: placed.description,
        channel,
        payer: placed.payer.map(|payer| payer.openid),
        return_url: None,
        notify_url: Some(placed.notify_url),
        expires_at: expires_at.flatten(),
    })
}

/// `GET /v3/pay/transactions/out-trade-no/{id}`
pub(super) async fn query(
    State(gateway): State<Shared>,
    Path(id): Path<String>,
    whose: Result<Query<Whose>, QueryRejection>,
) -> Result<Json<Value>, Refused> {
    ours(whose.ok().map(|Query(whose)| whose))?;
    let trade = gateway.book.find(Protocol::Wechat, &id).ok_or_else(unknown)?;
    Ok(Json(describe(&trade, 0)))
}

/// `POST /v3/pay/transactions/out-trade-no/{id}/close`
pub(super) async fn close(
    State(gateway): State<Shared>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<StatusCode, Refused> {
    ours(Some(read(&body)?))?;
    let trade = gateway.book.find(Protocol::Wechat, &id).ok_or_else(unknown)?;
    if gateway.book.end(&trade, TradeResult::Closed).is_some() {
        return Ok(StatusCode::NO_CONTENT);
    }
    let paid = gateway.book.find(Protocol::Wechat, &id).is_some_and(|trade| trade.result == TradeResult::Paid);
    let (code, message) = if paid { ("ORDER_PAID", "该订单已支付") } else { ("ORDER_CLOSED", "订单已关闭") };
    Err(Refused::new(StatusCode::BAD_REQUEST, code, message))
}

fn ours(whose: Option<Whose>) -> Result<(), Refused> {
    match whose {
        Some(whose) if whose.mchid == MERCHANT => Ok(()),
        _ => Err(Refused::parameter("mchid is missing or another merchant's")),
    }
}

fn unknown() -> Refused {
    Refused::new(StatusCode::NOT_FOUND, "ORDER_NOT_EXIST", "订单不存在")
}

/// A trade as WeChat Pay describes it, with `more` fen on top.
pub(super) fn describe(trade: &Trade, more: i64) -> Value {
    let (state, words) = match trade.result {
        TradeResult::Paid if !trade.refunds.is_empty() => ("REFUND", "转入退款"),
        TradeResult::Paid => ("SUCCESS", "支付成功"),
        TradeResult::Closed => ("CLOSED", "订单已关闭"),
        TradeResult::Pending | TradeResult::Failed => ("NOTPAY", "订单未支付"),
    };
    let total = trade.sum() + more;
    let mut described = json!({
        "appid": APP,
        "mchid": MERCHANT,
        "out_trade_no": trade.order.id,
        "trade_state": state,
        "trade_state_desc": words,
        "amount": { "total": total, "currency": "CNY" },
    });
    if let Some(paid_at) = trade.paid_at {
        described["transaction_id"] = json!(trade.number);
        described["trade_type"] = json!(kind(trade));
        described["bank_type"] = json!("OTHERS");
        described["success_time"] = json!(clock::rfc3339(paid_at));
        described["payer"] = json!({ "openid": payer(trade) });
        described["amount"] =
            json!({ "total": total, "payer_total": total, "currency": "CNY", "payer_currency": "CNY" });
    }
    described
}

/// How a trade is paid, in WeChat Pay's words.
pub(super) fn kind(trade: &Trade) -> &'static str {
    match trade.order.channel {
        Channel::Jsapi => "JSAPI",
        Channel::H5 => "MWEB",
        _ => "NATIVE",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed() -> Value {
        json!({
            "appid": APP, "mchid": MERCHANT, "description": "Exam fee", "out_trade_no": "ORDER-1",
            "notify_url": "http://127.0.0.1:8080/notified", "amount": { "total": 100, "currency": "CNY" },
            "payer": { "openid": "o1" },
            "scene_info": { "payer_client_ip": "127.0.0.1", "h5_info": { "type": "Wap" } },
        })
    }

    fn code(placed: &Value, channel: Channel) -> Option<&'static str> {
        let read = read(placed.to_string().as_bytes()).and_then(|placed| order(placed, channel));
        read.err().map(|refused| refused.code)
    }

    #[test]
    fn an_order_has_to_be_complete() {
        for channel in [Channel::Jsapi, Channel::H5, Channel::Native] {
            assert_eq!(code(&placed(), channel), None);
        }
        let wrong = [
            ("out_trade_no", json!("short")),
            ("out_trade_no", json!("no spaces")),
            ("description", json!("")),
            ("amount", json!({ "total": 0 })),
            ("amount", json!({ "total": 1.5 })),
            ("amount", json!({ "total": 1, "currency": "USD" })),
            ("notify_url", json!("http://127.0.0.1/notified?trade=1")),
            ("notify_url", json!("/notified")),
            ("time_expire", json!("2020-01-01T00:00:00+08:00")),
            ("time_expire", json!("tomorrow")),
            ("scene_info", json!({ "payer_client_ip": "127.0.0.1" })),
            ("scene_info", Value::Null),
        ];
        for (field, value) in wrong {
            let mut placed = placed();
            placed[field] = value;
            assert_eq!(code(&placed, Channel::H5), Some("PARAM_ERROR"), "{placed}");
        }
        let mut nobody = placed();
        nobody["payer"] = Value::Null;
        assert_eq!(code(&nobody, Channel::Jsapi), Some("PARAM_ERROR"));
        assert_eq!(code(&nobody, Channel::Native), None);
        let mut other = placed();
        other["appid"] = json!("wx2");
        assert_eq!(code(&other, Channel::Native), Some("APPID_MCHID_NOT_MATCH"));
    }
}
