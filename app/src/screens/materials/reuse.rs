//! Everything the store can give, in one tap, beside what it would be used for.

use std::collections::BTreeMap;
use std::sync::Arc;

use contract::catalogue::MaterialId;
use contract::material::{DocumentId, Requirement, Reuse, Way};
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::MouseEvent;

use super::list::{Checklist, Given};
use super::paper;
use crate::components::html::Html;
use crate::components::{notice, places};
use crate::draft::OpenDraft;
use crate::locale::texts as t;
use crate::screens::steps;

/// A material and the best stored document for it.
struct Found {
    material: MaterialId,
    name: String,
    document: DocumentId,
}

/// The best stored document of each material, the ones that have one.
fn found(asked: &[Requirement]) -> Vec<Found> {
    let best = |one: &Requirement| {
        // Only what is surely the right paper: of the person or the household. Whether an older file about
        // somebody else fits this time, the person says at its own line.
        let best = one.ways.iter().find_map(|way| match way {
            Way::ECertificate { document } => Some(document),
            Way::Stored { document } if one.own => Some(document),
            _ => None,
        });
        Some(Found { material: one.material.clone(), name: one.name.clone(), document: best?.clone() })
    };
    asked.iter().filter_map(best).collect()
}

/// Offers it for all that is still open.
pub(super) fn one_tap(draft: &OpenDraft, list: &Checklist, asked: &[Requirement]) -> AnyView {
    let (found, failed, draft, list) = (Arc::new(found(asked)), RwSignal::new(None), draft.clone(), list.clone());
    let busy = StoredValue::new(false);
    let (shown, drawn) = (found.clone(), list.clone());
    places::keep("reused", "offer", move || drawn.provided.with(|given| offer(&drawn, &open(&shown, given))));
    let use_all = move |event: MouseEvent| {
        let Some((button, ..)) = places::pressed(&event) else { return };
        if busy.get_value() {
            return;
        }
        busy.set_value(true);
        let _ = button.set_attribute("aria-disabled", "true");
        let signed = list.notice.with_value(|notice| notice.digest.clone());
        let mut reuse = Reuse { materials: BTreeMap::new(), signed };
        list.provided.with_untracked(|given| {
            for one in open(&found, given) {
                reuse.materials.insert(one.material.clone(), vec![one.document.clone()]);
            }
        });
        let draft = draft.clone();
        spawn_local(async move {
            if let Err(failure) = draft.reuse(reuse).await {
                let _ = failed.try_set(Some(notice::sentence(&failure)));
            }
            let _ = busy.try_set_value(false);
            let _ = button.remove_attribute("aria-disabled");
            request_animation_frame(|| steps::focus("reused"));
        });
    };
    view! {
        {notice::alert(failed)}
        <div id="reused" tabindex="-1" on:click=use_all><div data-place="offer"></div></div>
    }
    .into_any()
}

/// What of it nothing was given for yet.
fn open<'a>(found: &'a [Found], given: &Given) -> Vec<&'a Found> {
    found.iter().filter(|one| !given.contains_key(&one.material)).collect()
}

fn offer(list: &Checklist, open: &[&Found]) -> String {
    if open.is_empty() {
        return String::new();
    }
    let (mut html, count) = (Html::default(), open.len().to_string());
    html.raw("<section class=\"panel now\" id=reuse><h2>").text(&t::materials_found(&count)).raw("</h2><ul>");
    for one in open {
        html.raw("<li>").text(&one.name).raw("</li>");
    }
    html.raw("</ul>");
    list.notice.with_value(|notice| {
        for line in notice.parts.first().iter().flat_map(|part| &part.lines) {
            html.raw("<p class=quiet>").text(line).raw("</p>");
        }
        paper::whole(&mut html, notice);
    });
    html.raw("<button type=button class=\"button primary\" data-act=use>").text(&t::materials_use_all(&count));
    html.raw("</button></section>");
    html.finish()
}
