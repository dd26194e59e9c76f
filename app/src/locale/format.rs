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
    current().money().replace("{}", &hundredths(fen))
}

#[cfg(target_arch = "wasm32")]
fn hundredths(number: i64) -> String {
    let options = options(&[]);
    for digits in ["minimumFractionDigits", "maximumFractionDigits"] {
        let _ = Reflect::set(&options, &digits.into(), &2.into());
    }
    #[allow(clippy::cast_precision_loss, reason = "no fee comes near 2⁵³ fen")]
    let yuan = number as f64 / 100.0;
    let format = js_sys::Intl::NumberFormat::new(&js_sys::Array::of1(&current().tag().into()), &options);
    let written = format.format().call1(&JsValue::UNDEFINED, &yuan.into());
    // An amount is never left out: where nobody can write it nicely it is written plainly.
    written.ok().and_then(|text| text.as_string()).unwrap_or_else(|| plainly(number))
}

fn plainly(number: i64) -> String {
    format!("{}.{:02}", number / 100, number % 100)
}

/// The same where static pages are drawn: there the take-over must change nothing.
#[cfg(not(target_arch = "wasm32"))]
fn hundredths(number: i64) -> String {
    use icu_decimal::{DecimalFormatter, input::Decimal};
    let mut decimal = Decimal::from(number);
    decimal.multiply_pow10(-2);
    let locale = current().tag().parse().unwrap_or(icu_locale_core::Locale::UNKNOWN);
    match DecimalFormatter::try_new(locale.into(), Default::default()) {
        Ok(formatter) => formatter.format(&decimal).to_string(),
        Err(_) => plainly(number),
    }
}

/// Names joined the way the language lists them.
pub(crate) fn list(names: &[String]) -> String {
    names.join(current().joiner())
}
