//! Sign-in. In the demo: the made-up people of the identity simulator, labelled.

use contract::account::{Persona, Role};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client;
use crate::components::load::Load;
use crate::components::notice;
use crate::locale::texts as t;
use crate::router::Route;
use crate::site::site;

pub(super) fn screen(to: String) -> AnyView {
    let router = site().router;
    Effect::new(move |_| router.arrived(t::account_sign_in()));
    let to = StoredValue::new(to);
    view! {
        <h1 tabindex="-1">{t::account_sign_in()}</h1>
        <p class="notice">{t::account_demo()}</p>
        {Load::start(|| client::get::<Vec<Persona>>("/demo/personas")).show(move |personas| people(&personas, to.get_value()))}
    }
    .into_any()
}

fn people(personas: &[Persona], to: String) -> impl IntoView + use<> {
    let site = site();
    let failed = RwSignal::new(None);
    let people = personas.iter().filter(|persona| persona.role == Role::Citizen).map(|persona| {
        let (id, to) = (persona.id.clone(), to.clone());
        let enter = move |_| {
            let (id, to) = (id.clone(), to.clone());
            spawn_local(async move {
                // Whoever was here before leaves nothing behind, the answers just given aside.
                match site.session.sign_in_as(&id).await {
                    Ok(()) => site.router.replace(Route::parse(&to)),
                    Err(failure) => failed.set(Some(notice::sentence(&failure))),
                }
            });
        };
        view! {
            <li>
                <button type="button" class="card" data-persona=persona.id.clone() on:click=enter>
                    <span class="card-title">{persona.name.clone()}</span>
                    <span class="quiet">{persona.story.clone()}</span>
                </button>
            </li>
        }
    });
    view! { {notice::alert(failed)}<ul class="cards">{people.collect_view()}</ul> }
}
