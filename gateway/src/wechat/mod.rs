//! WeChat Pay, API v3, as a direct merchant sees it.

mod bill;
mod notices;
mod orders;
mod refunds;
mod seal;
mod sign;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use serde::Serialize;
use serde_json::json;

use crate::gateway::Shared;
use crate::keys::CERTIFICATE_DAYS;
use crate::trade::Trade;

pub(crate) use notices::notice;

/// The merchant's app.
pub(crate) const APP: &str = "wx0000000000000001";

/// The merchant.
pub(crate) const MERCHANT: &str = "1900000001";

/// The number of the merchant's API certificate.
pub(crate) const MERCHANT_SERIAL: &str = "1D0E0A5F3B7C2946812D4C6E8A90B1F2357D9E04";

/// Whoever pays without having told the merchant who they are.
const SOMEBODY: &str = "oSimulated-Payer-000000000001";

/// An answer that says no.
#[derive(Debug, Serialize)]
struct Refused {
    #[serde(skip)]
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refused {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    fn parameter(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "PARAM_ERROR", message)
    }

    fn request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_REQUEST", message)
    }

    fn signature(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "SIGN_ERROR", message)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.status, Json(self)).into_response()
    }
}

/// Its addresses. Every call has to be signed, every answer but the statement itself is.
pub(crate) fn routes(gateway: &Shared) -> Router<Shared> {
    Router::new()
        .route("/v3/pay/transactions/{product}", post(orders::place))
        .route("/v3/pay/transactions/out-trade-no/{id}", get(orders::query))
        .route("/v3/pay/transactions/out-trade-no/{id}/close", post(orders::close))
        .route("/v3/refund/domestic/refunds", post(refunds::ask))
        .route("/v3/refund/domestic/refunds/{id}", get(refunds::query))
        .route("/v3/certificates", get(certificates))
        .route("/v3/bill/tradebill", get(bill::ask))
        .route(bill::FILE, get(bill::file))
        .route_layer(from_fn_with_state(gateway.clone(), sign::guard))
}

/// Who paid, or will.
fn payer(trade: &Trade) -> &str {
    trade.order.payer.as_deref().unwrap_or(SOMEBODY)
}

/// The platform's certificate, sealed with the merchant's symmetric key.
async fn certificates(State(gateway): State<Shared>) -> Response {
    let keys = &gateway.keys;
    let sealed = seal::seal(&keys.wechat_api, "certificate", &keys.wechat_certificate);
    let [from, until] = CERTIFICATE_DAYS.map(|(year, month, day)| format!("{year}-{month:02}-{day:02}T08:00:00+08:00"));
    let certificate = json!({
        "serial_no": keys.wechat_serial,
        "effective_time": from,
        "expire_time": until,
        "encrypt_certificate": sealed,
    });
    Json(json!({ "data": [certificate] })).into_response()
}
