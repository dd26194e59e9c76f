//! One step of the form: what is known, folded; what is asked.

use contract::value::Value;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::steps;
use crate::components::load::Load;
use crate::components::{answer, field};
use crate::draft::OpenDraft;
use crate::locale::{self, Style, texts as t};
use crate::router::Route;
use crate::site::site;

pub(super) fn screen(id: String, group: Option<String>) -> AnyView {
    let site = site();
    Load::start(move || {
        let id = id.clone();
        async move { site.draft(&id).await }
    })
    .show(move |draft| step(draft, group.clone()))
}

fn step(draft: OpenDraft, group: Option<String>) -> impl IntoView {
    let site = site();
    let groups = steps::groups(&draft);
    let first = groups.first().cloned().unwrap_or_default();
    let group = group.filter(|group| groups.contains(group)).unwrap_or(first);
    let number = groups.iter().position(|one| *one == group).unwrap_or(0);
    let title = draft
        .sheet
        .view()
        .bundle
        .groups
        .iter()
        .find(|one| one.id == group)
        .map(|one| one.label.clone())
        .unwrap_or_default();
    let named = title.clone();
    Effect::new(move |_| site.router.arrived(&named));
    let faults = RwSignal::new(Vec::new());
    let (known, asked) = divide(&draft, &group);
    let places = draft.sheet.group(&group);
    let back = match number.checked_sub(1).and_then(|before| groups.get(before)) {
        Some(before) => Route::Form(draft.id.clone(), Some(before.clone())),
        None => Route::Situations(draft.sheet.view().bundle.id.0.clone()),
    };
    let (going, busy) = (draft.clone(), RwSignal::new(false));
    let go = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let found = going.sheet.check(&places);
        if !found.is_empty() {
            steps::complain(faults, &going.sheet, &found);
            return;
        }
        let (draft, group) = (going.clone(), group.clone());
        busy.set(true);
        spawn_local(async move {
            draft.flush().await;
            let _ = busy.try_set(false);
            site.router.go(next(&draft, &group));
        });
    };
    view! {
        {steps::place(&draft, number + 1, groups.len() + 2)}
        <h1 tabindex="-1">{title}</h1>
        {steps::saving(&draft)}
        {(number == 0).then(|| steps::gaps(&draft))}
        {steps::error_summary(faults)}
        <form novalidate on:submit=go>
            {known_card(&draft, &known)}
            {asked.into_iter().map(|index| field::field(&draft.sheet, index, source(&draft, index))).collect_view()}
            <div class="action">
                <button class="button primary" aria-disabled=move || busy.get().then_some("true")>{t::form_next()}</button>
                <a class="button quiet" href=site.router.href(&back)>{t::common_back()}</a>
            </div>
        </form>
    }
}

/// The step after this one, as the answers stand now.
fn next(draft: &OpenDraft, group: &str) -> Route {
    let groups = steps::groups(draft);
    let place = groups.iter().position(|one| one == group);
    match place.and_then(|place| groups.get(place + 1)) {
        Some(next) => Route::Form(draft.id.clone(), Some(next.clone())),
        None => Route::Materials(draft.id.clone()),
    }
}

fn source(draft: &OpenDraft, index: usize) -> Option<contract::draft::Provenance> {
    draft.sources.get(&draft.sheet.field(index)?.id).cloned()
}

/// Known facts are shown to be checked; the rest is asked.
fn divide(draft: &OpenDraft, group: &str) -> (Vec<usize>, Vec<usize>) {
    let known = |index: &usize| {
        let unchanged = source(draft, *index).is_some_and(|source| {
            draft.sheet.state(*index).is_some_and(|state| state.value.with_untracked(|value| *value == source.value))
        });
        let derived = draft.sheet.field(*index).is_some_and(|field| field.derive.is_some());
        let filled = draft.sheet.state(*index).is_some_and(|state| !state.value.with_untracked(Value::is_blank));
        unchanged || (derived && filled)
    };
    draft.sheet.group(group).into_iter().partition(known)
}

/// 我们已经知道: value, source and date of each fact, opened one by one to correct.
fn known_card(draft: &OpenDraft, places: &[usize]) -> impl IntoView + use<> {
    let lines: Vec<_> = places.iter().map(|index| known_line(draft, *index)).collect();
    (!lines.is_empty()).then(|| {
        view! {
            <section class="known">
                <h2>{t::form_known()}</h2>
                <p class="quiet">{t::form_known_hint()}</p>
                <div class="known-lines">{lines}</div>
            </section>
        }
    })
}

fn known_line(draft: &OpenDraft, index: usize) -> AnyView {
    let (Some(definition), Some(state)) = (draft.sheet.field(index).cloned(), draft.sheet.state(index)) else {
        return ().into_any();
    };
    let (open, reveal) = (RwSignal::new(false), RwSignal::new(false));
    let said = match source(draft, index) {
        Some(source) => t::form_source(&source.name, &locale::day(&source.as_of, Style::Long)),
        None => t::form_derived().to_owned(),
    };
    let (sheet, field) = (draft.sheet.clone(), definition.clone());
    let text = move || answer::text(&sheet, &field, &state.value.get(), reveal.get());
    let (label, sensitive, derived) =
        (definition.label.clone(), answer::is_guarded(&definition), definition.derive.is_some());
    let (editing, editing_source) = (draft.sheet.clone(), source(draft, index));
    let id = definition.id.clone();
    let edit = move |_| {
        open.set(true);
        let id = field::element_id(&id);
        request_animation_frame(move || steps::focus(&id));
    };
    let line = StoredValue::new((label, said));
    let text = StoredValue::new(text);
    (move || {
        if !state.shown.get() {
            return ().into_any();
        }
        if open.get() {
            return field::field(&editing, index, editing_source.clone());
        }
        let (label, said) = line.get_value();
        let edit = edit.clone();
        let (show_name, edit_name) = (t::form_reveal_named(&label), t::form_correct_named(&label));
        view! {
            <div class="known-line">
                <p class="quiet">{label}</p>
                <p class="strong answer">{move || text.with_value(|text| text())}</p>
                <p class="source-line">{said}</p>
                <p>
                    {sensitive.then(|| view! { <button type="button" class="link" aria-label=show_name on:click=move |_| reveal.update(|reveal| *reveal = !*reveal)>{move || if reveal.get() { t::form_hide() } else { t::form_reveal() }}</button> })}
                    {(!derived).then(|| view! { <button type="button" class="link" aria-label=edit_name on:click=edit>{t::form_correct()}</button> })}
                </p>
            </div>
        }
        .into_any()
    })
    .into_any()
}
