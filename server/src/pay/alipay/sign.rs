//! What is signed, and how: RSA2, as in Alipay's «自行实现签名» and «自行实现验签» (opendocs.alipay.com/common).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::forms;
use crate::pay::Failure;
use crate::pay::keys::{SigningKey, VerifyingKey};

/// Parameters by name, in the order they are signed in.
pub(super) type Parameters = BTreeMap<String, String>;

/// A call of the gateway, before it is signed.
pub(super) struct Call<'a> {
    /// What is called.
    pub(super) method: &'static str,
    /// What about.
    pub(super) content: Value,
    /// Where notifications go; empty where there are none.
    pub(super) notify_url: &'a str,
    /// Where the person comes back to; empty where nobody leaves.
    pub(super) return_url: &'a str,
}

/// A call with everything common to calls, and its signature. What is empty is neither sent nor signed.
pub(super) fn signed(app: &str, key: &SigningKey, call: &Call<'_>, now: Timestamp) -> Result<Parameters, Failure> {
    let content = call.content.to_string();
    let timestamp = forms::time(now);
    let all = [
        ("app_id", app),
        ("method", call.method),
        ("format", "JSON"),
        ("charset", "utf-8"),
        ("sign_type", "RSA2"),
        ("timestamp", timestamp.as_str()),
        ("version", "1.0"),
        ("notify_url", call.notify_url),
        ("return_url", call.return_url),
        ("biz_content", content.as_str()),
    ];
    let said = all.into_iter().filter(|(_, value)| !value.is_empty());
    let mut parameters: Parameters = said.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let sign = key.sign(text(&parameters).as_bytes())?;
    parameters.insert("sign".to_owned(), sign);
    Ok(parameters)
}

/// The text a signature is over: sorted by name, values as they are before any encoding.
pub(super) fn text(parameters: &Parameters) -> String {
    let pairs: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// Parameters as a form, for a body or behind a question mark.
pub(super) fn form(parameters: &Parameters) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

/// Alipay's public key: PEM, or the bare Base64 its console shows.
pub(super) fn public_key(text: &str) -> Option<VerifyingKey> {
    if text.contains("-----BEGIN") {
        return VerifyingKey::from_public_pem(text.as_bytes());
    }
    let bare: String = text.split_whitespace().collect();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{bare}\n-----END PUBLIC KEY-----\n");
    VerifyingKey::from_public_pem(pem.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::vectors;
    use super::*;
    use serde_json::json;

    fn parameters(pairs: &[(&str, &str)]) -> Parameters {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_published_signature_is_reproduced() {
        let mut signed = parameters(&vectors::PARAMETERS);
        assert_eq!(vectors::signing().sign(text(&signed).as_bytes()), Ok(vectors::SIGNATURE.to_owned()));
        assert!(vectors::verifying().verifies(text(&signed).as_bytes(), vectors::SIGNATURE));
        signed.insert("timestamp".to_owned(), "2023-12-21 06:54:38".to_owned());
        assert!(!vectors::verifying().verifies(text(&signed).as_bytes(), vectors::SIGNATURE));
    }

    #[test]
    fn a_call_says_what_every_call_must_and_nothing_empty() {
        let content = json!({"out_trade_no": "t"});
        let call = Call { method: "alipay.trade.query", content, notify_url: "", return_url: "" };
        let now: Timestamp = "2026-11-22T16:00:05Z".parse().unwrap();
        let mut signed = signed("2021", &vectors::signing(), &call, now).unwrap();
        let sign = signed.remove("sign").unwrap();
        let expected = concat!(
            r#"app_id=2021&biz_content={"out_trade_no":"t"}&charset=utf-8&format=JSON&method=alipay.trade.query"#,
            "&sign_type=RSA2&timestamp=2026-11-23 00:00:05&version=1.0",
        );
        assert_eq!(text(&signed), expected);
        assert!(vectors::verifying().verifies(expected.as_bytes(), &sign));
    }

    #[test]
    fn forms_are_encoded() {
        let form = form(&parameters(&[("b", "一 &"), ("a", "+/=")]));
        assert_eq!(form, "a=%2B%2F%3D&b=%E4%B8%80+%26");
    }

    #[test]
    fn public_keys_come_with_or_without_their_frame() {
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", vectors::PUBLIC);
        let (first, second) = vectors::PUBLIC.split_at(64);
        let text = text(&parameters(&vectors::PARAMETERS));
        for form in [pem.as_str(), vectors::PUBLIC, &format!(" {first}\r\n{second}\n")] {
            assert!(public_key(form).unwrap().verifies(text.as_bytes(), vectors::SIGNATURE));
        }
        for form in ["", "not a key", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"] {
            assert!(public_key(form).is_none());
        }
    }
}
