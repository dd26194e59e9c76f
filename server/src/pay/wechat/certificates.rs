//! The keys WeChat Pay signs with, by their numbers.
//!
//! It changes its certificate every few years, and the new one signs from one moment to the next.
//! So they are fetched (获取平台证书列表, `/v3/certificates`) whenever an unknown number appears, and
//! not more often than once a minute: anybody can send a notification with a number they made up.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use serde::Deserialize;
use tokio::sync::Mutex;

use super::seal::{ApiKey, Sealed};
use super::sign::Signed;
use crate::pay::Failure;
use crate::pay::keys::VerifyingKey;

/// Shortest time between two fetches.
const PAUSE: Duration = Duration::from_secs(60);

/// How the numbers of public keys that come without a certificate (微信支付公钥) begin.
const PUBLIC_KEY: &str = "PUB_KEY_ID_";

/// Keys by number, in upper case.
pub(super) type Keys = HashMap<String, VerifyingKey>;

/// What the operator says WeChat Pay signs with.
pub(super) struct Pinned {
    /// None for a public key without a certificate. Its number only tells it from certificates:
    /// there is one such key for a merchant.
    serial: Option<String>,
    key: VerifyingKey,
}

/// The keys known so far.
pub(super) struct Certificates {
    pinned: Option<Pinned>,
    keys: RwLock<Keys>,
    asked: Mutex<Option<Asked>>,
}

/// The last fetch.
struct Asked {
    at: Instant,
    answered: bool,
}

impl Pinned {
    /// Reads a certificate, or a public key (PEM).
    ///
    /// # Errors
    /// Why it cannot be used.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let pem = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Self::from_pem(&pem).ok_or_else(|| format!("{}: neither a certificate nor a public key (PEM)", path.display()))
    }

    fn from_pem(pem: &[u8]) -> Option<Self> {
        match VerifyingKey::from_certificate_pem(pem) {
            Some((serial, key)) => Some(Self { serial: Some(serial), key }),
            None => VerifyingKey::from_public_pem(pem).map(|key| Self { serial: None, key }),
        }
    }

    fn covers(&self, serial: &str) -> bool {
        match &self.serial {
            Some(own) => own == serial,
            None => serial.starts_with(PUBLIC_KEY),
        }
    }
}

impl Certificates {
    /// Knows what is pinned, and nothing else yet.
    pub(super) fn new(pinned: Option<Pinned>) -> Self {
        Self { pinned, keys: RwLock::default(), asked: Mutex::new(None) }
    }

    /// The key with a number; none where WeChat Pay has no such key. `fetch` is run where it must be.
    ///
    /// # Errors
    /// Where the key is not known and could not be asked for.
    pub(super) async fn key(
        &self,
        serial: &str,
        fetch: impl Future<Output = Result<Keys, Failure>> + Send,
    ) -> Result<Option<VerifyingKey>, Failure> {
        let serial = serial.to_ascii_uppercase();
        if let Some(key) = self.known(&serial) {
            return Ok(Some(key));
        }
        // Whoever comes meanwhile waits here, and finds what was fetched.
        let mut asked = self.asked.lock().await;
        if let Some(key) = self.known(&serial) {
            return Ok(Some(key));
        }
        if let Some(last) = asked.as_ref().filter(|last| last.at.elapsed() < PAUSE) {
            return if last.answered { Ok(None) } else { Err(Failure::Unsure("no certificates")) };
        }
        let keys = match fetch.await {
            Ok(keys) => keys,
            Err(failure) => {
                *asked = Some(Asked { at: Instant::now(), answered: false });
                return Err(failure);
            }
        };
        *asked = Some(Asked { at: Instant::now(), answered: true });
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(self.known(&serial))
    }

    /// The certificates of an answer, where it can be believed.
    ///
    /// A known key must have signed it. Where none is pinned, the signing key may be one of those in
    /// the answer, as in the official libraries: they came sealed with the API v3 key, which nobody
    /// but WeChat Pay and the merchant has.
    pub(super) fn accept(&self, api: &ApiKey, headers: &HeaderMap, body: &[u8], now: i64) -> Option<Keys> {
        let keys = read(api, body)?;
        let signed = Signed::read(headers).filter(|signed| signed.timely(now))?;
        let serial = signed.serial.to_ascii_uppercase();
        let inside = || keys.get(&serial).filter(|_| self.pinned.is_none()).cloned();
        let key = self.known(&serial).or_else(inside)?;
        signed.by(&key, body).then_some(keys)
    }

    fn known(&self, serial: &str) -> Option<VerifyingKey> {
        if let Some(pinned) = self.pinned.as_ref().filter(|pinned| pinned.covers(serial)) {
            return Some(pinned.key.clone());
        }
        self.keys.read().unwrap_or_else(PoisonError::into_inner).get(serial).cloned()
    }
}

#[derive(Deserialize)]
struct List {
    data: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    serial_no: String,
    encrypt_certificate: Sealed,
}

/// Opens the list. Entries of another kind (SM2) are left out; none at all is no list.
fn read(api: &ApiKey, body: &[u8]) -> Option<Keys> {
    let list: List = serde_json::from_slice(body).ok()?;
    let opened = list.data.iter().filter_map(|entry| {
        let (serial, key) = VerifyingKey::from_certificate_pem(&api.open(&entry.encrypt_certificate)?)?;
        entry.serial_no.eq_ignore_ascii_case(&serial).then_some((serial, key))
    });
    let keys: Keys = opened.collect();
    (!keys.is_empty()).then_some(keys)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::super::sign::headers;
    use super::super::vectors;
    use super::*;

    fn pinned() -> Option<Pinned> {
        Pinned::from_pem(vectors::CERTIFICATE.as_bytes())
    }

    fn keys() -> Keys {
        [(vectors::SERIAL.to_owned(), vectors::certified())].into()
    }

    /// The test certificate in a list, as WeChat Pay would seal it.
    fn list(api: &ApiKey, serial: &str) -> Vec<u8> {
        let sealed = api.seal("certificate", vectors::CERTIFICATE.as_bytes());
        serde_json::json!({ "data": [{ "serial_no": serial, "encrypt_certificate": sealed }] }).to_string().into_bytes()
    }

    #[test]
    fn a_published_list_opens() {
        let keys = read(&ApiKey::new(vectors::API_KEY), vectors::CERTIFICATES).unwrap();
        assert_eq!(keys.into_keys().collect::<Vec<_>>(), [vectors::LISTED]);
        assert!(read(&ApiKey::new(&[1; 32]), vectors::CERTIFICATES).is_none());
        assert!(read(&ApiKey::new(vectors::API_KEY), b"{\"data\":[]}").is_none());
        assert!(read(&ApiKey::new(vectors::API_KEY), b"").is_none());
    }

    #[test]
    fn a_certificate_has_the_number_it_comes_with() {
        // wechatpay-apiv3/wechatpay-go, utils/pem_test.go.
        assert_eq!(pinned().unwrap().serial.unwrap(), "D7CE59D1F522D701");
        let api = ApiKey::new(vectors::API_KEY);
        assert!(read(&api, &list(&api, "d7ce59d1f522d701")).is_some());
        assert!(read(&api, &list(&api, vectors::LISTED)).is_none());
    }

    #[test]
    fn a_list_is_believed_only_when_signed() {
        let api = ApiKey::new(vectors::API_KEY);
        let body = list(&api, vectors::SERIAL);
        let good = headers(1000, &body);
        for certificates in [Certificates::new(None), Certificates::new(pinned())] {
            assert!(certificates.accept(&api, &good, &body, 1000).is_some());
            assert!(certificates.accept(&api, &good, &body, 2000).is_none(), "old");
            assert!(certificates.accept(&api, &headers(1000, b"{}"), &body, 1000).is_none(), "changed");
            assert!(certificates.accept(&api, &HeaderMap::new(), &body, 1000).is_none(), "not signed");
            assert!(certificates.accept(&ApiKey::new(&[1; 32]), &good, &body, 1000).is_none(), "another's");
        }
        let other = Pinned { serial: Some(vectors::LISTED.to_owned()), key: vectors::answering() };
        assert!(Certificates::new(Some(other)).accept(&api, &good, &body, 1000).is_none(), "not the pinned one");
    }

    #[test]
    fn a_pinned_public_key_covers_its_own_numbers() {
        let pem = include_bytes!("vectors/answer_public_key.pem");
        let certificates = Certificates::new(Pinned::from_pem(pem));
        assert!(certificates.known("PUB_KEY_ID_0000000000000024101100397200000006").is_some());
        assert!(certificates.known(vectors::SERIAL).is_none() && Pinned::from_pem(b"nothing").is_none());
    }

    /// A fetch that counts itself.
    async fn fetched(asked: &AtomicUsize, answer: Result<Keys, Failure>) -> Result<Keys, Failure> {
        asked.fetch_add(1, Ordering::Relaxed);
        answer
    }

    #[tokio::test]
    async fn unknown_numbers_are_asked_for_once_a_minute() {
        let certificates = Certificates::new(None);
        let asked = AtomicUsize::new(0);
        let failed = || fetched(&asked, Err(Failure::Unsure("no answer")));
        let found = || fetched(&asked, Ok(keys()));
        assert!(certificates.key(vectors::SERIAL, failed()).await.is_err());
        assert!(certificates.key(vectors::SERIAL, found()).await.is_err(), "not again so soon");
        assert_eq!(asked.load(Ordering::Relaxed), 1);

        *certificates.asked.lock().await = None;
        assert!(certificates.key("d7ce59d1f522d701", found()).await.unwrap().is_some());
        assert!(certificates.key(vectors::SERIAL, failed()).await.unwrap().is_some(), "known now");
        assert!(certificates.key("AB", failed()).await.unwrap().is_none(), "WeChat Pay has no such key");
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }
}
