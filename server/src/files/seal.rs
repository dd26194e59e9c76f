//! AES-256-GCM: every object under a key of its own, those keys wrapped in the operator's.

use std::path::Path;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use rand::RngCore;

use crate::http::Refusal;

const NONCE: usize = 12;

/// The operator's key: whoever has it and the database can read every file.
#[derive(Clone)]
pub struct MasterKey(Aes256Gcm);

/// The key of one file or one upload.
#[derive(Clone)]
pub struct DataKey {
    bytes: [u8; 32],
    cipher: Aes256Gcm,
}

impl MasterKey {
    /// Reads the key's file: 64 hexadecimal digits.
    ///
    /// # Errors
    /// When there is none or it holds something else.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.trim(), &mut bytes)
            .map_err(|_| format!("{}: write the key as 64 hexadecimal digits", path.display()))?;
        Ok(Self(cipher(&bytes)))
    }

    /// Reads the key's file, or writes one with a fresh key for its owner's eyes only.
    ///
    /// # Errors
    /// When it can be neither read nor written.
    pub fn read_or_make(path: &Path) -> Result<Self, String> {
        if !path.exists() {
            let said = |error: std::io::Error| format!("{}: {error}", path.display());
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).map_err(said)?;
            }
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(path).map_err(said)?;
            std::io::Write::write_all(&mut file, crate::random::secret().as_bytes()).map_err(said)?;
            file.sync_all().map_err(said)?;
        }
        Self::read(path)
    }

    /// What the database keeps of a file's key.
    pub(super) fn wrap(&self, key: &DataKey) -> Result<String, Refusal> {
        Ok(hex::encode(seal(&self.0, b"key", &key.bytes)?))
    }

    /// The key the database holds wrapped.
    pub(super) fn unwrap(&self, wrapped: &str) -> Result<DataKey, Refusal> {
        let bytes = hex::decode(wrapped).map_err(|_| Refusal::Internal)?;
        let bytes = open(&self.0, b"key", &bytes)?.try_into().map_err(|_| Refusal::Internal)?;
        Ok(DataKey { cipher: cipher(&bytes), bytes })
    }
}

impl DataKey {
    pub(super) fn fresh() -> Self {
        let mut bytes = [0; 32];
        rand::rng().fill_bytes(&mut bytes);
        Self { cipher: cipher(&bytes), bytes }
    }

    /// Seals; the name is part of what is sealed, so that objects cannot be swapped in the store.
    pub(super) fn seal(&self, name: &str, bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
        seal(&self.cipher, name.as_bytes(), bytes)
    }

    pub(super) fn open(&self, name: &str, sealed: &[u8]) -> Result<Vec<u8>, Refusal> {
        open(&self.cipher, name.as_bytes(), sealed)
    }
}

fn cipher(bytes: &[u8; 32]) -> Aes256Gcm {
    Aes256Gcm::new(bytes.into())
}

fn seal(cipher: &Aes256Gcm, name: &[u8], bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut nonce = [0; NONCE];
    rand::rng().fill_bytes(&mut nonce);
    let sealed = cipher.encrypt(&Nonce::from(nonce), Payload { msg: bytes, aad: name });
    let sealed = sealed.map_err(|_| Refusal::Internal)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

fn open(cipher: &Aes256Gcm, name: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Refusal> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or(Refusal::Internal)?;
    cipher.decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: name }).map_err(|_| {
        tracing::error!("a stored file is not what was stored");
        Refusal::Internal
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_key_and_name_open() {
        let (master, other) = (MasterKey(cipher(&[1; 32])), MasterKey(cipher(&[2; 32])));
        let key = DataKey::fresh();
        let sealed = key.seal("a", b"secret").unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
        assert_eq!(key.open("a", &sealed).unwrap(), b"secret");
        assert!(key.open("b", &sealed).is_err(), "another object's place");
        assert!(DataKey::fresh().open("a", &sealed).is_err());
        let wrapped = master.wrap(&key).unwrap();
        assert_eq!(master.unwrap(&wrapped).unwrap().open("a", &sealed).unwrap(), b"secret");
        assert!(other.unwrap(&wrapped).is_err() && master.unwrap("zz").is_err() && master.unwrap("").is_err());
        let mut broken = sealed.clone();
        *broken.last_mut().unwrap() ^= 1;
        assert!(key.open("a", &broken).is_err() && key.open("a", &[0; 5]).is_err());
    }
}
