//! The word a number asks for, by the rules of the language (`Intl.PluralRules`; CLDR).

/// Of `one=day|other=days`, the word for a number; `other` where no rule is known.
pub(super) fn form<'f>(forms: &'f str, number: &str) -> &'f str {
    let of = |wanted: &str| forms.split('|').find_map(|form| form.strip_prefix(wanted)?.strip_prefix('='));
    of(&category(number)).or_else(|| of("other")).unwrap_or_default()
}

#[cfg(target_arch = "wasm32")]
fn category(number: &str) -> String {
    use js_sys::{Array, Intl::PluralRules, Object};
    let rules = PluralRules::new(&Array::of1(&super::current().tag().into()), &Object::new());
    // Counts are whole; reading fractions would bring 18 kB of code.
    rules.select(number.parse::<u32>().unwrap_or_default().into()).into()
}

#[cfg(not(target_arch = "wasm32"))]
fn category(number: &str) -> String {
    use icu_locale_core::Locale;
    use icu_plurals::{PluralCategory, PluralRules, PluralRulesOptions};
    let rules = super::current()
        .tag()
        .parse::<Locale>()
        .ok()
        .and_then(|locale| PluralRules::try_new(locale.into(), PluralRulesOptions::default()).ok());
    let category = rules.map(|rules| rules.category_for(number.parse::<usize>().unwrap_or_default()));
    match category {
        Some(PluralCategory::Zero) => "zero",
        Some(PluralCategory::One) => "one",
        Some(PluralCategory::Two) => "two",
        Some(PluralCategory::Few) => "few",
        Some(PluralCategory::Many) => "many",
        _ => "other",
    }
    .to_owned()
}
