//! Sentences about what went wrong, what is safe, and what to do.

use std::rc::Rc;

use leptos::prelude::*;

use crate::client::Failure;
use crate::locale::texts as t;
use crate::router::Route;
use crate::site::site;

/// One sentence for a failure, in the citizen's words.
#[must_use]
pub fn sentence(failure: &Failure) -> &'static str {
    match failure.kind() {
        "network" => t::problem_network(),
        "signed-out" => t::problem_signed_out(),
        "not-found" => t::problem_not_found(),
        "stale" => t::problem_stale(),
        "conflict" => t::problem_conflict(),
        "media-type" => t::problem_media_type(),
        "too-large" => t::problem_too_large(),
        "paper-changed" | "paper-unsigned" => t::problem_paper_changed(),
        "storage-full" => t::problem_storage(),
        kind if kind.starts_with("barred") => t::problem_barred(),
        "unavailable" => t::problem_unavailable(),
        "ticket" => t::problem_ticket(),
        "invalid" | "malformed" | "commitments" => t::problem_invalid(),
        _ => t::problem_other(),
    }
}

/// A failed screen with the way on.
pub fn failed(failure: &Failure, again: impl Fn() + 'static) -> AnyView {
    let signed_out = failure.kind() == "signed-out";
    let lost = failure.kind() == "not-found";
    let said = sentence(failure);
    let router = site().router;
    Effect::new(move |_| router.named(said));
    let here = router.get_untracked().path();
    let again = Rc::new(again);
    let anew = again.clone();
    // The app around the page may sign in whoever stands here.
    if signed_out {
        site().session.on_return(move || anew());
    }
    view! {
        <div class="stack">
            <h1 tabindex="-1">{if signed_out { t::account_sign_in() } else { t::problem_title() }}</h1>
            <p>{said}</p>
            {if signed_out {
                view! { <a class="button primary" href=router.href(&Route::SignIn(here))>{t::account_sign_in()}</a> }.into_any()
            } else if lost {
                view! { <a class="button primary" href=router.href(&Route::Home)>{t::common_to_home()}</a> }.into_any()
            } else {
                view! { <button class="button primary" on:click=move |_| again()>{t::common_try_again()}</button> }.into_any()
            }}
        </div>
    }
    .into_any()
}

/// A place for one sentence that is read out when it appears.
pub fn alert(sentence: RwSignal<Option<&'static str>>) -> impl IntoView {
    view! { <div role="alert">{move || sentence.get().map(|said| view! { <p class="notice bad">{said}</p> })}</div> }
}
