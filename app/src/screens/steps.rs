//! What the screens of a form share: the saved state, the way through, the summary of faults.

use std::cell::RefCell;

use contract::problem::{Fault, FaultRule};
use leptos::prelude::*;

use crate::draft::{OpenDraft, Saving, Sheet};
use crate::form::{OneByOne, element_id, sentence};
use crate::locale::{self, texts as t};
use crate::router::Route;
use crate::site::site;
use crate::wait::Press;

/// One line of the summary.
#[derive(Clone)]
pub(super) struct Complaint {
    /// The element to lead to.
    element: String,
    /// The part of the form it stands in.
    group: String,
    /// What it is called.
    name: String,
    /// What is wrong.
    said: String,
}

/// Says what is wrong, in one place, with links; the focus goes there.
pub(super) fn complain(to: RwSignal<Vec<Complaint>>, sheet: &Sheet, faults: &[Fault]) {
    let lines = faults.iter().filter_map(|fault| {
        if fault.rule == FaultRule::Material {
            let material = sheet.view().bundle.materials.iter().find(|one| one.id.0 == fault.at)?;
            return Some(Complaint {
                element: format!("m-{}", material.id),
                group: String::new(),
                name: material.name.clone(),
                said: t::fault_material().to_owned(),
            });
        }
        let mut parts = fault.at.split('.');
        let field = sheet.field(sheet.index(parts.next()?)?)?;
        let other = fault.other.as_ref().and_then(|id| sheet.field(sheet.index(id)?)).map(|field| field.label.as_str());
        let group = field.group.clone();
        match (parts.next(), parts.next()) {
            (Some(row), Some(column)) => {
                let column = field.columns.iter().find(|one| one.id == column)?;
                let number = row.parse::<usize>().map_or(0, |row| row + 1).to_string();
                let name =
                    format!("{} · {}", t::form_row(field.row.as_deref().unwrap_or_default(), &number), column.label);
                let element = format!("f-{}-{row}-{}", field.id, column.id);
                Some(Complaint { element, group, name, said: sentence(fault.rule, column.kind, other) })
            }
            _ => Some(Complaint {
                element: element_id(&field.id),
                group,
                name: field.label.clone(),
                said: sentence(fault.rule, field.kind, other),
            }),
        }
    });
    to.set(lines.collect());
    request_animation_frame(|| focus("faults"));
}

/// Checks some fields, and says what is wrong with them.
pub(super) fn is_fine(to: RwSignal<Vec<Complaint>>, sheet: &Sheet, fields: &[usize]) -> bool {
    let found = sheet.check(fields);
    if found.is_empty() {
        to.set(Vec::new());
    } else {
        complain(to, sheet, &found);
    }
    found.is_empty()
}

/// Which question is in turn, where they come one by one.
pub(super) fn turn(place: RwSignal<Option<(usize, usize)>>) -> impl IntoView {
    let said = |(number, count): (usize, usize)| t::elder_question(&number.to_string(), &count.to_string());
    // What follows the questions comes with the last of them.
    let more = move || is_more(place).then_some("");
    view! { <p class="turn" role="status" data-more=more>{move || place.get().map(said)}</p> }
}

/// Whether another question follows the one in turn.
fn is_more(place: RwSignal<Option<(usize, usize)>>) -> bool {
    place.get().is_some_and(|(number, count)| number < count)
}

/// What the button says: on to the next question, or what comes after the last.
pub(super) fn onward(place: RwSignal<Option<(usize, usize)>>, then: &'static str) -> impl Fn() -> &'static str {
    move || if is_more(place) { t::elder_next() } else { then }
}

thread_local! {
    /// What leads through the form on the screen, for links to a question that is away.
    static LEAD: RefCell<Option<OneByOne>> = const { RefCell::new(None) };
}

/// Follows what leads through the form, as long as its screen stands.
pub(super) fn lead_by(lead: OneByOne) {
    let place = lead.place;
    LEAD.replace(Some(lead));
    // The screen that follows may have come before this one goes.
    on_cleanup(move || LEAD.with_borrow_mut(|lead| drop(lead.take_if(|lead| lead.place == place))));
}

/// Brings an element into view and gives it the focus.
pub(super) fn focus(id: &str) {
    use wasm_bindgen::JsCast;
    let found = document().get_element_by_id(id);
    // A group's first control may carry a longer name.
    let found = found.or_else(|| document().query_selector(&format!("[id^=\"{id}-\"]")).ok().flatten());
    let Some(element) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) else { return };
    if let Some(lead) = LEAD.with_borrow(Clone::clone) {
        lead.bring(&element);
    }
    // The question is shown, not only its control.
    let shown = element.closest(".field, .cell, fieldset").ok().flatten().unwrap_or_else(|| element.clone().into());
    shown.scroll_into_view();
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    let _ = element.focus_with_options(&options);
}

/// The summary; empty while nothing is wrong.
pub(super) fn error_summary(faults: RwSignal<Vec<Complaint>>) -> impl IntoView {
    summary(faults, None)
}

/// The summary on a screen where the fields themselves do not stand: its links lead to them.
pub(super) fn error_summary_elsewhere(faults: RwSignal<Vec<Complaint>>, draft: &OpenDraft) -> impl IntoView + use<> {
    summary(faults, Some(draft.id.clone()))
}

fn summary(faults: RwSignal<Vec<Complaint>>, draft: Option<String>) -> impl IntoView {
    let site = site();
    move || {
        let lines = faults.get();
        (!lines.is_empty()).then(|| {
            let lines = lines.into_iter().map(|complaint| {
                let Complaint { element, group, name, said } = complaint;
                let target = element.clone();
                // A material stands in no part of the form.
                let part = (!group.is_empty()).then_some(group);
                let elsewhere = draft.clone().map(|draft| match part {
                    Some(part) => Route::Form(draft, Some(part)),
                    None => Route::Materials(draft),
                });
                let href = elsewhere.as_ref().map_or_else(|| format!("#{element}"), |route| site.router.href(route));
                let go = move |event: web_sys::MouseEvent| {
                    event.prevent_default();
                    event.stop_propagation();
                    match &elsewhere {
                        None => focus(&target),
                        Some(route) => {
                            site.lead_to(&target);
                            site.router.go(route.clone());
                        }
                    }
                };
                // A question has its own end.
                let between = match name.chars().last() {
                    Some('？') => "",
                    Some('?') => " ",
                    _ => t::common_colon(),
                };
                view! { <li><a href=href on:click=go>{name}{between}{said}</a></li> }
            });
            view! { <div id="faults" class="notice bad" role="alert" tabindex="-1"><h2>{t::form_faults()}</h2><ul>{lines.collect_view()}</ul></div> }
        })
    }
}

/// The way on: a form that is sent is seen to be pressed first, then looked through.
pub(super) fn press(on: impl Fn() + Clone + 'static) -> impl Fn(web_sys::SubmitEvent) + 'static {
    let press = Press::here();
    move |event| {
        event.prevent_default();
        press.answer(on.clone());
    }
}

/// What is true of the draft's saving.
pub(super) fn saving(draft: &OpenDraft) -> impl IntoView + use<> {
    let state = draft.saving;
    let (resume, waiting, unkept) = (draft.clone(), draft.clone(), draft.unkept);
    // Signed in again: what was not sent yet goes now.
    let then = move || {
        let draft = resume.clone();
        leptos::task::spawn_local(async move {
            draft.flush().await;
        });
    };
    view! {
        <p class="saving" role="status" aria-live=move || if state.get() == Saving::Pending { "off" } else { "polite" } data-saving=move || match state.get() { Saving::Saved(_) => "saved", Saving::Pending => "pending", Saving::Offline(true) => "kept", _ => "trouble" }>
            {move || match state.get() {
                Saving::Saved(at) => t::saving_saved(at.get(11..16).unwrap_or_default()),
                Saving::Pending => t::saving_pending().to_owned(),
                Saving::Offline(true) => t::saving_kept().to_owned(),
                Saving::Offline(false) => t::saving_offline().to_owned(),
                Saving::SignedOut(true) => t::saving_signed_out_kept().to_owned(),
                Saving::SignedOut(false) => t::saving_signed_out().to_owned(),
                Saving::Contested => t::saving_contested().to_owned(),
                Saving::Gone => t::saving_gone().to_owned(),
            }}
            {move || (state.get() == Saving::Contested).then(|| contested(&waiting))}
            {move || (unkept.get() && !matches!(state.get(), Saving::Offline(false) | Saving::SignedOut(false))).then(|| view! { <span class="unkept">{t::saving_unkept()}</span> })}
        </p>
        {crate::session::sign_in_again(then)}
    }
}

/// The way to each field that waits for a choice, on whatever step it stands.
fn contested(draft: &OpenDraft) -> impl IntoView + use<> {
    let site = site();
    let links = draft.sheet.conflicts().into_iter().filter_map(|index| draft.sheet.field(index)).map(|field| {
        let (route, element) = (Route::Form(draft.id.clone(), Some(field.group.clone())), element_id(&field.id));
        let href = site.router.href(&route);
        let go = move |_: web_sys::MouseEvent| {
            site.lead_to(&element);
            focus(&element);
        };
        view! { " "<a href=href on:click=go>{field.label.clone()}</a> }
    });
    links.collect_view()
}

/// What must be said above every step: for whom, and what a newer version changed.
pub(super) fn notices(draft: &OpenDraft) -> impl IntoView + use<> {
    let (notes, as_agent) = (draft.notes, draft.as_agent);
    let seen = draft.clone();
    let part = |said: fn(&str) -> String, labels: &[String]| {
        (!labels.is_empty()).then(|| view! { <li>{said(&locale::list(labels))}</li> })
    };
    view! {
        {move || notes.get().counterpart.map(|name| {
            let said = if as_agent { t::share_for(&name) } else { t::share_agent(&name) };
            view! { <p class="notice">{said}</p> }
        })}
        {move || notes.get().migration.map(|migration| {
            let seen = seen.clone();
            view! {
                <section class="notice" id="migration">
                    <h2>{t::form_migrated()}</h2>
                    <ul>
                        {part(t::form_migrated_moved, &migration.moved)}
                        {part(t::form_migrated_dropped, &migration.dropped)}
                        {part(t::form_migrated_added, &migration.added)}
                    </ul>
                    <button type="button" class="button" on:click=move |_| seen.migration_seen()>{t::form_migrated_seen()}</button>
                </section>
            }
        })}
    }
}

/// The errand and the step one is at.
pub(super) fn place(draft: &OpenDraft, step: usize, of: usize) -> impl IntoView + use<> {
    let name = draft.sheet.view().bundle.name.clone();
    view! { <p class="quiet">{name}{t::common_comma()}{t::form_step(&step.to_string(), &of.to_string())}</p> }
}

/// Registers that could not help, in a sentence each; those that may answer now can be asked again.
pub(super) fn gaps(draft: &OpenDraft) -> impl IntoView + use<> {
    use contract::draft::{Gap, GapReason};
    let (notes, asking, draft) = (draft.notes, RwSignal::new(false), draft.clone());
    move || {
        let gaps = notes.get().gaps;
        let of = |reasons: &[GapReason]| -> Vec<Gap> {
            gaps.iter().filter(|gap| reasons.contains(&gap.reason)).cloned().collect()
        };
        let names = |gaps: &[Gap]| locale::list(&gaps.iter().map(|gap| gap.name.clone()).collect::<Vec<_>>());
        let (silent, empty) = (of(&[GapReason::Unavailable, GapReason::Slow]), of(&[GapReason::Empty]));
        let again = {
            let (draft, registers) = (draft.clone(), silent.iter().map(|gap| gap.register.clone()).collect::<Vec<_>>());
            move |_: web_sys::MouseEvent| {
                if asking.get_untracked() {
                    return;
                }
                asking.set(true);
                let (draft, registers) = (draft.clone(), registers.clone());
                leptos::task::spawn_local(async move {
                    let _ = draft.ask_registers(registers).await;
                    let _ = asking.try_set(false);
                });
            }
        };
        view! {
            {(!silent.is_empty()).then(|| view! {
                <div class="notice" role="status" id="gaps">
                    <p>{t::form_gap_silent(&names(&silent))}</p>
                    <button type="button" class="button" id="ask-again" aria-disabled=move || asking.get().then_some("true") on:click=again>{move || if asking.get() { t::form_gap_asking() } else { t::form_gap_again() }}</button>
                </div>
            })}
            {(!empty.is_empty()).then(|| view! { <p class="notice">{t::form_gap_empty(&names(&empty))}</p> })}
        }
    }
}
