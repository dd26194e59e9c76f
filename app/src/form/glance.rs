//! The form's screen at first sight, as text: drawn by a small program of its own (`src/glance.rs`) while the page's is
//! on its way, so that one can begin to type. It is the markup of `screens::form`, word for word; what it cannot show
//! exactly it leaves to that.

use std::sync::Arc;

use contract::catalogue::BundleView;
use contract::draft::{Draft, Gap, GapReason};

use super::{Form, Section};
use crate::components::html::Html;
use crate::draft::Sheet;
use crate::locale::{self, texts as t};
use crate::router::Route;

/// In the place of a group: every group, on one page.
pub const ALL: &str = "all";

/// A screen of a draft's form; `address` says where a route lies. Nothing where there is more to say than the form itself:
/// who fills it in for whom, or what a newer version of the errand changed.
#[must_use]
pub fn glance(draft: &Draft, view: Arc<BundleView>, group: &str, address: impl Fn(&Route) -> String) -> Option<String> {
    if draft.as_agent || draft.counterpart.is_some() || draft.migration.is_some() {
        return None;
    }
    let sheet = Sheet::of(view, draft);
    let id = draft.id.0.clone();
    let mut html = Html::about(&sheet.view().language);
    let bundle = &sheet.view().bundle;
    let title = |group: &str| bundle.groups.iter().find(|one| one.id == group).map(|one| one.label.clone());
    if group == ALL {
        html.raw("<p class=quiet>").text(&bundle.name).raw("</p>");
        heading(&mut html, t::form_whole_title(), draft);
        gaps(&mut html, &draft.gaps);
        let sections: Vec<Section> = (bundle.groups.iter())
            .map(|group| Section { title: Some(group.label.clone()), places: sheet.group(&group.id) })
            .collect();
        html.raw("<div class=whole>");
        fields(&mut html, &sheet, &sections, &address(&Route::Form(id, None)));
        html.raw("</div>");
        return Some(html.finish());
    }
    let groups = sheet.groups();
    let number = groups.iter().position(|one| one == group).unwrap_or(0);
    let group = groups.get(number)?;
    html.raw("<p class=quiet>").text(&bundle.name).text(t::common_comma());
    html.text(&t::form_step(&(number + 1).to_string(), &(groups.len() + 2).to_string())).raw("</p>");
    heading(&mut html, &title(group).unwrap_or_default(), draft);
    if number == 0 {
        gaps(&mut html, &draft.gaps);
    }
    let back = match number.checked_sub(1).and_then(|before| groups.get(before)) {
        Some(before) => Route::Form(id.clone(), Some(before.clone())),
        None => Route::Situations(bundle.id.0.clone()),
    };
    fields(&mut html, &sheet, &[Section { title: None, places: sheet.group(group) }], &address(&back));
    html.raw("<ul class=ways><li><a").attr("href", &address(&Route::Form(id.clone(), Some(ALL.to_owned())))).raw(">");
    html.text(t::form_whole()).raw("</a></li><li><a").attr("href", &address(&Route::HandOver(id))).raw(">");
    html.text(t::share_link()).raw("</a></li></ul>");
    Some(html.finish())
}

/// What the screen is called, and that all of it is saved.
fn heading(html: &mut Html, title: &str, draft: &Draft) {
    html.raw("<h1 tabindex=-1>").text(title).raw("</h1>");
    html.raw("<p class=saving role=status aria-live=polite data-saving=saved>");
    html.text(&t::saving_saved(draft.saved_at.get(11..16).unwrap_or_default())).raw("</p>");
}

/// Registers that could not help.
fn gaps(html: &mut Html, gaps: &[Gap]) {
    let names = |reasons: &[GapReason]| -> Vec<String> {
        gaps.iter().filter(|gap| reasons.contains(&gap.reason)).map(|gap| gap.name.clone()).collect()
    };
    let (silent, empty) = (names(&[GapReason::Unavailable, GapReason::Slow]), names(&[GapReason::Empty]));
    if !silent.is_empty() {
        html.raw("<div class=notice role=status id=gaps><p>").text(&t::form_gap_silent(&locale::list(&silent)));
        html.raw("</p><button type=button class=button id=ask-again>").text(t::form_gap_again()).raw("</button></div>");
    }
    if !empty.is_empty() {
        html.raw("<p class=notice>").text(&t::form_gap_empty(&locale::list(&empty))).raw("</p>");
    }
}

/// The fields, and the way on.
fn fields(html: &mut Html, sheet: &Sheet, sections: &[Section], back: &str) {
    html.raw("<p class=turn role=status></p><form novalidate><div class=form>");
    html.raw(&Form::of(sheet, sections, false).drawn(sections));
    html.raw("</div><p class=hidden role=status id=form-said></p><p role=alert></p><div class=action>");
    html.raw("<button class=\"button primary\">").text(t::form_next()).raw("</button>");
    html.raw("<a class=\"button quiet\"").attr("href", back).raw(">").text(t::common_back()).raw("</a></div></form>");
}
