//! What a rating must hold (国办发〔2019〕51号).

use contract::service::{Rate, RatingTag};

/// Longest words, in characters.
pub const WORDS: usize = 500;

/// Levels 2 and 1 are bad ratings (差评).
#[must_use]
pub fn is_bad(level: u8) -> bool {
    level <= 2
}

/// What keeps a rating from being taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RatingFault {
    /// Not one of the five levels.
    Level,
    /// A tag of another level.
    Tag,
    /// A bad rating says why, by tag or words.
    Reason,
    /// Too many words.
    Words,
}

/// Whether a rating can be taken.
///
/// # Errors
/// Says what is missing or wrong.
pub fn check(rate: &Rate, tags: &[RatingTag]) -> Result<(), RatingFault> {
    if !(1..=5).contains(&rate.level) {
        return Err(RatingFault::Level);
    }
    let of_level = |id: &String| tags.iter().any(|tag| tag.id == *id && tag.level == rate.level);
    if !rate.tags.iter().all(of_level) {
        return Err(RatingFault::Tag);
    }
    if rate.words.chars().count() > WORDS {
        return Err(RatingFault::Words);
    }
    if is_bad(rate.level) && rate.tags.is_empty() && rate.words.trim().is_empty() {
        return Err(RatingFault::Reason);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_tap_is_enough_from_the_middle_up() {
        let tags = [RatingTag { id: "108".into(), level: 1, core: true, text: String::new() }];
        let rate = |level, tags: &[&str], words: &str| Rate {
            level,
            tags: tags.iter().map(|tag| (*tag).into()).collect(),
            words: words.into(),
        };
        for level in 3..=5 {
            assert_eq!(check(&rate(level, &[], ""), &tags), Ok(()));
        }
        assert_eq!(check(&rate(2, &[], " "), &tags), Err(RatingFault::Reason));
        assert_eq!(check(&rate(1, &["108"], ""), &tags), Ok(()));
        assert_eq!(check(&rate(2, &["108"], ""), &tags), Err(RatingFault::Tag));
        assert_eq!(check(&rate(0, &[], ""), &tags), Err(RatingFault::Level));
        assert_eq!(check(&rate(5, &[], &"好".repeat(501)), &tags), Err(RatingFault::Words));
    }
}
