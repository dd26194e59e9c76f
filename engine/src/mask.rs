//! What is shown of personal data until it is asked for.

use contract::catalogue::FieldKind;

/// Masks a text as its kind demands: names keep the first character, numbers the
/// first three and last four, accounts the last four.
#[must_use]
pub fn mask(kind: FieldKind, text: &str) -> String {
    match kind {
        FieldKind::Name => keep(text, 1, 0),
        FieldKind::Mobile | FieldKind::IdNumber | FieldKind::DocumentNumber | FieldKind::Uscc => keep(text, 3, 4),
        FieldKind::BankAccount => keep(text, 0, 4),
        FieldKind::Address => keep(text, 6, 0),
        _ => keep(text, 1, 1),
    }
}

fn keep(text: &str, head: usize, tail: usize) -> String {
    let count = text.chars().count();
    // A text too short to hide anything in is hidden whole.
    let (head, tail) = if count > head + tail { (head, tail) } else { (0, 0) };
    text.chars()
        .enumerate()
        .map(|(place, letter)| if place < head || place >= count - tail { letter } else { '*' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_stays_readable() {
        for (kind, text, masked) in [
            (FieldKind::Name, "王小明", "王**"),
            (FieldKind::Mobile, "13800138000", "138****8000"),
            (FieldKind::IdNumber, "11010519491231002X", "110***********002X"),
            (FieldKind::BankAccount, "6222021234", "******1234"),
            (FieldKind::Name, "王", "*"),
            (FieldKind::Text, "", ""),
        ] {
            assert_eq!(mask(kind, text), masked);
        }
    }
}
