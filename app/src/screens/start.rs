//! Makes the draft from the answers, then goes on to its form. Back does not come here.

use contract::catalogue::BundleId;
use contract::draft::{Draft, StartDraft};
use leptos::prelude::*;

use crate::client::{self, Terms};
use crate::components::load::Load;
use crate::locale::texts as t;
use crate::router::Route;
use crate::session::State;
use crate::site::{Site, site};

pub(super) fn screen(bundle: String) -> AnyView {
    let site = site();
    Effect::new(move |_| site.router.arrived(t::start_title()));
    let here = Route::Start(bundle.clone());
    // One key for as long as this screen stands: trying again never makes two drafts.
    let terms = Terms::fresh();
    (move || match site.session.get() {
        State::Unknown => view! { <h1 tabindex="-1">{t::start_title()}</h1> }.into_any(),
        State::Out => {
            site.router.replace(Route::SignIn(here.path()));
            ().into_any()
        }
        State::In(_) => begin(site, bundle.clone(), terms.clone()),
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
            Ok(())
        }
    });
    let heading = view! { <h1 tabindex="-1">{t::start_title()}</h1><p>{t::start_text()}</p> };
    view! { {heading}{load.show(|()| ())} }.into_any()
}
