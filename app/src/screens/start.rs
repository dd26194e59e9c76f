//! Makes the draft from the answers, then goes on to its form; offers one that was begun before.

use contract::account::{DraftCard, Mine};
use contract::catalogue::BundleId;
use contract::draft::{Draft, StartDraft};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client::{self, Terms};
use crate::components::load::Load;
use crate::components::notice;
use crate::locale::{self, texts as t};
use crate::router::Route;
use crate::session::State;
use crate::site::{Site, site};

pub(super) fn screen(bundle: String) -> AnyView {
    let site = site();
    site.router.arrives(t::start_title());
    let here = Route::Start(bundle.clone());
    // One key for as long as this screen stands: trying again never makes two drafts.
    let terms = Terms::fresh();
    let known = Memo::new(move |_| match site.session.get() {
        State::Unknown => None,
        State::Out => Some(false),
        State::In(_) => Some(true),
    });
    (move || match known.get() {
        None => view! { <h1 tabindex="-1">{t::start_title()}</h1> }.into_any(),
        Some(false) => {
            site.router.replace(Route::SignIn(here.path()));
            ().into_any()
        }
        Some(true) => begun_before(site, bundle.clone(), terms.clone()),
    })
    .into_any()
}

/// Continue, begin anew, or discard: somebody may have begun this before.
fn begun_before(site: Site, bundle: String, terms: Terms) -> AnyView {
    let wanted = bundle.clone();
    Load::start(move || {
        let wanted = wanted.clone();
        async move {
            let mine: Mine = client::get("/mine").await?;
            let own = |card: &DraftCard| card.bundle.0 == wanted && card.for_whom.is_none();
            Ok(mine.drafts.into_iter().filter(own).collect::<Vec<_>>())
        }
    })
    .show(move |drafts| {
        if drafts.is_empty() {
            begin(site, bundle.clone(), terms.clone())
        } else {
            choose(site, bundle.clone(), terms.clone(), drafts)
        }
    })
}

fn choose(site: Site, bundle: String, terms: Terms, drafts: Vec<DraftCard>) -> AnyView {
    let (drafts, anew, failed) = (RwSignal::new(drafts), RwSignal::new(false), RwSignal::new(None));
    let card = move |card: DraftCard| {
        let (id, gone) = (card.id.0.clone(), card.id.clone());
        let saved = locale::moment(&card.saved_at);
        let discard = move |_| {
            let gone = gone.clone();
            spawn_local(async move {
                match client::delete(&format!("/drafts/{gone}")).await {
                    Ok(()) => {
                        let _ = drafts.try_update(|drafts| drafts.retain(|one| one.id != gone));
                    }
                    Err(failure) => {
                        let _ = failed.try_set(Some(notice::sentence(&failure)));
                    }
                }
            });
        };
        view! {
            <li class="entry" data-draft=card.id.0>
                <p class="strong">{t::start_saved(&saved)}</p>
                <div class="action">
                    <a class="button primary" href=site.router.href(&Route::Form(id, None))>{t::start_continue()}</a>
                    <button type="button" class="button quiet" on:click=discard>{t::start_discard()}</button>
                </div>
            </li>
        }
    };
    (move || {
        if anew.get() || drafts.with(Vec::is_empty) {
            return begin(site, bundle.clone(), terms.clone());
        }
        view! {
            <h1 tabindex="-1">{t::start_begun()}</h1>
            <p>{t::start_begun_text()}</p>
            {notice::alert(failed)}
            <ul class="cards">{drafts.get().into_iter().map(card).collect_view()}</ul>
            <div class="action"><button type="button" class="button" id="anew" on:click=move |_| anew.set(true)>{t::start_anew()}</button></div>
        }
        .into_any()
    })
    .into_any()
}

fn begin(site: Site, bundle: String, terms: Terms) -> AnyView {
    let load = Load::start(move || {
        let (bundle, terms) = (bundle.clone(), terms.clone());
        async move {
            let body = StartDraft { answers: site.answers(&bundle), bundle: BundleId(bundle) };
            let draft: Draft = client::post("/drafts", &terms, &body).await?;
            site.router.replace(Route::Form(draft.id.0, None));
            Ok(Vec::<DraftCard>::new())
        }
    });
    let heading = view! { <h1 tabindex="-1">{t::start_title()}</h1><p>{t::start_text()}</p> };
    view! { {heading}{load.show(|_| ())} }.into_any()
}
