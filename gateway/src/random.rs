//! Numbers nobody can guess.

use rand::RngCore;
use rand::rngs::OsRng;

/// Random bytes in hexadecimal: twice as many letters.
pub(crate) fn token(bytes: usize) -> String {
    hex::encode(random(bytes))
}

/// Random decimal digits.
pub(crate) fn digits(count: usize) -> String {
    random(count).into_iter().map(|byte| char::from(b'0' + byte % 10)).collect()
}

fn random(count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    OsRng.fill_bytes(&mut bytes);
    bytes
}
