//! One field: question, help, control, source, fault, and who gets the answer.

mod control;
mod fault;
mod rows;

use contract::catalogue::{BundleView, Field};
use contract::draft::Provenance;
use leptos::prelude::*;
use stylers_macro::style_sheet;

use crate::draft::Sheet;
use crate::locale::{self, Style, texts as t};
pub use fault::sentence;

/// The element that holds a field's control, for links and focus.
#[must_use]
pub fn element_id(field: &str) -> String {
    format!("f-{field}")
}

/// A field of a sheet, shown while it is asked.
pub fn field(sheet: &Sheet, index: usize, source: Option<Provenance>) -> AnyView {
    let (Some(definition), Some(state)) = (sheet.field(index).cloned(), sheet.state(index)) else {
        return ().into_any();
    };
    let sheet = sheet.clone();
    let body = StoredValue::new((sheet, definition, source));
    (move || {
        state
            .shown
            .get()
            .then(|| body.with_value(|(sheet, definition, source)| asked(sheet, index, definition, source.as_ref())))
    })
    .into_any()
}

fn asked(sheet: &Sheet, index: usize, field: &Field, source: Option<&Provenance>) -> AnyView {
    let class = style_sheet!("app/src/components/field/field.css");
    let id = element_id(&field.id);
    let Some(state) = sheet.state(index) else { return ().into_any() };
    let kind = field.kind;
    let name = field.label.clone();
    let hint = field.hint.clone();
    let grouped = control::is_group(kind);
    let fault = move || state.fault.get().map(|rule| sentence(rule, kind));
    let described = format!("{id}-hint {id}-fault");
    let optional = (!field.required && field.derive.is_none())
        .then(|| view! { class=class, <span class="optional">{t::form_optional()}</span> });
    let help = view! {
        class=class,
        {hint.map(|hint| view! { class=class, <p class="hint" id=format!("{id}-hint")>{hint}</p> })}
        {source.map(|source| chip(source, state, class))}
        <p class="fault" id=format!("{id}-fault") role="status">{fault}</p>
    };
    let control = control::control(sheet, index, field, &id, &described);
    let recipients = recipients(sheet.view(), field, class);
    if grouped {
        view! {
            class=class,
            <fieldset class="field" class:faulty=move || state.fault.get().is_some() id=id.clone() tabindex="-1">
                <legend class="name">{name}{optional}</legend>
                {help}
                {control}
                {recipients}
            </fieldset>
        }
        .into_any()
    } else {
        view! {
            class=class,
            <div class="field" class:faulty=move || state.fault.get().is_some()>
                <label class="name" for=id.clone()>{name}{optional}</label>
                {help}
                {control}
                {recipients}
            </div>
        }
        .into_any()
    }
}

/// Where the value came from, as long as it is the one the register gave.
fn chip(source: &Provenance, state: crate::draft::FieldState, class: &'static str) -> impl IntoView + use<> {
    let said = t::form_source(&source.name, &locale::day(&source.as_of, Style::Long));
    let given = source.value.clone();
    let corrected = t::form_corrected(&source.name);
    view! { class=class, <p class="source">{move || if state.value.get() == given { said.clone() } else { corrected.clone() }}</p> }
}

fn recipients(view: &BundleView, field: &Field, class: &'static str) -> impl IntoView + use<> {
    let concerned = view.bundle.items.iter().filter(|item| field.items.iter().any(|id| id == "*" || *id == item.id.0));
    let lines: Vec<String> = concerned
        .map(|item| t::form_recipient(view.departments.get(&item.department).map_or("", String::as_str), &item.name))
        .collect();
    (!lines.is_empty()).then(|| {
        view! {
            class=class,
            <details class="recipients">
                <summary>{t::form_recipients()}<span class="hidden">{format!(" {}", field.label)}</span></summary>
                <ul>{lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
            </details>
        }
    })
}
