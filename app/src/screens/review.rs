//! Everything on one page before it is sent; one submit that cannot submit twice.

use std::sync::Arc;

use contract::application::{ApplicationId, Submit};
use contract::catalogue::Commitment;
use contract::json::{FromJson, Json, Object};
use contract::material::Provided;
use engine::condition::{self, Truth};
use engine::fee;
use engine::plan;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::steps;
use crate::client::{self, Failure, Terms};
use crate::components::load::Load;
use crate::components::{answer, notice};
use crate::draft::OpenDraft;
use crate::form;
use crate::host::{Bridge, Event, Host};
use crate::locale::{self, texts as t};
use crate::router::Route;
use crate::site::site;
use crate::wait;

pub(super) fn screen(id: String) -> AnyView {
    let site = site();
    Load::start(move || {
        let id = id.clone();
        async move {
            let draft = site.draft(&id).await?;
            // A document just given may still be on its way: what is looked at here is what there will be.
            draft.flush().await;
            Ok(draft)
        }
    })
    .show(review)
}

fn review(draft: OpenDraft) -> impl IntoView {
    let site = site();
    site.router.arrives(t::review_title());
    let view = draft.sheet.view().clone();
    let facts = draft.sheet.facts();
    let commitments: Vec<Commitment> =
        view.bundle.commitments.iter().filter(|one| condition::all(&one.when, &facts) == Truth::Yes).cloned().collect();
    let reveal = RwSignal::new(false);
    let groups = draft.sheet.groups();
    let sections = groups.iter().map(|group| section(&draft, group, reveal)).collect_view();
    view! {
        {steps::place(&draft, groups.len() + 2, groups.len() + 2)}
        <h1 tabindex="-1">{t::review_title()}</h1>
        {steps::saving(&draft)}
        {steps::notices(&draft)}
        <p>{typed(&draft)}</p>
        <p>
            <button type="button" class="link" on:click=move |_| reveal.update(|reveal| *reveal = !*reveal)>
                {move || if reveal.get() { t::review_hide() } else { t::review_reveal() }}
            </button>
        </p>
        {situations(&draft, reveal)}
        {sections}
        {recipients(&draft)}
        {materials(&draft)}
        {fees(&draft)}
        <section class="part">
            <h2>{t::review_commitments()}</h2>
            {commitments.iter().map(|one| view! { <div class="commitment"><h3>{one.label.clone()}</h3><p>{one.text.clone()}</p></div> }).collect_view()}
        </section>
        {submit(draft, commitments)}
    }
}

/// How little had to be typed: what no source gave, nothing computed and nothing repeated.
fn typed(draft: &OpenDraft) -> String {
    let sheet = &draft.sheet;
    let own = |index: &usize| {
        let derived = sheet.field(*index).is_some_and(|field| field.derive.is_some());
        !sheet.is_given(*index) && !derived && sheet.repeated(*index).is_none()
    };
    let answered: Vec<usize> = answered(draft);
    let own = answered.iter().filter(|index| own(index)).count();
    t::review_typed(&answered.len().to_string(), &own.to_string())
}

/// Fields that are asked and answered.
fn answered(draft: &OpenDraft) -> Vec<usize> {
    let count = plan::fields(&draft.sheet.view().bundle).count();
    (0..count).filter(|index| draft.sheet.answer(*index).is_some()).collect()
}

/// Fields shown as a source's own words; the server holds each against what the source said.
fn given(draft: &OpenDraft) -> Vec<String> {
    let sheet = &draft.sheet;
    let shown = answered(draft).into_iter().filter(|index| sheet.is_given(*index));
    shown.filter_map(|index| Some(sheet.field(index)?.id.clone())).collect()
}

fn rows(draft: &OpenDraft, places: &[usize], reveal: RwSignal<bool>) -> Vec<AnyView> {
    let sheet = &draft.sheet;
    let shown = places.iter().filter(|index| sheet.asks(**index));
    shown
        .filter_map(|index| {
            let field = sheet.field(*index)?.clone();
            let value = sheet.answer(*index).unwrap_or_else(|| contract::value::Value::Text(String::new()));
            let (sheet, label) = (sheet.clone(), field.label.clone());
            let disputed =
                sheet.dispute(*index).map(|note| view! { <p class="source-line">{t::form_disputed(&note)}</p> });
            let text = move || {
                let text = answer::text(&sheet, &field, &value, reveal.get());
                match answer::heard(&text) {
                    Some(said) => {
                        view! { <span aria-hidden="true">{text}</span><span class="hidden">{said}</span> }.into_any()
                    }
                    None if text.is_empty() => t::form_not_answered().into_any(),
                    None => text.into_any(),
                }
            };
            Some(view! { <div><dt>{label}</dt><dd class="answer">{text}{disputed}</dd></div> }.into_any())
        })
        .collect()
}

fn part(title: String, change: &Route, rows: Vec<AnyView>) -> impl IntoView + use<> {
    let href = site().router.href(change);
    let named = t::review_change_named(&title);
    view! {
        <section class="part">
            <h2>{title}</h2>
            <dl class="answers">{rows}</dl>
            <p><a href=href aria-label=named>{t::review_change()}</a></p>
        </section>
    }
}

fn situations(draft: &OpenDraft, reveal: RwSignal<bool>) -> impl IntoView + use<> {
    let rows = rows(draft, &draft.sheet.questions(), reveal);
    (!rows.is_empty()).then(|| {
        let rows_view = rows;
        view! { <section class="part"><h2>{t::review_situations()}</h2><dl class="answers">{rows_view}</dl></section> }
    })
}

fn section(draft: &OpenDraft, group: &str, reveal: RwSignal<bool>) -> impl IntoView + use<> {
    let title = draft
        .sheet
        .view()
        .bundle
        .groups
        .iter()
        .find(|one| one.id == group)
        .map(|one| one.label.clone())
        .unwrap_or_default();
    part(title, &Route::Form(draft.id.clone(), Some(group.to_owned())), rows(draft, &draft.sheet.group(group), reveal))
}

/// Who gets what, worked out when somebody wants to know.
fn recipients(draft: &OpenDraft) -> impl IntoView + use<> {
    let (open, sheet) = (RwSignal::new(false), draft.sheet.clone());
    let toggled = move |event: web_sys::Event| {
        use wasm_bindgen::JsCast;
        let details = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        open.set(details.is_some_and(|details| details.has_attribute("open")));
    };
    view! {
        <details class="part" id="recipients" on:toggle=toggled>
            <summary>{t::review_recipients()}</summary>
            {move || open.get().then(|| form::by_department(&sheet))}
        </details>
    }
}

fn materials(draft: &OpenDraft) -> impl IntoView + use<> {
    let provided = draft.materials.get_untracked();
    let plan = draft.sheet.plan_untracked();
    let rows: Vec<AnyView> = plan
        .active_materials(&draft.sheet.view().bundle)
        .filter(|material| plan::asked_for(material))
        .map(|material| {
            let said = match provided.get(&material.id) {
                Some(Provided::Documents { documents }) => t::review_documents(&documents.len().to_string()),
                Some(Provided::Declared) => t::materials_declared().to_owned(),
                Some(Provided::Deferred) => t::materials_deferred().to_owned(),
                Some(Provided::OnCommitment) => t::materials_on_commitment().to_owned(),
                Some(Provided::Shared { .. }) => t::materials_by_sharing().to_owned(),
                None => t::form_not_answered().to_owned(),
            };
            view! { <div><dt>{material.name.clone()}</dt><dd>{said}</dd></div> }.into_any()
        })
        .collect();
    let rows = if rows.is_empty() {
        vec![view! { <div><dt>{t::materials_title()}</dt><dd>{t::guide_zero_materials()}</dd></div> }.into_any()]
    } else {
        rows
    };
    part(t::materials_title().to_owned(), &Route::Materials(draft.id.clone()), rows)
}

fn fees(draft: &OpenDraft) -> impl IntoView + use<> {
    let basket = fee::basket(&draft.sheet.view().bundle, &draft.sheet.plan_untracked(), &draft.sheet.facts());
    let lines = basket.lines().map(|line| view! { <li>{t::pay_line(&line.name, &locale::amount(line.amount))}</li> });
    let free =
        (!basket.free.is_empty()).then(|| view! { <p class="quiet">{t::pay_free(&locale::list(&basket.free))}</p> });
    let later =
        (!basket.later.is_empty()).then(|| view! { <p class="quiet">{t::pay_later(&locale::list(&basket.later))}</p> });
    view! {
        <section class="part">
            <h2>{t::guide_fees()}</h2>
            {if basket.is_empty() { view! { <p>{t::review_no_fees()}</p> }.into_any() } else {
                view! { <ul>{lines.collect_view()}</ul><p class="strong">{t::pay_sum(&locale::amount(basket.amount()))}</p> }.into_any()
            }}
            {free}
            {later}
        </section>
    }
}

/// What the submit button does, and what is known of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sending {
    No,
    Now,
    /// The network did not answer: it is asked again with the same key, so that it can only count once.
    Unsure,
}

fn submit(draft: OpenDraft, commitments: Vec<Commitment>) -> impl IntoView {
    let site = site();
    let sending = RwSignal::new(Sending::No);
    let failed = RwSignal::new(None);
    let faults = RwSignal::new(Vec::new());
    let drawn = draft.version();
    let commitments_are_personal = commitments.iter().any(|one| one.personal);
    let ids: Arc<Vec<String>> = Arc::new(commitments.into_iter().map(|one| one.id).collect());
    let back = site.router.href(&Route::Materials(draft.id.clone()));
    let summary = steps::error_summary_elsewhere(faults, &draft);
    // Only the person can make some commitments; whoever helps hands the draft back for them.
    let barred = draft.as_agent && commitments_are_personal;
    let press = move |_| {
        if sending.get_untracked() != Sending::No {
            return;
        }
        sending.set(Sending::Now);
        failed.set(None);
        faults.set(Vec::new());
        let (draft, ids) = (draft.clone(), ids.clone());
        spawn_local(async move {
            if !draft.flush().await {
                sending.set(Sending::No);
                failed.set(Some(t::form_stuck()));
                return;
            }
            // Somebody else changed it since it was drawn: what is sent is what was looked at.
            if draft.version() != drawn {
                look_again(&draft).await;
                return;
            }
            match send(&draft, &ids, sending).await {
                Ok(sent) => {
                    client::upload::leave(&draft.id).await;
                    Bridge.tell(Event::Submitted(&sent.id.0));
                    site.router.replace(Route::Progress(sent.id.0));
                }
                Err(failure) if failure.kind() == "stale" => look_again(&draft).await,
                Err(failure) => {
                    sending.set(Sending::No);
                    if let Failure::Refused(problem) = &failure
                        && !problem.faults.is_empty()
                    {
                        draft.sheet.show_all(&problem.faults);
                        steps::complain(faults, &draft.sheet, &problem.faults);
                    }
                    failed.set(Some(notice::sentence(&failure)));
                }
            }
        });
    };
    view! {
        {summary}
        {notice::alert(failed)}
        <p role="status">{move || match sending.get() {
            Sending::No => "",
            Sending::Now => t::review_sending(),
            Sending::Unsure => t::review_unsure(),
        }}</p>
        <p>{if barred { t::review_only_self() } else { t::review_agree() }}</p>
        <div class="action">
            {(!barred).then(|| view! { <button type="button" class="button primary" id="submit" aria-disabled=move || (sending.get() != Sending::No).then_some("true") on:click=press>{t::review_submit()}</button> })}
            <a class="button quiet" href=back>{t::common_back()}</a>
        </div>
    }
}

/// Shows the draft as it is now; it is sent by another press.
async fn look_again(draft: &OpenDraft) {
    draft.refresh().await;
    let _ = window().location().reload();
}

/// All this screen needs of the application's answer.
struct Sent {
    id: ApplicationId,
}

impl FromJson for Sent {
    fn from_json(json: Json, wrong: &mut bool) -> Self {
        Self { id: Object::of(json, wrong).take("id", wrong) }
    }
}

/// The key follows from the draft: a second tab, a second press, a reloaded page all ask for the same one thing.
async fn send(draft: &OpenDraft, commitments: &[String], sending: RwSignal<Sending>) -> Result<Sent, Failure> {
    let body = Submit { commitments: commitments.to_vec(), given: given(draft) };
    let mut pause = 1000;
    loop {
        let terms = Terms { key: format!("submit-{}", draft.id), version: Some(draft.version()) };
        match client::post(&format!("/drafts/{}/submission", draft.id), &terms, &body).await {
            Err(failure) if matches!(failure.kind(), "network" | "unavailable") => {
                let _ = sending.try_set(Sending::Unsure);
                wait::milliseconds(pause).await;
                pause = (pause * 2).min(10_000);
            }
            outcome => return outcome,
        }
    }
}
