//! Citizen ID numbers (GB 11643), and the residence permits that share their shape.

use crate::date::Date;
use contract::problem::FaultRule;

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: &[u8; 11] = b"10X98765432";

/// A number whose check character fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdNumber {
    text: String,
    birth: Date,
}

impl IdNumber {
    /// Reads a number. Spaces, full-width digits and a small `x` are forgiven.
    ///
    /// # Errors
    /// Says which rule is broken: the shape, the date inside, or the check character.
    pub fn parse(text: &str) -> Result<Self, FaultRule> {
        let text = crate::answer::narrow(text).to_ascii_uppercase();
        let bytes = text.as_bytes();
        let (Some(body), Some(&last)) = (bytes.get(..17), bytes.get(17)) else {
            return Err(FaultRule::IdShape);
        };
        if bytes.len() != 18
            || !body.iter().all(u8::is_ascii_digit)
            || !(last.is_ascii_digit() || last == b'X')
            || body[0] == b'0'
        {
            return Err(FaultRule::IdShape);
        }
        // A permanent residence card (first digit 9) holds the birth date in the same places.
        let birth = date_of(body).ok_or(FaultRule::IdDate)?;
        let sum: u32 = body.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        if CHECKS[(sum % 11) as usize] != last {
            return Err(FaultRule::IdCheck);
        }
        Ok(Self { text, birth })
    }

    /// The number in its normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The day of birth.
    #[must_use]
    pub fn birth(&self) -> Date {
        self.birth
    }

    /// Sex as in GB/T 2261.1: the 17th digit is odd for `1`, male; even for `2`, female.
    #[must_use]
    pub fn sex(&self) -> &'static str {
        if (self.text.as_bytes()[16] - b'0') % 2 == 1 { "1" } else { "2" }
    }
}

/// The normal form of the number of a person: an ID number, or the old permanent residence card of
/// three letters and twelve digits, valid until it expires.
///
/// # Errors
/// Says which rule an ID number breaks.
pub fn number(text: &str) -> Result<String, FaultRule> {
    IdNumber::parse(text).map(|number| number.text).or_else(|rule| old_residence_card(text).ok_or(rule))
}

fn old_residence_card(text: &str) -> Option<String> {
    let text = crate::answer::narrow(text).to_ascii_uppercase();
    let (letters, digits) = text.split_at_checked(3)?;
    let fits = letters.bytes().all(|byte| byte.is_ascii_uppercase())
        && digits.len() == 12
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    fits.then_some(text)
}

/// Whether a number can stand on a paper of this kind (`id_type` of the code tables).
#[must_use]
pub fn fits_paper(kind: &str, text: &str) -> bool {
    let text = crate::answer::narrow(text).to_ascii_uppercase();
    let plain = |least: usize, most: usize| {
        (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    match kind {
        "id_card" | "hukou_book" => IdNumber::parse(&text).is_ok(),
        "hmt_residence" => {
            IdNumber::parse(&text).is_ok() && ["81", "82", "83"].iter().any(|prefix| text.starts_with(prefix))
        }
        "foreign_pr" => {
            (IdNumber::parse(&text).is_ok() && text.starts_with('9')) || old_residence_card(&text).is_some()
        }
        // No check digit stands in a passport's number; lengths differ from country to country.
        "passport" | "passport_cn" => plain(5, 17),
        "hmt_permit" => plain(8, 11),
        _ => true,
    }
}

fn date_of(body: &[u8]) -> Option<Date> {
    let number =
        |from: usize, to: usize| body[from..to].iter().fold(0_i32, |sum, byte| sum * 10 + i32::from(byte - b'0'));
    let (year, month, day) = (number(6, 10), u8::try_from(number(10, 12)).ok()?, u8::try_from(number(12, 14)).ok()?);
    (year >= 1850).then(|| Date::new(year, month, day)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_vectors() {
        for valid in [
            "11010519491231002X",
            "440524188001010014",
            "810000199408230021",
            "830000199201300022",
            "911124198108030024",
        ] {
            assert!(IdNumber::parse(valid).is_ok(), "{valid}");
        }
        assert_eq!(IdNumber::parse("44052418800101001X"), Err(FaultRule::IdCheck));
        assert_eq!(IdNumber::parse("440524188013010014"), Err(FaultRule::IdDate));
        assert_eq!(IdNumber::parse("110105491231002"), Err(FaultRule::IdShape), "15 digits are no longer issued");
    }

    #[test]
    fn papers_of_other_kinds() {
        assert_eq!(number("usa 110119900101").as_deref(), Ok("USA110119900101"));
        assert_eq!(number("US1110119900101"), Err(FaultRule::IdShape));
        for (kind, text, fits) in [
            ("id_card", "11010519491231002X", true),
            ("id_card", "44052418800101001X", false),
            ("hmt_residence", "810000199408230021", true),
            ("hmt_residence", "11010519491231002X", false),
            ("foreign_pr", "911124198108030024", true),
            ("foreign_pr", "USA110119900101", true),
            ("foreign_pr", "11010519491231002X", false),
            ("passport", "E12345678", true),
            ("passport", "e1234", true),
            ("passport", "E123", false),
            ("passport", "E12345678-1", false),
            ("army_id", "南字第1号", true),
        ] {
            assert_eq!(fits_paper(kind, text), fits, "{kind} {text}");
        }
    }

    #[test]
    fn careless_typing_is_forgiven() {
        let number = IdNumber::parse(" １１０１０５ 19491231 002x ").unwrap();
        assert_eq!(number.as_str(), "11010519491231002X");
        assert_eq!(number.birth().to_string(), "1949-12-31");
        assert_eq!(number.sex(), "2");
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,24}") {
            let _ = IdNumber::parse(&text);
            let _ = number(&text);
            let _ = fits_paper("passport", &text) || fits_paper("foreign_pr", &text);
        }

        #[test]
        fn one_wrong_digit_is_noticed(place in 0_usize..17, digit in 0_u8..10) {
            let mut bytes = b"11010519491231002X".to_vec();
            prop_assume!(bytes[place] != b'0' + digit);
            bytes[place] = b'0' + digit;
            prop_assert!(IdNumber::parse(std::str::from_utf8(&bytes).unwrap()).is_err());
        }
    }
}
