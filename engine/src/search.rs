//! A search that forgives: part of a word, pinyin, initials, one slip of the finger.

use contract::catalogue::Choice;
use contract::home::BundleCard;

/// The cards a query finds, best first. An empty query finds nothing.
#[must_use]
pub fn find<'c>(query: &str, cards: &'c [BundleCard]) -> Vec<&'c BundleCard> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    if words.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<(u32, &BundleCard)> =
        cards.iter().filter_map(|card| Some((score(&words, card)?, card))).collect();
    found.sort_unstable_by_key(|(score, card)| (*score, card.hot.unwrap_or(u16::MAX), card.id.as_str().len()));
    found.into_iter().map(|(_, card)| card).collect()
}

/// Places of the answers a query finds, best first, by their words, what these sound like, or their code.
/// An empty query finds all.
#[must_use]
pub fn choices(query: &str, options: &[Choice]) -> Vec<usize> {
    let query = query.trim().to_lowercase();
    let score = |option: &Choice| {
        let sounds = option.sound.split(' ').filter(|sound| !sound.is_empty());
        let label = match_one(&query, &option.label.to_lowercase());
        label
            .into_iter()
            .chain(sounds.filter_map(|sound| match_one(&query, sound)))
            .chain((option.id == query).then_some(0))
            .min()
    };
    let scores: Vec<Option<u32>> = options.iter().map(score).collect();
    // A few passes instead of a sort: the same order, and fewer bytes on the wire.
    let best_first = (0..=WORST).flat_map(|wanted| {
        scores.iter().enumerate().filter(move |(_, score)| **score == Some(wanted)).map(|(place, _)| place)
    });
    best_first.collect()
}

/// Lower is better; `None` when a word is nowhere.
fn score(words: &[String], card: &BundleCard) -> Option<u32> {
    words.iter().map(|word| card.terms.iter().filter_map(|term| match_one(word, term)).min()).sum()
}

/// The score of the loosest match.
const WORST: u32 = 3;

fn match_one(word: &str, term: &str) -> Option<u32> {
    if term == word {
        Some(0)
    } else if term.starts_with(word) {
        Some(1)
    } else if term.contains(word) {
        Some(2)
    } else if word.is_ascii() && word.len() >= 4 && term.split(' ').any(|part| one_slip(word, part)) {
        Some(3)
    } else {
        None
    }
}

/// Whether one inserted, missing or wrong letter makes `word` the beginning of `term`.
fn one_slip(word: &str, term: &str) -> bool {
    let (word, term) = (word.as_bytes(), term.as_bytes());
    let same = word.iter().zip(term).take_while(|(left, right)| left == right).count();
    let begins = |rest: &[u8], of: &[u8]| of.starts_with(rest);
    same > 0
        && same < word.len()
        && (begins(&word[same + 1..], &term[(same + 1).min(term.len())..])
            || begins(&word[same + 1..], &term[same..])
            || begins(&word[same..], &term[(same + 1).min(term.len())..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::catalogue::BundleId;
    use proptest::prelude::*;

    fn card(id: &str, terms: &[&str]) -> BundleCard {
        BundleCard {
            language: String::new(),
            id: BundleId(id.into()),
            name: String::new(),
            summary: String::new(),
            stage: String::new(),
            hot: None,
            sample: false,
            departments: 1,
            promise: None,
            terms: terms.iter().map(|term| (*term).to_owned()).collect(),
        }
    }

    #[test]
    fn ways_of_asking() {
        let cards = [
            card("newborn", &["新生儿出生一件事", "xinshengerchushengyijianshi", "xsecsyjs", "birth of a child"]),
            card("restaurant", &["开办餐饮店一件事", "kaibancanyindianyijianshi", "kbcydyjs", "opening a restaurant"]),
        ];
        for (query, first) in [
            ("出生", "newborn"),
            ("xinsheng", "newborn"),
            ("xse", "newborn"),
            ("cyd", "restaurant"),
            ("restarant", "restaurant"),
            ("restaurannt", "restaurant"),
            ("Birth", "newborn"),
            ("child birth", "newborn"),
            ("餐饮", "restaurant"),
        ] {
            assert_eq!(find(query, &cards).first().map(|card| card.id.as_str()), Some(first), "{query}");
        }
        assert!(find("  ", &cards).is_empty());
        assert!(find("飞机", &cards).is_empty());
    }

    #[test]
    fn answers_are_found_by_word_sound_and_code() {
        let option =
            |id: &str, label: &str, sound: &str| Choice { id: id.into(), label: label.into(), sound: sound.into() };
        let options = [
            option("01", "汉族", "hanzu hz"),
            option("03", "回族", "huizu hz"),
            option("10", "朝鲜族", "chaoxianzu cxz"),
        ];
        for (query, found) in [
            ("朝鲜", vec![2]),
            ("hui", vec![1]),
            ("HZ", vec![0, 1]),
            ("10", vec![2]),
            ("x", vec![2]),
            ("9", vec![]),
            ("", vec![0, 1, 2]),
        ] {
            assert_eq!(choices(query, &options), found, "{query}");
        }
    }

    proptest! {
        #[test]
        fn any_query_is_answered_without_panic(query in "\\PC{0,30}") {
            let _ = find(&query, &[card("a", &["新生儿", "abcdef"])]);
        }
    }
}
