//! A portal that embeds errands, to try it and to copy from (docs/embedding.md).

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::App;
use crate::http::Refusal;

/// Name, kind and content of its files.
const FILES: [(&str, &str, &str); 3] = [
    ("", "text/html; charset=utf-8", include_str!("../../demo/host.html")),
    ("host.js", "text/javascript; charset=utf-8", include_str!("../../demo/host.js")),
    ("host.css", "text/css; charset=utf-8", include_str!("../../demo/host.css")),
];

/// It stands on the page's own origin, and may do no more than a portal needs.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'self'";

/// Its pages, where the region is a demonstration.
pub fn routes() -> Router<App> {
    FILES.into_iter().fold(Router::new(), |router, (name, media, text)| {
        let serve = move |State(app): State<App>| async move { file(&app, media, text) };
        router.route(&format!("/demo/host/{name}"), get(serve))
    })
}

fn file(app: &App, media: &'static str, text: &'static str) -> Response {
    if !app.catalogue.region.demo {
        return Refusal::NotFound.into_response();
    }
    let headers =
        [(header::CONTENT_TYPE, media), (header::CACHE_CONTROL, "no-cache"), (header::CONTENT_SECURITY_POLICY, POLICY)];
    (headers, text).into_response()
}
