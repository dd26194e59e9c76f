//! Five levels, none preselected; one tap is enough. What became of a bad one stays visible.

use contract::application::Application;
use contract::service::{Rate, Rating, RatingScale, RectificationState};
use engine::rating::is_bad;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::progress;
use crate::client::{self, Terms};
use crate::components::load::Load;
use crate::components::notice;
use crate::host::{Bridge, Event, Host};
use crate::locale::{self, Style, texts as t};
use crate::router::Route;
use crate::site::site;
use crate::wait::Press;

pub(super) fn screen(id: String) -> AnyView {
    let scale = Load::start(|| client::get::<RatingScale>("/rating-scale"));
    let load = progress::live(&id);
    scale.show(move |scale| {
        let scale = StoredValue::new(scale);
        load.show(move |application| scale.with_value(|scale| rating(&application, scale, load)))
    })
}

fn rating(application: &Application, scale: &RatingScale, load: Load<Application>) -> AnyView {
    let router = site().router;
    router.arrives(t::rating_title());
    let body = match &application.rating {
        Some(rating) => given(rating, scale),
        None => ask(application, scale, load),
    };
    let home = router.href(&Route::Home);
    view! {
        <p class="quiet">{application.name.clone()}</p>
        <h1 tabindex="-1">{t::rating_title()}</h1>
        {body}
        <p><a href=home>{t::common_to_home()}</a></p>
    }
    .into_any()
}

fn given(rating: &Rating, scale: &RatingScale) -> AnyView {
    let level =
        scale.levels.iter().find(|level| level.id == rating.level).map(|level| level.label.clone()).unwrap_or_default();
    let rectification = rating.rectification.as_ref().map(|one| {
        let said = match one.state {
            RectificationState::Open => t::rating_rectify_open(&locale::day(&one.due, Style::Long)),
            RectificationState::InHand => t::rating_rectify_in_hand(&locale::day(&one.due, Style::Long)),
            RectificationState::Answered => t::rating_rectify_answered(&one.answered_at.as_deref().map(locale::moment).unwrap_or_default()),
        };
        let answer = one.answer.clone().map(|answer| view! { <blockquote>{answer}</blockquote> });
        view! { <section class="part"><h2>{t::rating_rectify_title()}</h2><p role="status">{said}</p>{answer}</section> }
    });
    view! { <p class="notice good" role="status">{t::rating_thanks(&level)}</p>{rectification} }.into_any()
}

fn ask(application: &Application, scale: &RatingScale, load: Load<Application>) -> AnyView {
    let level = RwSignal::new(None::<u8>);
    let tags = RwSignal::new(Vec::<String>::new());
    let words = RwSignal::new(String::new());
    let failed = RwSignal::new(None);
    let path = format!("/applications/{}/rating", application.id);
    let send = move || {
        let Some(level) = level.get_untracked() else { return };
        let rate = Rate { level, tags: tags.get_untracked(), words: words.get_untracked() };
        if is_bad(level) && rate.tags.is_empty() && rate.words.trim().is_empty() {
            failed.set(Some(t::rating_reason_missing()));
            return;
        }
        let path = path.clone();
        spawn_local(async move {
            match client::post::<Application>(&path, &Terms::fresh(), &rate).await {
                Ok(application) => {
                    Bridge.tell(Event::Rated(application.id.as_str()));
                    load.put(application);
                }
                Err(failure) => failed.set(Some(notice::sentence(&failure))),
            }
        });
    };
    let here = Press::here();
    let buttons: Vec<_> = scale
        .levels
        .iter()
        .map(|one| {
            let id = one.id;
            let send = send.clone();
            let choose = move || {
                level.set(Some(id));
                tags.set(Vec::new());
                // From the middle up one tap is enough; below it the person says why first.
                if !is_bad(id) {
                    send();
                }
            };
            let press = move |_| here.answer(choose.clone());
            view! { <li><button type="button" class="face" data-level=id aria-pressed=move || if level.get() == Some(id) { "true" } else { "false" } on:click=press>{face(id)}<span>{one.label.clone()}</span></button></li> }
        })
        .collect();
    let all_tags = StoredValue::new(scale.tags.clone());
    let reasons = move || {
        let chosen = level.get().filter(|level| is_bad(*level))?;
        let boxes = all_tags.with_value(|all| {
            all.iter()
                .filter(|tag| tag.level == chosen)
                .map(|tag| {
                    let id = tag.id.clone();
                    let pick = move |event| tags.update(|tags| {
                        tags.retain(|one| *one != id);
                        if event_target_checked(&event) {
                            tags.push(id.clone());
                        }
                    });
                    view! { <label class="option"><input type="checkbox" on:change=pick/><span>{tag.text.clone()}</span></label> }
                })
                .collect_view()
        });
        let send = send.clone();
        Some(view! {
            <form novalidate on:submit=move |event| { event.prevent_default(); send(); }>
                <fieldset class="plain"><legend class="name">{t::rating_why()}</legend>{boxes}</fieldset>
                <div class="cell"><label for="words">{t::rating_words()}</label>
                <textarea id="words" rows="4" maxlength="500" prop:value=move || words.get() on:input=move |event| words.set(event_target_value(&event))></textarea></div>
                {notice::alert(failed)}
                <div class="action"><button class="button primary">{t::rating_send()}</button></div>
            </form>
        })
    };
    view! {
        <p>{t::rating_lead()}</p>
        {move || (!level.get().is_some_and(is_bad)).then(|| notice::alert(failed))}
        <ul class="faces">{buttons}</ul>
        {reasons}
    }
    .into_any()
}

/// A drawn face: phones differ in the faces their fonts have.
fn face(level: u8) -> impl IntoView {
    let mouth = match level {
        5 => "M14 25q6 8 12 0",
        4 => "M14 26q6 4 12 0",
        3 => "M14 27h12",
        2 => "M14 28q6 -4 12 0",
        _ => "M14 29q6 -8 12 0",
    };
    view! {
        <svg class="face-picture" viewBox="0 0 40 40" width="40" height="40" aria-hidden="true">
            <circle cx="20" cy="20" r="17"/>
            <path d="M14 15v3 M26 15v3"/>
            <path d=mouth/>
        </svg>
    }
}
