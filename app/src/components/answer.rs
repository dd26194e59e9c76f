//! An answer as people read it.

use contract::catalogue::{Column, Field, FieldKind};
use contract::value::{Row, Value};
use engine::mask::mask;
use engine::plan::Tables;

use crate::draft::Sheet;
use crate::locale::{self, Style, texts as t};

/// Whether an answer is masked until it is asked for: what the catalogue says, and every number that leads to a person.
#[must_use]
pub fn is_guarded(field: &Field) -> bool {
    field.sensitive || matches!(field.kind, FieldKind::IdNumber | FieldKind::Mobile | FieldKind::BankAccount)
}

/// The answer to a field, masked where it is sensitive and not asked for.
#[must_use]
pub fn text(sheet: &Sheet, field: &Field, value: &Value, reveal: bool) -> String {
    match value {
        Value::Text(code) if field.kind == FieldKind::Region => place(sheet, code),
        Value::Text(text) => one(field.kind, text, is_guarded(field) && !reveal, sheet.options(field)),
        Value::Many(many) => {
            let options = sheet.options(field);
            locale::list(&many.iter().map(|id| one(FieldKind::Choice, id, false, options)).collect::<Vec<_>>())
        }
        Value::Rows(rows) => {
            let lines: Vec<String> = rows.iter().map(|line| row(sheet, &field.columns, line, reveal)).collect();
            lines.join("\n")
        }
    }
}

/// The answers of one row.
#[must_use]
pub fn row(sheet: &Sheet, columns: &[Column], row: &Row, reveal: bool) -> String {
    let cell = |column: &Column| {
        let text = row.get(&column.id).filter(|text| !text.is_empty())?;
        if column.kind == FieldKind::Region {
            return Some(place(sheet, text));
        }
        let options = column.codes.as_ref().map_or(column.options.as_slice(), |table| sheet.choices(table));
        Some(one(column.kind, text, (column.sensitive || column.kind == FieldKind::IdNumber) && !reveal, options))
    };
    let cells: Vec<String> = columns.iter().filter_map(cell).collect();
    cells.join(" · ")
}

fn place(sheet: &Sheet, code: &str) -> String {
    if code.is_empty() {
        return t::form_not_answered().to_owned();
    }
    sheet.place_name(code).unwrap_or_else(|| code.to_owned())
}

fn one(kind: FieldKind, text: &str, masked: bool, options: &[contract::catalogue::Choice]) -> String {
    let named = options.iter().find(|option| option.id == text).map(|option| option.label.clone());
    match kind {
        _ if text.is_empty() => t::form_not_answered().to_owned(),
        _ if masked => mask(kind, text),
        FieldKind::YesNo if text == "yes" => t::common_yes().to_owned(),
        FieldKind::YesNo => t::common_no().to_owned(),
        FieldKind::Date => locale::day(text, Style::Long),
        FieldKind::DateRange => match text.split_once('/') {
            Some((from, to)) => t::form_range(&locale::day(from, Style::Long), &locale::day(to, Style::Long)),
            None => text.to_owned(),
        },
        FieldKind::PartialDate if text.len() == 10 => locale::day(text, Style::Long),
        FieldKind::Datetime => locale::moment(text),
        FieldKind::Money => format!("¥{text}"),
        FieldKind::Percent => format!("{text}%"),
        _ => named.unwrap_or_else(|| text.to_owned()),
    }
}

/// What is said of a value of which only the end is shown: nobody wants to hear the stars.
#[must_use]
pub fn heard(text: &str) -> Option<String> {
    let (start, end) = (text.split('*').next().unwrap_or_default(), text.rsplit('*').next().unwrap_or_default());
    let digits = end.chars().filter(char::is_ascii_digit).count();
    (text.contains("**") && digits > 0).then(|| if end.is_empty() { format!("{start}…") } else { t::form_masked(end) })
}
