//! Published keys and certificates for the tests; `vectors/README.md` says from where.

use crate::pay::keys::{SigningKey, VerifyingKey};

/// The number of the certificate below (wechatpay-go, `utils/pem_test.go`).
pub(super) const SERIAL: &str = "D7CE59D1F522D701";

/// Stands for a certificate of WeChat Pay's.
pub(super) const CERTIFICATE: &str = include_str!("vectors/platform_certificate.pem");

/// The list of certificates as WeChat Pay answers it, and the API v3 key it is sealed with (wechatpay-java).
pub(super) const CERTIFICATES: &[u8] = include_bytes!("vectors/certificates.json");

/// See [`CERTIFICATES`].
pub(super) const API_KEY: &[u8; 32] = b"a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb";

/// The number of the one certificate in [`CERTIFICATES`].
pub(super) const LISTED: &str = "5DEA10EF55877E3CF6C33255C2E7DEFFF7E427EC";

/// Signs what a merchant sends.
pub(super) fn merchant() -> SigningKey {
    private(include_str!("vectors/merchant_key.pem"))
}

/// Signs what WeChat Pay says.
pub(super) fn platform() -> SigningKey {
    private(include_str!("vectors/platform_key.pem"))
}

/// Verifies what [`platform`] signs.
pub(super) fn certified() -> VerifyingKey {
    VerifyingKey::from_certificate_pem(CERTIFICATE.as_bytes()).unwrap().1
}

/// Verifies the answer the manual shows.
pub(super) fn answering() -> VerifyingKey {
    VerifyingKey::from_public_pem(include_bytes!("vectors/answer_public_key.pem")).unwrap()
}

/// What a private key is called in a file nobody may take for a leak.
fn private(pem: &str) -> SigningKey {
    SigningKey::from_pem(pem.replace("TESTING KEY", "PRIVATE KEY").as_bytes()).unwrap()
}
