//! The pages given: shown, turned, taken again, put in order, taken out.

use std::sync::Arc;

use contract::material::{Document, DocumentId, DocumentKind};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use super::files;
use super::line::Line;
use super::markup::origin_of;
use crate::client::{self, upload};
use crate::components::html::Html;
use crate::locale::texts as t;
use crate::screens::steps;

/// The pages, each with what can be done to it.
pub(super) fn given(line: &Line, pages: &[DocumentId]) -> String {
    let mut html = Html::default();
    html.raw("<ol class=pages>");
    for (place, id) in pages.iter().enumerate() {
        let at = At { place, count: pages.len() };
        match line.list.document(id) {
            Some(document) => page(&mut html, at, &document),
            None => nameless(&mut html, at),
        }
    }
    html.raw("</ol>");
    html.finish()
}

/// Which page of how many.
#[derive(Clone, Copy)]
struct At {
    place: usize,
    count: usize,
}

impl At {
    fn act(self, html: &mut Html, act: &str, said: &str, alone: &str) {
        let number = (self.place + 1).to_string();
        let named = if self.count > 1 { t::materials_page_act(said, &number) } else { alone.to_owned() };
        html.link_at(act, &self.place.to_string(), said, &named);
    }
}

/// A page another hand gave, which is not ours to look at.
fn nameless(html: &mut Html, at: At) {
    html.raw("<li class=document><div><p>").text(t::materials_other_hand()).raw("</p><p class=acts>");
    at.act(html, "remove", t::materials_remove(), t::materials_remove());
    html.raw("</p></div></li>");
}

fn content(document: &Document) -> String {
    client::address(&format!("/documents/{}/content", document.id))
}

fn page(html: &mut Html, at: At, document: &Document) {
    let image = document.media.starts_with("image/");
    let is_file = document.kind == DocumentKind::File;
    html.raw("<li class=document>");
    if image {
        html.raw("<img width=96 height=96 loading=lazy").attr("src", &content(document));
        html.attr("alt", &t::materials_preview(&document.name)).raw(">");
    }
    html.raw("<div><p>").text(&document.name);
    if document.version > 1 {
        html.raw("<span class=badge>").text(&t::documents_version(&document.version.to_string())).raw("</span>");
    }
    html.raw("<br><span class=quiet>").text(&origin_of(document)).raw("</span></p><p class=acts>");
    let acts = [
        ("turn", t::materials_turn(), image && is_file && document.media != "image/svg+xml"),
        ("again", t::materials_again(), is_file),
        ("up", t::materials_up(), at.place > 0),
        ("down", t::materials_down(), at.place + 1 < at.count),
        ("remove", t::materials_remove(), true),
    ];
    for (act, said, _) in acts.into_iter().filter(|(_, _, stands)| *stands) {
        at.act(html, act, said, &[said, " ", &document.name].concat());
    }
    html.raw("</p></div></li>");
}

fn document_at(line: &Line, place: usize) -> Option<Document> {
    untrack(|| line.list.document(line.given_now().get(place)?))
}

/// Turns a photo to the right: a new version of it.
pub(super) fn turn(line: &Arc<Line>, place: usize) {
    let Some(document) = document_at(line, place) else { return };
    let (target, tell) = (line.target(Some(&document.id)), files::tell(line));
    spawn_local(async move { upload::turn(&content(&document), &document.name, &target, tell).await });
}

/// Takes another photo in the place of one.
pub(super) fn again(line: &Line, place: usize) {
    let Some(id) = line.given_now().into_iter().nth(place) else { return };
    line.replacing.set_value((Some(id), true));
    let input = document().get_element_by_id(&line.input());
    if let Some(input) = input.and_then(|input| input.dyn_into::<web_sys::HtmlElement>().ok()) {
        input.click();
    }
}

/// Changes the order of the pages, or takes one out; the line has the focus then.
pub(super) fn rearrange(line: &Line, act: &str, place: usize) {
    let mut pages = line.given_now();
    if place >= pages.len() {
        return;
    }
    match act {
        "up" if place > 0 => pages.swap(place, place - 1),
        "down" if place + 1 < pages.len() => pages.swap(place, place + 1),
        "remove" => {
            pages.remove(place);
        }
        _ => return,
    }
    line.put(pages);
    let element = line.element();
    request_animation_frame(move || steps::focus(&element));
}
