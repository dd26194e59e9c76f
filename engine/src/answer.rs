//! What one answer may be: forgiving in form, strict in substance.

use contract::catalogue::{Choice, Column, Field, FieldKind};
use contract::problem::{Fault, FaultRule};
use contract::value::{Row, Value};

use crate::date::Date;
use crate::identity::IdNumber;
use crate::uscc;

/// Longest one-line answer, in characters.
pub const LINE: usize = 200;
/// Longest answer of several lines, in characters.
pub const LINES: usize = 2000;
/// Longest name, in characters (names of 50 characters exist).
pub const NAME: usize = 50;
/// Most rows of a repeating group when the catalogue names no limit.
pub const ROWS: usize = 50;

/// Full-width letters, digits and spaces become narrow; spaces go.
#[must_use]
pub fn narrow(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, '\u{200b}' | '\u{feff}'))
        .map(|letter| match letter {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
            other => other,
        })
        .collect()
}

/// The normal form of an answer: what is stored when the rules are kept.
///
/// # Errors
/// Says which rule is broken. An empty answer is always in order here; whether one is
/// needed is not this function's business.
pub fn tidy(kind: FieldKind, text: &str) -> Result<String, FaultRule> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Ok(String::new());
    }
    match kind {
        FieldKind::Text | FieldKind::Address | FieldKind::Company | FieldKind::Region | FieldKind::Choice => {
            short(trimmed, LINE)
        }
        FieldKind::LongText => short(trimmed, LINES),
        FieldKind::Name => name(trimmed),
        FieldKind::IdNumber => IdNumber::parse(trimmed).map(|number| number.as_str().to_owned()),
        FieldKind::DocumentNumber => document(trimmed),
        FieldKind::Uscc => uscc::parse(trimmed),
        FieldKind::Mobile => mobile(trimmed),
        FieldKind::Date => Date::parse(trimmed).map(|day| day.to_string()).ok_or(FaultRule::Date),
        FieldKind::Datetime => datetime(trimmed),
        FieldKind::Month => month(trimmed),
        FieldKind::Number => number(trimmed),
        FieldKind::Money => decimal(trimmed).ok_or(FaultRule::Money),
        FieldKind::Percent => percent(trimmed),
        FieldKind::BankAccount => bank_account(trimmed),
        FieldKind::YesNo if matches!(trimmed, "yes" | "no") => Ok(trimmed.to_owned()),
        FieldKind::YesNo => Err(FaultRule::Option),
        FieldKind::Choices | FieldKind::List => Err(FaultRule::Option),
    }
}

fn short(text: &str, most: usize) -> Result<String, FaultRule> {
    let harmful = |letter: char| {
        (letter.is_control() && letter != '\n') || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.chars().count() > most {
        return Err(FaultRule::TooLong);
    }
    // Direction overrides and control characters can make a text read as another.
    Ok(text.chars().filter(|letter| !harmful(*letter)).collect())
}

fn name(text: &str) -> Result<String, FaultRule> {
    // `·` joins the parts of many names; keyboards offer several look-alikes.
    let text: String =
        text.chars().map(|letter| if matches!(letter, '•' | '・' | '．' | '‧') { '·' } else { letter }).collect();
    if text.chars().count() > NAME {
        return Err(FaultRule::TooLong);
    }
    let fits = |letter: char| {
        letter.is_alphabetic()
            || matches!(letter, '·' | ' ' | '-' | '\'' | '.' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
    };
    if !text.chars().all(fits) || !text.chars().any(char::is_alphabetic) {
        return Err(FaultRule::Name);
    }
    Ok(text)
}

fn document(text: &str) -> Result<String, FaultRule> {
    let text = narrow(text).to_uppercase();
    let fits = (4..=40).contains(&text.chars().count())
        && text.chars().all(|letter| letter.is_alphanumeric() || "-()/第号字〔〕[]".contains(letter));
    fits.then_some(text).ok_or(FaultRule::Document)
}

fn mobile(text: &str) -> Result<String, FaultRule> {
    let text: String = narrow(text).chars().filter(|letter| *letter != '-').collect();
    let text = text.strip_prefix("+86").unwrap_or(&text).to_owned();
    let bytes = text.as_bytes();
    let fits = bytes.len() == 11 && bytes.iter().all(u8::is_ascii_digit) && bytes[0] == b'1' && bytes[1] >= b'3';
    fits.then_some(text).ok_or(FaultRule::Mobile)
}

fn datetime(text: &str) -> Result<String, FaultRule> {
    let (day, time) = text.split_once(['T', ' ']).ok_or(FaultRule::Date)?;
    let day = Date::parse(day).ok_or(FaultRule::Date)?;
    let (hour, minute) = time.split_once(':').ok_or(FaultRule::Date)?;
    let minute = minute.split(':').next().unwrap_or(minute);
    let read = |text: &str, most: u8| text.parse::<u8>().ok().filter(|number| text.len() == 2 && *number < most);
    match (read(hour, 24), read(minute, 60)) {
        (Some(hour), Some(minute)) => Ok(format!("{day}T{hour:02}:{minute:02}")),
        _ => Err(FaultRule::Date),
    }
}

fn month(text: &str) -> Result<String, FaultRule> {
    let day = Date::parse(&format!("{}-01", text.trim_end_matches('月').replace('年', "-"))).ok_or(FaultRule::Month)?;
    Ok(day.to_string()[..7].to_owned())
}

fn number(text: &str) -> Result<String, FaultRule> {
    decimal(text).ok_or(FaultRule::Number)
}

/// At most eleven digits before and two after the point.
fn decimal(text: &str) -> Option<String> {
    let text: String = narrow(text).chars().filter(|letter| *letter != ',').collect();
    let text = text.trim_end_matches('元');
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 11 || part.len() > 2 || !plain(whole) || !plain(part) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") })
}

fn percent(text: &str) -> Result<String, FaultRule> {
    let text = decimal(text.trim_end_matches(['%', '%'])).ok_or(FaultRule::Percent)?;
    match hundredths(&text) {
        Some(0..=10_000) => Ok(text),
        _ => Err(FaultRule::Percent),
    }
}

fn bank_account(text: &str) -> Result<String, FaultRule> {
    let text: String = narrow(text).chars().filter(|letter| *letter != '-').collect();
    let fits = (8..=30).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then_some(text).ok_or(FaultRule::BankAccount)
}

/// A decimal text of at most two places as hundredths: money and measures without floats.
pub(crate) fn hundredths(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let negative = whole.starts_with('-');
    if part.len() > 2 {
        return None;
    }
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    let whole: i64 = whole.trim_start_matches('-').parse().ok()?;
    let sum = whole.checked_mul(100)?.checked_add(part)?;
    Some(if negative { -sum } else { sum })
}

/// What is wrong with the value of a field that is shown. `options` are the field's
/// answers, its code table resolved; `today` bars days of birth in the future.
#[must_use]
pub fn faults(
    field: &Field,
    value: Option<&Value>,
    options: &[Choice],
    codes: impl Fn(&str) -> Vec<Choice>,
) -> Vec<Fault> {
    let fault = |rule| vec![Fault { at: field.id.clone(), rule }];
    let Some(value) = value.filter(|value| !value.is_blank()) else {
        return if field.required { fault(FaultRule::Missing) } else { Vec::new() };
    };
    match (field.kind, value) {
        (FieldKind::List, Value::Rows(rows)) => rows_faults(field, rows, codes),
        (FieldKind::Choices, Value::Many(many)) => {
            let known = |id: &String| options.iter().any(|option| option.id == *id);
            if many.iter().all(known) { Vec::new() } else { fault(FaultRule::Option) }
        }
        (FieldKind::List | FieldKind::Choices, _) => fault(FaultRule::Unknown),
        (kind, Value::Text(text)) => match single(kind, text, options, field.min, field.max) {
            Ok(()) => Vec::new(),
            Err(rule) => fault(rule),
        },
        _ => fault(FaultRule::Unknown),
    }
}

fn single(
    kind: FieldKind,
    text: &str,
    options: &[Choice],
    min: Option<i64>,
    max: Option<i64>,
) -> Result<(), FaultRule> {
    let tidy = tidy(kind, text)?;
    if matches!(kind, FieldKind::Choice | FieldKind::Region)
        && !options.is_empty()
        && !options.iter().any(|option| option.id == tidy)
    {
        return Err(FaultRule::Option);
    }
    if matches!(kind, FieldKind::Number | FieldKind::Money) {
        let value = hundredths(&tidy).ok_or(FaultRule::Number)?;
        // Nothing a form asks for is negative unless the catalogue says so.
        if value < min.unwrap_or(0).saturating_mul(100) {
            return Err(FaultRule::TooSmall);
        }
        if max.is_some_and(|max| value > max.saturating_mul(100)) {
            return Err(FaultRule::TooLarge);
        }
    }
    Ok(())
}

fn rows_faults(field: &Field, rows: &[Row], codes: impl Fn(&str) -> Vec<Choice>) -> Vec<Fault> {
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let most = field.max.unwrap_or(i64::try_from(ROWS).unwrap_or(i64::MAX));
    let mut faults = Vec::new();
    if count < field.min.unwrap_or(0) {
        faults.push(Fault { at: field.id.clone(), rule: FaultRule::TooFewRows });
    }
    if count > most {
        faults.push(Fault { at: field.id.clone(), rule: FaultRule::TooManyRows });
    }
    for (index, row) in rows.iter().enumerate() {
        if row.keys().any(|key| !field.columns.iter().any(|column| column.id == *key)) {
            faults.push(Fault { at: field.id.clone(), rule: FaultRule::Unknown });
        }
        for column in &field.columns {
            if let Err(rule) = cell(column, row, &codes) {
                faults.push(Fault { at: format!("{}.{index}.{}", field.id, column.id), rule });
            }
        }
    }
    faults
}

/// Whether one cell of a repeating group is in order.
///
/// # Errors
/// Says which rule is broken.
pub fn cell(column: &Column, row: &Row, codes: impl Fn(&str) -> Vec<Choice>) -> Result<(), FaultRule> {
    let text = row.get(&column.id).map_or("", String::as_str);
    if text.trim().is_empty() {
        return if column.required { Err(FaultRule::Missing) } else { Ok(()) };
    }
    let table;
    let options = match &column.codes {
        Some(codes_id) => {
            table = codes(codes_id);
            &table
        }
        None => &column.options,
    };
    single(column.kind, text, options, None, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn real_names_are_accepted() {
        for name in ["王芳", "阿卜杜拉·买买提", "𠮷野家", "司马相如", "O'Neil Mary-Jane", &"阿".repeat(50)]
        {
            assert!(tidy(FieldKind::Name, name).is_ok(), "{name}");
        }
        assert_eq!(tidy(FieldKind::Name, "阿卜杜拉•买买提").unwrap(), "阿卜杜拉·买买提");
        for name in ["王2", "<b>", "···", "123"] {
            assert_eq!(tidy(FieldKind::Name, name), Err(FaultRule::Name), "{name}");
        }
        assert_eq!(tidy(FieldKind::Name, &"阿".repeat(51)), Err(FaultRule::TooLong));
    }

    #[test]
    fn careless_typing_is_forgiven() {
        for (kind, typed, stored) in [
            (FieldKind::Mobile, "１３8 0013-8000", "13800138000"),
            (FieldKind::Mobile, "+86 13800138000", "13800138000"),
            (FieldKind::Money, "1,234.50元", "1234.50"),
            (FieldKind::Number, "007", "7"),
            (FieldKind::Percent, "33.3%", "33.3"),
            (FieldKind::Date, "2026/3/1", "2026-03-01"),
            (FieldKind::Month, "2026年3月", "2026-03"),
            (FieldKind::Datetime, "2026-03-01 08:30:00", "2026-03-01T08:30"),
            (FieldKind::BankAccount, "6222 0212-3456 7890 123", "6222021234567890123"),
        ] {
            assert_eq!(tidy(kind, typed).as_deref(), Ok(stored), "{typed}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for (kind, typed, rule) in [
            (FieldKind::Mobile, "12800138000", FaultRule::Mobile),
            (FieldKind::Mobile, "1380013800", FaultRule::Mobile),
            (FieldKind::Money, "1.234", FaultRule::Money),
            (FieldKind::Number, "1e9", FaultRule::Number),
            (FieldKind::Percent, "100.01", FaultRule::Percent),
            (FieldKind::YesNo, "true", FaultRule::Option),
            (FieldKind::Datetime, "2026-03-01T24:00", FaultRule::Date),
        ] {
            assert_eq!(tidy(kind, typed), Err(rule), "{typed}");
        }
    }

    const KINDS: [FieldKind; 21] = [
        FieldKind::Text,
        FieldKind::LongText,
        FieldKind::Name,
        FieldKind::Company,
        FieldKind::IdNumber,
        FieldKind::DocumentNumber,
        FieldKind::Uscc,
        FieldKind::Mobile,
        FieldKind::Date,
        FieldKind::Datetime,
        FieldKind::Month,
        FieldKind::Number,
        FieldKind::Money,
        FieldKind::Percent,
        FieldKind::Choice,
        FieldKind::Choices,
        FieldKind::YesNo,
        FieldKind::Region,
        FieldKind::Address,
        FieldKind::BankAccount,
        FieldKind::List,
    ];

    proptest! {
        #[test]
        fn tidying_twice_changes_nothing(kind in 0..KINDS.len(), text in "\\PC{0,40}|[0-9.,%元 ]{0,14}") {
            if let Ok(once) = tidy(KINDS[kind], &text) {
                prop_assert_eq!(tidy(KINDS[kind], &once), Ok(once.clone()));
            }
        }
    }
}
