//! How money comes in: the gateway interface, and a labelled simulator with its own cashier page.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use contract::payment::{AttemptId, Notification, TradeResult};
use futures_util::future::BoxFuture;
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use serde::Deserialize;
use sha2::Sha256;

use crate::App;
use crate::http::Refusal;
use crate::http::extract::Language;
use crate::store::Store;

/// How old a notification may be, in seconds.
const FRESH: i64 = 300;

/// A payment gateway. Every call may be repeated.
pub trait PaymentGateway: Send + Sync {
    /// The cashier's page for a trade.
    fn cashier(&self, trade: &AttemptId) -> String;

    /// Tells the gateway of a trade.
    fn create<'a>(
        &'a self,
        trade: &'a AttemptId,
        amount: i64,
        subject: &'a str,
        return_to: &'a str,
    ) -> BoxFuture<'a, Result<(), Refusal>>;

    /// What became of a trade. A trade the gateway never heard of is closed.
    fn query<'a>(&'a self, trade: &'a AttemptId) -> BoxFuture<'a, Result<TradeResult, Refusal>>;

    /// Ends a trade nobody paid; a trade that was paid stays paid.
    fn close<'a>(&'a self, trade: &'a AttemptId) -> BoxFuture<'a, Result<TradeResult, Refusal>>;
}

/// The simulator: a book of its own in the same database.
pub struct SimulatedGateway {
    /// Where the book lies.
    pub store: Store,
    /// Where the service lives on its host.
    pub base: Arc<str>,
}

impl PaymentGateway for SimulatedGateway {
    fn cashier(&self, trade: &AttemptId) -> String {
        format!("{}cashier/{trade}", self.base)
    }

    fn create<'a>(
        &'a self,
        trade: &'a AttemptId,
        amount: i64,
        subject: &'a str,
        return_to: &'a str,
    ) -> BoxFuture<'a, Result<(), Refusal>> {
        let (trade, subject, return_to) = (trade.clone(), subject.to_owned(), return_to.to_owned());
        Box::pin(self.store.write(Box::new(move |connection| {
            Box::pin(async move {
                sqlx::query("INSERT INTO cashier_trades (id, amount, subject, return_to, result) VALUES ($1, $2, $3, $4, 'pending') ON CONFLICT DO NOTHING")
                    .bind(trade.as_str())
                    .bind(amount)
                    .bind(subject)
                    .bind(return_to)
                    .execute(connection)
                    .await?;
                Ok(())
            })
        })))
    }

    fn query<'a>(&'a self, trade: &'a AttemptId) -> BoxFuture<'a, Result<TradeResult, Refusal>> {
        Box::pin(async move {
            let trade = find(&self.store, trade.as_str()).await?;
            Ok(trade.map_or(TradeResult::Closed, |trade| trade.result))
        })
    }

    fn close<'a>(&'a self, trade: &'a AttemptId) -> BoxFuture<'a, Result<TradeResult, Refusal>> {
        Box::pin(async move {
            decide(&self.store, trade.as_str(), TradeResult::Closed).await?;
            self.query(trade).await
        })
    }
}

struct Trade {
    amount: i64,
    subject: String,
    return_to: String,
    result: TradeResult,
}

async fn find(store: &Store, id: &str) -> Result<Option<Trade>, Refusal> {
    let row: Option<(i64, String, String, String)> =
        sqlx::query_as("SELECT amount, subject, return_to, result FROM cashier_trades WHERE id = $1")
            .bind(id)
            .fetch_optional(store.reads())
            .await?;
    row.map(|(amount, subject, return_to, result)| {
        Ok(Trade { amount, subject, return_to, result: serde_json::from_value(result.into())? })
    })
    .transpose()
}

/// Decides a trade that is pending; a decided one stays as it is.
async fn decide(store: &Store, id: &str, result: TradeResult) -> Result<(), Refusal> {
    let id = id.to_owned();
    let name = result_name(result);
    store
        .write(Box::new(move |connection| {
            Box::pin(async move {
                sqlx::query("UPDATE cashier_trades SET result = $1 WHERE id = $2 AND result = 'pending'")
                    .bind(name)
                    .bind(id)
                    .execute(connection)
                    .await?;
                Ok(())
            })
        }))
        .await
}

fn result_name(result: TradeResult) -> &'static str {
    match result {
        TradeResult::Pending => "pending",
        TradeResult::Paid => "paid",
        TradeResult::Failed => "failed",
        TradeResult::Closed => "closed",
    }
}

fn mac(secret: &str, notification: &Notification) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    let Notification { trade, result, amount, at, .. } = notification;
    mac.update(format!("{trade}|{}|{amount}|{at}", result_name(*result)).as_bytes());
    Some(mac)
}

/// Whether a notification comes from the gateway, and is fresh.
#[must_use]
pub fn verify(secret: &str, notification: &Notification) -> bool {
    let fresh = (Timestamp::now().as_second() - notification.at).abs() <= FRESH;
    let signature = hex::decode(&notification.signature).unwrap_or_default();
    fresh && mac(secret, notification).is_some_and(|mac| mac.verify_slice(&signature).is_ok())
}

/// A signed notification.
#[must_use]
pub fn sign(secret: &str, trade: &AttemptId, result: TradeResult, amount: i64) -> Notification {
    let mut notification = Notification {
        trade: trade.clone(),
        result,
        amount,
        at: Timestamp::now().as_second(),
        signature: String::new(),
    };
    notification.signature =
        mac(secret, &notification).map(|mac| hex::encode(mac.finalize().into_bytes())).unwrap_or_default();
    notification
}

/// Whether an address leads to this site and nowhere else.
#[must_use]
pub fn is_local(address: &str) -> bool {
    let second = address.chars().nth(1);
    address.starts_with('/')
        && !matches!(second, Some('/' | '\\'))
        && address.len() <= 500
        && !address.chars().any(|letter| letter.is_control() || letter == '\\')
}

/// The cashier's own pages.
pub fn routes() -> Router<App> {
    Router::new().route("/cashier/{trade}", get(page).post(pressed)).route("/cashier/style.css", get(style))
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css")], include_str!("cashier.css")).into_response()
}

async fn page(State(app): State<App>, language: Language, Path(id): Path<String>) -> Result<Response, Refusal> {
    let trade = find(&app.store, &id).await?.ok_or(Refusal::NotFound)?;
    let page = match language {
        Language::Zh => include_str!("cashier.zh.html"),
        Language::En => include_str!("cashier.en.html"),
    };
    let escape =
        |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let page = page
        .replace("{base}", &app.settings.base)
        .replace("{trade}", &escape(&id))
        .replace("{subject}", &escape(&trade.subject))
        .replace("{amount}", &format!("{}.{:02}", trade.amount / 100, trade.amount % 100));
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], page)
        .into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pressed {
    action: Action,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    Pay,
    Fail,
    Cancel,
    /// Charged, but the notification is lost.
    PaySilently,
}

async fn pressed(
    State(app): State<App>,
    Path(id): Path<String>,
    Form(pressed): Form<Pressed>,
) -> Result<Response, Refusal> {
    let trade = find(&app.store, &id).await?.ok_or(Refusal::NotFound)?;
    let (result, silent) = match pressed.action {
        Action::Pay => (TradeResult::Paid, false),
        Action::PaySilently => (TradeResult::Paid, true),
        Action::Fail => (TradeResult::Failed, false),
        Action::Cancel => (TradeResult::Closed, false),
    };
    decide(&app.store, &id, result).await?;
    if !silent && let Some(decided) = find(&app.store, &id).await? {
        let notification = sign(&app.settings.gateway_secret, &AttemptId(id), decided.result, decided.amount);
        notify(&app, &notification).await;
    }
    let to = HeaderValue::from_str(&trade.return_to).map_err(|_| Refusal::Internal)?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response())
}

/// Posts a notification to the backend's own endpoint, as a gateway would.
async fn notify(app: &App, notification: &Notification) {
    use tower::ServiceExt;
    let Ok(body) = serde_json::to_string(notification) else { return };
    let (api, _) = crate::api::routes();
    let request = axum::http::Request::post("/payments/notifications")
        .header(header::CONTENT_TYPE, "application/json")
        .body(axum::body::Body::from(body));
    if let Ok(request) = request {
        // A notification that gets lost is what the reconciliation is for.
        let _ = api.with_state(app.clone()).oneshot(request).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fresh_signed_notifications_count() {
        let trade = AttemptId("t".into());
        let good = sign("secret", &trade, TradeResult::Paid, 8000);
        assert!(verify("secret", &good));
        assert!(!verify("other", &good));
        assert!(!verify("secret", &Notification { amount: 1, ..good.clone() }));
        assert!(!verify("secret", &Notification { result: TradeResult::Failed, ..good.clone() }));
        assert!(!verify("secret", &Notification { signature: String::new(), ..good.clone() }));
        assert!(!verify("secret", &Notification { at: good.at - 3600, ..good }));
    }

    #[test]
    fn addresses_elsewhere_are_refused() {
        for good in ["/", "/applications/1/pay", "/#/applications/1"] {
            assert!(is_local(good), "{good}");
        }
        for bad in ["//evil.example", "/\\evil", "https://evil.example", "javascript:alert(1)", "", "x", "/a\nb"] {
            assert!(!is_local(bad), "{bad}");
        }
    }
}
