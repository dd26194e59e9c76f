//! What a line says, as text.

use contract::catalogue::{Basis, MaterialId, Proof};
use contract::material::{Bar, Document, DocumentKind, Provided, Way};
use leptos::prelude::*;

use super::line::Line;
use super::{pages, paper};
use crate::components::html::Html;
use crate::locale::{self, Style, texts as t};
use crate::router::Route;
use crate::site::site;

/// What stands above the button that takes files.
pub(super) fn head(line: &Line) -> String {
    let requirement = &line.requirement;
    let mut html = Html::default();
    html.raw("<h2 class=entry-title><span class=tick aria-hidden=true data-place=tick></span>").text(&requirement.name);
    if !requirement.required {
        html.raw(" <span class=optional>").text(t::form_optional()).raw("</span>");
    }
    html.raw("</h2>");
    if let Some(note) = &requirement.note {
        html.raw("<p class=quiet>").text(note).raw("</p>");
    }
    html.raw("<div role=alert data-place=fault></div><div class=hidden role=status data-place=said></div>");
    html.raw("<div data-place=sending></div><div data-place=met></div>");
    html.finish()
}

/// What stands below it.
pub(super) fn tail(line: &Line) -> String {
    let requirement = &line.requirement;
    let mut html = Html::default();
    html.raw("<div data-place=promises></div><div class=ways data-place=paper></div><details><summary>");
    html.text(t::materials_about()).raw("<span class=hidden> ").text(&requirement.name).raw("</span></summary>");
    if let Some(proof) = &requirement.proof {
        origin(&mut html, proof);
    }
    report(&mut html, line.list.bundle.clone(), &requirement.material);
    html.raw("</details>");
    html.finish()
}

pub(super) fn tick(line: &Line) -> String {
    (if line.provided().is_some() { "✓" } else { "○" }).to_owned()
}

pub(super) fn fault(line: &Line) -> String {
    let mut html = Html::default();
    if let Some(said) = line.failed.get() {
        html.raw("<p class=\"notice bad\">").text(said).raw("</p>");
    }
    html.finish()
}

pub(super) fn said(line: &Line) -> String {
    let mut html = Html::default();
    html.text(&line.said.get());
    html.finish()
}

/// How it is met, or the ways that need nothing new.
pub(super) fn met(line: &Line) -> String {
    let mut html = Html::default();
    let ways = &line.requirement.ways;
    let said = match line.provided() {
        None => {
            html.raw("<div class=ways>");
            for (place, way) in ways.iter().enumerate().take_while(|(_, way)| **way != Way::Upload) {
                button(&mut html, line, place, way);
            }
            html.raw("</div>");
            return html.finish();
        }
        Some(Provided::Documents { documents }) => return pages::given(line, &documents),
        Some(Provided::Shared { register }) => {
            let known = ways.iter().find_map(|way| match way {
                Way::Shared { register: id, name } if *id == register => Some(name.as_str()),
                _ => None,
            });
            t::materials_shared(known.unwrap_or_default())
        }
        Some(Provided::Declared) => t::materials_declared().to_owned(),
        Some(Provided::OnCommitment) => t::materials_on_commitment().to_owned(),
        Some(Provided::Deferred) => t::materials_deferred().to_owned(),
    };
    html.raw("<p>").text(&said).raw("</p>");
    html.link("change", t::materials_change(), &t::materials_change_named(&line.requirement.name));
    html.finish()
}

/// Ways to promise, and what bars them.
pub(super) fn promises(line: &Line) -> String {
    let mut html = Html::default();
    if line.provided().is_some() {
        return String::new();
    }
    html.raw("<div class=ways>");
    for (place, way) in line.requirement.ways.iter().enumerate().skip_while(|(_, way)| **way != Way::Upload) {
        button(&mut html, line, place, way);
    }
    for bar in &line.requirement.bars {
        html.raw("<p class=quiet>").text(barred(*bar)).raw("</p>");
    }
    html.raw("</div>");
    html.finish()
}

fn button(html: &mut Html, line: &Line, place: usize, way: &Way) {
    let (said, hint) = match way {
        Way::NotNeeded { .. } | Way::Upload => return,
        Way::Shared { name, .. } => (t::materials_share(name), String::new()),
        Way::ECertificate { document } | Way::Stored { document } => {
            let Some(document) = line.list.document(document) else { return };
            let hint = [&origin_of(&document), t::common_comma(), t::materials_reuse_hint()].concat();
            (t::materials_reuse(&document.name), hint)
        }
        Way::Declare => (t::materials_declare().to_owned(), t::materials_declare_hint().to_owned()),
        Way::OnCommitment { days } => (t::materials_promise().to_owned(), t::materials_promise_hint(&days.to_string())),
        Way::Defer { until } => {
            (t::materials_defer().to_owned(), t::materials_defer_hint(&locale::day(until, Style::Short)))
        }
    };
    html.raw("<button type=button class=button data-act=way").attr("data-at", &place.to_string());
    html.raw(if paper::of_way(way).is_some() { " aria-expanded=false>" } else { ">" }).text(&said).raw("</button>");
    if !hint.is_empty() {
        html.raw("<p class=quiet>").text(&hint).raw("</p>");
    }
}

/// Where a document comes from.
pub(super) fn origin_of(document: &Document) -> String {
    match (&document.kind, &document.issuer) {
        (DocumentKind::ECertificate, Some(issuer)) => match &document.holder {
            Some(holder) => t::materials_household(holder, issuer),
            None => t::materials_e_certificate_of(issuer),
        },
        (DocumentKind::ECertificate, None) => t::material_e_certificate().to_owned(),
        (DocumentKind::File, _) => t::materials_file(&locale::moment(&document.added_at)),
    }
}

fn barred(bar: Bar) -> &'static str {
    match bar {
        Bar::Agent => t::materials_agent_barred(),
        Bar::Breach => t::materials_breach_barred(),
        Bar::Dishonest => t::materials_dishonest_barred(),
        Bar::Credit => t::materials_credit_barred(),
        Bar::CreditUnknown => t::materials_credit_unknown(),
        Bar::Expired => t::materials_expired(),
    }
}

/// Where a proof comes from and on which law it stands; what nobody published is said so.
pub(in crate::screens) fn origin(html: &mut Html, proof: &Proof) {
    let row = |html: &mut Html, name: &str| {
        html.raw("<div><dt>").text(name).raw("</dt><dd>");
    };
    html.raw("<dl class=answers>");
    row(html, t::proofs_issuer());
    html.text(proof.issuer.as_deref().unwrap_or_else(|| t::proofs_unknown())).raw("</dd></div>");
    row(html, t::proofs_law());
    if proof.law.is_empty() {
        html.text(t::proofs_unknown());
    }
    for law in &proof.law {
        html.raw("<span lang=zh-CN>").text(law).raw("</span> ");
    }
    html.raw("</dd></div>");
    if let Some(guide) = &proof.guide {
        row(html, t::proofs_guide());
        html.text(guide).raw("</dd></div>");
    }
    html.raw("</dl>");
    if proof.basis != Basis::Seen {
        html.raw("<span class=badge>").text(t::common_sample()).raw("</span>");
    }
}

/// The way to say that something was asked for beyond the list.
pub(in crate::screens) fn report(html: &mut Html, bundle: String, material: &MaterialId) {
    let href = site().router.href(&Route::Report(bundle, material.0.clone()));
    html.raw("<p><a").attr("href", &href).raw(">").text(t::proofs_report()).raw("</a></p>");
}
