//! Papers: read in full, then signed by an act of its own, or left.

use std::sync::Arc;

use contract::material::{Paper, PaperKind, Provided, Way};
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::Element;

use super::line::Line;
use crate::client;
use crate::components::html::Html;
use crate::components::notice;
use crate::locale::texts as t;
use crate::screens::steps;

/// The whole text, folded.
pub(in crate::screens) fn whole(html: &mut Html, paper: &Paper) {
    html.raw("<details><summary>").text(&paper.title).raw("</summary>");
    parts(html, paper);
    html.raw("</details>");
}

/// The same, on its own.
pub(in crate::screens) fn folded(paper: &Paper) -> AnyView {
    let mut html = Html::default();
    whole(&mut html, paper);
    view! { <div inner_html=html.finish()></div> }.into_any()
}

fn parts(html: &mut Html, paper: &Paper) {
    for part in &paper.parts {
        if !part.heading.is_empty() {
            html.raw("<p class=strong>").text(&part.heading).raw("</p>");
        }
        html.raw("<ul class=paper-lines>");
        for line in &part.lines {
            html.raw("<li>").text(line).raw("</li>");
        }
        html.raw("</ul>");
    }
}

/// The paper a way is promised by.
pub(super) fn of_way(way: &Way) -> Option<PaperKind> {
    match way {
        Way::Declare => Some(PaperKind::Declaration),
        Way::OnCommitment { .. } => Some(PaperKind::OnCommitment),
        Way::Defer { .. } => Some(PaperKind::Deferral),
        _ => None,
    }
}

fn promised_by(kind: PaperKind) -> Option<Provided> {
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

/// Brings the paper a button asks for, below the ways.
pub(super) fn read(line: &Arc<Line>, kind: PaperKind, button: &Element) {
    line.close();
    let _ = button.set_attribute("aria-expanded", "true");
    line.asked.set_value(Some(kind));
    let reading = line.list.papers.as_deref().unwrap_or_default();
    let path = format!("{reading}/{}/papers/{}", line.requirement.material, kind_name(kind));
    let line = line.clone();
    spawn_local(async move {
        let read = client::get::<Paper>(&path).await;
        // Another one was asked for meanwhile, or the screen is gone.
        if line.asked.try_get_value().flatten() != Some(kind) {
            return;
        }
        match read {
            Ok(read) => {
                line.paper.set(Some(read));
                let heading = line.heading();
                request_animation_frame(move || steps::focus(&heading));
            }
            Err(failure) => {
                line.failed.set(Some(notice::sentence(&failure)));
                line.close();
            }
        }
    });
}

/// The paper that is read.
pub(super) fn reading(line: &Line) -> String {
    let mut html = Html::default();
    let Some(paper) = line.paper.get() else { return String::new() };
    let heading = line.heading();
    html.raw("<section class=paper").attr("aria-labelledby", &heading).raw("><h3 tabindex=-1").attr("id", &heading);
    html.raw(">").text(&paper.title).raw("</h3>");
    parts(&mut html, &paper);
    html.raw("<p class=quiet>").text(t::materials_sign_hint());
    html.raw("</p><button type=button class=\"button primary\" data-act=sign>").text(t::materials_sign());
    html.raw("</button><button type=button class=\"button quiet\" data-act=leave>").text(t::materials_sign_not());
    html.raw("</button></section>");
    html.finish()
}

impl Line {
    fn heading(&self) -> String {
        format!("p-{}", self.requirement.material)
    }

    /// Puts the paper away; gives the button that had brought it.
    pub(super) fn close(&self) -> Option<Element> {
        self.asked.set_value(None);
        self.paper.set(None);
        let button = self.on_screen()?.query_selector("[aria-expanded=true]").ok().flatten()?;
        let _ = button.set_attribute("aria-expanded", "false");
        Some(button)
    }

    /// Signs the paper that was read.
    pub(super) fn sign(&self) {
        let Some(paper) = self.paper.get_untracked() else { return };
        self.give(promised_by(paper.kind), Some(paper.digest));
    }

    /// Leaves it; whoever had opened it stands where they were.
    pub(super) fn leave(&self) {
        use wasm_bindgen::JsCast;
        let button = self.close().and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some(button) = button {
            let _ = button.focus();
        }
    }
}
