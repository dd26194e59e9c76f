//! RSA keys in files: ours sign, theirs verify. PKCS#1 v1.5 with SHA-256, which both big gateways use.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, SubjectPublicKeyInfoDer};
use x509_cert::der::Decode;
use x509_cert::spki::SubjectPublicKeyInfoRef;

/// A private key. It is never printed.
pub struct SigningKey(RsaKeyPair);

/// Somebody's public key.
#[derive(Clone)]
pub struct VerifyingKey(UnparsedPublicKey<Vec<u8>>);

impl SigningKey {
    /// Reads a PEM file (PKCS#8 or PKCS#1).
    ///
    /// # Errors
    /// Why it cannot be used; never what it holds.
    pub fn read(path: &Path) -> Result<Self, String> {
        let said = |why: &str| format!("{}: {why}", path.display());
        let text = std::fs::read(path).map_err(|error| said(&error.to_string()))?;
        Self::from_pem(&text).ok_or_else(|| said("not a private RSA key of at least 2048 bits (PEM)"))
    }

    /// Reads PEM.
    #[must_use]
    pub fn from_pem(pem: &[u8]) -> Option<Self> {
        let pair = match PrivateKeyDer::from_pem_slice(pem).ok()? {
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            _ => return None,
        };
        pair.ok().map(Self)
    }

    /// Signs; gives Base64.
    ///
    /// # Errors
    /// When the machine has no randomness.
    pub fn sign(&self, message: &[u8]) -> Result<String, super::Failure> {
        let mut signature = vec![0; self.0.public().modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| super::Failure::Unsure("no signature"))?;
        Ok(STANDARD.encode(signature))
    }
}

impl VerifyingKey {
    /// Reads a public key (PEM, `BEGIN PUBLIC KEY`).
    #[must_use]
    pub fn from_public_pem(pem: &[u8]) -> Option<Self> {
        Self::from_info(SubjectPublicKeyInfoDer::from_pem_slice(pem).ok()?.as_ref())
    }

    /// Reads a certificate (PEM): its serial number in upper-case hexadecimal, and its key.
    #[must_use]
    pub fn from_certificate_pem(pem: &[u8]) -> Option<(String, Self)> {
        use x509_cert::der::Encode;
        let der = CertificateDer::from_pem_slice(pem).ok()?;
        let certificate = x509_cert::Certificate::from_der(der.as_ref()).ok()?.tbs_certificate;
        let serial = hex::encode_upper(certificate.serial_number.as_bytes());
        let serial = serial.strip_prefix("00").filter(|rest| rest.len() % 2 == 0).map(str::to_owned).unwrap_or(serial);
        let key = Self::from_info(&certificate.subject_public_key_info.to_der().ok()?)?;
        Some((serial, key))
    }

    /// ring takes the inner RSA key only.
    fn from_info(der: &[u8]) -> Option<Self> {
        let info = SubjectPublicKeyInfoRef::from_der(der).ok()?;
        let key = info.subject_public_key.as_bytes()?.to_vec();
        Some(Self(UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)))
    }

    /// Whether a Base64 signature is this key's over a message.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &str) -> bool {
        STANDARD.decode(signature).is_ok_and(|signature| self.0.verify(message, &signature).is_ok())
    }
}
