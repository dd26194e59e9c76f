//! Headers that guard every answer.

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use serde::Deserialize;

use crate::App;

/// Adds the security headers to whatever is answered.
pub async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy(&app.settings.framers, &Inline::default())) {
        // A download brings a stricter one of its own, a page one that lets its style in.
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("permissions-policy"), "camera=(self), geolocation=(), microphone=(), payment=()"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// What stands within the pages themselves, by its hashes: `'sha256-…'`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Inline {
    styles: Vec<String>,
    scripts: Vec<String>,
}

/// The content security policy of an answer.
pub(super) fn policy(framers: &[String], inline: &Inline) -> String {
    let own = |more: &[String]| more.iter().fold("'self'".to_owned(), |list, one| format!("{list} {one}"));
    format!(
        "default-src 'none'; script-src {} 'wasm-unsafe-eval'; connect-src 'self'; style-src {}; \
         img-src 'self' blob: data:; font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; \
         base-uri 'none'; object-src 'none'; frame-ancestors {}",
        own(&inline.scripts),
        own(&inline.styles),
        own(framers)
    )
}

/// Reads an origin that may frame the page. Browsers compare it letter by letter, so it is taken as they write it only;
/// what is taken can stand in a header and in an attribute as it is.
///
/// # Errors
/// When it is none, or one that others between could take the place of.
pub fn framer(text: &str) -> Result<String, String> {
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    let (host, port) = rest.split_once(':').map_or((rest, None), |(host, port)| (host, Some(port)));
    let is_safe = match scheme {
        "https" => port != Some("443"),
        "http" => matches!(host, "localhost" | "127.0.0.1") && port != Some("80"),
        _ => false,
    };
    let is_host = host.split('.').all(|part| {
        !part.is_empty() && part.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
    });
    let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|number| number.to_string() == port));
    if is_safe && is_host && is_port {
        return Ok(text.to_owned());
    }
    Err("write an origin as browsers do: https://portal.example, in lower case, without a path, with a port where it \
         is not the usual one; http:// only for localhost and 127.0.0.1"
        .to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_taken_as_browsers_write_it() {
        let good = "https://portal.example https://m.portal.example:8443 https://xn--fiq228c.example http://localhost:8081 \
                    http://127.0.0.1:9";
        for good in good.split(' ') {
            assert_eq!(framer(good), Ok(good.to_owned()));
        }
        let bad = "portal.example https:// https://portal.example/ https://Portal.example https://*.example \
                   https://portal.example:443 https://portal.example:08 https://portal.example:x https://a@b.example \
                   https://portal..example http://portal.example http://localhost:80 ftp://localhost null * https://a;b \
                   https://a\"b";
        for bad in bad.split(' ') {
            assert!(framer(bad).is_err(), "{bad}");
        }
    }
}
