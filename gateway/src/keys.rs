//! The made-up keys of both sides, in a folder: a merchant's adapter reads its half there.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;

use rand::rngs::OsRng;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_RSA_SHA256, SerialNumber, date_time_ymd};
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, LineEnding};
use rsa::{RsaPrivateKey, RsaPublicKey};
use sha2::{Digest, Sha256};

use crate::random;

const BITS: usize = 2048;

/// From when until when the platform certificate is valid.
pub(crate) const CERTIFICATE_DAYS: [(i32, u8, u8); 2] = [(2024, 1, 1), (2044, 1, 1)];

const WECHAT_MERCHANT: &str = "wechat-merchant.pem";
const WECHAT_MERCHANT_PUBLIC: &str = "wechat-merchant.pub.pem";
const WECHAT_PLATFORM: &str = "wechat-platform.key.pem";
const WECHAT_CERTIFICATE: &str = "wechat-platform.pem";
const WECHAT_API: &str = "wechat-api.key";
const ALIPAY_APP: &str = "alipay-app.pem";
const ALIPAY_APP_PUBLIC: &str = "alipay-app.pub.pem";
const ALIPAY_GATEWAY: &str = "alipay-gateway.key.pem";
const ALIPAY_PUBLIC: &str = "alipay-public.pem";
const COUNTER: &str = "counter.key";

/// The keys of the simulated gateways, and what they know of the merchant's.
pub struct Keys {
    folder: PathBuf,
    pub(crate) wechat_merchant: RsaPublicKey,
    pub(crate) wechat_platform: RsaPrivateKey,
    /// The platform certificate's number, 40 upper-case hexadecimal digits.
    pub(crate) wechat_serial: String,
    /// The certificate itself, PEM.
    pub(crate) wechat_certificate: String,
    /// The symmetric key WeChat Pay seals with.
    pub(crate) wechat_api: [u8; 32],
    pub(crate) alipay_app: RsaPublicKey,
    pub(crate) alipay_gateway: RsaPrivateKey,
    pub(crate) counter: Vec<u8>,
}

impl Keys {
    /// Reads the keys of a folder, or makes it. Processes may race for it: the folder appears as a whole.
    ///
    /// # Errors
    /// Which file cannot be written, read, or used.
    pub fn read_or_make(folder: &Path) -> Result<Self, String> {
        static MAKING: Mutex<()> = Mutex::new(());
        let _one_at_a_time = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        if !folder.join(COUNTER).exists() {
            make(folder)?;
        }
        Self::read(folder)
    }

    fn read(folder: &Path) -> Result<Self, String> {
        let text = |name: &str| {
            let path = folder.join(name);
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
        };
        let unfit = |name: &str| format!("{}: not a key of its kind; remove the folder", folder.join(name).display());
        let private = |name: &str| RsaPrivateKey::from_pkcs8_pem(&text(name)?).map_err(|_| unfit(name));
        let public = |name: &str| RsaPublicKey::from_public_key_pem(&text(name)?).map_err(|_| unfit(name));
        let wechat_platform = private(WECHAT_PLATFORM)?;
        Ok(Self {
            folder: folder.canonicalize().map_err(|error| format!("{}: {error}", folder.display()))?,
            wechat_merchant: public(WECHAT_MERCHANT_PUBLIC)?,
            wechat_serial: hex::encode_upper(serial(&wechat_platform.to_public_key())?),
            wechat_platform,
            wechat_certificate: text(WECHAT_CERTIFICATE)?,
            wechat_api: text(WECHAT_API)?.trim().as_bytes().try_into().map_err(|_| unfit(WECHAT_API))?,
            alipay_app: public(ALIPAY_APP_PUBLIC)?,
            alipay_gateway: private(ALIPAY_GATEWAY)?,
            counter: hex::decode(text(COUNTER)?.trim()).map_err(|_| unfit(COUNTER))?,
        })
    }

    /// Where the merchant's WeChat Pay key lies.
    pub(crate) fn wechat_merchant_file(&self) -> PathBuf {
        self.folder.join(WECHAT_MERCHANT)
    }

    /// Where WeChat Pay's symmetric key lies.
    pub(crate) fn wechat_api_file(&self) -> PathBuf {
        self.folder.join(WECHAT_API)
    }

    /// Where the app's Alipay key lies.
    pub(crate) fn alipay_app_file(&self) -> PathBuf {
        self.folder.join(ALIPAY_APP)
    }

    /// Where Alipay's public key lies.
    pub(crate) fn alipay_public_file(&self) -> PathBuf {
        self.folder.join(ALIPAY_PUBLIC)
    }

    /// Where the counter's key lies.
    pub(crate) fn counter_file(&self) -> PathBuf {
        self.folder.join(COUNTER)
    }
}

/// Makes a folder of keys under a name of its own, then moves it into place.
fn make(folder: &Path) -> Result<(), String> {
    let said = |error: io::Error| format!("{}: {error}", folder.display());
    let (Some(parent), Some(name)) = (folder.parent(), folder.file_name()) else {
        return Err(format!("{}: name a folder of its own", folder.display()));
    };
    fs::create_dir_all(parent).map_err(said)?;
    let draft = folder.with_file_name(format!(".{}-{}", name.to_string_lossy(), random::token(6)));
    fs::create_dir(&draft).map_err(said)?;
    let made = fill(&draft).and_then(|()| fs::rename(&draft, folder).map_err(said));
    if made.is_err() {
        // The draft is of no more use; that it stays would harm nobody.
        let _ = fs::remove_dir_all(&draft);
    }
    // Where another process was quicker, its keys are the ones.
    if folder.join(COUNTER).exists() { Ok(()) } else { made }
}

fn fill(folder: &Path) -> Result<(), String> {
    let [merchant, platform, app, gateway] = generate()?;
    let files = [
        (WECHAT_MERCHANT, private_pem(&merchant)?),
        (WECHAT_MERCHANT_PUBLIC, public_pem(&merchant)?),
        (WECHAT_PLATFORM, private_pem(&platform)?),
        (WECHAT_CERTIFICATE, certificate(&platform)?),
        (WECHAT_API, random::token(16)),
        (ALIPAY_APP, private_pem(&app)?),
        (ALIPAY_APP_PUBLIC, public_pem(&app)?),
        (ALIPAY_GATEWAY, private_pem(&gateway)?),
        (ALIPAY_PUBLIC, public_pem(&gateway)?),
        (COUNTER, random::token(32)),
    ];
    files.iter().try_for_each(|(name, text)| write(&folder.join(name), text))
}

/// Key pairs, each made on a thread of its own: that takes a while.
fn generate() -> Result<[RsaPrivateKey; 4], String> {
    let made = thread::scope(|scope| {
        let threads = [(); 4].map(|()| scope.spawn(|| RsaPrivateKey::new(&mut OsRng, BITS)));
        threads.map(|thread| thread.join())
    });
    let keys: Vec<RsaPrivateKey> = made.into_iter().filter_map(|key| key.ok()?.ok()).collect();
    keys.try_into().map_err(|_| "no keys could be made".to_owned())
}

/// For its owner's eyes only, as a key would be.
fn write(path: &Path, text: &str) -> Result<(), String> {
    let said = |error: io::Error| format!("{}: {error}", path.display());
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(said)?.write_all(text.as_bytes()).map_err(said)
}

fn private_pem(key: &RsaPrivateKey) -> Result<String, String> {
    key.to_pkcs8_pem(LineEnding::LF).map(|pem| pem.as_str().to_owned()).map_err(|error| error.to_string())
}

fn public_pem(key: &RsaPrivateKey) -> Result<String, String> {
    key.to_public_key().to_public_key_pem(LineEnding::LF).map_err(|error| error.to_string())
}

/// The platform's key in an X.509 certificate, which is how WeChat Pay hands it out.
fn certificate(key: &RsaPrivateKey) -> Result<String, String> {
    let said = |error: rcgen::Error| error.to_string();
    let pair = KeyPair::from_pkcs8_pem_and_sign_algo(&private_pem(key)?, &PKCS_RSA_SHA256).map_err(said)?;
    let [from, until] = CERTIFICATE_DAYS.map(|(year, month, day)| date_time_ymd(year, month, day));
    let mut params = CertificateParams::new(Vec::<String>::new()).map_err(said)?;
    params.serial_number = Some(SerialNumber::from_slice(&serial(&key.to_public_key())?));
    params.not_before = from;
    params.not_after = until;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "Simulated payment platform");
    Ok(params.self_signed(&pair).map_err(said)?.pem())
}

/// The certificate's number: drawn from the key, so that nobody has to read it out of the certificate.
fn serial(key: &RsaPublicKey) -> Result<[u8; 20], String> {
    let der = key.to_public_key_der().map_err(|error| error.to_string())?;
    let mut serial = [0; 20];
    for (digit, byte) in serial.iter_mut().zip(Sha256::digest(der.as_bytes())) {
        *digit = byte;
    }
    // Positive and twenty bytes long, however it is written.
    serial[0] = (serial[0] & 0x3f) | 0x40;
    Ok(serial)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Keys every test shares: making some takes long.
    pub(crate) fn keys() -> Keys {
        Keys::read_or_make(&std::env::temp_dir().join("onething-gateway-keys")).unwrap()
    }

    #[test]
    fn both_sides_hold_fitting_halves() {
        let keys = keys();
        let read = |path: PathBuf| fs::read_to_string(path).unwrap();
        let merchant = RsaPrivateKey::from_pkcs8_pem(&read(keys.wechat_merchant_file())).unwrap();
        assert_eq!(merchant.to_public_key(), keys.wechat_merchant);
        let app = RsaPrivateKey::from_pkcs8_pem(&read(keys.alipay_app_file())).unwrap();
        assert_eq!(app.to_public_key(), keys.alipay_app);
        let gateway = read(keys.alipay_public_file());
        assert!(gateway.starts_with("-----BEGIN PUBLIC KEY-----"));
        assert_eq!(RsaPublicKey::from_public_key_pem(&gateway).unwrap(), keys.alipay_gateway.to_public_key());
        assert_eq!(read(keys.wechat_api_file()).len(), 32);
        assert_eq!(read(keys.counter_file()).len(), 64);
        assert_eq!(keys.counter.len(), 32);
        assert_eq!(keys.wechat_serial.len(), 40);
        assert!(keys.wechat_certificate.starts_with("-----BEGIN CERTIFICATE-----"));
    }

    #[test]
    fn a_folder_without_a_name_is_refused() {
        assert!(Keys::read_or_make(Path::new("/")).is_err());
    }
}
