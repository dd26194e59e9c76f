//! Identifiers and secrets nobody can guess.

use rand::RngCore;
use sha2::{Digest, Sha256};

/// An identifier of 96 random bits.
#[must_use]
pub fn id() -> String {
    bytes::<12>()
}

/// A secret of 256 random bits.
#[must_use]
pub fn secret() -> String {
    bytes::<32>()
}

/// What is stored of a secret.
#[must_use]
pub fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret))
}

/// So many decimal digits.
#[must_use]
pub fn digits(count: usize) -> String {
    use rand::Rng;
    let mut rng = rand::rng();
    (0..count).map(|_| char::from(b'0' + rng.random_range(0..10))).collect()
}

fn bytes<const N: usize>() -> String {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    hex::encode(bytes)
}
