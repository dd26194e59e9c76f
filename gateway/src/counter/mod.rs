//! The counter: a small protocol of our own for channels whose real one needs a contract, UnionPay and pay codes.

mod sign;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::book::NoRefund;
use crate::clock;
use crate::gateway::{Gateway, Shared};
use crate::notify::{Sent, Twist};
use crate::trade::{Channel, Order, Protocol, Refund, RefundOrder, Trade, TradeResult};

/// An answer that says no.
#[derive(Debug, PartialEq, Eq)]
struct Refused(StatusCode, &'static str);

const MALFORMED: Refused = Refused(StatusCode::BAD_REQUEST, "malformed");
const UNKNOWN: Refused = Refused(StatusCode::NOT_FOUND, "unknown");

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "code": self.1 }))).into_response()
    }
}

#[derive(Deserialize)]
struct Placed {
    id: String,
    amount: i64,
    subject: String,
    channel: String,
    return_url: Option<String>,
    notify_url: Option<String>,
    expires_at: String,
}

#[derive(Deserialize)]
struct Asked {
    id: String,
    amount: i64,
    #[serde(default)]
    reason: String,
    notify_url: Option<String>,
}

/// Its addresses. Every call has to be signed, every answer is.
pub(crate) fn routes(gateway: &Shared) -> Router<Shared> {
    Router::new()
        .route("/counter/trades", post(place))
        .route("/counter/trades/{id}", get(query))
        .route("/counter/trades/{id}/close", post(close))
        .route("/counter/trades/{id}/refunds", post(refund))
        .route("/counter/refunds/{id}", get(query_refund))
        .route("/counter/statements/{day}", get(statement))
        .route_layer(from_fn_with_state(gateway.clone(), sign::guard))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|_| MALFORMED)
}

async fn place(State(gateway): State<Shared>, body: Bytes) -> Result<(StatusCode, Json<Value>), Refused> {
    let order = order(read(&body)?)?;
    let differs = Refused(StatusCode::CONFLICT, "another_trade");
    let (trade, new) = gateway.book.open(order).map_err(|_| differs)?;
    let mut placed = json!({ "url": gateway.cashier(&trade) });
    if let Some(code) = &trade.pay_code {
        placed["code"] = json!(code);
    }
    Ok((if new { StatusCode::CREATED } else { StatusCode::OK }, Json(placed)))
}

fn order(placed: Placed) -> Result<Order, Refused> {
    let channel = match placed.channel.as_str() {
        "unionpay" => Channel::Unionpay,
        "pay_code" => Channel::PayCode,
        _ => return Err(MALFORMED),
    };
    if placed.id.is_empty() || placed.amount <= 0 || placed.subject.is_empty() {
        return Err(MALFORMED);
    }
    Ok(Order {
        protocol: Protocol::Counter,
        id: placed.id,
        amount: placed.amount,
        subject: placed.subject,
        channel,
        payer: None,
        return_url: placed.return_url,
        notify_url: placed.notify_url,
        expires_at: Some(clock::read_rfc3339(&placed.expires_at).ok_or(MALFORMED)?),
    })
}

async fn query(State(gateway): State<Shared>, Path(id): Path<String>) -> Result<Json<Value>, Refused> {
    let trade = gateway.book.find(Protocol::Counter, &id).ok_or(UNKNOWN)?;
    Ok(Json(describe(&trade, 0)))
}

async fn close(State(gateway): State<Shared>, Path(id): Path<String>) -> Result<Json<Value>, Refused> {
    let trade = gateway.book.find(Protocol::Counter, &id).ok_or(UNKNOWN)?;
    let trade = gateway.book.end(&trade, TradeResult::Closed).or_else(|| gateway.book.lookup(&trade.key));
    let trade = trade.ok_or(UNKNOWN)?;
    if trade.result == TradeResult::Paid {
        return Err(Refused(StatusCode::CONFLICT, "paid"));
    }
    Ok(Json(describe(&trade, 0)))
}

async fn refund(State(gateway): State<Shared>, Path(id): Path<String>, body: Bytes) -> Result<Json<Value>, Refused> {
    let Asked { id: refund, amount, reason, notify_url } = read(&body)?;
    if refund.is_empty() {
        return Err(MALFORMED);
    }
    let order = RefundOrder { id: refund, amount, reason, notify_url };
    let (trade, refund, new) = gateway.book.refund(Protocol::Counter, &id, order).map_err(|why| match why {
        NoRefund::Unknown => UNKNOWN,
        NoRefund::Unpaid => Refused(StatusCode::CONFLICT, "not_paid"),
        NoRefund::TooMuch => Refused(StatusCode::CONFLICT, "too_much"),
        NoRefund::Differs => Refused(StatusCode::CONFLICT, "another_refund"),
    })?;
    if new {
        gateway.settle_soon(Protocol::Counter, &refund.order.id);
    }
    Ok(Json(describe_refund(&trade, &refund, 0)))
}

async fn query_refund(State(gateway): State<Shared>, Path(id): Path<String>) -> Result<Json<Value>, Refused> {
    let (trade, refund) = gateway.book.find_refund(Protocol::Counter, &id).ok_or(UNKNOWN)?;
    Ok(Json(describe_refund(&trade, &refund, 0)))
}

async fn statement(State(gateway): State<Shared>, Path(day): Path<String>) -> Result<Json<Value>, Refused> {
    let day = clock::read_day(&day).ok_or(MALFORMED)?;
    let lines = gateway.book.lines(Protocol::Counter, day);
    let lines = lines.iter().map(|line| match &line.refund {
        Some(refund) => {
            json!({ "trade": line.trade.order.id, "refund": refund.order.id, "amount": refund.order.amount })
        }
        None => json!({ "trade": line.trade.order.id, "amount": line.trade.charged }),
    });
    Ok(Json(json!({ "lines": lines.collect::<Vec<_>>() })))
}

fn describe(trade: &Trade, more: i64) -> Value {
    json!({
        "id": trade.order.id,
        "result": trade.result_at(clock::now()),
        "amount": trade.sum() + more,
        "number": trade.number,
    })
}

fn describe_refund(trade: &Trade, refund: &Refund, more: i64) -> Value {
    json!({
        "id": refund.order.id,
        "trade": trade.order.id,
        "state": if refund.done_at.is_some() { "done" } else { "processing" },
        "amount": refund.order.amount + more,
    })
}

/// A notification of a trade, or of one of its refunds.
pub(crate) fn notice(
    gateway: &Gateway,
    id: &str,
    trade: &Trade,
    refund: Option<&Refund>,
    twist: Twist,
) -> Option<Sent> {
    let (url, body) = match refund {
        Some(refund) => {
            let told = describe_refund(trade, refund, twist.more);
            (refund.order.notify_url.clone()?, json!({ "id": id, "refund": told }))
        }
        None => (trade.order.notify_url.clone()?, json!({ "id": id, "trade": describe(trade, twist.more) })),
    };
    let body = body.to_string();
    let at = clock::now().as_second() - twist.seconds_ago;
    let headers = [
        ("Content-Type", "application/json".to_owned()),
        (sign::HEADER, sign::signature(&gateway.keys.counter, at, &body, twist.forged)),
    ];
    let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Some(Sent { url, headers, body })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn placed(channel: &str) -> Value {
        json!({
            "id": "t1", "amount": 100, "subject": "Exam fee", "channel": channel,
            "return_url": "http://127.0.0.1:8080/back", "notify_url": "http://127.0.0.1:1/n",
            "expires_at": "2999-01-01T00:00:00Z",
        })
    }

    async fn ask(gateway: &Shared, placed: &Value) -> Result<(StatusCode, Value), Refused> {
        let body = Bytes::from(placed.to_string());
        place(State(Arc::clone(gateway)), body).await.map(|(status, Json(said))| (status, said))
    }

    #[tokio::test]
    async fn the_same_trade_twice_is_one() {
        let gateway = Arc::new(Gateway::new(crate::keys::tests::keys(), "http://g".to_owned()));
        let (first, said) = ask(&gateway, &placed("pay_code")).await.unwrap();
        let (second, again) = ask(&gateway, &placed("pay_code")).await.unwrap();
        assert_eq!((first, second), (StatusCode::CREATED, StatusCode::OK));
        assert_eq!(said, again);
        assert_eq!(said["code"].as_str().map(str::len), Some(20));
        assert!(said["url"].as_str().unwrap().starts_with("http://g/cashier/"));
        let mut other = placed("pay_code");
        other["amount"] = json!(101);
        assert_eq!(ask(&gateway, &other).await.unwrap_err(), Refused(StatusCode::CONFLICT, "another_trade"));
        assert_eq!(ask(&gateway, &placed("cash")).await.unwrap_err(), MALFORMED);
    }

    #[tokio::test]
    async fn a_paid_trade_cannot_be_closed() {
        let gateway = Arc::new(Gateway::new(crate::keys::tests::keys(), String::new()));
        ask(&gateway, &placed("unionpay")).await.unwrap();
        let trade = gateway.book.find(Protocol::Counter, "t1").unwrap();
        gateway.book.pay(&trade, 0).unwrap();
        let closed = close(State(Arc::clone(&gateway)), Path("t1".to_owned())).await;
        assert_eq!(closed.unwrap_err(), Refused(StatusCode::CONFLICT, "paid"));
        let Json(said) = query(State(Arc::clone(&gateway)), Path("t1".to_owned())).await.unwrap();
        assert_eq!((&said["result"], &said["amount"]), (&json!("paid"), &json!(100)));
    }
}
