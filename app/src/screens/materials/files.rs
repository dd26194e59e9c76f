//! Files on their way: chosen, sent, arrived; and what is said of them.

use std::sync::Arc;

use contract::material::{Document, DocumentId, Provided};
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{Element, HtmlInputElement};

use super::line::Line;
use crate::client::{Phase, Progress, Target, Tell, upload};
use crate::components::html::Html;
use crate::locale::texts as t;
use crate::screens::steps;
use crate::wait;

/// Goes on with what another screen, or a tab that is gone, was sending.
pub(super) fn take_up(line: &Arc<Line>) {
    let (place, tell) = (line.target(None).place(), tell(line));
    spawn_local(async move { upload::take_up(&place, tell).await });
}

/// Hears how far a file is; one that arrived is a page.
pub(super) fn tell(line: &Arc<Line>) -> Tell {
    let line = line.clone();
    Arc::new(move |progress: Progress| line.heard(progress))
}

/// Sends what was chosen, as far as there is room.
pub(super) fn send(line: &Arc<Line>, input: &HtmlInputElement, replaces: Option<&DocumentId>) {
    let Some(chosen) = input.files() else { return };
    let under_way = line.sending.with_untracked(Vec::len);
    let room = (line.list.limits.most_pages as usize).saturating_sub(line.given_now().len() + under_way);
    let room = u32::try_from(room).unwrap_or(0).max(u32::from(replaces.is_some()));
    if chosen.length() > room {
        line.failed.set(Some(t::file_pages()));
    }
    for file in (0..chosen.length().min(room)).filter_map(|place| chosen.get(place)) {
        let (target, tell) = (line.target(replaces), tell(line));
        spawn_local(async move { upload::start(&file, &target, tell).await });
    }
}

/// Tries one again that is still sealed here.
pub(super) fn retry(line: &Arc<Line>, id: String) {
    let tell = tell(line);
    spawn_local(async move { upload::retry(&id, tell).await });
}

/// Takes one out of sight; one that can be tried again stays sealed.
pub(super) fn put_away(line: &Arc<Line>, id: String) {
    let kept = line.sending.with_untracked(|sending| sending.iter().any(|one| one.id == id && is_kept(one)));
    line.sending.update(|sending| sending.retain(|one| one.id != id));
    if !kept {
        spawn_local(async move { upload::cancel(&id).await });
    }
    let element = line.element();
    request_animation_frame(move || steps::focus(&element));
}

impl Line {
    pub(super) fn target(&self, replaces: Option<&DocumentId>) -> Target {
        Target {
            of: self.list.of.clone(),
            bundle: self.list.bundle.clone(),
            material: self.requirement.material.0.clone(),
            replaces: replaces.map(|id| id.0.clone()),
            most: self.list.limits.most_bytes,
        }
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

    pub(super) fn given_now(&self) -> Vec<DocumentId> {
        self.list.provided.with_untracked(|provided| match provided.get(&self.requirement.material) {
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
    pub(super) fn put(&self, pages: Vec<DocumentId>) {
        self.close();
        let provided = (!pages.is_empty()).then_some(Provided::Documents { documents: pages });
        self.list.give(&self.requirement.material, provided, None, self.failed);
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
}

fn is_ended(one: &Progress) -> bool {
    matches!(one.phase, Phase::Failed(_))
}

/// What only waits for the person is still sealed here: it can be tried again.
fn is_kept(one: &Progress) -> bool {
    matches!(&one.phase, Phase::Failed(problem) if ["signed-out", "internal"].contains(&problem.as_str()))
}

/// A row for each, without what changes all the time.
pub(super) fn rows(line: &Line) -> String {
    let mut html = Html::default();
    line.sending.with(|sending| {
        for one in sending {
            let ended = is_ended(one);
            html.raw(if ended {
                "<div class=\"notice sending bad\"><p></p>"
            } else {
                "<div class=\"notice sending\"><p></p><progress max=100></progress>"
            });
            if is_kept(one) {
                html.raw("<button type=button class=button data-act=retry").attr("data-at", &one.id).raw(">");
                html.text(t::common_try_again()).raw("</button>");
            }
            let (said, named) = if ended {
                (t::materials_dismiss(), t::materials_dismiss_named(&one.name))
            } else {
                (t::materials_cancel(), t::materials_cancel_named(&one.name))
            };
            html.link_at("away", &one.id, said, &named).raw("</div>");
        }
    });
    html.finish()
}

/// Puts how far each is into its row.
pub(super) fn touch(line: &Line, place: &Element) {
    let Ok(rows) = place.query_selector_all("p, progress") else { return };
    let mut parts = (0..rows.length()).filter_map(|place| {
        use wasm_bindgen::JsCast;
        rows.item(place)?.dyn_into::<Element>().ok()
    });
    line.sending.with_untracked(|sending| {
        for one in sending {
            let Some(words) = parts.next() else { return };
            words.set_text_content(Some(&[&one.name, t::common_colon(), &state(one)].concat()));
            if !is_ended(one)
                && let Some(bar) = parts.next()
            {
                let _ = bar.set_attribute("value", &one.percent.to_string());
                let _ = bar.set_attribute("aria-label", &t::materials_uploading(&one.percent.to_string()));
            }
        }
    });
}

fn state(one: &Progress) -> String {
    match &one.phase {
        Phase::Failed(problem) => problem_sentence(problem).to_owned(),
        _ => phase_word(one),
    }
}

/// What is read out of one file: its phases, and quarters only, so that nobody is talked to without end.
fn spoken(one: &Progress) -> String {
    let said = match &one.phase {
        Phase::Sending => t::materials_uploading(&(one.percent / 25 * 25).to_string()),
        _ => state(one),
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
