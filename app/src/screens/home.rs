//! The errands: search, the most used, by stage of life; what I have begun.

use std::sync::Arc;

use contract::account::Mine;
use contract::catalogue::Audience;
use contract::home::{BundleCard, Home};
use engine::search;
use leptos::prelude::*;

use super::mine;
use crate::client;
use crate::components::limit;
use crate::components::load::Load;
use crate::locale::{self, texts as t};
use crate::router::Route;
use crate::session::State;
use crate::site::site;

pub(super) fn screen() -> AnyView {
    let site = site();
    let typed = taken_over();
    Load::start(move || site.home()).show(move |home| errands(home, typed.clone()))
}

pub(super) fn errands(home: Arc<Home>, typed: String) -> impl IntoView {
    let site = site();
    site.router.arrives(t::home_title());
    let query = RwSignal::new(typed);
    let cards = home.clone();
    let found = Memo::new(move |_| {
        search::find(&query.get(), &cards.bundles).into_iter().cloned().collect::<Vec<BundleCard>>()
    });
    let searching = Memo::new(move |_| !query.get().trim().is_empty());
    let whole = StoredValue::new(home.clone());
    view! {
        <h1 tabindex="-1">{t::home_title()}</h1>
        <p class="lead">{t::home_lead(&home.region.name)}</p>
        {move || matches!(site.session.get(), State::In(_)).then(begun)}
        <div class="search" role="search">
            <label for="search">{t::home_search()}</label>
            <input id="search" type="search" autocomplete="off" enterkeyhint="search" aria-describedby="search-hint"
                prop:value=move || query.get() on:input=move |event| query.set(event_target_value(&event))/>
            <p id="search-hint" class="quiet">{t::home_search_hint()}</p>
        </div>
        <p class="hidden" role="status">{move || searching.get().then(|| t::home_found(&found.get().len().to_string()))}</p>
        {move || if searching.get() {
            results(&found.get()).into_any()
        } else {
            whole.with_value(|home| stages(home).into_any())
        }}
    }
}

/// What was typed into the page that the build drew; whoever is in that field stays in it.
fn taken_over() -> String {
    use wasm_bindgen::JsCast;
    let field = || document().get_element_by_id("search")?.dyn_into::<web_sys::HtmlInputElement>().ok();
    let Some(before) = field() else { return String::new() };
    if document().active_element().is_some_and(|active| active.id() == "search") {
        request_animation_frame(move || {
            if let Some(field) = field() {
                let _ = field.focus();
            }
        });
    }
    before.value()
}

fn results(found: &[BundleCard]) -> impl IntoView + use<> {
    let router = site().router;
    if found.is_empty() {
        view! { <p class="notice">{t::home_nothing()}" "<a href=router.href(&Route::Help)>{t::help_title()}</a></p> }
            .into_any()
    } else {
        list(found.iter())
    }
}

fn stages(home: &Home) -> impl IntoView + use<> {
    let hot = home.bundles.iter().filter(|card| card.hot.is_some());
    let parts = [(Audience::Person, t::home_person()), (Audience::Enterprise, t::home_enterprise())].map(
        |(audience, title)| {
            let stages = home.region.stages.iter().filter(|stage| stage.audience == audience).filter_map(|stage| {
                let cards: Vec<_> = home.bundles.iter().filter(|card| card.stage == stage.id).collect();
                (!cards.is_empty())
                    .then(|| view! { <section><h3>{stage.label.clone()}</h3>{list(cards.into_iter())}</section> })
            });
            view! { <section class="part"><h2>{title}</h2>{stages.collect_view()}</section> }
        },
    );
    view! {
        <section class="part"><h2>{t::home_hot()}</h2>{list(hot)}</section>
        {more("all", t::elder_all(), parts.into_any())}
    }
}

/// What the elder style shows on demand only; by the address alone, so that it needs no script.
pub(super) fn more(id: &'static str, label: &'static str, rest: AnyView) -> AnyView {
    view! { <div class="more" id=id>{rest}</div><p class="unfold"><a class="button" href=format!("#{id}")>{label}</a></p> }
        .into_any()
}

fn list<'c>(cards: impl Iterator<Item = &'c BundleCard>) -> AnyView {
    let router = site().router;
    let cards: Vec<_> = cards
        .map(|card| {
            let promise = card.promise.as_ref().map(limit::length);
            let facts = t::home_departments(&card.departments.to_string());
            let facts = promise.map_or(facts.clone(), |promise| format!("{facts}{}{promise}", t::common_comma()));
            view! {
                <li>
                    <a class="card" href=router.href(&Route::Guide(card.id.0.clone()))>
                        <span class="card-title" lang=locale::foreign(&card.language)>{card.name.clone()}{card.sample.then(|| view! { <span class="badge">{t::common_sample()}</span> })}</span>
                        <span class="quiet">{facts}</span>
                    </a>
                </li>
            }
        })
        .collect();
    view! { <ul class="cards">{cards}</ul> }.into_any()
}

fn begun() -> AnyView {
    let load: Load<Mine> = Load::start(|| client::get("/mine"));
    (move || match load.get() {
        Some(mine) if !(mine.drafts.is_empty() && mine.applications.is_empty()) => {
            view! { <section class="part"><h2>{t::home_begun()}</h2>{mine::begun(&mine, 3)}</section> }.into_any()
        }
        _ => ().into_any(),
    })
    .into_any()
}
