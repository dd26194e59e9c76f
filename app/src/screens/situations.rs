//! A few questions that decide what is needed; the list below changes at once.

use std::sync::Arc;

use contract::catalogue::BundleView;
use leptos::prelude::*;

use super::{narrowing, steps};
use crate::components::load::Load;
use crate::draft::Sheet;
use crate::form::{self, Section};
use crate::locale::texts as t;
use crate::router::Route;
use crate::site::site;

pub(super) fn screen(id: String) -> AnyView {
    let site = site();
    Load::start(move || {
        let id = id.clone();
        async move { site.bundle(&id).await }
    })
    .show(questions)
}

fn questions(view: Arc<BundleView>) -> impl IntoView {
    let site = site();
    site.router.arrives(t::situations_title());
    let id = view.bundle.id.0.clone();
    let sheet = Sheet::new(view.clone(), &site.answers(&id));
    let faults = RwSignal::new(Vec::new());
    let (asked, lead) = form::led(&sheet, &[Section { title: None, places: sheet.questions() }], true);
    let (leading, place) = (lead.clone(), lead.place);
    steps::lead_by(lead);
    let (remembered, remembered_id) = (sheet.clone(), id.clone());
    Effect::new(move |_| {
        remembered.changed.get();
        site.remember(&remembered_id, &remembered.facts());
    });
    let (summing, summed) = (sheet.clone(), view.clone());
    let going = sheet.clone();
    let on = move || {
        if leading.onward(|fields| steps::is_fine(faults, &going, fields)) {
            return;
        }
        let found = going.check(&going.questions());
        if found.is_empty() {
            site.router.go(Route::Start(id.clone()));
        } else {
            steps::complain(faults, &going, &found);
        }
    };
    let go = steps::press(on);
    view! {
        <p class="quiet">{view.bundle.name.clone()}</p>
        <h1 tabindex="-1">{t::situations_title()}</h1>
        <p>{t::situations_lead()}</p>
        {steps::error_summary(faults)}
        {steps::turn(place)}
        <form novalidate on:submit=go>
            {asked}
            {optional(&view, &sheet)}
            <section class="panel later">
                <h2>{t::situations_result()}</h2>
                {move || {
                    let plan = summing.plan();
                    view! { {narrowing::summary(&summed, &plan)}{narrowing::fallen(&summed.bundle, &plan)} }
                }}
            </section>
            <div class="action"><button class="button primary">{steps::onward(place, t::situations_continue())}</button></div>
        </form>
    }
}

/// Items one may leave out.
fn optional(view: &BundleView, sheet: &Sheet) -> impl IntoView + use<> {
    let items: Vec<_> = view
        .bundle
        .items
        .iter()
        .filter(|item| item.optional)
        .map(|item| {
            let (id, sheet) = (item.id.0.clone(), sheet.clone());
            let taken = !sheet.declined().contains(&id);
            view! {
                <label class="option">
                    <input type="checkbox" prop:checked=taken on:change=move |event| sheet.decline(&id, !event_target_checked(&event))/>
                    <span>{item.name.clone()}</span>
                </label>
            }
        })
        .collect();
    (!items.is_empty()).then(|| view! { <fieldset class="plain later"><legend class="name">{t::situations_optional()}</legend><p class="quiet">{t::situations_optional_hint()}</p>{items}</fieldset> })
}
