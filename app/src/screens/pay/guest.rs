//! Somebody pays for the applicant, with an address: what is paid and for whom, and nothing more.

use contract::payment::PayFor;
use leptos::prelude::*;

use super::{Of, Till, body};
use crate::client::{self, Failure};
use crate::components::load::Load;
use crate::locale::texts as t;
use crate::router::Route;
use crate::site::site;

pub(in crate::screens) fn screen(token: String) -> AnyView {
    let path = format!("/pay/{token}");
    let fetched = path.clone();
    let load: Load<PayFor> = Load::start(move || {
        let path = fetched.clone();
        async move { client::get(&path).await }
    });
    let till = Till::new(Of::Guest(load), path, &Route::PayFor(token));
    load.show_or(move |shown| guest(&shown, till), over)
}

fn guest(shown: &PayFor, till: Till) -> AnyView {
    let router = site().router;
    router.arrives(t::pay_title());
    view! {
        <p class="quiet">{shown.errand.clone()}</p>
        <h1 tabindex="-1">{t::pay_guest_title(&shown.applicant)}</h1>
        {body(till, &shown.payment, None, ().into_any())}
    }
    .into_any()
}

/// The address opens no more. Nothing is wrong, and nothing is lost.
fn over(failure: &Failure) -> Option<AnyView> {
    if failure.kind() != "not-found" {
        return None;
    }
    let router = site().router;
    router.arrives(t::pay_over_title());
    Some(view! { <h1 tabindex="-1">{t::pay_over_title()}</h1><p>{t::pay_over()}</p> }.into_any())
}
