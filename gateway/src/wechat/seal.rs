//! What WeChat Pay tells only the merchant: AES-256-GCM under the API v3 key.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::random;

/// Something sealed, with all a merchant needs to open it but the key.
#[derive(Debug, Serialize)]
pub(super) struct Sealed {
    algorithm: &'static str,
    nonce: String,
    associated_data: &'static str,
    ciphertext: String,
}

/// Seals a text; `what` it is goes with it and is sealed too.
pub(super) fn seal(key: &[u8; 32], what: &'static str, text: &str) -> Sealed {
    // Twelve letters, as the real one sends, are the cipher's twelve bytes.
    let nonce = random::token(6);
    let mut bytes = [0; 12];
    for (byte, letter) in bytes.iter_mut().zip(nonce.bytes()) {
        *byte = letter;
    }
    let cipher = Aes256Gcm::new(key.into());
    let payload = Payload { msg: text.as_bytes(), aad: what.as_bytes() };
    let ciphertext = cipher.encrypt(&Nonce::from(bytes), payload).unwrap_or_default();
    let ciphertext = STANDARD.encode(ciphertext);
    Sealed { algorithm: "AEAD_AES_256_GCM", nonce, associated_data: what, ciphertext }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Opens what is sealed, as a merchant would.
    pub(in crate::wechat) fn open(key: &[u8; 32], resource: &serde_json::Value) -> Option<String> {
        let field = |name: &str| resource[name].as_str().unwrap();
        let nonce: [u8; 12] = field("nonce").as_bytes().try_into().unwrap();
        let sealed = STANDARD.decode(field("ciphertext")).unwrap();
        let payload = Payload { msg: &sealed, aad: field("associated_data").as_bytes() };
        let text = Aes256Gcm::new(key.into()).decrypt(&Nonce::from(nonce), payload).ok()?;
        String::from_utf8(text).ok()
    }

    #[test]
    fn only_the_right_key_opens() {
        let sealed = serde_json::to_value(seal(&[7; 32], "transaction", "secret")).unwrap();
        assert_eq!(open(&[7; 32], &sealed).as_deref(), Some("secret"));
        assert_eq!(open(&[8; 32], &sealed), None);
        let mut other = sealed;
        other["associated_data"] = "refund".into();
        assert_eq!(open(&[7; 32], &other), None);
    }
}
