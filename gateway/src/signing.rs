//! RSA signatures as both big gateways make them: PKCS#1 v1.5 over SHA-256, in Base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use sha2::{Digest, Sha256};

/// Signs; nothing comes out of a key that cannot sign, and nobody takes that for a signature.
pub(crate) fn sign(key: &RsaPrivateKey, message: &str) -> String {
    let digest = Sha256::digest(message.as_bytes());
    key.sign(Pkcs1v15Sign::new::<Sha256>(), &digest).map(|signature| STANDARD.encode(signature)).unwrap_or_default()
}

/// Whether a signature is this key's over a message.
pub(crate) fn verifies(key: &RsaPublicKey, message: &str, signature: &str) -> bool {
    let digest = Sha256::digest(message.as_bytes());
    let signature = STANDARD.decode(signature).unwrap_or_default();
    key.verify(Pkcs1v15Sign::new::<Sha256>(), &digest, &signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_key_and_message_verify() {
        let keys = crate::keys::tests::keys();
        let signature = sign(&keys.wechat_platform, "message");
        let public = keys.wechat_platform.to_public_key();
        assert!(verifies(&public, "message", &signature));
        assert!(!verifies(&public, "messages", &signature));
        assert!(!verifies(&keys.alipay_gateway.to_public_key(), "message", &signature));
        assert!(!verifies(&public, "message", "") && !verifies(&public, "message", "?"));
    }
}
