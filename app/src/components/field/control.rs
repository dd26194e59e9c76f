//! The control of each kind of field, with the keyboard a phone should show for it.

use contract::catalogue::{Choice, Field, FieldKind};
use contract::value::Value;
use leptos::prelude::*;

use super::rows;
use crate::draft::Sheet;
use crate::locale::texts as t;

/// Up to so many answers lie open; more are a list to unfold.
const OPEN: usize = 6;

/// Kinds made of several controls, which need a legend instead of a label. A short list of
/// choices is one too, but the choice between the two is the select's: see `control`.
pub(super) fn is_group(kind: FieldKind) -> bool {
    matches!(kind, FieldKind::YesNo | FieldKind::Choices | FieldKind::List | FieldKind::Choice)
}

/// Everything about a one-line input that follows from its kind.
pub(super) struct Line {
    pub(super) input: &'static str,
    pub(super) keyboard: &'static str,
    pub(super) most: &'static str,
}

pub(super) fn line(kind: FieldKind) -> Line {
    let (input, keyboard, most) = match kind {
        FieldKind::Date => ("date", "text", "10"),
        FieldKind::Datetime => ("datetime-local", "text", "16"),
        FieldKind::Month => ("month", "text", "7"),
        FieldKind::Mobile => ("tel", "tel", "20"),
        FieldKind::Number => ("text", "numeric", "20"),
        FieldKind::Money | FieldKind::Percent => ("text", "decimal", "20"),
        FieldKind::BankAccount => ("text", "numeric", "40"),
        FieldKind::IdNumber | FieldKind::Uscc | FieldKind::DocumentNumber => ("text", "text", "40"),
        FieldKind::Name => ("text", "text", "60"),
        _ => ("text", "text", "200"),
    };
    Line { input, keyboard, most }
}

/// What the browser may fill in of its own, for the applicant's own data only.
fn autocomplete(field: &Field) -> &'static str {
    match (field.prefill.as_deref(), field.kind) {
        (Some("identity.name"), FieldKind::Name) => "name",
        (Some("identity.mobile"), FieldKind::Mobile) => "tel",
        (Some("profile.address"), FieldKind::Address) => "street-address",
        _ => "off",
    }
}

pub(super) fn control(sheet: &Sheet, index: usize, field: &Field, id: &str, described: &str) -> AnyView {
    let Some(state) = sheet.state(index) else { return ().into_any() };
    let options = sheet.options(field);
    match field.kind {
        _ if field.derive.is_some() => derived(sheet, index, field, id),
        FieldKind::List => rows::rows(sheet, index, field),
        FieldKind::YesNo => {
            let yes_no = [("yes", t::common_yes()), ("no", t::common_no())]
                .map(|(id, label)| Choice { id: id.to_owned(), label: label.to_owned() });
            radios(sheet, index, id, &yes_no)
        }
        FieldKind::Choice if options.len() <= OPEN => radios(sheet, index, id, &options),
        FieldKind::Choices => boxes(sheet, index, id, &options),
        FieldKind::Choice | FieldKind::Region => select(sheet, index, field, id, &options, described),
        FieldKind::LongText => {
            let (typing, leaving) = (sheet.clone(), sheet.clone());
            view! {
                <textarea id=id.to_owned() rows="4" maxlength="2000" aria-describedby=described.to_owned()
                    prop:value=move || state.value.with(|value| value.text().to_owned())
                    on:input=move |event| typing.type_in(index, Value::Text(event_target_value(&event)))
                    on:change=move |_| leaving.leave(index)
                ></textarea>
            }
            .into_any()
        }
        kind => {
            let Line { input, keyboard, most } = line(kind);
            let (typing, leaving) = (sheet.clone(), sheet.clone());
            view! {
                <input id=id.to_owned() type=input inputmode=keyboard maxlength=most autocomplete=autocomplete(field) aria-describedby=described.to_owned()
                    aria-invalid=move || state.fault.get().map(|_| "true")
                    prop:value=move || state.value.with(|value| value.text().to_owned())
                    on:input=move |event| typing.type_in(index, Value::Text(event_target_value(&event)))
                    on:change=move |_| leaving.leave(index)
                />
            }
            .into_any()
        }
    }
}

fn derived(sheet: &Sheet, index: usize, field: &Field, id: &str) -> AnyView {
    let (sheet, field) = (sheet.clone(), field.clone());
    let Some(state) = sheet.state(index) else { return ().into_any() };
    view! { <output id=id.to_owned()>{move || crate::components::answer::text(&sheet, &field, &state.value.get(), true)}</output> }.into_any()
}

fn radios(sheet: &Sheet, index: usize, id: &str, options: &[Choice]) -> AnyView {
    let Some(state) = sheet.state(index) else { return ().into_any() };
    options
        .iter()
        .map(|option| {
            let (sheet, chosen, own) = (sheet.clone(), option.id.clone(), option.id.clone());
            view! {
                <label class="option">
                    <input type="radio" name=id.to_owned() value=option.id.clone()
                        prop:checked=move || state.value.with(|value| value.text() == own)
                        on:change=move |_| sheet.choose(index, Value::Text(chosen.clone()))
                    />
                    <span>{option.label.clone()}</span>
                </label>
            }
        })
        .collect_view()
        .into_any()
}

fn boxes(sheet: &Sheet, index: usize, id: &str, options: &[Choice]) -> AnyView {
    let Some(state) = sheet.state(index) else { return ().into_any() };
    options
        .iter()
        .map(|option| {
            let (sheet, chosen, own) = (sheet.clone(), option.id.clone(), option.id.clone());
            let holds = move |value: &Value, id: &str| matches!(value, Value::Many(many) if many.iter().any(|one| one == id));
            let pick = move |event: web_sys::Event| {
                let mut many = match state.value.get_untracked() {
                    Value::Many(many) => many,
                    _ => Vec::new(),
                };
                many.retain(|one| *one != chosen);
                if event_target_checked(&event) {
                    // "None of these" and an answer exclude each other.
                    many.retain(|one| (one == "none") == (chosen == "none"));
                    many.push(chosen.clone());
                }
                sheet.choose(index, Value::Many(many));
            };
            view! {
                <label class="option">
                    <input type="checkbox" name=id.to_owned() value=option.id.clone() prop:checked=move || state.value.with(|value| holds(value, &own)) on:change=pick/>
                    <span>{option.label.clone()}</span>
                </label>
            }
        })
        .collect_view()
        .into_any()
}

fn select(sheet: &Sheet, index: usize, field: &Field, id: &str, options: &[Choice], described: &str) -> AnyView {
    let Some(state) = sheet.state(index) else { return ().into_any() };
    let sheet = sheet.clone();
    // A choice stands in a fieldset: its select is named by the legend's words.
    let inner = if is_group(field.kind) { format!("{id}-select") } else { id.to_owned() };
    let named = is_group(field.kind).then(|| field.label.clone());
    view! {
        <select id=inner aria-label=named aria-describedby=described.to_owned()
            on:change=move |event| sheet.choose(index, Value::Text(event_target_value(&event)))
        >
            <option value="" selected=move || state.value.with(Value::is_blank)>{t::form_choose()}</option>
            {options.iter().map(|option| {
                let own = option.id.clone();
                view! { <option value=option.id.clone() selected=move || state.value.with(|value| value.text() == own)>{option.label.clone()}</option> }
            }).collect_view()}
        </select>
    }
    .into_any()
}
