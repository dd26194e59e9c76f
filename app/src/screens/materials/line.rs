//! One line of the checklist: its markup is text, what changes in it is written in its place, and presses are heard
//! where it stands. Only what chooses files stays as it is while a file is chosen.

use std::sync::Arc;

use contract::catalogue::{MaterialForm, MaterialId};
use contract::material::{DocumentId, Paper, PaperKind, Provided, Requirement, Way};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement, MouseEvent};

use super::files;
use super::list::{Checklist, Failed};
use super::{markup, pages, paper};
use crate::client::Progress;
use crate::components::places;
use crate::locale::texts as t;

/// The element of a material's line.
pub(in crate::screens) fn element_id(material: &MaterialId) -> String {
    format!("m-{material}")
}

/// A line of the checklist.
pub(super) struct Line {
    pub(super) list: Checklist,
    pub(super) requirement: Requirement,
    pub(super) failed: Failed,
    /// Files on their way.
    pub(super) sending: RwSignal<Vec<Progress>>,
    /// The last thing that happened to one, for those who listen.
    pub(super) said: RwSignal<String>,
    /// What will be said next.
    pub(super) next: StoredValue<Option<String>>,
    /// The page the next photo takes the place of, and whether that was just asked for.
    pub(super) replacing: StoredValue<(Option<DocumentId>, bool)>,
    /// Pages that newer versions took the place of.
    pub(super) replaced: StoredValue<Vec<(DocumentId, DocumentId)>>,
    /// The paper that is read.
    pub(super) paper: RwSignal<Option<Paper>>,
    /// Which one was asked for last.
    pub(super) asked: StoredValue<Option<PaperKind>>,
}

/// A place of a line and what stands there.
type Place = (&'static str, fn(&Line) -> String);

/// What of a line is written when it changes.
const PLACES: [Place; 6] = [
    ("tick", markup::tick),
    ("fault", markup::fault),
    ("said", markup::said),
    ("met", markup::met),
    ("promises", markup::promises),
    ("paper", paper::reading),
];

/// One line of the checklist.
pub(in crate::screens) fn entry(list: &Checklist, requirement: Requirement) -> AnyView {
    let line = Arc::new(Line {
        list: list.clone(),
        requirement,
        failed: RwSignal::new(None),
        sending: RwSignal::new(Vec::new()),
        said: RwSignal::new(String::new()),
        next: StoredValue::new(None),
        replacing: StoredValue::new((None, false)),
        replaced: StoredValue::new(Vec::new()),
        paper: RwSignal::new(None),
        asked: StoredValue::new(None),
    });
    let element = line.element();
    for (name, draw) in PLACES {
        let line = line.clone();
        places::keep(&element, name, move || draw(&line));
    }
    let (drawn, touched) = (line.clone(), line.clone());
    places::keep_lively(&element, "sending", move || files::rows(&drawn), move |place| files::touch(&touched, place));
    files::take_up(&line);
    let (above, below) = (line.clone(), line.clone());
    let (head, tail) = (markup::head(&line), markup::tail(&line));
    let is_met = {
        let line = line.clone();
        move || line.provided().is_some()
    };
    view! {
        <li class="entry" id=element tabindex="-1" class:met=is_met>
            <div inner_html=head on:click=move |event| press(&above, &event)></div>
            {chooser(&line)}
            <div inner_html=tail on:click=move |event| press(&below, &event)></div>
        </li>
    }
    .into_any()
}

impl Line {
    pub(super) fn element(&self) -> String {
        element_id(&self.requirement.material)
    }

    /// How it is met now, tracked.
    pub(super) fn provided(&self) -> Option<Provided> {
        self.list.provided.with(|provided| provided.get(&self.requirement.material).cloned())
    }

    /// Meets it, or takes that back, by a button which goes then: the line has the focus.
    pub(super) fn give(&self, provided: Option<Provided>, signed: Option<String>) {
        self.close();
        self.list.give_here(&self.requirement.material, provided, signed, self.failed);
    }

    fn take(&self, way: &Way) {
        match way {
            Way::Shared { register, .. } => self.give(Some(Provided::Shared { register: register.clone() }), None),
            Way::ECertificate { document } | Way::Stored { document } => {
                self.close();
                self.list.reuse(&self.requirement.material, vec![document.clone()], self.failed);
            }
            _ => {}
        }
    }
}

/// What a press in the line's markup does.
fn press(line: &Arc<Line>, event: &MouseEvent) {
    let Some((button, act, at)) = places::pressed(event) else { return };
    let place = at.parse::<usize>().unwrap_or_default();
    match act.as_str() {
        "change" => line.give(None, None),
        "way" => {
            let Some(way) = line.requirement.ways.get(place) else { return };
            match paper::of_way(way) {
                Some(kind) => paper::read(line, kind, &button),
                None => line.take(way),
            }
        }
        "sign" => line.sign(),
        "leave" => line.leave(),
        "retry" => files::retry(line, at),
        "away" => files::put_away(line, at),
        "turn" => pages::turn(line, place),
        "again" => pages::again(line, place),
        act => pages::rearrange(line, act, place),
    }
}

/// The button that takes photos or files. It stays as long as its line, so that a photo taken while something else
/// changes finds it still there.
fn chooser(line: &Arc<Line>) -> AnyView {
    let (shown, words, tapping, choosing) = (line.clone(), line.clone(), line.clone(), line.clone());
    let most = line.list.limits.most_pages as usize;
    let hidden = move || match shown.provided() {
        None => false,
        Some(Provided::Documents { documents }) => documents.len() >= most,
        Some(_) => true,
    };
    let said = move || if words.provided().is_some() { t::materials_add_page() } else { t::materials_upload() };
    // A tap of the person's own takes a new page; only "take again" asks for another one's place.
    let tapped = move |_: MouseEvent| {
        tapping.replacing.update_value(|(page, asked)| {
            if !std::mem::take(asked) {
                *page = None;
            }
        });
    };
    let chosen = move |event: Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let Some(input) = input else { return };
        let replaces = choosing.replacing.try_update_value(|(page, _)| page.take()).flatten();
        files::send(&choosing, &input, replaces.as_ref());
        // The same file may be chosen again.
        input.set_value("");
    };
    let photos_only = line.requirement.forms == [MaterialForm::Photo];
    let accept = if photos_only { "image/*" } else { "image/*,application/pdf" };
    let (id, named) = (line.input(), line.requirement.name.clone());
    view! {
        <label class="button upload" class:gone=hidden>{said}<span class="hidden">{format!(" {named}")}</span>
            <input id=id type="file" accept=accept multiple aria-describedby="upload-hint" on:click=tapped on:change=chosen/>
        </label>
    }
    .into_any()
}

impl Line {
    /// The element that chooses files.
    pub(super) fn input(&self) -> String {
        format!("u-{}", self.requirement.material)
    }

    /// Its element on the screen.
    pub(super) fn on_screen(&self) -> Option<Element> {
        document().get_element_by_id(&self.element())
    }
}
