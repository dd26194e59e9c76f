//! The switches of the simulator, and what it says of itself.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;

use crate::cashier::{Language, html, render};
use crate::faults::FaultPlan;
use crate::gateway::Shared;
use crate::trade::TradeView;

/// Their addresses.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/", get(about))
        .route("/health", get(health))
        .route("/control/faults", get(faults).put(set_faults).delete(clear_faults))
        .route("/control/trades", get(trades))
}

async fn about(language: Language) -> Response {
    let page = language.of(include_str!("cashier/about.zh.html"), include_str!("cashier/about.en.html"));
    html(StatusCode::OK, render(page, &[]))
}

async fn health() -> StatusCode {
    StatusCode::NO_CONTENT
}

async fn faults(State(gateway): State<Shared>) -> Json<FaultPlan> {
    Json(gateway.faults.plan())
}

async fn set_faults(State(gateway): State<Shared>, body: String) -> Response {
    match serde_json::from_str(&body) {
        Ok(plan) => {
            gateway.faults.set(plan);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

async fn clear_faults(State(gateway): State<Shared>) -> StatusCode {
    gateway.faults.clear();
    StatusCode::NO_CONTENT
}

async fn trades(State(gateway): State<Shared>) -> Json<Vec<TradeView>> {
    Json(gateway.book.trades())
}
