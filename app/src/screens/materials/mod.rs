//! The documents: a checklist that starts mostly ticked.

mod files;
mod line;
mod list;
mod markup;
mod pages;
mod paper;
mod reuse;
mod tell;

use std::sync::Arc;

use contract::catalogue::MaterialId;
use contract::material::{Provided, Requirement, Requirements, Way};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};

use super::steps;
use crate::client;
use crate::components::html::Html;
use crate::components::load::Load;
use crate::components::notice;
use crate::draft::OpenDraft;
use crate::locale::texts as t;
use crate::router::Route;
use crate::site::site;
pub(super) use line::{element_id, entry};
pub(super) use list::{Checklist, Given};
pub(super) use markup::{origin, report};
pub(super) use paper::folded;
pub(super) use tell::asked;

pub(super) fn screen(id: String) -> AnyView {
    let site = site();
    Load::start(move || {
        let id = id.clone();
        async move {
            let draft = site.draft(&id).await?;
            // What was typed decides what is needed.
            draft.flush().await;
            let requirements: Requirements = client::get(&format!("/drafts/{id}/materials")).await?;
            Ok((draft, requirements))
        }
    })
    .show(|(draft, requirements)| checklist(draft, requirements))
}

/// Whether the person has to do something about it at all.
fn is_asked(requirement: &Requirement) -> bool {
    !matches!(requirement.ways.first(), Some(Way::NotNeeded { .. }))
}

/// A material that must be met before one goes on.
struct Wanted {
    id: MaterialId,
    name: String,
}

fn checklist(draft: OpenDraft, requirements: Requirements) -> AnyView {
    let site = site();
    site.router.arrives(t::materials_title());
    let list = tell::of_draft(&draft, &requirements);
    let provided = list.provided;
    let groups = draft.sheet.groups();
    let (asked, fallen): (Vec<Requirement>, Vec<Requirement>) =
        requirements.requirements.into_iter().partition(is_asked);
    let wanted = asked.iter().filter(|one| one.required);
    let wanted = wanted.map(|one| Wanted { id: one.material.clone(), name: one.name.clone() });
    let wanted: Arc<[Wanted]> = wanted.collect();
    let missing = {
        let wanted = wanted.clone();
        move |given: &Given| {
            wanted.iter().filter(|one| !given.contains_key(&one.id)).map(|one| one.id.clone()).collect::<Vec<_>>()
        }
    };
    // What was missing when one wanted to go on, and still is.
    let complained = RwSignal::new(Vec::new());
    let review = Route::Review(draft.id.clone());
    let (held, files) = (RwSignal::new(None), list.clone());
    let go = move |_| {
        complained.set(Vec::new());
        if files.waits_for_files(held) {
            return;
        }
        let missing = provided.with_untracked(&missing);
        if missing.is_empty() {
            site.router.go(review.clone());
        } else {
            complained.set(missing);
            request_animation_frame(|| steps::focus("faults"));
        }
    };
    let faults = {
        let wanted = wanted.clone();
        move || {
            let open = |one: &&Wanted| {
                complained.with(|ids| ids.contains(&one.id)) && !provided.with(|given| given.contains_key(&one.id))
            };
            faults(wanted.iter().filter(open))
        }
    };
    let back = Route::Form(draft.id.clone(), groups.last().cloned());
    let nothing = needs_nothing(&asked, provided);
    let one_tap = reuse::one_tap(&draft, &list, &asked);
    let hint = (!nothing).then(|| list.hint());
    let lines: Vec<AnyView> = asked.into_iter().map(|requirement| entry(&list, requirement)).collect();
    let lead = if nothing {
        view! { <p class="lead" id="zero">{t::materials_zero()}</p> }.into_any()
    } else {
        let done = move || {
            let met = provided.with(|given| wanted.iter().filter(|one| given.contains_key(&one.id)).count());
            t::materials_done(&wanted.len().to_string(), &met.to_string())
        };
        view! { <p class="lead" role="status">{done}</p> }.into_any()
    };
    view! {
        {steps::place(&draft, groups.len() + 1, groups.len() + 2)}
        <h1 tabindex="-1">{t::materials_title()}</h1>
        {steps::saving(&draft)}
        {steps::notices(&draft)}
        {lead}
        {one_tap}
        <div inner_html=faults on:click=lead_to></div>
        {hint}
        <ul class="checklist">{lines}</ul>
        <div inner_html=not_needed(fallen)></div>
        <p class="quiet"><a href=site.router.href(&Route::Documents)>{t::documents_title()}</a></p>
        {notice::alert(held)}
        <div class="action">
            <button type="button" class="button primary" on:click=go>{t::materials_next()}</button>
            <a class="button quiet" href=site.router.href(&back)>{t::common_back()}</a>
        </div>
    }
    .into_any()
}

/// What is missing, each with a link to its line.
fn faults<'a>(missing: impl Iterator<Item = &'a Wanted>) -> String {
    let mut lines = Html::default();
    for one in missing {
        lines.raw("<li><a").attr("href", &format!("#{}", element_id(&one.id))).raw(">");
        lines.text(&t::materials_missing(&one.name)).raw("</a></li>");
    }
    let lines = lines.finish();
    if lines.is_empty() {
        return lines;
    }
    let mut html = Html::default();
    html.raw("<div id=faults class=\"notice bad\" role=alert tabindex=-1><h2>").text(t::form_faults());
    html.raw("</h2><ul>").raw(&lines).raw("</ul></div>");
    html.finish()
}

/// Leads to a line that a link of the summary names.
fn lead_to(event: MouseEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let link = target.and_then(|target| target.closest("a").ok().flatten());
    let Some(id) = link.and_then(|link| link.get_attribute("href")) else { return };
    event.prevent_default();
    event.stop_propagation();
    steps::focus(id.trim_start_matches('#'));
}

/// 零材料: everything that is needed is answered by registers.
fn needs_nothing(asked: &[Requirement], provided: RwSignal<Given>) -> bool {
    provided.with_untracked(|provided| {
        asked.iter().all(|one| !one.required || matches!(provided.get(&one.material), Some(Provided::Shared { .. })))
    })
}

/// What falls away, and why.
fn not_needed(fallen: Vec<Requirement>) -> String {
    let mut html = Html::default();
    if fallen.is_empty() {
        return String::new();
    }
    html.raw("<details class=part><summary>").text(&t::materials_not_needed(&fallen.len().to_string()));
    html.raw("</summary><ul class=facts>");
    for one in &fallen {
        let why = match one.ways.first() {
            Some(Way::NotNeeded { why: Some(why) }) => why.as_str(),
            _ if one.required => t::materials_made(),
            _ => t::materials_fell(),
        };
        html.raw("<li><span class=strong>").text(&one.name).raw("</span><span class=quiet>").text(why);
        html.raw("</span></li>");
    }
    html.raw("</ul></details>");
    html.finish()
}
