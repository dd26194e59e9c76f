//! The end of a session: announced ahead, and solved in place, so that nothing typed is lost.

use std::sync::Arc;

use contract::account::{Persona, Role};
use leptos::html::Dialog;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::State;
use crate::client;
use crate::components::notice;
use crate::locale::texts as t;
use crate::site::site;

/// Says that the session ends soon; one press keeps it.
pub fn watch() -> impl IntoView {
    let session = site().session;
    let keep = move |_| spawn_local(session.ask());
    view! {
        <div role="alert" class="session">
            {move || session.ends_soon().then(|| view! {
                <p class="notice">{t::account_ending()}" "<button type="button" class="button" id="stay" on:click=keep>{t::account_stay()}</button></p>
            })}
        </div>
    }
}

/// Asks who is there, over the form, when the session ended in the midst of it. The focus returns
/// to the field by itself when the dialog closes.
pub fn sign_in_again(then: impl Fn() + Send + Sync + 'static) -> impl IntoView {
    let session = site().session;
    let dialog = NodeRef::<Dialog>::new();
    let failed = RwSignal::new(None);
    Effect::new(move |_| {
        let Some(dialog) = dialog.get() else { return };
        match session.get() {
            State::Out if !dialog.open() => {
                let _ = dialog.show_modal();
            }
            State::In(_) if dialog.open() => dialog.close(),
            _ => {}
        }
    });
    let then: Arc<dyn Fn() + Send + Sync> = Arc::new(then);
    view! {
        <dialog node_ref=dialog class="dialog" aria-labelledby="again">
            // A browser that knows no dialogs shows what stands in it in place: so only when it is due.
            {move || (session.get() == State::Out).then(|| view! {
                <h2 id="again">{t::account_ended()}</h2>
                <p>{t::account_ended_text()}</p>
                {notice::alert(failed)}
                {people(failed, then.clone())}
            })}
        </dialog>
    }
}

/// The made-up people of the identity simulator, to sign in as.
pub fn people(failed: RwSignal<Option<&'static str>>, then: Arc<dyn Fn() + Send + Sync>) -> AnyView {
    let (asking, signed_in) = (site().session, then.clone());
    // The app around may know who it is.
    spawn_local(async move {
        if asking.by_host().await {
            signed_in();
        }
    });
    let session = site().session;
    let personas = RwSignal::new(Vec::<Persona>::new());
    let fetch = move || {
        failed.set(None);
        spawn_local(async move {
            match client::get::<Vec<Persona>>("/demo/personas").await {
                Ok(all) => {
                    let _ = personas.try_set(all);
                }
                Err(failure) => {
                    let _ = failed.try_set(Some(notice::sentence(&failure)));
                }
            }
        });
    };
    fetch();
    let nobody = move || personas.with(Vec::is_empty);
    let people = move || {
        let one = |persona: Persona| {
            let (id, then) = (persona.id.clone(), then.clone());
            let enter = move |_| {
                let (id, then) = (id.clone(), then.clone());
                spawn_local(async move {
                    match session.sign_in_as(&id).await {
                        Ok(()) => then(),
                        Err(failure) => {
                            let _ = failed.try_set(Some(notice::sentence(&failure)));
                        }
                    }
                });
            };
            view! {
                <li>
                    <button type="button" class="card" data-persona=persona.id on:click=enter>
                        <span class="card-title">{persona.name}</span>
                        <span class="quiet">{persona.story}</span>
                    </button>
                </li>
            }
        };
        personas.get().into_iter().filter(|persona| persona.role == Role::Citizen).map(one).collect_view()
    };
    let again = move || {
        let missed = nobody() && failed.with(Option::is_some);
        missed.then(|| view! { <button type="button" class="button primary" on:click=move |_| fetch()>{t::common_try_again()}</button> })
    };
    view! { {again}<p class="notice" hidden=nobody>{t::account_demo()}</p><ul class="cards" hidden=nobody>{people}</ul> }.into_any()
}
