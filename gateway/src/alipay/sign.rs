//! Alipay's signatures: over sorted parameters on the way in, over the exact text of an answer on the way out.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::Params;
use crate::gateway::Shared;
use crate::keys::Keys;
use crate::signing;

/// What is signed of parameters: all that say something but the excepted, sorted, joined.
fn content(params: &Params, except: &[&str]) -> String {
    let said = params.iter().filter(|(name, value)| !value.is_empty() && !except.contains(&name.as_str()));
    said.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Whether the app signed a call.
pub(super) fn verifies(keys: &Keys, params: &Params) -> bool {
    let signature = params.get("sign").map_or("", String::as_str);
    signing::verifies(&keys.alipay_app, &content(params, &["sign"]), signature)
}

/// The signature of a notification, which leaves out how it is signed. `wrong` is another gateway's.
pub(super) fn of_notice(keys: &Keys, params: &Params, wrong: bool) -> String {
    let key = if wrong { &keys.wechat_platform } else { &keys.alipay_gateway };
    signing::sign(key, &content(params, &["sign", "sign_type"]))
}

/// An answer with its signature.
pub(super) fn answer(gateway: &Shared, method: &str, node: &Value) -> Response {
    let text = envelope(&gateway.keys, method, node, gateway.faults.garble());
    ([(header::CONTENT_TYPE, "text/html;charset=utf-8")], text).into_response()
}

fn envelope(keys: &Keys, method: &str, node: &Value, wrong: bool) -> String {
    // Slashes are escaped, as the real one does: whoever verifies must take the text as it came.
    let node = node.to_string().replace('/', "\\/");
    let key = if wrong { &keys.wechat_platform } else { &keys.alipay_gateway };
    let sign = signing::sign(key, &node).replace('/', "\\/");
    let fits = !method.is_empty() && method.bytes().all(|letter| letter.is_ascii_lowercase() || letter == b'.');
    let name = if fits { format!("{}_response", method.replace('.', "_")) } else { "error_response".to_owned() };
    format!("{{\"{name}\":{node},\"sign\":\"{sign}\"}}")
}

#[cfg(test)]
mod tests {
    use rsa::RsaPrivateKey;
    use rsa::pkcs8::DecodePrivateKey;
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_the_app_signed_passes() {
        let keys = crate::keys::tests::keys();
        let app = std::fs::read_to_string(keys.alipay_app_file()).unwrap();
        let app = RsaPrivateKey::from_pkcs8_pem(&app).unwrap();
        let signed = "app_id=1&biz_content={\"a\":\"b\"}&method=x&sign_type=RSA2";
        let mut params: Params = [
            ("method", "x".to_owned()),
            ("app_id", "1".to_owned()),
            ("return_url", String::new()),
            ("sign_type", "RSA2".to_owned()),
            ("biz_content", "{\"a\":\"b\"}".to_owned()),
            ("sign", signing::sign(&app, signed)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        assert_eq!(content(&params, &["sign"]), signed);
        assert!(verifies(&keys, &params));
        params.insert("method".to_owned(), "y".to_owned());
        assert!(!verifies(&keys, &params));
        params.remove("sign");
        assert!(!verifies(&keys, &params));
    }

    #[test]
    fn an_answer_is_signed_as_it_stands() {
        let keys = crate::keys::tests::keys();
        let node = json!({ "code": "10000", "url": "http://a/b" });
        let verified = |wrong| {
            let text = envelope(&keys, "alipay.trade.query", &node, wrong);
            let read: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(read["alipay_trade_query_response"], node);
            let rest = text.strip_prefix("{\"alipay_trade_query_response\":").unwrap();
            let (signed, _) = rest.split_once(",\"sign\":").unwrap();
            signing::verifies(&keys.alipay_gateway.to_public_key(), signed, read["sign"].as_str().unwrap())
        };
        assert!(verified(false) && !verified(true));
        assert!(envelope(&keys, "a\"b", &node, false).starts_with("{\"error_response\":"));
    }
}
