//! Dates and amounts as the language writes them, by `Intl`.

use js_sys::{Date, Object, Reflect};
use wasm_bindgen::JsValue;

use super::current;

/// How much of a date is shown.
#[derive(Clone, Copy)]
pub(crate) enum Style {
    /// Month and day.
    Short,
    /// With the year.
    Long,
}

fn options(pairs: &[(&str, &str)]) -> Object {
    let options = Object::new();
    for (key, value) in pairs {
        let _ = Reflect::set(&options, &(*key).into(), &(*value).into());
    }
    options
}

/// A day, `2026-11-22`, as people say it.
pub(crate) fn day(day: &str, style: Style) -> String {
    let date = Date::new(&JsValue::from_str(&format!("{day}T00:00:00Z")));
    if date.get_time().is_nan() {
        return day.to_owned();
    }
    let options = options(&[("month", "long"), ("day", "numeric"), ("timeZone", "UTC")]);
    if matches!(style, Style::Long) {
        let _ = Reflect::set(&options, &"year".into(), &"numeric".into());
    }
    date.to_locale_date_string(current().tag(), &options).into()
}

/// A time with its day, in the offset the server sent: it is the region's clock that counts.
pub(crate) fn moment(moment: &str) -> String {
    match (moment.get(..10), moment.get(11..16)) {
        (Some(date), Some(time)) => format!("{} {time}", day(date, Style::Short)),
        _ => moment.to_owned(),
    }
}

/// Fen as yuan.
pub(crate) fn amount(fen: i64) -> String {
    format!("¥{}.{:02}", fen / 100, fen % 100)
}

/// Names joined the way the language lists them.
pub(crate) fn list(names: &[String]) -> String {
    names.join(match current() {
        super::Language::Zh => "、",
        super::Language::En => ", ",
    })
}
