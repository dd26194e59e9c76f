//! The page's own files: compressed at build time, cached by name, with a fallback for its routes.

use std::path::{Component, Path, PathBuf};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::App;

/// Serves a file of the page, or the page itself for one of its routes.
pub async fn serve(State(app): State<App>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return super::Refusal::Method.into_response();
    }
    let path = request.uri().path().trim_start_matches('/').to_owned();
    if path == "api" || path.starts_with("api/") {
        return super::Refusal::NotFound.into_response();
    }
    let versioned = request.uri().query().is_some_and(|query| query.starts_with("v="));
    match file(&app, &path, request.headers()).await {
        Some((mut response, hashed)) => {
            let lasting = if hashed || versioned { "public, max-age=31536000, immutable" } else { "no-cache" };
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(lasting));
            response
        }
        // A missing file with an ending is missing; anything else is a route of the page.
        None if path.rsplit('/').next().is_some_and(|name| name.contains('.')) => {
            super::Refusal::NotFound.into_response()
        }
        None => page(&app, &path).await,
    }
}

/// Serves the page for its own folder.
pub async fn home(State(app): State<App>) -> Response {
    page(&app, "").await
}

/// A file below `dist/` in the best encoding the caller takes, and whether its name holds its hash.
async fn file(app: &App, path: &str, headers: &HeaderMap) -> Option<(Response, bool)> {
    let safe = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    if path.is_empty() || path == "index.html" || !safe {
        return None;
    }
    let plain = app.settings.dist.join(path);
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    for (name, ending) in [("br", ".br"), ("gzip", ".gz"), ("identity", "")] {
        if name != "identity" && !accepted.contains(name) {
            continue;
        }
        let mut encoded = plain.clone().into_os_string();
        encoded.push(ending);
        let Ok(body) = tokio::fs::read(PathBuf::from(encoded)).await else { continue };
        let mut response = body.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media(&plain)));
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        if name != "identity" {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        return Some((response, is_hashed(path)));
    }
    None
}

/// Trunk writes `name-0123456789abcdef.ending`, with or without `_bg` behind the hash.
fn is_hashed(path: &str) -> bool {
    let stem = path.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or_default();
    let hash = stem.trim_end_matches("_bg").rsplit('-').next().unwrap_or_default();
    hash.len() >= 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn media(path: &Path) -> &'static str {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The page for one of its routes. Its links are relative, so that any folder of any host can
/// hold it; for a route further down they climb back up.
async fn page(app: &App, path: &str) -> Response {
    let Ok(page) = tokio::fs::read_to_string(app.settings.dist.join("index.html")).await else {
        return (StatusCode::SERVICE_UNAVAILABLE, "The page is not built: run `cargo xtask run`.").into_response();
    };
    let climb = "../".repeat(path.matches('/').count());
    let page = page
        .replace("=\"./", &format!("=\"./{climb}"))
        .replace("name=\"router\" content=\"hash\"", "name=\"router\" content=\"path\"");
    let mut response = page.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_names_last() {
        assert!(is_hashed("onething-8d9a0b1c2d3e4f56_bg.wasm"));
        assert!(is_hashed("boot-8d9a0b1c2d3e4f56.js"));
        assert!(!is_hashed("locales/en.json"));
        assert!(!is_hashed("icon.svg"));
    }
}
