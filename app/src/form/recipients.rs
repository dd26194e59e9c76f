//! Who gets what: by field, and the whole form by department.

use contract::catalogue::{BundleView, Field, Item};
use leptos::prelude::*;

use crate::components::html::Html;
use crate::draft::Sheet;
use crate::locale::{self, texts as t};

/// The items that need a fact.
fn needing<'b>(view: &'b BundleView, field: &'b Field) -> impl Iterator<Item = &'b Item> {
    view.bundle.items.iter().filter(|item| field.items.iter().any(|id| id == "*" || *id == item.id.0))
}

fn department<'v>(view: &'v BundleView, item: &Item) -> &'v str {
    view.departments.get(&item.department).map_or("", String::as_str)
}

/// Department, item and legal basis of everyone who gets a field's answer.
pub(super) fn list(html: &mut Html, view: &BundleView, field: &Field) {
    html.raw("<ul class=recipients>");
    for item in needing(view, field) {
        html.raw("<li>").text(&t::form_recipient(department(view, item), &item.name));
        if !item.law.is_empty() {
            html.raw("<br>").text(t::form_basis()).raw("<span lang=zh-CN>").text(&item.law.join("、")).raw("</span>");
        }
        html.raw("</li>");
    }
    html.raw("</ul>");
}

/// Everything that is asked, by who gets it: department, item, why, and which answers.
pub fn by_department(sheet: &Sheet) -> impl IntoView + use<> {
    let view = sheet.view().clone();
    let plan = sheet.plan_untracked();
    let parts = plan.active_items(&view.bundle).map(|item| {
        let needed =
            plan.active_fields(&view.bundle).filter(|field| needing(&view, field).any(|one| one.id == item.id));
        let labels: Vec<String> = needed.map(|field| field.label.clone()).collect();
        let basis = (!item.law.is_empty())
            .then(|| view! { <p class="quiet">{t::form_basis()}<span lang="zh-CN">{item.law.join("、")}</span></p> });
        view! {
            <li class="entry">
                <p class="strong">{t::guide_lane(department(&view, item), &item.name)}</p>
                {basis}
                <p>{if labels.is_empty() { t::form_recipient_nothing().to_owned() } else { locale::list(&labels) }}</p>
            </li>
        }
    });
    view! { <ul class="cards">{parts.collect_view()}</ul> }
}
