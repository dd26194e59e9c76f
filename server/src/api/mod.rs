//! REST under `/api/v1`, one file per resource.

pub mod account;
pub mod applications;
pub mod desk;
pub mod documents;
pub mod drafts;
pub mod guide;
pub mod messages;
pub mod payments;
pub mod promises;
pub mod ratings;
pub mod uploads;
mod ways;

use axum::extract::DefaultBodyLimit;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Router, middleware};
use serde_json::Value;
use tower_http::catch_panic::CatchPanicLayer;

use crate::App;
use crate::http::routes::Routes;
use crate::http::{Refusal, headers, pages};
use crate::sim::portal;

/// Largest JSON body.
const BODY: usize = 256 * 1024;

/// Every route of the API with its description.
pub fn routes() -> (Router<App>, Value) {
    let mut routes = Routes::default();
    guide::add(&mut routes);
    account::add(&mut routes);
    drafts::add(&mut routes);
    documents::add(&mut routes);
    uploads::add(&mut routes);
    applications::add(&mut routes);
    promises::add(&mut routes);
    payments::add(&mut routes);
    ratings::add(&mut routes);
    messages::add(&mut routes);
    desk::add(&mut routes);
    routes.finish()
}

/// The whole service: API and page.
pub fn service(app: App) -> Router {
    let (api, document) = routes();
    let document = document.to_string();
    let inner = Router::new()
        .nest("/api/v1", api.layer(DefaultBodyLimit::max(BODY)))
        .route(
            "/api/openapi.json",
            get(move || async move { ([(axum::http::header::CONTENT_TYPE, "application/json")], document) }),
        )
        .merge(portal::routes())
        .fallback(pages::serve);
    let base = app.settings.base.trim_end_matches('/').to_owned();
    // A nested router does not answer for its own folder, so that has a route of its own.
    let outer = if base.is_empty() {
        inner
    } else {
        Router::new().nest(&base, inner).route(&format!("{base}/"), get(pages::home))
    };
    outer
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| Refusal::Internal.into_response()))
        .layer(middleware::from_fn_with_state(app.clone(), headers::guard))
        .with_state(app)
}
