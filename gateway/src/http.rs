//! What every protocol needs of HTTP: bodies read whole, and answers signed when they are finished.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::gateway::Gateway;

/// Largest body of either side.
const MOST: usize = 16 << 20;

/// A request with its body, which signatures are over. `None` where it breaks off or is too large.
pub(crate) async fn whole(request: Request) -> Option<(Parts, Bytes)> {
    let (parts, body) = request.into_parts();
    Some((parts, to_bytes(body, MOST).await.ok()?))
}

/// Headers made from a body, which prove who wrote it.
pub(crate) type Proof = fn(&Gateway, &str) -> Vec<(&'static str, String)>;

/// Puts the proof of its body on an answer.
pub(crate) async fn proved(gateway: &Gateway, answer: Response, proof: Proof) -> Response {
    let (mut parts, body) = answer.into_parts();
    let Ok(body) = to_bytes(body, MOST).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    for (name, value) in proof(gateway, &String::from_utf8_lossy(&body)) {
        put(&mut parts.headers, name, &value);
    }
    Response::from_parts(parts, Body::from(body))
}

/// The text of a header; empty where it is absent or no text.
pub(crate) fn text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// A request's path with its query, as signatures have it.
pub(crate) fn target(parts: &Parts) -> &str {
    parts.uri.path_and_query().map_or("/", |target| target.as_str())
}

fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}
