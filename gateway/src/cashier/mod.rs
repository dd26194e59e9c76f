//! The cashier's pages: what a payer would see in the wallet or at the bank, with a label on it.

mod language;
mod page;

use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::gateway::Shared;
use crate::money::yuan;
use crate::trade::{Channel, Protocol, Trade, TradeResult};

pub(crate) use language::Language;
pub(crate) use page::{html, render};

/// What a payer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Pays.
    Pay,
    /// Tries to pay, in vain.
    Fail,
    /// Leaves without paying.
    Cancel,
    /// Pays, but the gateway's notification is lost.
    PaySilently,
    /// Pays, and never comes back.
    PayStay,
}

/// Where a merchant wants a WeChat H5 payer to come back: it appends that to the cashier's address.
#[derive(Deserialize)]
struct Back {
    #[serde(default)]
    redirect_url: String,
}

#[derive(Deserialize)]
struct Pressed {
    action: Action,
    #[serde(default)]
    redirect_url: String,
}

#[derive(Deserialize)]
struct Press {
    action: Action,
}

#[derive(Serialize)]
struct Outcome {
    result: TradeResult,
}

#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    code: String,
}

/// Their addresses.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/cashier/style.css", get(style))
        .route("/cashier/{key}", get(show).post(pressed))
        .route("/cashier/{key}/press", post(press))
        .route("/paycode", get(pay_code))
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("style.css")).into_response()
}

async fn show(
    State(gateway): State<Shared>,
    language: Language,
    Path(key): Path<String>,
    Query(back): Query<Back>,
) -> Response {
    let Some(trade) = gateway.book.lookup(&key) else {
        return unknown(language);
    };
    gateway.book.opened(&trade);
    page_of(&trade, state(&trade), &way_back(&trade, &back.redirect_url), language)
}

async fn pressed(
    State(gateway): State<Shared>,
    language: Language,
    Path(key): Path<String>,
    Form(pressed): Form<Pressed>,
) -> Response {
    let Some(trade) = gateway.book.lookup(&key) else {
        return unknown(language);
    };
    let back = way_back(&trade, &pressed.redirect_url);
    let trade = gateway.press(&trade, pressed.action);
    match pressed.action {
        Action::PayStay => page_of(&trade, state(&trade), "", language),
        Action::Pay | Action::PaySilently if trade.result != TradeResult::Paid => {
            page_of(&trade, state(&trade), &back, language)
        }
        Action::Fail | Action::Cancel if back.is_empty() && trade.result == TradeResult::Pending => {
            page_of(&trade, "left", &back, language)
        }
        _ => match HeaderValue::from_str(&back) {
            Ok(to) if !back.is_empty() => (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response(),
            _ => page_of(&trade, state(&trade), "", language),
        },
    }
}

/// What a test or a bridge's double presses: JSON, whatever content type it comes as.
async fn press(State(gateway): State<Shared>, Path(key): Path<String>, body: String) -> Response {
    let Ok(Press { action }) = serde_json::from_str(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let Some(trade) = gateway.book.lookup(&key) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    Json(Outcome { result: gateway.press(&trade, action).result_at(clock::now()) }).into_response()
}

/// Where one would go with a pay code: the bank's page asks for the digits.
async fn pay_code(State(gateway): State<Shared>, language: Language, Query(typed): Query<Typed>) -> Response {
    let code: String = typed.code.chars().filter(char::is_ascii_digit).collect();
    if let Some(trade) = gateway.book.by_pay_code(&code) {
        let to = format!("/cashier/{}", trade.key);
        return (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response();
    }
    let page = language.of(include_str!("paycode.zh.html"), include_str!("paycode.en.html"));
    let state = if typed.code.is_empty() { "fresh" } else { "unknown" };
    html(StatusCode::OK, render(page, &[("code", typed.code.as_str()), (state, "so")]))
}

fn unknown(language: Language) -> Response {
    let page = language.of(include_str!("unknown.zh.html"), include_str!("unknown.en.html"));
    html(StatusCode::NOT_FOUND, render(page, &[]))
}

/// What there is to say of a trade before anything is pressed.
fn state(trade: &Trade) -> &'static str {
    match trade.result {
        TradeResult::Paid => "paid",
        TradeResult::Failed => "failed",
        TradeResult::Closed => "closed",
        TradeResult::Pending if trade.expired(clock::now()) => "expired",
        TradeResult::Pending => "open",
    }
}

/// Where a payer comes back to; empty where there is no such place on the web.
fn way_back(trade: &Trade, redirect_url: &str) -> String {
    let given = Some(redirect_url).filter(|url| !url.is_empty()).or(trade.order.return_url.as_deref());
    let web = |url: &&str| url.starts_with("http://") || url.starts_with("https://");
    given.filter(web).unwrap_or_default().to_owned()
}

fn page_of(trade: &Trade, state: &str, back: &str, language: Language) -> Response {
    let page = language.of(include_str!("page.zh.html"), include_str!("page.en.html"));
    let amount = yuan(trade.sum());
    let values = [
        ("gateway", wallet(trade, language)),
        ("subject", trade.order.subject.as_str()),
        ("amount", amount.as_str()),
        ("key", trade.key.as_str()),
        ("back", back),
        ("leave", if state == "open" { "" } else { back }),
        // A line of the page per state: this is how it is chosen.
        (state, "so"),
    ];
    html(StatusCode::OK, render(page, &values))
}

/// Which gateway this plays.
fn wallet(trade: &Trade, language: Language) -> &'static str {
    match (trade.order.protocol, trade.order.channel) {
        (Protocol::Wechat, _) => language.of("微信支付（模拟）", "WeChat Pay (simulated)"),
        (Protocol::Alipay, _) => language.of("支付宝（模拟）", "Alipay (simulated)"),
        (Protocol::Counter, Channel::PayCode) => language.of("银行缴款码（模拟）", "Bank pay code (simulated)"),
        (Protocol::Counter, _) => language.of("云闪付（模拟）", "UnionPay (simulated)"),
    }
}

#[cfg(test)]
mod tests;
