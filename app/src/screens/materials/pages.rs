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
use crate::wait;

/// What is given and under way for one material.
#[derive(Clone)]
pub(super) struct Files {
    list: Checklist,
    material: MaterialId,
    name: String,
    photos_only: bool,
    sending: RwSignal<Vec<Progress>>,
    /// The last thing that happened, for those who listen.
    said: RwSignal<String>,
    /// What will be said next.
    next: StoredValue<Option<String>>,
    /// The page the next photo takes the place of, and whether that was just asked for.
    replacing: StoredValue<(Option<DocumentId>, bool)>,
    /// Pages that newer versions took the place of.
    replaced: StoredValue<Vec<(DocumentId, DocumentId)>>,
    failed: Failed,
}

impl Files {
    /// The files of a material; goes on with what another screen, or a tab that is gone, was sending.
    pub(super) fn new(list: &Checklist, requirement: &Requirement, failed: Failed) -> Self {
        let files = Self {
            list: list.clone(),
            material: requirement.material.clone(),
            name: requirement.name.clone(),
            photos_only: requirement.forms == [MaterialForm::Photo],
            sending: RwSignal::new(Vec::new()),
            said: RwSignal::new(String::new()),
            next: StoredValue::new(None),
            replacing: StoredValue::new((None, false)),
            replaced: StoredValue::new(Vec::new()),
            failed,
        };
        let (place, tell) = (files.target(None).place(), files.tell());
        spawn_local(async move { upload::take_up(&place, tell).await });
        files
    }

    fn target(&self, replaces: Option<&DocumentId>) -> Target {
        Target {
            of: self.list.of.clone(),
            bundle: self.list.bundle.clone(),
            material: self.material.0.clone(),
            replaces: replaces.map(|id| id.0.clone()),
            most: self.list.limits.most_bytes,
        }
    }

    /// Hears how far a file is; one that arrived is a page.
    fn tell(&self) -> Tell {
        let files = self.clone();
        std::sync::Arc::new(move |progress: Progress| files.heard(progress))
    }

    fn heard(&self, progress: Progress) {
        let ended = matches!(progress.phase, Phase::Done(_) | Phase::Failed(_));
        self.list.under_way.try_update(|ids| {
            ids.retain(|id| *id != progress.id);
            if !ended {
                ids.push(progress.id.clone());
            }
        });
        let before =
            self.sending.try_with_untracked(|sending| sending.iter().find(|one| one.id == progress.id).map(spoken));
        // The screen is gone: what arrived waits to be taken up when it comes back.
        let Some(before) = before else { return };
        let now = spoken(&progress);
        if before.as_ref() != Some(&now) {
            self.say(now);
        }
        if let Phase::Done(document) = &progress.phase {
            self.sending.update(|sending| sending.retain(|one| one.id != progress.id));
            self.arrived((**document).clone(), progress.replaces.clone().map(DocumentId));
            let id = progress.id;
            spawn_local(async move { upload::acknowledge(&id).await });
            return;
        }
        self.sending.update(|sending| match sending.iter().position(|one| one.id == progress.id) {
            Some(place) => sending[place] = progress,
            None => sending.push(progress),
        });
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
            documents.retain(|one| one.id != id);
            documents.push(document);
        });
        let mut pages = self.given_now();
        // Turned twice in a row: the newer one takes the place of the newest before it.
        let mut old = replaces.clone();
        self.replaced.update_value(|replaced| {
            while let Some((_, newer)) = replaced.iter().find(|(one, _)| Some(one) == old.as_ref()) {
                old = Some(newer.clone());
            }
            if let Some(old) = &old {
                replaced.push((old.clone(), id.clone()));
            }
        });
        match old.and_then(|old| pages.iter().position(|page| *page == old)) {
            Some(place) => pages[place] = id,
            None if pages.contains(&id) => return,
            // The page was taken out meanwhile.
            None if replaces.is_some() => return,
            None => pages.push(id),
        }
        self.put(pages);
    }

    /// Gives these pages; none takes the material back.
    fn put(&self, pages: Vec<DocumentId>) {
        let provided = (!pages.is_empty()).then_some(Provided::Documents { documents: pages });
        self.list.give(&self.material, provided, None, self.failed);
    }

    fn input(&self) -> String {
        format!("u-{}", self.material)
    }

    /// The button that takes photos or files. It stays as long as its line, so that a photo taken while
    /// something else changes finds it still there.
    pub(super) fn chooser(&self) -> AnyView {
        let files = self.clone();
        let material = self.material.clone();
        let provided = self.list.provided;
        let given = Memo::new(move |_| provided.with(|provided| provided.get(&material).cloned()));
        let most = self.list.limits.most_pages as usize;
        let hidden = move || match given.get() {
            None => false,
            Some(Provided::Documents { documents }) => documents.len() >= most,
            Some(_) => true,
        };
        let said = move || if given.with(Option::is_some) { t::materials_add_page() } else { t::materials_upload() };
        let replacing = self.replacing;
        // A tap of the person's own takes a new page; only "take again" asks for another one's place.
        let tapped = move |_| {
            replacing.update_value(|(page, asked)| {
                if !std::mem::take(asked) {
                    *page = None
                }
            })
        };
        let chosen = move |event: web_sys::Event| {
            let Some(input) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok())
            else {
                return;
            };
            let replaces = replacing.try_update_value(|(page, _)| page.take()).flatten();
            files.send(&input, replaces.as_ref());
            // The same file may be chosen again.
            input.set_value("");
        };
        let accept = if self.photos_only { "image/*" } else { "image/*,application/pdf" };
        let (input, named) = (self.input(), self.name.clone());
        view! {
            <label class="button upload" class:gone=hidden>{said}<span class="hidden">{format!(" {named}")}</span>
                <input id=input type="file" accept=accept multiple aria-describedby="upload-hint" on:click=tapped on:change=chosen/>
            </label>
        }
        .into_any()
    }

    fn send(&self, input: &web_sys::HtmlInputElement, replaces: Option<&DocumentId>) {
        let Some(chosen) = input.files() else { return };
        let under_way = self.sending.with_untracked(Vec::len);
        let room = (self.list.limits.most_pages as usize).saturating_sub(self.given_now().len() + under_way);
        let room = u32::try_from(room).unwrap_or(0).max(u32::from(replaces.is_some()));
        if chosen.length() > room {
            self.failed.set(Some(t::file_pages()));
        }
        for file in (0..chosen.length().min(room)).filter_map(|place| chosen.get(place)) {
            let (target, tell) = (self.target(replaces), self.tell());
            spawn_local(async move { upload::start(&file, &target, tell).await });
        }
    }

    /// Says how far it is, once a second at most, and what is true then.
    fn say(&self, now: String) {
        let waits = self.next.with_value(Option::is_some);
        self.next.set_value(Some(now));
        if waits {
            return;
        }
        let (said, next) = (self.said, self.next);
        spawn_local(async move {
            // Small files are there before anybody could have heard that they are on their way.
            wait::milliseconds(1000).await;
            if let Some(words) = next.try_update_value(Option::take).flatten() {
                let _ = said.try_set(words);
            }
        });
    }

    /// What is being sent; a file's phases and quarters are read out, one at a time.
    pub(super) fn under_way(&self) -> impl IntoView + use<> {
        let (sending, said, files) = (self.sending, self.said, self.clone());
        let rows = move || sending.get().iter().map(|one| files.row(one)).collect_view();
        view! { <div class="hidden" role="status">{move || said.get()}</div>{rows} }
    }

    fn row(&self, one: &Progress) -> AnyView {
        let (sending, id) = (self.sending, one.id.clone());
        let failed = match &one.phase {
            Phase::Failed(problem) => Some(problem.clone()),
            _ => None,
        };
        let ended = failed.is_some();
        // What only waits for the person is still sealed here: it can be tried again.
        let kept = failed.as_deref().is_some_and(|problem| ["signed-out", "internal"].contains(&problem));
        let again = kept.then(|| {
            let (id, tell) = (one.id.clone(), self.tell());
            let press = move |_| {
                let (id, tell) = (id.clone(), tell.clone());
                spawn_local(async move { upload::retry(&id, tell).await });
            };
            view! { <button type="button" class="button" on:click=press>{t::common_try_again()}</button> }
        });
        let away = move |_| {
            let id = id.clone();
            sending.update(|sending| sending.retain(|one| one.id != id));
            if !kept {
                spawn_local(async move { upload::cancel(&id).await });
            }
        };
        let named = if ended { t::materials_dismiss_named(&one.name) } else { t::materials_cancel_named(&one.name) };
        let said = failed.map_or_else(|| phase_word(one), |problem| problem_sentence(&problem).to_owned());
        view! {
            <div class="notice sending" class:bad=ended>
                <p>{one.name.clone()}{t::common_colon()}{said}</p>
                {(!ended).then(|| view! { <progress max="100" value=one.percent aria-label=t::materials_uploading(&one.percent.to_string())></progress> })}
                {again}
                <button type="button" class="link" on:click=away aria-label=named>{if ended { t::materials_dismiss() } else { t::materials_cancel() }}</button>
            </div>
        }
        .into_any()
    }

    /// The pages given, each with what can be done to it.
    pub(super) fn given(&self, pages: &[DocumentId]) -> AnyView {
        let count = pages.len();
        let rows: Vec<_> = pages
            .iter()
            .enumerate()
            .map(|(place, id)| match self.list.document(id) {
                Some(document) => self.page(place, count, document),
                None => self.nameless(place, count),
            })
            .collect();
        view! { <ol class="pages">{rows}</ol> }.into_any()
    }

    /// A page another hand gave, which is not ours to look at.
    fn nameless(&self, place: usize, count: usize) -> AnyView {
        let number = (place + 1).to_string();
        let named = if count > 1 {
            t::materials_page_act(t::materials_remove(), &number)
        } else {
            t::materials_remove().to_owned()
        };
        view! { <li class="document"><div><p>{t::materials_other_hand()}</p><p class="acts">{self.act(t::materials_remove(), named, place, remove)}</p></div></li> }.into_any()
    }

    /// A button that changes the order of the pages, or takes one out.
    fn act(&self, said: &'static str, named: String, place: usize, act: fn(&mut Vec<DocumentId>, usize)) -> AnyView {
        let files = self.clone();
        let press = move |_| {
            let mut pages = files.given_now();
            act(&mut pages, place);
            files.put(pages);
            let line = super::element_id(&files.material);
            request_animation_frame(move || steps::focus(&line));
        };
        view! { <button type="button" class="link" aria-label=named on:click=press>{said}</button> }.into_any()
    }

    fn page(&self, place: usize, count: usize, document: Document) -> AnyView {
        let number = (place + 1).to_string();
        let address = client::address(&format!("/documents/{}/content", document.id));
        let image = document.media.starts_with("image/");
        let photo = image && document.kind == DocumentKind::File && document.media != "image/svg+xml";
        let named = |said: &'static str| {
            if count > 1 { t::materials_page_act(said, &number) } else { format!("{said} {}", document.name) }
        };
        let act = |said: &'static str, act: fn(&mut Vec<DocumentId>, usize)| self.act(said, named(said), place, act);
        let turn = photo.then(|| {
            let (files, document, address) = (self.clone(), document.clone(), address.clone());
            let press = move |_| {
                let (target, tell) = (files.target(Some(&document.id)), files.tell());
                let (address, name) = (address.clone(), document.name.clone());
                spawn_local(async move { upload::turn(&address, &name, &target, tell).await });
            };
            view! { <button type="button" class="link" aria-label=named(t::materials_turn()) on:click=press>{t::materials_turn()}</button> }
        });
        let again = (document.kind == DocumentKind::File).then(|| {
            let (replacing, input, id) = (self.replacing, self.input(), document.id.clone());
            let press = move |_| {
                replacing.set_value((Some(id.clone()), true));
                let input = leptos::prelude::document().get_element_by_id(&input);
                if let Some(input) = input.and_then(|input| input.dyn_into::<web_sys::HtmlElement>().ok()) {
                    input.click();
                }
            };
            view! { <button type="button" class="link" aria-label=named(t::materials_again()) on:click=press>{t::materials_again()}</button> }
        });
        view! {
            <li class="document">
                {image.then(|| view! { <img src=address.clone() alt=t::materials_preview(&document.name) width="96" height="96" loading="lazy"/> })}
                <div>
                    <p>{document.name.clone()}{(document.version > 1).then(|| view! { <span class="badge">{t::documents_version(&document.version.to_string())}</span> })}<br/><span class="quiet">{origin_of(&document)}</span></p>
                    <p class="acts">
                        {turn}
                        {again}
                        {(place > 0).then(|| act(t::materials_up(), |pages, place| up(pages, place)))}
                        {(place + 1 < count).then(|| act(t::materials_down(), |pages, place| up(pages, place + 1)))}
                        {act(t::materials_remove(), remove)}
                    </p>
                </div>
            </li>
        }
        .into_any()
    }
}

fn up(pages: &mut [DocumentId], place: usize) {
    if place > 0 && place < pages.len() {
        pages.swap(place, place - 1);
    }
}

fn remove(pages: &mut Vec<DocumentId>, place: usize) {
    if place < pages.len() {
        pages.remove(place);
    }
}

/// What is read out of one file: its phases, and quarters only, so that nobody is talked to without end.
fn spoken(one: &Progress) -> String {
    let said = match &one.phase {
        Phase::Failed(problem) => problem_sentence(problem).to_owned(),
        Phase::Sending => t::materials_uploading(&(one.percent / 25 * 25).to_string()),
        _ => phase_word(one),
    };
    format!("{}{}{said}", one.name, t::common_colon())
}

fn phase_word(one: &Progress) -> String {
    match &one.phase {
        Phase::Preparing => t::materials_preparing().to_owned(),
        Phase::Waiting(problem) if problem == "storage-full" => t::file_later().to_owned(),
        Phase::Waiting(problem) if problem == "busy" => t::materials_busy().to_owned(),
        Phase::Waiting(_) => t::materials_waiting(&one.percent.to_string()),
        Phase::Checking => t::materials_checking().to_owned(),
        Phase::Done(_) => t::materials_arrived().to_owned(),
        _ => t::materials_uploading(&one.percent.to_string()),
    }
}

/// Why a file is not taken, and what to do.
fn problem_sentence(problem: &str) -> &'static str {
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
        "network" => t::problem_network(),
        _ => t::materials_upload_failed(),
    }
}
