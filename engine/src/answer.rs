//! What one answer may be: forgiving in form, strict in substance.

use contract::catalogue::{Choice, Column, Depth, Field, FieldKind};
use contract::problem::{Fault, FaultRule};
use contract::value::{Row, Value};

use crate::date::Date;
use crate::plan::{Tables, options};
use crate::{identity, uscc};

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
        FieldKind::Text | FieldKind::Address | FieldKind::Company | FieldKind::Choice => short(trimmed, LINE),
        FieldKind::Region => region(trimmed),
        FieldKind::LongText => short(trimmed, LINES),
        FieldKind::Name => name(trimmed),
        FieldKind::IdNumber => identity::number(trimmed),
        FieldKind::DocumentNumber => document(trimmed),
        FieldKind::Uscc => uscc::parse(trimmed),
        FieldKind::Mobile => mobile(trimmed),
        FieldKind::Phone => mobile(trimmed).or_else(|_| fixed_line(trimmed)),
        FieldKind::Email => email(trimmed),
        FieldKind::Date => Date::parse(trimmed).map(|day| day.to_string()).ok_or(FaultRule::Date),
        FieldKind::PartialDate => partial_date(trimmed),
        FieldKind::DateRange => date_range(trimmed),
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

/// Area code and number, with an extension where there is one: `0453-6282828-801`.
fn fixed_line(text: &str) -> Result<String, FaultRule> {
    let text = narrow(text).replace(['(', ')', '_', '—', '－'], "-");
    let text =
        text.trim_matches('-').strip_prefix("+86").unwrap_or(text.trim_matches('-')).trim_matches('-').to_owned();
    if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        return Err(FaultRule::Phone);
    }
    let parts: Vec<&str> = text.split('-').filter(|part| !part.is_empty()).collect();
    let (area, rest) = match parts.as_slice() {
        // Area codes have three digits in the large cities (010, 02x) and four elsewhere.
        [joined, ..] if joined.len() >= 10 && joined.starts_with('0') => {
            let (area, line) =
                joined.split_at(if joined.starts_with("01") || joined.starts_with("02") { 3 } else { 4 });
            (area, [&[line], &parts[1..]].concat())
        }
        [area, rest @ ..] => (*area, rest.to_vec()),
        [] => return Err(FaultRule::Phone),
    };
    let (Some(line), extension) = (rest.first(), rest.get(1)) else { return Err(FaultRule::Phone) };
    let fits = area.starts_with('0')
        && (3..=4).contains(&area.len())
        && (7..=8).contains(&line.len())
        && !line.starts_with(['0', '1'])
        && extension.is_none_or(|extension| (1..=6).contains(&extension.len()))
        && rest.len() <= 2;
    fits.then(|| [&[area], rest.as_slice()].concat().join("-")).ok_or(FaultRule::Phone)
}

fn email(text: &str) -> Result<String, FaultRule> {
    let text = narrow(text);
    let plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with('.') && !part.contains("..");
    let local = |part: &str| {
        plain(part)
            && part.len() <= 64
            && part.chars().all(|letter| letter.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(letter))
    };
    let domain = |part: &str| {
        plain(part)
            && part.contains('.')
            && part.chars().all(|letter| letter.is_alphanumeric() || ".-".contains(letter))
    };
    let fits = text.len() <= 254 && text.split_once('@').is_some_and(|(name, host)| local(name) && domain(host));
    fits.then_some(text).ok_or(FaultRule::Email)
}

/// As many digits as a level of divisions has.
#[must_use]
pub fn digits_of(depth: Depth) -> usize {
    match depth {
        Depth::Province => 2,
        Depth::City => 4,
        Depth::District => 6,
        Depth::Town => 9,
        Depth::Village => 12,
    }
}

fn region(text: &str) -> Result<String, FaultRule> {
    let text = narrow(text);
    let fits = matches!(text.len(), 2 | 4 | 6 | 9 | 12) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then_some(text).ok_or(FaultRule::Option)
}

/// A day, a month or a year.
fn partial_date(text: &str) -> Result<String, FaultRule> {
    let text = narrow(text);
    // A keyboard of digits has no hyphen: 198607 and 19860701 are read too.
    let text = match (text.len(), text.bytes().all(|byte| byte.is_ascii_digit())) {
        (6, true) => format!("{}-{}", &text[..4], &text[4..]),
        (8, true) => format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]),
        _ => text,
    };
    let year = text.trim_end_matches('年');
    if year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()) && year != "0000" {
        return Ok(year.to_owned());
    }
    month(&text).or_else(|_| Date::parse(&text).map(|day| day.to_string()).ok_or(FaultRule::Date))
}

fn date_range(text: &str) -> Result<String, FaultRule> {
    let (from, to) = text.split_once(['/', '至', '~']).ok_or(FaultRule::DateRange)?;
    match (Date::parse(from), Date::parse(to)) {
        (Some(from), Some(to)) if from <= to => Ok(format!("{from}/{to}")),
        _ => Err(FaultRule::DateRange),
    }
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

/// What is wrong with the value of a field that is shown.
#[must_use]
pub fn faults(field: &Field, value: Option<&Value>, tables: &dyn Tables) -> Vec<Fault> {
    let fault = |rule| vec![Fault::new(field.id.clone(), rule)];
    let Some(value) = value.filter(|value| !value.is_blank()) else {
        return if field.required { fault(FaultRule::Missing) } else { Vec::new() };
    };
    match (field.kind, value) {
        (FieldKind::List, Value::Rows(rows)) => rows_faults(field, rows, tables),
        (FieldKind::Choices, Value::Many(many)) => {
            let known = |id: &String| options(field, tables).iter().any(|option| option.id == *id);
            if many.iter().all(known) { Vec::new() } else { fault(FaultRule::Option) }
        }
        (FieldKind::List | FieldKind::Choices, _) => fault(FaultRule::Unknown),
        (kind, Value::Text(text)) => {
            let asked = Asked { options: options(field, tables), min: field.min, max: field.max, depth: field.depth };
            match single(kind, text, &asked, tables) {
                Ok(()) => Vec::new(),
                Err(rule) => fault(rule),
            }
        }
        _ => fault(FaultRule::Unknown),
    }
}

/// What a single answer is held against.
struct Asked<'a> {
    options: &'a [Choice],
    min: Option<i64>,
    max: Option<i64>,
    depth: Option<Depth>,
}

fn single(kind: FieldKind, text: &str, asked: &Asked<'_>, tables: &dyn Tables) -> Result<(), FaultRule> {
    let tidy = tidy(kind, text)?;
    match kind {
        FieldKind::Choice if !asked.options.is_empty() && !asked.options.iter().any(|option| option.id == tidy) => {
            Err(FaultRule::Option)
        }
        FieldKind::Region if !tables.reaches(&tidy, asked.depth.unwrap_or(Depth::District)) => Err(FaultRule::Region),
        FieldKind::Number | FieldKind::Money => {
            let value = hundredths(&tidy).ok_or(FaultRule::Number)?;
            // Nothing a form asks for is negative unless the catalogue says so.
            if value < asked.min.unwrap_or(0).saturating_mul(100) {
                return Err(FaultRule::TooSmall);
            }
            if asked.max.is_some_and(|max| value > max.saturating_mul(100)) { Err(FaultRule::TooLarge) } else { Ok(()) }
        }
        _ => Ok(()),
    }
}

fn rows_faults(field: &Field, rows: &[Row], tables: &dyn Tables) -> Vec<Fault> {
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let most = field.max.unwrap_or(i64::try_from(ROWS).unwrap_or(i64::MAX));
    let mut faults = Vec::new();
    if count < field.min.unwrap_or(0) {
        faults.push(Fault::new(field.id.clone(), FaultRule::TooFewRows));
    }
    if count > most {
        faults.push(Fault::new(field.id.clone(), FaultRule::TooManyRows));
    }
    for (index, row) in rows.iter().enumerate() {
        if row.keys().any(|key| !field.columns.iter().any(|column| column.id == *key)) {
            faults.push(Fault::new(field.id.clone(), FaultRule::Unknown));
        }
        for column in &field.columns {
            if let Err(rule) = cell(column, row, tables) {
                faults.push(Fault::new(format!("{}.{index}.{}", field.id, column.id), rule));
            }
        }
    }
    faults
}

/// Whether one cell of a repeating group is in order.
///
/// # Errors
/// Says which rule is broken.
pub fn cell(column: &Column, row: &Row, tables: &dyn Tables) -> Result<(), FaultRule> {
    let text = row.get(&column.id).map_or("", String::as_str);
    if text.trim().is_empty() {
        return if column.required { Err(FaultRule::Missing) } else { Ok(()) };
    }
    let options = column.codes.as_ref().map_or(column.options.as_slice(), |table| tables.choices(table));
    single(column.kind, text, &Asked { options, min: None, max: None, depth: None }, tables)
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
            (FieldKind::Phone, "(0453) 6282828", "0453-6282828"),
            (FieldKind::Phone, "010-22345678-801", "010-22345678-801"),
            (FieldKind::Phone, "04536282828", "0453-6282828"),
            (FieldKind::Phone, "138 0013 8000", "13800138000"),
            (FieldKind::Email, " 王@example.com ", "王@example.com"),
            (FieldKind::PartialDate, "1986年", "1986"),
            (FieldKind::PartialDate, "1986年7月", "1986-07"),
            (FieldKind::PartialDate, "1986-7-1", "1986-07-01"),
            (FieldKind::PartialDate, "１９８６０７", "1986-07"),
            (FieldKind::PartialDate, "19860701", "1986-07-01"),
            (FieldKind::DateRange, "2026年1月1日至2026年12月31日", "2026-01-01/2026-12-31"),
            (FieldKind::Region, "９９０１０１", "990101"),
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
            (FieldKind::Phone, "6282828", FaultRule::Phone),
            (FieldKind::Phone, "0453-62828", FaultRule::Phone),
            (FieldKind::Email, "a@b", FaultRule::Email),
            (FieldKind::Email, "a b@c@d.e", FaultRule::Email),
            (FieldKind::PartialDate, "1986-13", FaultRule::Date),
            (FieldKind::DateRange, "2026-02-01/2026-01-01", FaultRule::DateRange),
            (FieldKind::DateRange, "2026-02-01", FaultRule::DateRange),
            (FieldKind::Region, "12345", FaultRule::Option),
            (FieldKind::Money, "1.234", FaultRule::Money),
            (FieldKind::Number, "1e9", FaultRule::Number),
            (FieldKind::Percent, "100.01", FaultRule::Percent),
            (FieldKind::YesNo, "true", FaultRule::Option),
            (FieldKind::Datetime, "2026-03-01T24:00", FaultRule::Date),
        ] {
            assert_eq!(tidy(kind, typed), Err(rule), "{typed}");
        }
    }

    const KINDS: [FieldKind; 25] = [
        FieldKind::Text,
        FieldKind::LongText,
        FieldKind::Name,
        FieldKind::Company,
        FieldKind::IdNumber,
        FieldKind::DocumentNumber,
        FieldKind::Uscc,
        FieldKind::Mobile,
        FieldKind::Phone,
        FieldKind::Email,
        FieldKind::Date,
        FieldKind::PartialDate,
        FieldKind::DateRange,
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
