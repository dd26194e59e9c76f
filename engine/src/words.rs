//! Amounts in words (人民币大写), as receipts write them.
//!
//! 《正确填写票据和结算凭证的基本规定》, part one: digits 零 to 玖, one 零 for a run of zeros, 整 after
//! 元 and 角, nothing after 分.

use contract::Fen;

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
const PLACES: [&str; 4] = ["", "拾", "佰", "仟"];
const GROUPS: [&str; 5] = ["", "万", "亿", "兆", "京"];

/// An amount in words. Amounts on receipts are never negative; one that is is written with 负.
#[must_use]
pub fn amount(fen: Fen) -> String {
    let size = fen.unsigned_abs();
    let (yuan, jiao, cents) = (size / 100, size / 10 % 10, size % 10);
    let mut words = String::new();
    if fen < 0 {
        words.push('负');
    }
    if yuan > 0 || size == 0 {
        words += &whole(yuan);
        words.push('元');
    }
    // A gap between 元 and what follows is read: 元零伍分, and 零 after a figure that ends in zero.
    if yuan > 0 && ((jiao == 0 && cents > 0) || (jiao > 0 && yuan.is_multiple_of(10))) {
        words.push('零');
    }
    if jiao > 0 {
        words.push(digit(jiao));
        words.push('角');
    }
    if cents > 0 {
        words.push(digit(cents));
        words.push('分');
    } else {
        words.push('整');
    }
    words
}

fn digit(number: u64) -> char {
    DIGITS[usize::try_from(number % 10).unwrap_or_default()]
}

/// A whole number, group by group of four digits.
fn whole(number: u64) -> String {
    if number == 0 {
        return "零".to_owned();
    }
    let groups: Vec<u64> = std::iter::successors(Some(number), |rest| Some(rest / 10_000).filter(|rest| *rest > 0))
        .map(|rest| rest % 10_000)
        .collect();
    let mut words = String::new();
    let mut gap = false;
    for (index, group) in groups.iter().enumerate().rev() {
        if *group == 0 {
            gap = true;
            continue;
        }
        if !words.is_empty() && (gap || *group < 1000) {
            words.push('零');
        }
        words += &four(*group);
        words += GROUPS.get(index).copied().unwrap_or_default();
        // 壹拾万柒仟: a group that ends in zero before one of four digits is read without 零.
        gap = false;
    }
    words
}

/// A number of up to four digits.
fn four(number: u64) -> String {
    let mut words = String::new();
    let mut gap = false;
    for place in (0..4_u32).rev() {
        let one = number / 10_u64.pow(place) % 10;
        if one == 0 {
            gap = !words.is_empty();
            continue;
        }
        if gap {
            words.push('零');
            gap = false;
        }
        words.push(digit(one));
        words += PLACES[place as usize];
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The regulation's own examples; where it allows two spellings, the one with 零.
    #[test]
    fn the_regulation_s_examples() {
        for (fen, words) in [
            (140_950, "壹仟肆佰零玖元伍角整"),
            (600_714, "陆仟零柒元壹角肆分"),
            (168_032, "壹仟陆佰捌拾元零叁角贰分"),
            (10_700_053, "壹拾万柒仟元零伍角叁分"),
            (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
            (32_504, "叁佰贰拾伍元零肆分"),
        ] {
            assert_eq!(amount(fen), words);
        }
    }

    #[test]
    fn amounts_people_meet() {
        for (fen, words) in [
            (0, "零元整"),
            (1, "壹分"),
            (50, "伍角整"),
            (1000, "壹拾元整"),
            (8000, "捌拾元整"),
            (10_000, "壹佰元整"),
            (55_000, "伍佰伍拾元整"),
            (100_010_000, "壹佰万零壹佰元整"),
            (1_000_000_000_000, "壹佰亿元整"),
            (-8000, "负捌拾元整"),
        ] {
            assert_eq!(amount(fen), words);
        }
    }

    /// Reads words again, knowing nothing of how they were written.
    fn read(words: &str) -> Option<i64> {
        let (mut total, mut section, mut one, mut fen) = (0_i64, 0_i64, 0_i64, 0_i64);
        for letter in words.chars() {
            match letter {
                '零' | '整' => {}
                '拾' => (section, one) = (section + one * 10, 0),
                '佰' => (section, one) = (section + one * 100, 0),
                '仟' => (section, one) = (section + one * 1000, 0),
                '万' => (total, section, one) = (total + (section + one) * 10_000, 0, 0),
                '亿' => (total, section, one) = (total + (section + one) * 100_000_000, 0, 0),
                '兆' => (total, section, one) = (total + (section + one) * 1_000_000_000_000, 0, 0),
                '元' => (total, section, one) = (total + section + one, 0, 0),
                '角' => (fen, one) = (fen + one * 10, 0),
                '分' => (fen, one) = (fen + one, 0),
                digit => one = i64::try_from(DIGITS.iter().position(|one| *one == digit)?).ok()?,
            }
        }
        Some(total * 100 + fen)
    }

    proptest! {
        #[test]
        fn words_read_back_to_the_amount(fen in 0_i64..100_000_000_000_000) {
            let words = amount(fen);
            prop_assert_eq!(read(&words), Some(fen), "{}", words);
            prop_assert!(!words.contains("零零") && !words.contains("零元") || fen < 100, "{}", words);
            prop_assert_eq!(words.ends_with('整'), fen % 10 == 0);
        }
    }
}
