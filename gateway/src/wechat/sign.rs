//! WeChat Pay's signatures: the merchant's over its calls, the platform's over answers and notifications.

use std::collections::HashMap;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{MERCHANT, MERCHANT_SERIAL, Refused, bill};
use crate::gateway::{Gateway, Shared};
use crate::keys::Keys;
use crate::{clock, http, random, signing};

/// How far a call's time may be off, in seconds.
const FRESH: u64 = 300;

const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048 ";

/// Lets only calls through that the merchant signed, and signs the answers.
pub(super) async fn guard(State(gateway): State<Shared>, request: Request, next: Next) -> Response {
    let Some((parts, body)) = http::whole(request).await else {
        return Refused::parameter("the body breaks off").into_response();
    };
    let statement = parts.uri.path() == bill::FILE;
    let answer = match check(&gateway.keys, &parts, &String::from_utf8_lossy(&body), clock::now().as_second()) {
        Ok(()) => next.run(Request::from_parts(parts, Body::from(body))).await,
        Err(why) => Refused::signature(why).into_response(),
    };
    if statement {
        // A statement is proved by the hash that announced it.
        return answer;
    }
    http::proved(&gateway, answer, of_answer).await
}

fn of_answer(gateway: &Gateway, body: &str) -> Vec<(&'static str, String)> {
    proof(&gateway.keys, clock::now().as_second(), body, gateway.faults.garble())
}

/// The headers that prove who wrote a body. `wrong` proves nothing: the key is another gateway's.
pub(super) fn proof(keys: &Keys, at: i64, body: &str, wrong: bool) -> Vec<(&'static str, String)> {
    let key = if wrong { &keys.alipay_gateway } else { &keys.wechat_platform };
    let nonce = random::token(16);
    let signature = signing::sign(key, &format!("{at}\n{nonce}\n{body}\n"));
    vec![
        ("Wechatpay-Timestamp", at.to_string()),
        ("Wechatpay-Nonce", nonce),
        ("Wechatpay-Signature", signature),
        ("Wechatpay-Serial", keys.wechat_serial.clone()),
        ("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048".to_owned()),
    ]
}

fn check(keys: &Keys, parts: &Parts, body: &str, now: i64) -> Result<(), &'static str> {
    let claim = http::text(&parts.headers, header::AUTHORIZATION.as_str());
    let claim = fields(claim).ok_or("the Authorization header is missing or malformed")?;
    let field = |name: &str| claim.get(name).copied().unwrap_or_default();
    if field("mchid") != MERCHANT || field("serial_no") != MERCHANT_SERIAL {
        return Err("the merchant or the number of its certificate is unknown");
    }
    let (timestamp, nonce) = (field("timestamp"), field("nonce_str"));
    if !timestamp.parse::<i64>().is_ok_and(|at| at.abs_diff(now) <= FRESH) {
        return Err("the timestamp is not of the last five minutes");
    }
    let message = format!("{}\n{}\n{timestamp}\n{nonce}\n{body}\n", parts.method, http::target(parts));
    if nonce.is_empty() || !signing::verifies(&keys.wechat_merchant, &message, field("signature")) {
        return Err("the signature does not fit the request");
    }
    Ok(())
}

/// `name="value"`, with commas between.
fn fields(header: &str) -> Option<HashMap<&str, &str>> {
    let pairs = header.strip_prefix(SCHEME)?.split(',').map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        Some((name, value.strip_prefix('"')?.strip_suffix('"')?))
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use rsa::RsaPrivateKey;
    use rsa::pkcs8::DecodePrivateKey;

    use super::*;

    /// A call as a merchant signs it.
    fn call(keys: &Keys, at: i64, body: &str) -> Parts {
        let pem = std::fs::read_to_string(keys.wechat_merchant_file()).unwrap();
        let key = RsaPrivateKey::from_pkcs8_pem(&pem).unwrap();
        let signature = signing::sign(&key, &format!("POST\n/v3/x?y=1\n{at}\nn\n{body}\n"));
        let claim = format!(
            "{SCHEME}mchid=\"{MERCHANT}\",nonce_str=\"n\",signature=\"{signature}\",timestamp=\"{at}\",\
             serial_no=\"{MERCHANT_SERIAL}\""
        );
        let request = Request::post("/v3/x?y=1").header(header::AUTHORIZATION, claim);
        request.body(Body::empty()).unwrap().into_parts().0
    }

    #[test]
    fn only_the_merchants_fresh_calls_pass() {
        let keys = crate::keys::tests::keys();
        assert_eq!(check(&keys, &call(&keys, 1000, "{}"), "{}", 1000), Ok(()));
        assert_eq!(check(&keys, &call(&keys, 1000, "{}"), "{}", 1300), Ok(()));
        assert!(check(&keys, &call(&keys, 1000, "{}"), "{ }", 1000).is_err(), "another body");
        assert!(check(&keys, &call(&keys, 1000, "{}"), "{}", 1301).is_err(), "too old");
        let mut other = call(&keys, 1000, "{}");
        other.uri = "/v3/x?y=2".parse().unwrap();
        assert!(check(&keys, &other, "{}", 1000).is_err(), "another address");
        other.headers.clear();
        assert!(check(&keys, &other, "{}", 1000).is_err(), "no signature");
    }

    #[test]
    fn answers_carry_the_platforms_signature() {
        let keys = crate::keys::tests::keys();
        let verified = |wrong| {
            let headers: HashMap<_, _> = proof(&keys, 1000, "{}", wrong).into_iter().collect();
            let message = format!("{}\n{}\n{{}}\n", headers["Wechatpay-Timestamp"], headers["Wechatpay-Nonce"]);
            assert_eq!(headers["Wechatpay-Serial"], keys.wechat_serial);
            signing::verifies(&keys.wechat_platform.to_public_key(), &message, &headers["Wechatpay-Signature"])
        };
        assert!(verified(false) && !verified(true));
    }
}
