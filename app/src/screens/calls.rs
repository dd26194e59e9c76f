//! What is asked of the page from outside: by the app around it, and by a newer release.

use js_sys::Reflect;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::*;

use super::shell::{change_language, draw_anew};
use crate::host;
use crate::locale::Language;
use crate::session::State;
use crate::site::Site;

/// Answers as long as the page lives.
pub(super) fn answer(site: Site) {
    listen("onething:release", move |_| site.release.set(true));
    // What the build drew is not what the catalogue says today.
    listen("onething:texts", move |_| spawn_local(draw_anew(site)));
    // The app around the page has a ticket now that it had not before.
    listen("onething:ticket", move |_| {
        spawn_local(async move {
            // It may be another person's: whoever was here before leaves nothing behind.
            if matches!(site.session.get_untracked(), State::In(_)) {
                site.save().await;
                site.session.sign_out().await;
                site.forget().await;
            }
            site.session.by_host().await;
        });
    });
    // It offers tickets, perhaps after the page asked in vain.
    listen("onething:offer", move |_| {
        if site.session.get_untracked() == State::Out {
            spawn_local(async move {
                site.session.by_host().await;
            });
        }
    });
    // The page is put into another style. What the build drew is dressed by its style sheet alone.
    listen("onething:style", move |_| {
        let elder = host::is_elder();
        if !site.is_still() && site.elder.get_untracked() != elder {
            site.elder.set(elder);
        }
    });
    listen("onething:locale", move |detail| {
        let tag = Reflect::get(&detail, &"tag".into()).ok().and_then(|tag| tag.as_string());
        if let Some(language) = tag.as_deref().and_then(Language::of) {
            spawn_local(change_language(site, language));
        }
    });
}

fn listen(name: &str, heard: impl Fn(JsValue) + 'static) {
    let detail = |event: JsValue| Reflect::get(&event, &"detail".into()).unwrap_or(JsValue::NULL);
    let listener = Closure::<dyn Fn(JsValue)>::new(move |event| heard(detail(event)));
    let _ = window().add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
    listener.forget();
}
