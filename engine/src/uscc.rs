//! Unified social credit codes (GB 32100-2015) with the organisation code inside (GB 11714).

use contract::problem::FaultRule;

const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// Reads a code; spaces, full-width and small letters are forgiven.
///
/// # Errors
/// Says whether the shape or a check character is wrong.
pub fn parse(text: &str) -> Result<String, FaultRule> {
    let text = crate::answer::narrow(text).to_ascii_uppercase();
    let bytes = text.as_bytes();
    if bytes.len() != 18 {
        return Err(FaultRule::UsccShape);
    }
    let mut values = [0_u32; 18];
    for (value, byte) in values.iter_mut().zip(bytes) {
        let place = ALPHABET.iter().position(|letter| letter == byte).ok_or(FaultRule::UsccShape)?;
        *value = u32::try_from(place).unwrap_or(0);
    }
    let mut weight = 1;
    let mut sum = 0;
    for value in &values[..17] {
        sum += value * weight % 31;
        weight = weight * 3 % 31;
    }
    if values[17] != (31 - sum % 31) % 31 || !organisation_fits(&bytes[8..17]) {
        return Err(FaultRule::UsccCheck);
    }
    Ok(text)
}

/// Checks characters 9 to 17: GB 11714, letters count from A = 10.
fn organisation_fits(code: &[u8]) -> bool {
    let value = |byte: u8| if byte.is_ascii_digit() { u32::from(byte - b'0') } else { u32::from(byte - b'A') + 10 };
    let sum: u32 = code[..8].iter().zip(ORGANISATION_WEIGHTS).map(|(byte, weight)| value(*byte) * weight).sum();
    let check = match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        digit => b'0' + u8::try_from(digit).unwrap_or(0),
    };
    check == code[8]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_vectors() {
        for valid in [
            "91350100M000100Y43",
            "11370800MB28559184",
            "12110000400777687U",
            "11100000000013338W",
            "９１350100m000100y43",
        ] {
            assert!(parse(valid).is_ok(), "{valid}");
        }
        assert_eq!(parse("91350100M000100Y4Z"), Err(FaultRule::UsccShape));
        assert_eq!(parse("91350100M000100Y44"), Err(FaultRule::UsccCheck));
        assert_eq!(parse(""), Err(FaultRule::UsccShape));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,24}") {
            let _ = parse(&text);
        }
    }
}
