//! The documents: a checklist that starts mostly ticked.

use std::sync::Arc;

use contract::catalogue::{Material, MaterialId};
use contract::draft::{Document, DocumentKind, Provided};
use engine::plan;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use super::steps;
use crate::client::{self, Failure};
use crate::components::load::Load;
use crate::components::notice;
use crate::draft::OpenDraft;
use crate::locale::{self, Style, texts as t};
use crate::router::Route;
use crate::site::site;

/// Sets or takes back how a material is met.
pub(super) type Provide = Arc<dyn Fn(MaterialId, Option<Provided>, RwSignal<Option<&'static str>>) + Send + Sync>;

/// What one line of the checklist needs.
#[derive(Clone)]
pub(super) struct Line {
    /// The material.
    pub material: Material,
    /// Ways the law bars agents from.
    pub by_agent: bool,
    /// The person's store.
    pub documents: RwSignal<Vec<Document>>,
    /// How materials are met.
    pub provided: RwSignal<std::collections::BTreeMap<MaterialId, Provided>>,
    /// Changes it.
    pub provide: Provide,
}

pub(super) fn screen(id: String) -> AnyView {
    let site = site();
    Load::start(move || {
        let id = id.clone();
        async move {
            let draft = site.draft(&id).await?;
            let documents: Vec<Document> = client::get("/documents").await?;
            Ok((draft, documents))
        }
    })
    .show(|(draft, documents)| checklist(draft, documents))
}

fn checklist(draft: OpenDraft, documents: Vec<Document>) -> impl IntoView {
    let site = site();
    Effect::new(move |_| site.router.arrived(t::materials_title()));
    let documents = RwSignal::new(documents);
    let groups = steps::groups(&draft);
    let by_agent = draft.as_agent || draft.sheet.facts().get("by_agent").is_some_and(|value| value.text() == "yes");
    let plan = draft.sheet.plan_untracked();
    let needed: Vec<Material> = plan
        .active_materials(&draft.sheet.view().bundle)
        .filter(|material| plan::asked_for(material))
        .cloned()
        .collect();
    let providing = draft.clone();
    let provide: Provide = Arc::new(move |material, provided, failed| {
        let draft = providing.clone();
        spawn_local(async move {
            let outcome = draft.provide(&material, provided).await;
            let _ = failed.try_set(outcome.err().map(|failure| notice::sentence(&failure)));
        });
    });
    let required: Vec<MaterialId> =
        needed.iter().filter(|material| material.required).map(|material| material.id.clone()).collect();
    let provided = draft.materials;
    let (all, done) = (required.len(), required.clone());
    let met = Memo::new(move |_| provided.with(|provided| done.iter().filter(|id| provided.contains_key(*id)).count()));
    let unmet = RwSignal::new(Vec::<(String, String)>::new());
    let names: Vec<(MaterialId, String)> = needed
        .iter()
        .filter(|material| material.required)
        .map(|material| (material.id.clone(), material.name.clone()))
        .collect();
    let review = Route::Review(draft.id.clone());
    let go = move |_| {
        let missing: Vec<(String, String)> = provided.with_untracked(|provided| {
            names
                .iter()
                .filter(|(id, _)| !provided.contains_key(id))
                .map(|(id, name)| (element_id(id), name.clone()))
                .collect()
        });
        if missing.is_empty() {
            site.router.go(review.clone());
        } else {
            unmet.set(missing);
            request_animation_frame(|| steps::focus("faults"));
        }
    };
    let back = Route::Form(draft.id.clone(), groups.last().cloned());
    let empty = needed.is_empty();
    let lines = needed
        .into_iter()
        .map(|material| line(Line { material, by_agent, documents, provided, provide: provide.clone() }))
        .collect_view();
    view! {
        {steps::place(&draft, groups.len() + 1, groups.len() + 2)}
        <h1 tabindex="-1">{t::materials_title()}</h1>
        {steps::saving(&draft)}
        {steps::notices(&draft)}
        {if empty {
            view! { <p class="lead">{t::guide_zero_materials()}</p> }.into_any()
        } else {
            view! { <p class="lead" role="status">{move || t::materials_done(&all.to_string(), &met.get().to_string())}</p> }.into_any()
        }}
        {move || {
            let lines = unmet.get();
            (!lines.is_empty()).then(|| {
                let lines = lines.into_iter().map(|(id, name)| {
                    let target = id.clone();
                    view! { <li><a href=format!("#{id}") on:click=move |event| { event.prevent_default(); event.stop_propagation(); steps::focus(&target); }>{t::materials_missing(&name)}</a></li> }
                });
                view! { <div id="faults" class="notice bad" role="alert" tabindex="-1"><h2>{t::form_faults()}</h2><ul>{lines.collect_view()}</ul></div> }
            })
        }}
        <ul class="checklist">{lines}</ul>
        <div class="action">
            <button type="button" class="button primary" on:click=go>{t::materials_next()}</button>
            <a class="button quiet" href=site.router.href(&back)>{t::common_back()}</a>
        </div>
    }
}

fn element_id(material: &MaterialId) -> String {
    format!("m-{material}")
}

/// One material: how it is met, or the ways to meet it, best first.
pub(super) fn line(line: Line) -> AnyView {
    let id = line.material.id.clone();
    let provided = line.provided;
    let now = Memo::new(move |_| provided.with(|provided| provided.get(&id).cloned()));
    let failed = RwSignal::new(None);
    let progress = RwSignal::new(None);
    let Material { name, required, note, .. } = line.material.clone();
    let element = element_id(&line.material.id);
    let line = StoredValue::new(line);
    view! {
        <li class="entry" id=element tabindex="-1" class:met=move || now.get().is_some()>
            <h2 class="entry-title"><span class="tick" aria-hidden="true">{move || if now.get().is_some() { "✓" } else { "○" }}</span>{name}{(!required).then(|| view! { <span class="optional">{t::form_optional()}</span> })}</h2>
            {note.map(|note| view! { <p class="quiet">{note}</p> })}
            {notice::alert(failed)}
            {move || progress.get().map(|percent: u32| view! { <p role="status">{t::materials_uploading(&percent.to_string())}<progress aria-label=t::materials_uploading(&percent.to_string()) max="100" value=percent></progress></p> })}
            {move || line.with_value(|line| match now.get() {
                Some(provided) => met(line, &provided, failed),
                None => ways(line, failed, progress),
            })}
        </li>
    }
    .into_any()
}

fn met(line: &Line, provided: &Provided, failed: RwSignal<Option<&'static str>>) -> AnyView {
    let said = match provided {
        Provided::Declared => view! { <p>{t::materials_declared()}</p> }.into_any(),
        Provided::Deferred => view! { <p>{t::materials_deferred()}</p> }.into_any(),
        Provided::Documents { documents: ids } => {
            let known = line.documents.get();
            ids.iter()
                .filter_map(|id| known.iter().find(|document| document.id == *id))
                .map(picture)
                .collect_view()
                .into_any()
        }
    };
    let (id, provide, name) = (line.material.id.clone(), line.provide.clone(), line.material.name.clone());
    view! {
        {said}
        <button type="button" class="link" aria-label=t::materials_change_named(&name) on:click=move |_| provide(id.clone(), None, failed)>{t::materials_change()}</button>
    }
    .into_any()
}

fn picture(document: &Document) -> impl IntoView + use<> {
    let address = client::address(&format!("/documents/{}/content", document.id));
    let image = document.media.starts_with("image/");
    let origin = match (&document.kind, &document.issuer) {
        (DocumentKind::ECertificate, Some(issuer)) => t::materials_e_certificate_of(issuer),
        (DocumentKind::ECertificate, None) => t::material_e_certificate().to_owned(),
        (DocumentKind::File, _) => t::materials_file(&locale::moment(&document.added_at)),
    };
    view! {
        <p class="document">
            {image.then(|| view! { <img src=address.clone() alt=t::materials_preview(&document.name) width="96" height="64" loading="lazy"/> })}
            <span>{document.name.clone()}<br/><span class="quiet">{origin}</span></span>
        </p>
    }
}

fn ways(line: &Line, failed: RwSignal<Option<&'static str>>, progress: RwSignal<Option<u32>>) -> AnyView {
    let material = line.material.clone();
    let name = material.name.clone();
    let give = {
        let (id, provide) = (material.id.clone(), line.provide.clone());
        move |provided: Provided| provide(id.clone(), Some(provided), failed)
    };
    let fitting = fitting(&line.documents.get(), &material);
    let reuse = fitting
        .into_iter()
        .map(|document| {
            let (give, id) = (give.clone(), document.id.clone());
            let said = t::materials_reuse(&document.name);
            view! { <button type="button" class="button" on:click=move |_| give(Provided::Documents { documents: vec![id.clone()] })>{said}</button> }
        })
        .collect_view();
    let expired: Vec<_> = line
        .documents
        .get()
        .into_iter()
        .filter(|document| {
            document.expired && document.certificate == material.certificate && material.certificate.is_some()
        })
        .collect();
    let expired = expired.into_iter().map(|document| {
        let day = document.valid_until.as_deref().map(|day| locale::day(day, Style::Long)).unwrap_or_default();
        view! { <p class="notice">{t::materials_expired(&document.name, &day)}</p> }
    });
    let declare = (material.declaration && !line.by_agent).then(|| {
        let give = give.clone();
        view! { <button type="button" class="button" on:click=move |_| give(Provided::Declared)>{t::materials_declare()}</button><p class="quiet">{t::materials_declare_hint()}</p> }
    });
    let defer = (material.deferrable.is_some() && !line.by_agent).then(|| {
        let give = give.clone();
        view! { <button type="button" class="button" on:click=move |_| give(Provided::Deferred)>{t::materials_defer()}</button><p class="quiet">{t::materials_defer_hint()}</p> }
    });
    let barred = ((material.declaration || material.deferrable.is_some()) && line.by_agent)
        .then(|| view! { <p class="quiet">{t::materials_agent_barred()}</p> });
    let documents = line.documents;
    let purpose = name.clone();
    let chosen = move |event: web_sys::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some(file) = input.and_then(|input| input.files()).and_then(|files| files.get(0)) else { return };
        let (give, purpose) = (give.clone(), purpose.clone());
        spawn_local(async move {
            match client::upload(&file, &purpose, progress).await {
                Ok(document) => {
                    let id = document.id.clone();
                    documents.update(|documents| documents.push(document));
                    give(Provided::Documents { documents: vec![id] });
                }
                Err(failure) => {
                    let _ = failed.try_set(Some(self::failed(&failure)));
                }
            }
        });
    };
    let input = format!("u-{}", material.id);
    let label = input.clone();
    view! {
        <div class="ways">
            {expired.collect_view()}
            {reuse}
            <label class="button upload" for=label>{t::materials_upload()}<span class="hidden">{format!(" {name}")}</span>
                <input id=input type="file" accept="image/jpeg,image/png,image/webp,application/pdf" on:change=chosen/>
            </label>
            <p class="quiet">{t::materials_upload_hint()}</p>
            {declare}
            {defer}
            {barred}
        </div>
    }
    .into_any()
}

fn failed(failure: &Failure) -> &'static str {
    match failure.kind() {
        "network" => t::materials_upload_failed(),
        _ => notice::sentence(failure),
    }
}

/// Documents that could serve: a certificate of the kind asked for, and files given for the same material before.
fn fitting(documents: &[Document], material: &Material) -> Vec<Document> {
    let fits = |document: &&Document| match document.kind {
        DocumentKind::ECertificate => {
            document.certificate == material.certificate && material.certificate.is_some() && !document.expired
        }
        DocumentKind::File => document.purpose.as_ref() == Some(&material.name),
    };
    documents.iter().filter(fits).take(4).cloned().collect()
}
