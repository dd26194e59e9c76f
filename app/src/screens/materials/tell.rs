//! How the server hears how materials are met: at once for a draft, all together for what is asked for later.

use contract::application::Application;
use contract::catalogue::MaterialId;
use contract::material::{DocumentId, Provided, Requirements};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::list::{Checklist, Failed, Given, put};
use crate::client::Failure;
use crate::components::notice;
use crate::draft::OpenDraft;
use crate::site::site;

/// A checklist of a draft; each choice is told at once.
pub(super) fn of_draft(draft: &OpenDraft, requirements: &Requirements) -> Checklist {
    let (providing, papers) = (draft.clone(), format!("/drafts/{}/materials", draft.id));
    // A register that may not answer any more leaves its material open.
    let stands: Given = requirements
        .requirements
        .iter()
        .filter_map(|one| Some((one.material.clone(), one.provided.clone()?)))
        .collect();
    draft.materials.set(stands);
    let waiting = StoredValue::new(Vec::<(MaterialId, Option<String>)>::new());
    let send = move |material: MaterialId, provided: Option<Provided>, signed: Option<String>, failed: Failed| {
        let draft = providing.clone();
        put(draft.materials, &material, provided.clone());
        // One request a material at a time; what was chosen meanwhile goes after it, and only the last of it,
        // with what was signed for that.
        let under_way =
            waiting.try_update_value(|waiting| match waiting.iter_mut().find(|(one, _)| *one == material) {
                Some((_, newest)) => {
                    *newest = signed;
                    true
                }
                None => {
                    waiting.push((material.clone(), signed));
                    false
                }
            });
        if under_way == Some(false) {
            spawn_local(async move {
                if let Err(failure) = tell(&draft, &material, waiting).await {
                    let _ = failed.try_set(Some(notice::sentence(&failure)));
                    // What stands there is shown again.
                    put(draft.materials, &material, draft.met_there(&material));
                }
                let _ = waiting.try_update_value(|waiting| waiting.retain(|(one, _)| *one != material));
            });
        }
    };
    let bundle = draft.sheet.view().bundle.id.0.clone();
    Checklist::new(bundle, draft.id.clone(), requirements, draft.materials, Some(papers), send)
}

/// Tells the server how a material is met, until it has the last of what was chosen.
async fn tell(
    draft: &OpenDraft,
    material: &MaterialId,
    waiting: StoredValue<Vec<(MaterialId, Option<String>)>>,
) -> Result<(), Failure> {
    let newest = |waiting: &Vec<(MaterialId, Option<String>)>| {
        waiting.iter().find(|(one, _)| one == material).and_then(|(_, signed)| signed.clone())
    };
    let chosen = || draft.materials.with_untracked(|given| given.get(material).cloned());
    loop {
        let (base, mine) = (draft.met_there(material), chosen());
        // The screen may be gone; what was chosen on it is told all the same.
        let signed = waiting.try_with_value(newest).flatten();
        match draft.provide(material, mine.clone(), signed).await {
            Ok(()) if chosen() == mine => return Ok(()),
            Ok(()) => {}
            // Another device gave pages meanwhile: they are kept beside ours.
            Err(failure) if failure.kind() == "stale" => {
                let theirs = draft.met_there(material);
                let (Some(mine), Some(theirs)) = (pages_of(mine), pages_of(theirs)) else { return Err(failure) };
                let documents = engine::merge::pages(&pages_of(base).unwrap_or_default(), &mine, &theirs);
                put(draft.materials, material, Some(Provided::Documents { documents }));
            }
            Err(failure) => return Err(failure),
        }
    }
}

fn pages_of(provided: Option<Provided>) -> Option<Vec<DocumentId>> {
    match provided {
        Some(Provided::Documents { documents }) => Some(documents),
        _ => None,
    }
}

/// A checklist of what is asked for after the submission; it is sent as a whole by whoever shows it.
pub(in crate::screens) fn asked(
    application: &Application,
    requirements: &Requirements,
    provided: RwSignal<Given>,
) -> Checklist {
    let (site, key) = (site(), format!("given.{}", application.id));
    // What was given and not sent yet outlives a reload of the page.
    let open = |id: &MaterialId| requirements.requirements.iter().any(|one| one.material == *id);
    let mut kept: Given = site.kept(&key).unwrap_or_default();
    kept.retain(|id, _| open(id));
    provided.set(kept);
    let send = move |material: MaterialId, way: Option<Provided>, _, _| {
        put(provided, &material, way);
        provided.with_untracked(|provided| site.keep(&key, provided));
    };
    Checklist::new(application.bundle.0.clone(), application.id.0.clone(), requirements, provided, None, send)
}
