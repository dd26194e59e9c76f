//! Identifiers of e-certificates (GB/T 36904).
//!
//! `1.2.156.3005.2.{type}.{issuer}.{serial}.{version}.{check}`: the type is the social credit code
//! of the body that defined it and three digits, the issuer a social credit code.

/// What every identifier begins with: the object identifier of Chinese e-certificates.
const ROOT: &str = "1.2.156.3005.2.";

/// An identifier, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identifier<'t> {
    /// Social credit code of the body that defined the type, and its serial: 21 characters.
    pub kind: &'t str,
    /// Social credit code of the issuer.
    pub issuer: &'t str,
    /// Serial number.
    pub serial: &'t str,
    /// Version, 3 digits.
    pub version: &'t str,
}

impl<'t> Identifier<'t> {
    /// Reads an identifier; `None` where its shape or its check character is wrong.
    #[must_use]
    pub fn parse(text: &'t str) -> Option<Self> {
        let mut parts = text.strip_prefix(ROOT)?.split('.');
        let mut next = || parts.next();
        let (kind, issuer, serial, version, check) = (next()?, next()?, next()?, next()?, next()?);
        let shaped = kind.len() == 21 && issuer.len() == 18 && !serial.is_empty() && version.len() == 3;
        if !shaped || next().is_some() {
            return None;
        }
        let read = Self { kind, issuer, serial, version };
        (check.len() == 1 && read.check() == check.chars().next()).then_some(read)
    }

    /// The check character over everything else (ISO 7064 MOD 37,36).
    fn check(&self) -> Option<char> {
        const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let mut rest = 36;
        for letter in [self.kind, self.issuer, self.serial, self.version].iter().flat_map(|part| part.bytes()) {
            let value = LETTERS.iter().position(|one| *one == letter)?;
            let sum = (rest + value) % 36;
            rest = if sum == 0 { 36 } else { sum } * 2 % 37;
        }
        LETTERS.get((37 - rest) % 36).map(|letter| char::from(*letter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0";

    #[test]
    fn the_published_example_is_read() {
        let read = Identifier::parse(EXAMPLE).unwrap();
        assert_eq!((read.kind, read.issuer), ("11100000000013338W009", "11330105002500287C"));
        assert_eq!((read.serial, read.version), ("2025052201", "002"));
    }

    #[test]
    fn any_other_character_is_noticed() {
        for (place, letter) in EXAMPLE.char_indices().skip(ROOT.len()) {
            let other = if letter == '1' { '2' } else { '1' };
            let mut wrong = EXAMPLE.to_owned();
            wrong.replace_range(place..=place, &other.to_string());
            assert_eq!(Identifier::parse(&wrong), None, "{wrong}");
        }
        for wrong in ["", ROOT, "1.2.156.3005.2.a.b.c.d.e", &EXAMPLE[1..], &format!("{EXAMPLE}.0")] {
            assert_eq!(Identifier::parse(wrong), None, "{wrong}");
        }
    }
}
