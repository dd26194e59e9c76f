//! Papers: read in full, then signed by an act of its own, or left.

use contract::material::{Paper, PaperKind, Provided, Requirement};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Checklist, Failed};
use crate::client;
use crate::components::notice;
use crate::locale::texts as t;
use crate::screens::steps;

/// The whole text, folded.
pub(crate) fn whole(paper: &Paper) -> AnyView {
    view! { <details><summary>{paper.title.clone()}</summary>{parts(paper)}</details> }.into_any()
}

fn parts(paper: &Paper) -> AnyView {
    let part = |part: &contract::material::PaperPart| {
        let lines = part.lines.iter().map(|line| view! { <li>{line.clone()}</li> }).collect_view();
        view! { {(!part.heading.is_empty()).then(|| view! { <p class="strong">{part.heading.clone()}</p> })}<ul class="paper-lines">{lines}</ul> }
    };
    paper.parts.iter().map(part).collect_view().into_any()
}

fn way_of(kind: PaperKind) -> Option<Provided> {
    match kind {
        PaperKind::Declaration => Some(Provided::Declared),
        PaperKind::OnCommitment => Some(Provided::OnCommitment),
        PaperKind::Deferral => Some(Provided::Deferred),
        PaperKind::Reuse | PaperKind::DeferralNotice => None,
    }
}

fn kind_name(kind: PaperKind) -> &'static str {
    match kind {
        PaperKind::Declaration => "declaration",
        PaperKind::OnCommitment => "on_commitment",
        _ => "deferral",
    }
}

/// The paper that was asked for, below the ways.
pub(super) fn section(
    list: &Checklist,
    requirement: &Requirement,
    open: RwSignal<Option<PaperKind>>,
    failed: Failed,
) -> impl IntoView + use<> {
    let (list, material) = (list.clone(), requirement.material.clone());
    let paper = RwSignal::new(None::<Paper>);
    let element = format!("p-{material}");
    let (reading, of) = (list.papers.clone().unwrap_or_default(), material.clone());
    let heading = element.clone();
    Effect::new(move |_| {
        paper.set(None);
        let Some(kind) = open.get() else { return };
        let (path, heading) = (format!("{reading}/{of}/papers/{}", kind_name(kind)), heading.clone());
        spawn_local(async move {
            match client::get::<Paper>(&path).await {
                Ok(read) => {
                    let _ = paper.try_set(Some(read));
                    request_animation_frame(move || steps::focus(&heading));
                }
                Err(failure) => {
                    let _ = failed.try_set(Some(notice::sentence(&failure)));
                    let _ = open.try_set(None);
                }
            }
        });
    });
    move || {
        let paper = paper.get()?;
        let (list, material, digest) = (list.clone(), material.clone(), paper.digest.clone());
        let kind = paper.kind;
        let sign = move |_| list.give_here(&material, way_of(kind), Some(digest.clone()), failed);
        Some(view! {
            <section class="paper" aria-labelledby=element.clone()>
                <h3 id=element.clone() tabindex="-1">{paper.title.clone()}</h3>
                {parts(&paper)}
                <p class="quiet">{t::materials_sign_hint()}</p>
                <button type="button" class="button primary" on:click=sign>{t::materials_sign()}</button>
                <button type="button" class="button quiet" on:click=move |_| open.set(None)>{t::materials_sign_not()}</button>
            </section>
        })
    }
}
