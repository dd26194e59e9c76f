//! The documents: a checklist that starts mostly ticked.

mod entry;
mod pages;
mod sign;

use std::collections::BTreeMap;
use std::sync::Arc;

use contract::application::Application;
use contract::catalogue::MaterialId;
use contract::material::{Document, DocumentId, Paper, Provided, Requirement, Requirements, UploadLimits, Way};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::steps;
use crate::client::{self, Failure};
use crate::components::load::Load;
use crate::components::notice;
use crate::draft::OpenDraft;
use crate::locale::texts as t;
use crate::router::Route;
use crate::site::site;
pub(super) use entry::{element_id, entry, origin, report};
pub(super) use sign::whole;

/// How materials are met.
pub(super) type Given = BTreeMap<MaterialId, Provided>;

/// One sentence about what did not work.
pub(super) type Failed = RwSignal<Option<&'static str>>;

/// Sends how a material is met: what, and the digest of what was read before.
type Send = Arc<dyn Fn(MaterialId, Option<Provided>, Option<String>, Failed) + std::marker::Send + Sync>;

/// What every line of a checklist needs.
#[derive(Clone)]
pub(super) struct Checklist {
    /// The errand.
    pub bundle: String,
    /// The draft or application the documents are for.
    pub of: String,
    /// The person's store, as far as it serves here.
    pub documents: RwSignal<Vec<Document>>,
    /// How materials are met.
    pub provided: RwSignal<Given>,
    /// What is read before stored documents serve this errand.
    pub notice: StoredValue<Paper>,
    /// Files still on their way.
    pub under_way: RwSignal<Vec<String>>,
    /// What is taken.
    pub limits: UploadLimits,
    /// Where papers are read before they are signed; nowhere after the submission.
    pub papers: Option<String>,
    send: Send,
}

impl Checklist {
    /// A checklist over what the server says is needed.
    pub(super) fn new(
        bundle: String,
        of: String,
        requirements: &Requirements,
        provided: RwSignal<Given>,
        papers: Option<String>,
        send: impl Fn(MaterialId, Option<Provided>, Option<String>, Failed) + std::marker::Send + Sync + 'static,
    ) -> Self {
        Self {
            bundle,
            of,
            documents: RwSignal::new(requirements.documents.clone()),
            provided,
            notice: StoredValue::new(requirements.notice.clone()),
            under_way: RwSignal::new(Vec::new()),
            limits: requirements.limits,
            papers,
            send: Arc::new(send),
        }
    }

    /// Whether files are still on their way; says so, and leads there.
    pub(super) fn waits_for_files(&self, failed: Failed) -> bool {
        let waits = self.under_way.with_untracked(|ids| !ids.is_empty());
        failed.set(waits.then(t::materials_still_sending));
        waits
    }

    /// What is taken, told before anything is chosen.
    pub(super) fn hint(&self) -> impl IntoView + use<> {
        let (megabytes, pages) = (self.limits.most_bytes / 1_048_576, self.limits.most_pages);
        view! { <p class="quiet" id="upload-hint">{t::materials_upload_hint(&megabytes.to_string(), &pages.to_string())}</p> }
    }

    /// Meets a material, or takes that back.
    fn give(&self, material: &MaterialId, provided: Option<Provided>, signed: Option<String>, failed: Failed) {
        failed.set(None);
        (self.send)(material.clone(), provided, signed, failed);
    }

    /// The same by a button of its line, which goes: the line has the focus then.
    fn give_here(&self, material: &MaterialId, provided: Option<Provided>, signed: Option<String>, failed: Failed) {
        self.give(material, provided, signed, failed);
        let line = element_id(material);
        request_animation_frame(move || steps::focus(&line));
    }

    /// Meets a material with documents of the store; the purpose notice stands beside the button.
    fn reuse(&self, material: &MaterialId, documents: Vec<DocumentId>, failed: Failed) {
        let signed = self.notice.with_value(|notice| notice.digest.clone());
        self.give_here(material, Some(Provided::Documents { documents }), Some(signed), failed);
    }

    /// A document of the store.
    fn document(&self, id: &DocumentId) -> Option<Document> {
        self.documents.with(|documents| documents.iter().find(|document| document.id == *id).cloned())
    }
}

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

fn checklist(draft: OpenDraft, requirements: Requirements) -> impl IntoView {
    let site = site();
    site.router.arrives(t::materials_title());
    let list = of_draft(&draft, &requirements);
    let provided = list.provided;
    let groups = draft.sheet.groups();
    let (asked, fallen): (Vec<Requirement>, Vec<Requirement>) =
        requirements.requirements.into_iter().partition(is_asked);
    let waits: Vec<(MaterialId, String)> = asked
        .iter()
        .filter(|requirement| requirement.required)
        .map(|requirement| (requirement.material.clone(), requirement.name.clone()))
        .collect();
    let unmet = RwSignal::new(Vec::<(String, String)>::new());
    let review = Route::Review(draft.id.clone());
    let wanted = waits.clone();
    let (held, files) = (RwSignal::new(None), list.clone());
    let go = move |_| {
        unmet.set(Vec::new());
        if files.waits_for_files(held) {
            return;
        }
        let missing: Vec<(String, String)> = provided.with_untracked(|provided| {
            let open = wanted.iter().filter(|(id, _)| !provided.contains_key(id));
            open.map(|(id, name)| (element_id(id), name.clone())).collect()
        });
        if missing.is_empty() {
            site.router.go(review.clone());
        } else {
            unmet.set(missing);
            request_animation_frame(|| steps::focus("faults"));
        }
    };
    let back = Route::Form(draft.id.clone(), groups.last().cloned());
    let nothing = needs_nothing(&asked, provided);
    let one_tap = one_tap(&draft, &list, &asked);
    let hint = (!nothing).then(|| list.hint());
    let lines = asked.into_iter().map(|requirement| entry(&list, requirement)).collect_view();
    view! {
        {steps::place(&draft, groups.len() + 1, groups.len() + 2)}
        <h1 tabindex="-1">{t::materials_title()}</h1>
        {steps::saving(&draft)}
        {steps::notices(&draft)}
        {if nothing {
            view! { <p class="lead" id="zero">{t::materials_zero()}</p> }.into_any()
        } else {
            let (all, ids) = (waits.len(), waits);
            let met = Memo::new(move |_| provided.with(|provided| ids.iter().filter(|(id, _)| provided.contains_key(id)).count()));
            view! { <p class="lead" role="status">{move || t::materials_done(&all.to_string(), &met.get().to_string())}</p> }.into_any()
        }}
        {one_tap}
        {move || {
            let mut lines = unmet.get();
            provided.with(|provided| lines.retain(|(id, _)| !provided.keys().any(|given| element_id(given) == *id)));
            (!lines.is_empty()).then(|| {
                let lines = lines.into_iter().map(|(id, name)| {
                    let target = id.clone();
                    view! { <li><a href=format!("#{id}") on:click=move |event| { event.prevent_default(); event.stop_propagation(); steps::focus(&target); }>{t::materials_missing(&name)}</a></li> }
                });
                view! { <div id="faults" class="notice bad" role="alert" tabindex="-1"><h2>{t::form_faults()}</h2><ul>{lines.collect_view()}</ul></div> }
            })
        }}
        {hint}
        <ul class="checklist">{lines}</ul>
        {not_needed(fallen)}
        <p class="quiet"><a href=site.router.href(&Route::Documents)>{t::documents_title()}</a></p>
        {notice::alert(held)}
        <div class="action">
            <button type="button" class="button primary" on:click=go>{t::materials_next()}</button>
            <a class="button quiet" href=site.router.href(&back)>{t::common_back()}</a>
        </div>
    }
}

fn of_draft(draft: &OpenDraft, requirements: &Requirements) -> Checklist {
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
pub(super) fn asked(application: &Application, requirements: &Requirements, provided: RwSignal<Given>) -> Checklist {
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

/// Shows at once what was chosen; the server's word follows.
pub(super) fn put(given: RwSignal<Given>, material: &MaterialId, provided: Option<Provided>) {
    let _ = given.try_update(|given| match provided {
        Some(provided) => given.insert(material.clone(), provided),
        None => given.remove(material),
    });
}

/// 零材料: everything that is needed is answered by registers.
fn needs_nothing(asked: &[Requirement], provided: RwSignal<Given>) -> bool {
    provided.with_untracked(|provided| {
        asked.iter().all(|one| !one.required || matches!(provided.get(&one.material), Some(Provided::Shared { .. })))
    })
}

/// The best stored document of each material still open.
fn ready(asked: &[Requirement], given: &Given) -> BTreeMap<MaterialId, Vec<DocumentId>> {
    let mut ready = BTreeMap::new();
    for one in asked.iter().filter(|one| !given.contains_key(&one.material)) {
        // Only what is surely the right paper: of the person or the household. Whether an older file about
        // somebody else fits this time, the person says at its own line.
        let best = one.ways.iter().find_map(|way| match way {
            Way::ECertificate { document } => Some(document),
            Way::Stored { document } if one.own => Some(document),
            _ => None,
        });
        if let Some(document) = best {
            ready.insert(one.material.clone(), vec![document.clone()]);
        }
    }
    ready
}

/// Everything the store can give, in one tap, beside what it would be used for.
fn one_tap(draft: &OpenDraft, list: &Checklist, asked: &[Requirement]) -> impl IntoView + use<> {
    let (provided, notice, failed) = (list.provided, list.notice, RwSignal::new(None));
    let (asked, draft, busy) = (asked.to_vec(), draft.clone(), RwSignal::new(false));
    let names: BTreeMap<MaterialId, String> =
        asked.iter().map(|one| (one.material.clone(), one.name.clone())).collect();
    let ready = Memo::new(move |_| provided.with(|provided| self::ready(&asked, provided)));
    let use_all = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let (draft, materials) = (draft.clone(), ready.get_untracked());
        let signed = notice.with_value(|notice| notice.digest.clone());
        spawn_local(async move {
            if let Err(failure) = draft.reuse(materials, signed).await {
                let _ = failed.try_set(Some(notice::sentence(&failure)));
            }
            let _ = busy.try_set(false);
            request_animation_frame(|| steps::focus("reused"));
        });
    };
    let shown = Memo::new(move |_| ready.with(BTreeMap::len));
    view! {
        {notice::alert(failed)}
        <div id="reused" tabindex="-1">{move || (shown.get() > 0).then(|| {
            let found: Vec<String> = ready.with(|ready| ready.keys().filter_map(|id| names.get(id).cloned()).collect());
            let rows = found.into_iter().map(|name| view! { <li>{name}</li> }).collect_view();
            view! {
                <section class="panel now" id="reuse">
                    <h2>{t::materials_found(&shown.get().to_string())}</h2>
                    <ul>{rows}</ul>
                    {notice.with_value(|paper| paper.parts.first().map(|part| part.lines.iter().map(|line| view! { <p class="quiet">{line.clone()}</p> }).collect_view()))}
                    {notice.with_value(sign::whole)}
                    <button type="button" class="button primary" aria-disabled=move || busy.get().then_some("true") on:click=use_all.clone()>{t::materials_use_all(&shown.get().to_string())}</button>
                </section>
            }
        })}</div>
    }
}

/// What falls away, and why.
fn not_needed(fallen: Vec<Requirement>) -> impl IntoView {
    let lines: Vec<_> = fallen
        .into_iter()
        .map(|one| {
            let why = match one.ways.into_iter().next() {
                Some(Way::NotNeeded { why: Some(why) }) => why,
                _ if one.required => t::materials_made().to_owned(),
                _ => t::materials_fell().to_owned(),
            };
            view! { <li><span class="strong">{one.name}</span><span class="quiet">{why}</span></li> }
        })
        .collect();
    (!lines.is_empty()).then(|| {
        let count = lines.len().to_string();
        view! { <details class="part"><summary>{t::materials_not_needed(&count)}</summary><ul class="facts">{lines}</ul></details> }
    })
}
