//! One step of the form, or the whole of it on one page.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::steps;
use crate::components::load::Load;
use crate::draft::OpenDraft;
use crate::form::{self, ALL, Section};
use crate::locale::texts as t;
use crate::router::Route;
use crate::site::site;
use crate::wait;

pub(super) fn screen(id: String, group: Option<String>) -> AnyView {
    let site = site();
    Load::start(move || {
        let id = id.clone();
        async move { site.draft(&id).await }
    })
    .show(move |draft| {
        if group.as_deref() == Some(ALL) { whole(draft).into_any() } else { step(draft, group.clone()).into_any() }
    })
}

fn label(draft: &OpenDraft, group: &str) -> String {
    let groups = &draft.sheet.view().bundle.groups;
    groups.iter().find(|one| one.id == group).map(|one| one.label.clone()).unwrap_or_default()
}

fn step(draft: OpenDraft, group: Option<String>) -> impl IntoView {
    let site = site();
    let groups = draft.sheet.groups();
    let first = groups.first().cloned().unwrap_or_default();
    let group = group.filter(|group| groups.contains(group)).unwrap_or(first);
    let number = groups.iter().position(|one| *one == group).unwrap_or(0);
    let title = label(&draft, &group);
    let named = title.clone();
    site.router.arrives(&named);
    let places = draft.sheet.group(&group);
    let back = match number.checked_sub(1).and_then(|before| groups.get(before)) {
        Some(before) => Route::Form(draft.id.clone(), Some(before.clone())),
        None => Route::Situations(draft.sheet.view().bundle.id.0.clone()),
    };
    let sections = [Section { title: None, places: places.clone() }];
    let onward = group.clone();
    let all = Route::Form(draft.id.clone(), Some(ALL.to_owned()));
    let hand_over = Route::HandOver(draft.id.clone());
    let owner = !draft.as_agent;
    view! {
        {steps::place(&draft, number + 1, groups.len() + 2)}
        <h1 tabindex="-1">{title}</h1>
        {steps::saving(&draft)}
        {steps::notices(&draft)}
        {(number == 0).then(|| steps::gaps(&draft))}
        {page(draft, sections.into(), places, back, move |draft| next(draft, &onward))}
        <ul class="ways">
            <li><a href=site.router.href(&all)>{t::form_whole()}</a></li>
            {owner.then(|| view! { <li><a href=site.router.href(&hand_over)>{t::share_link()}</a></li> })}
        </ul>
    }
}

/// Everything on one page: to read it through, to print it, to fill it in at a desk.
fn whole(draft: OpenDraft) -> impl IntoView {
    let site = site();
    site.router.arrives(t::form_whole_title());
    let groups = draft.sheet.view().bundle.groups.iter();
    let sections: Vec<Section> = groups
        .map(|group| Section { title: Some(group.label.clone()), places: draft.sheet.group(&group.id) })
        .collect();
    let places = sections.iter().flat_map(|section| section.places.clone()).collect();
    let back = Route::Form(draft.id.clone(), None);
    view! {
        <p class="quiet">{draft.sheet.view().bundle.name.clone()}</p>
        <h1 tabindex="-1">{t::form_whole_title()}</h1>
        {steps::saving(&draft)}
        {steps::notices(&draft)}
        {steps::gaps(&draft)}
        <div class="whole">{page(draft, sections, places, back, |draft| Route::Materials(draft.id.clone()))}</div>
    }
}

/// The fields with their summary of faults and the way on.
fn page(
    draft: OpenDraft,
    sections: Vec<Section>,
    places: Vec<usize>,
    back: Route,
    onward: impl Fn(&OpenDraft) -> Route + Clone + 'static,
) -> impl IntoView {
    let site = site();
    let (faults, busy, stuck) = (RwSignal::new(Vec::new()), RwSignal::new(false), RwSignal::new(false));
    let going = draft.clone();
    let (fields, lead) = form::led(&draft.sheet, &sections, sections.len() == 1);
    let (leading, returning, place) = (lead.clone(), lead.clone(), lead.place);
    steps::lead_by(lead);
    let on = move || {
        if busy.get_untracked() {
            return;
        }
        // One question after the other; what is wrong is said at once.
        if leading.onward(|fields| steps::is_fine(faults, &going.sheet, fields)) {
            return;
        }
        let found = going.sheet.check(&places);
        if !found.is_empty() {
            steps::complain(faults, &going.sheet, &found);
            return;
        }
        faults.set(Vec::new());
        let (draft, onward) = (going.clone(), onward.clone());
        busy.set(true);
        spawn_local(async move {
            let saved = draft.flush().await;
            let _ = busy.try_set(false);
            let route = onward(&draft);
            // What is not on the server yet is kept here: the next questions can be answered meanwhile.
            if saved || (super::at_hand(route.part()).is_some() && draft.may_go_on()) {
                site.router.go(route);
            } else {
                let _ = stuck.try_set(true);
            }
        });
    };
    let go = steps::press(on);
    if let Some(element) = site.led_to() {
        // The heading has the focus first, as on every screen.
        wait::painted(move || steps::focus(&element));
    }
    let before = move |event: web_sys::MouseEvent| {
        if returning.back() {
            event.prevent_default();
        }
    };
    view! {
        {steps::error_summary(faults)}
        {steps::turn(place)}
        <form novalidate on:submit=go>
            {fields}
            <p role="alert">{move || stuck.get().then(|| t::form_stuck())}</p>
            <div class="action">
                <button class="button primary" aria-disabled=move || busy.get().then_some("true")>{steps::onward(place, t::form_next())}</button>
                <a class="button quiet" href=site.router.href(&back) on:click=before>{t::common_back()}</a>
            </div>
        </form>
    }
}

/// The step after this one, as the answers stand now.
fn next(draft: &OpenDraft, group: &str) -> Route {
    let groups = draft.sheet.groups();
    let place = groups.iter().position(|one| one == group);
    match place.and_then(|place| groups.get(place + 1)) {
        Some(next) => Route::Form(draft.id.clone(), Some(next.clone())),
        None => Route::Materials(draft.id.clone()),
    }
}
