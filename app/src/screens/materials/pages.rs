//! The files of a material: chosen, sent, put in order, turned, taken again, taken out.

use contract::catalogue::{MaterialForm, MaterialId};
use contract::material::{Document, DocumentId, DocumentKind, Provided, Requirement};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use super::entry::origin_of;
use super::{Checklist, Failed};
use crate::client::{self, Phase, Progress, Target, Tell, upload};
use crate::locale::texts as t;
use crate::screens::steps;

/// What is given and under way for one material.
#[derive(Clone)]
pub(super) struct Files {
    list: Checklist,
    material: MaterialId,
    name: String,
    photos_only: bool,
    sending: RwSignal<Vec<Progress>>,
    failed: Failed,
}

impl Files {
    /// The files of a material; goes on with what a tab that is gone was sending.
    pub(super) fn new(list: &Checklist, requirement: &Requirement, failed: Failed) -> Self {
        let files = Self {
            list: list.clone(),
            material: requirement.material.clone(),
            name: requirement.name.clone(),
            photos_only: requirement.forms == [MaterialForm::Photo],
            sending: RwSignal::new(Vec::new()),
            failed,
        };
        let (place, tell) = (files.place(), files.tell());
        spawn_local(async move { upload::take_up(&place, tell).await });
        files
    }

    fn place(&self) -> String {
        format!("{}/{}", self.list.of, self.material)
    }

    fn target(&self, replaces: Option<&DocumentId>) -> Target {
        Target {
            place: self.place(),
            bundle: self.list.bundle.clone(),
            material: self.material.0.clone(),
            replaces: replaces.map(|id| id.0.clone()),
            most: self.list.limits.most_bytes,
        }
    }

    /// Hears how far a file is; one that arrived is a page.
    fn tell(&self) -> Tell {
        let files = self.clone();
        std::sync::Arc::new(move |progress: Progress| {
            let arrived = match &progress.phase {
                Phase::Done(document) => Some((**document).clone()),
                _ => None,
            };
            let replaces = progress.replaces.clone();
            let told = files.sending.try_update(|sending| {
                let place = sending.iter().position(|one| one.id == progress.id);
                match (place, arrived.is_some()) {
                    (Some(place), true) => {
                        sending.remove(place);
                    }
                    (Some(place), false) => sending[place] = progress,
                    (None, false) => sending.push(progress),
                    (None, true) => {}
                }
            });
            // The screen may be gone: what arrived is in the store, and is offered when it comes back.
            if let (Some(()), Some(document)) = (told, arrived) {
                files.arrived(document, replaces.map(DocumentId));
            }
        })
    }

    fn given_now(&self) -> Vec<DocumentId> {
        self.list.provided.with_untracked(|provided| match provided.get(&self.material) {
            Some(Provided::Documents { documents }) => documents.clone(),
            _ => Vec::new(),
        })
    }

    fn arrived(&self, document: Document, replaces: Option<DocumentId>) {
        let id = document.id.clone();
        self.list.documents.update(|documents| {
            documents.retain(|one| one.id != id && Some(&one.id) != replaces.as_ref());
            documents.push(document);
        });
        let mut pages = self.given_now();
        match replaces.and_then(|old| pages.iter().position(|page| *page == old)) {
            Some(place) => pages[place] = id,
            None if pages.contains(&id) => return,
            None => pages.push(id),
        }
        self.put(pages);
    }

    /// Gives these pages; none takes the material back.
    fn put(&self, pages: Vec<DocumentId>) {
        let provided = (!pages.is_empty()).then_some(Provided::Documents { documents: pages });
        let signed = provided.is_some().then(|| self.list.notice.with_value(|notice| notice.digest.clone()));
        self.list.give(&self.material, provided, signed, self.failed);
    }

    /// A button that takes photos or files.
    pub(super) fn chooser(&self, said: &'static str, replaces: Option<DocumentId>) -> AnyView {
        let files = self.clone();
        let input = match &replaces {
            Some(page) => format!("u-{}-{page}", self.material),
            None => format!("u-{}", self.material),
        };
        let several = replaces.is_none();
        let chosen = move |event: web_sys::Event| {
            let Some(input) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok())
            else {
                return;
            };
            let Some(chosen) = input.files() else { return };
            for file in (0..chosen.length()).filter_map(|place| chosen.get(place)) {
                let (target, tell) = (files.target(replaces.as_ref()), files.tell());
                spawn_local(async move { upload::start(&file, &target, tell).await });
            }
            // The same file may be chosen again.
            input.set_value("");
        };
        let accept = if self.photos_only { "image/*" } else { "image/*,application/pdf" };
        let label = input.clone();
        let named = self.name.clone();
        view! {
            <label class="button upload" for=label>{said}<span class="hidden">{format!(" {named}")}</span>
                <input id=input type="file" accept=accept multiple=several aria-describedby="upload-hint" on:change=chosen/>
            </label>
        }
        .into_any()
    }

    /// What is being sent, read out at each quarter and at its end.
    pub(super) fn under_way(&self) -> impl IntoView + use<> {
        let sending = self.sending;
        let said = Memo::new(move |_| sending.with(|sending| sending.iter().map(spoken).collect::<Vec<_>>().join(" ")));
        let rows = move || {
            sending.get().into_iter().map(|one| {
                let id = one.id.clone();
                let cancel = move |_| {
                    let id = id.clone();
                    sending.update(|sending| sending.retain(|one| one.id != id));
                    spawn_local(async move { upload::cancel(&id).await });
                };
                let failed = match &one.phase {
                    Phase::Failed(problem) => Some(problem_sentence(problem)),
                    _ => None,
                };
                let ended = failed.is_some();
                view! {
                    <div class="notice sending" class:bad=ended>
                        <p>{one.name.clone()}{t::common_colon()}{failed.unwrap_or_else(|| phase_word(&one))}</p>
                        {(!ended).then(|| view! { <progress max="100" value=one.percent aria-label=t::materials_uploading(&one.percent.to_string())></progress> })}
                        <button type="button" class="link" on:click=cancel aria-label=if ended { t::materials_dismiss_named(&one.name) } else { t::materials_cancel_named(&one.name) }>{if ended { t::materials_dismiss() } else { t::materials_cancel() }}</button>
                    </div>
                }
            }).collect_view()
        };
        view! { <div class="hidden" role="status">{said}</div>{rows} }
    }

    /// The pages given, each with what can be done to it.
    pub(super) fn given(&self, pages: &[DocumentId]) -> AnyView {
        let count = pages.len();
        let known: Vec<_> = pages
            .iter()
            .enumerate()
            .filter_map(|(place, id)| Some(self.page(place, count, self.list.document(id)?)))
            .collect();
        let more = (count < self.list.limits.most_pages as usize).then(|| self.chooser(t::materials_add_page(), None));
        view! { <ol class="pages">{known}</ol>{more} }.into_any()
    }

    fn page(&self, place: usize, count: usize, document: Document) -> AnyView {
        let number = (place + 1).to_string();
        let address = client::address(&format!("/documents/{}/content", document.id));
        let image = document.media.starts_with("image/");
        let photo = image && document.kind == DocumentKind::File && document.media != "image/svg+xml";
        let named = |said: &'static str| {
            if count > 1 { t::materials_page_act(said, &number) } else { format!("{said} {}", document.name) }
        };
        let act = |said: &'static str, act: fn(&mut Vec<DocumentId>, usize)| {
            let files = self.clone();
            let press = move |_| {
                let mut pages = files.given_now();
                act(&mut pages, place);
                files.put(pages);
                let line = super::element_id(&files.material);
                request_animation_frame(move || steps::focus(&line));
            };
            view! { <button type="button" class="link" aria-label=named(said) on:click=press>{said}</button> }
        };
        let turn = photo.then(|| {
            let (files, document, address) = (self.clone(), document.clone(), address.clone());
            let press = move |_| {
                let (target, tell) = (files.target(Some(&document.id)), files.tell());
                let (address, name) = (address.clone(), document.name.clone());
                spawn_local(async move { upload::turn(&address, &name, &target, tell).await });
            };
            view! { <button type="button" class="link" aria-label=named(t::materials_turn()) on:click=press>{t::materials_turn()}</button> }
        });
        let again = (document.kind == DocumentKind::File)
            .then(|| self.chooser(t::materials_again(), Some(document.id.clone())));
        view! {
            <li class="document">
                {image.then(|| view! { <img src=address.clone() alt=t::materials_preview(&document.name) width="96" height="96" loading="lazy"/> })}
                <div>
                    <p>{document.name.clone()}{(document.version > 1).then(|| view! { <span class="badge">{t::documents_version(&document.version.to_string())}</span> })}<br/><span class="quiet">{origin_of(&document)}</span></p>
                    <p class="acts">
                        {turn}
                        {(place > 0).then(|| act(t::materials_up(), |pages, place| if place > 0 && place < pages.len() { pages.swap(place, place - 1) }))}
                        {(place + 1 < count).then(|| act(t::materials_down(), |pages, place| if place + 1 < pages.len() { pages.swap(place, place + 1) }))}
                        {act(t::materials_remove(), |pages, place| if place < pages.len() { pages.remove(place); })}
                    </p>
                    {again}
                </div>
            </li>
        }
        .into_any()
    }
}

/// What is read out: quarters only, so that nobody is talked to without end.
fn spoken(one: &Progress) -> String {
    let quarter = (one.percent / 25 * 25).to_string();
    match &one.phase {
        Phase::Failed(problem) => format!("{}{}{}", one.name, t::common_colon(), problem_sentence(problem)),
        Phase::Sending => format!("{}{}{}", one.name, t::common_colon(), t::materials_uploading(&quarter)),
        _ => format!("{}{}{}", one.name, t::common_colon(), phase_word(one)),
    }
}

fn phase_word(one: &Progress) -> String {
    match one.phase {
        Phase::Preparing => t::materials_preparing().to_owned(),
        Phase::Waiting => t::materials_waiting(&one.percent.to_string()),
        Phase::Checking => t::materials_checking().to_owned(),
        _ => t::materials_uploading(&one.percent.to_string()),
    }
}

/// Why a file is not taken, and what to do.
fn problem_sentence(problem: &str) -> String {
    match problem {
        "heic" => t::file_heic(),
        "type" | "file-kind" | "media-type" => t::file_kind(),
        "too-large" => t::file_too_large(),
        "empty" | "file-empty" => t::file_empty(),
        "damaged" | "file-damaged" | "file-changed" => t::file_damaged(),
        "file-polyglot" | "file-active" | "file-infected" | "file-bomb" => t::file_unsafe(),
        "file-locked" => t::file_locked(),
        "file-pixels" | "file-pages" => t::file_pages(),
        "signed-out" => t::file_signed_out(),
        "storage-full" => t::file_later(),
        _ => t::materials_upload_failed(),
    }
    .to_owned()
}
