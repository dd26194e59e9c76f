//! What the screens of a form share: the saved state, the way through, the summary of faults.

use contract::problem::Fault;
use leptos::prelude::*;

use crate::components::field::{element_id, sentence};
use crate::draft::{OpenDraft, Saving, Sheet};
use crate::locale::{self, texts as t};
use crate::router::Route;
use crate::site::site;

/// One line of the summary: where, what it is called, what is wrong.
pub(super) type Complaint = (String, String, &'static str);

/// Says what is wrong, in one place, with links; the focus goes there.
pub(super) fn complain(to: RwSignal<Vec<Complaint>>, sheet: &Sheet, faults: &[Fault]) {
    let lines = faults.iter().filter_map(|fault| {
        let mut parts = fault.at.split('.');
        let field = sheet.field(sheet.index(parts.next()?)?)?;
        match (parts.next(), parts.next()) {
            (Some(row), Some(column)) => {
                let column = field.columns.iter().find(|one| one.id == column)?;
                let number = row.parse::<usize>().map_or(0, |row| row + 1).to_string();
                let name =
                    format!("{} · {}", t::form_row(field.row.as_deref().unwrap_or_default(), &number), column.label);
                Some((format!("f-{}-{row}-{}", field.id, column.id), name, sentence(fault.rule, column.kind)))
            }
            _ => Some((element_id(&field.id), field.label.clone(), sentence(fault.rule, field.kind))),
        }
    });
    to.set(lines.collect());
    request_animation_frame(|| focus("faults"));
}

/// Brings an element into view and gives it the focus.
pub(super) fn focus(id: &str) {
    use wasm_bindgen::JsCast;
    let Some(element) =
        document().get_element_by_id(id).and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
    else {
        return;
    };
    // The question is shown, not only its control.
    let shown = element.closest(".field, .cell, fieldset").ok().flatten().unwrap_or_else(|| element.clone().into());
    shown.scroll_into_view();
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    let _ = element.focus_with_options(&options);
}

/// The summary; empty while nothing is wrong.
pub(super) fn error_summary(faults: RwSignal<Vec<Complaint>>) -> impl IntoView {
    move || {
        let lines = faults.get();
        (!lines.is_empty()).then(|| {
            let lines = lines.into_iter().map(|(id, name, said)| {
                let target = id.clone();
                let go = move |event: web_sys::MouseEvent| {
                    event.prevent_default();
                    event.stop_propagation();
                    focus(&target);
                };
                view! { <li><a href=format!("#{id}") on:click=go>{format!("{name}{}{said}", t::common_colon())}</a></li> }
            });
            view! { <div id="faults" class="notice bad" role="alert" tabindex="-1"><h2>{t::form_faults()}</h2><ul>{lines.collect_view()}</ul></div> }
        })
    }
}

/// What is true of the draft's saving.
pub(super) fn saving(draft: &OpenDraft) -> impl IntoView + use<> {
    let site = site();
    let state = draft.saving;
    let here = site.router.get_untracked().path();
    let resume = draft.clone();
    // Signed in again: what was not sent yet goes now.
    Effect::new(move |_| {
        if matches!(site.session.get(), crate::session::State::In(_)) && state.get_untracked() == Saving::SignedOut {
            let draft = resume.clone();
            leptos::task::spawn_local(async move { draft.flush().await });
        }
    });
    view! {
        <p class="saving" role="status" data-saving=move || match state.get() { Saving::Saved(_) => "saved", Saving::Pending => "pending", _ => "trouble" }>
            {move || match state.get() {
                Saving::Saved(at) => t::saving_saved(at.get(11..16).unwrap_or_default()),
                Saving::Pending => t::saving_pending().to_owned(),
                Saving::Offline => t::saving_offline().to_owned(),
                Saving::SignedOut => t::saving_signed_out().to_owned(),
                Saving::Gone => t::saving_gone().to_owned(),
            }}
            {move || (state.get() == Saving::SignedOut).then(|| view! { " "<a href=site.router.href(&Route::SignIn(here.clone()))>{t::account_sign_in()}</a> })}
        </p>
    }
}

/// The errand and the step one is at.
pub(super) fn place(draft: &OpenDraft, step: usize, of: usize) -> impl IntoView + use<> {
    let name = draft.sheet.view().bundle.name.clone();
    view! { <p class="quiet">{name}" · "{t::form_step(&step.to_string(), &of.to_string())}</p> }
}

/// Groups that have something to ask or show now.
pub(super) fn groups(draft: &OpenDraft) -> Vec<String> {
    let sheet = &draft.sheet;
    let asked = |group: &str| {
        sheet.group(group).into_iter().any(|index| sheet.state(index).is_some_and(|state| state.shown.get_untracked()))
    };
    sheet.view().bundle.groups.iter().filter(|group| asked(&group.id)).map(|group| group.id.clone()).collect()
}

/// Register names that could not help, in a sentence each.
pub(super) fn gaps(draft: &OpenDraft) -> impl IntoView + use<> {
    use contract::draft::GapReason;
    let names =
        |reason| draft.gaps.iter().filter(|gap| gap.reason == reason).map(|gap| gap.name.clone()).collect::<Vec<_>>();
    let (silent, empty) = (names(GapReason::Unavailable), names(GapReason::Empty));
    view! {
        {(!silent.is_empty()).then(|| view! { <p class="notice">{t::form_gap_silent(&locale::list(&silent))}</p> })}
        {(!empty.is_empty()).then(|| view! { <p class="notice">{t::form_gap_empty(&locale::list(&empty))}</p> })}
    }
}
