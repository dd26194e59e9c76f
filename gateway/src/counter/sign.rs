//! The counter's signatures: an HMAC both sides know the key of.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{MALFORMED, Refused};
use crate::gateway::{Gateway, Shared};
use crate::{clock, http};

/// Where both sides put a signature.
pub(super) const HEADER: &str = "counter-signature";

/// How far a call's time may be off, in seconds.
const FRESH: u64 = 300;

/// Lets only signed calls through, and signs the answers.
pub(super) async fn guard(State(gateway): State<Shared>, request: Request, next: Next) -> Response {
    let Some((parts, body)) = http::whole(request).await else {
        return MALFORMED.into_response();
    };
    let signed = verifies(&gateway.keys.counter, &parts, &String::from_utf8_lossy(&body), clock::now().as_second());
    let answer = if signed {
        next.run(Request::from_parts(parts, Body::from(body))).await
    } else {
        Refused(StatusCode::UNAUTHORIZED, "signature").into_response()
    };
    http::proved(&gateway, answer, of_answer).await
}

fn of_answer(gateway: &Gateway, body: &str) -> Vec<(&'static str, String)> {
    let signature = signature(&gateway.keys.counter, clock::now().as_second(), body, gateway.faults.garble());
    vec![(HEADER, signature)]
}

/// The signature of an answer or a notification. `wrong` is made with a key nobody has.
pub(super) fn signature(key: &[u8], at: i64, body: &str, wrong: bool) -> String {
    let key = if wrong { b"another key".as_slice() } else { key };
    let code = mac(key, &format!("{at}.{body}")).map(|mac| hex::encode(mac.finalize().into_bytes()));
    format!("t={at},v1={}", code.unwrap_or_default())
}

fn verifies(key: &[u8], parts: &Parts, body: &str, now: i64) -> bool {
    let signature = http::text(&parts.headers, HEADER);
    let Some((at, code)) = signature.strip_prefix("t=").and_then(|rest| rest.split_once(",v1=")) else {
        return false;
    };
    let fresh = at.parse::<i64>().is_ok_and(|at| at.abs_diff(now) <= FRESH);
    let message = format!("{at}.{}.{}.{body}", parts.method, http::target(parts));
    let code = hex::decode(code).unwrap_or_default();
    fresh && mac(key, &message).is_some_and(|mac| mac.verify_slice(&code).is_ok())
}

fn mac(key: &[u8], message: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(message.as_bytes());
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(key: &[u8], at: i64, body: &str) -> Parts {
        let code = mac(key, &format!("{at}.POST./counter/trades?x=1.{body}")).unwrap().finalize().into_bytes();
        let request = Request::post("/counter/trades?x=1").header(HEADER, format!("t={at},v1={}", hex::encode(code)));
        request.body(Body::empty()).unwrap().into_parts().0
    }

    #[test]
    fn only_fresh_signed_calls_pass() {
        assert!(verifies(b"key", &call(b"key", 1000, "{}"), "{}", 1000));
        assert!(!verifies(b"key", &call(b"other", 1000, "{}"), "{}", 1000));
        assert!(!verifies(b"key", &call(b"key", 1000, "{}"), "{ }", 1000));
        assert!(!verifies(b"key", &call(b"key", 1000, "{}"), "{}", 1301));
        let mut elsewhere = call(b"key", 1000, "{}");
        elsewhere.uri = "/counter/trades".parse().unwrap();
        assert!(!verifies(b"key", &elsewhere, "{}", 1000));
        elsewhere.headers.clear();
        assert!(!verifies(b"key", &elsewhere, "{}", 1000));
    }

    #[test]
    fn answers_are_signed_over_their_time_and_body() {
        let wrong = signature(b"key", 1000, "{}", true);
        let signature = signature(b"key", 1000, "{}", false);
        let code = signature.strip_prefix("t=1000,v1=").unwrap();
        let verified = |code: &str| mac(b"key", "1000.{}").unwrap().verify_slice(&hex::decode(code).unwrap()).is_ok();
        assert!(verified(code));
        assert!(!verified(wrong.strip_prefix("t=1000,v1=").unwrap()));
    }
}
