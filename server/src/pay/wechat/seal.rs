//! What WeChat Pay seals with the merchant's API v3 key: notifications and its own certificates.
//!
//! AEAD_AES_256_GCM (RFC 5116) as 证书和回调报文解密 says.

use std::path::Path;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

/// The only way it seals.
const ALGORITHM: &str = "AEAD_AES_256_GCM";

const NONCE: usize = 12;

/// The merchant's API v3 key (APIv3密钥). It is never printed.
pub(super) struct ApiKey(Aes256Gcm);

/// Something sealed, as it travels.
#[derive(Deserialize)]
pub(super) struct Sealed {
    algorithm: String,
    ciphertext: String,
    nonce: String,
    /// Not always there; sealed as empty then.
    #[serde(default)]
    associated_data: Option<String>,
}

impl ApiKey {
    /// Reads the key's file: its 32 characters, and nothing but a line's end after them.
    ///
    /// # Errors
    /// Why it cannot be used; never what it holds.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let key: Result<&[u8; 32], _> = bytes.trim_ascii_end().try_into();
        key.map(Self::new).map_err(|_| format!("{}: an API v3 key has 32 characters", path.display()))
    }

    /// The key as it is.
    pub(super) fn new(bytes: &[u8; 32]) -> Self {
        Self(Aes256Gcm::new(bytes.into()))
    }

    /// What was sealed; none where it was sealed with another key or another way, or changed since.
    pub(super) fn open(&self, sealed: &Sealed) -> Option<Vec<u8>> {
        if sealed.algorithm != ALGORITHM {
            return None;
        }
        let nonce: [u8; NONCE] = sealed.nonce.as_bytes().try_into().ok()?;
        let message = STANDARD.decode(&sealed.ciphertext).ok()?;
        let beside = sealed.associated_data.as_deref().unwrap_or_default().as_bytes();
        self.0.decrypt(&Nonce::from(nonce), Payload { msg: &message, aad: beside }).ok()
    }

    /// Seals as WeChat Pay does; JSON.
    #[cfg(test)]
    pub(super) fn seal(&self, beside: &str, message: &[u8]) -> serde_json::Value {
        let sealed = self.0.encrypt(&Nonce::from(*b"fixed-nonce!"), Payload { msg: message, aad: beside.as_bytes() });
        serde_json::json!({
            "algorithm": ALGORITHM,
            "ciphertext": STANDARD.encode(sealed.unwrap()),
            "nonce": "fixed-nonce!",
            "associated_data": beside,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::vectors;
    use super::*;

    fn published() -> Sealed {
        // wechatpay-apiv3/wechatpay-java, core/src/test/java/com/wechat/pay/java/core/cipher/AeadAesCipherTest.java.
        Sealed {
            algorithm: ALGORITHM.to_owned(),
            ciphertext: "ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI=".to_owned(),
            nonce: "uluk4a9R25RW".to_owned(),
            associated_data: Some("associatedData".to_owned()),
        }
    }

    #[test]
    fn what_was_published_opens() {
        let key = ApiKey::new(vectors::API_KEY);
        assert_eq!(key.open(&published()).unwrap(), b"message");
        assert!(ApiKey::new(&[7; 32]).open(&published()).is_none());
    }

    #[test]
    fn changing_anything_keeps_it_shut() {
        let key = ApiKey::new(vectors::API_KEY);
        let text = str::to_owned;
        for changed in [
            Sealed { algorithm: text("AEAD_SM4_GCM"), ..published() },
            Sealed { ciphertext: text("ulwSiIajGClcvcOYvOQ7+l+0PAbzzwM="), ..published() },
            Sealed { ciphertext: text("ulwS"), ..published() },
            Sealed { ciphertext: text("not base64"), ..published() },
            Sealed { ciphertext: String::new(), ..published() },
            Sealed { nonce: text("uluk4a9R25RX"), ..published() },
            Sealed { nonce: text("short"), ..published() },
            Sealed { associated_data: text("associatedDatb").into(), ..published() },
            Sealed { associated_data: None, ..published() },
        ] {
            assert!(key.open(&changed).is_none(), "{} {}", changed.nonce, changed.ciphertext);
        }
    }

    #[test]
    fn nothing_beside_it_is_empty() {
        let key = ApiKey::new(vectors::API_KEY);
        let mut sealed = key.seal("", "你好".as_bytes());
        sealed.as_object_mut().unwrap().remove("associated_data");
        let sealed: Sealed = serde_json::from_value(sealed).unwrap();
        assert_eq!(key.open(&sealed).unwrap(), "你好".as_bytes());
    }

    #[test]
    fn a_keys_file_holds_32_characters() {
        let path = std::env::temp_dir().join(format!("onething-wechat-{}", crate::random::id()));
        let read = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            let key = ApiKey::read(&path);
            let _ = std::fs::remove_file(&path);
            key
        };
        for good in [&b"a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb"[..], b"a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb\r\n"] {
            assert_eq!(read(good).unwrap().open(&published()).unwrap(), b"message");
        }
        let why = read(b"secret-but-short\n").err().unwrap();
        assert!(why.contains("32 characters") && !why.contains("secret"), "{why}");
        assert!(read(b"").is_err() && read(&[b'x'; 33]).is_err());
        assert!(ApiKey::read(&path).is_err(), "no file");
    }
}
