//! Complaints, suggestions, enquiries: from every page, signed in or not.

use contract::catalogue::{BundleId, MaterialId};
use contract::service::{MaterialOf, Message, MessageKind, SendMessage};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::mine::kind;
use crate::client::{self, Terms};
use crate::components::notice;
use crate::locale::texts as t;
use crate::session::State;
use crate::site::site;

/// `about` names an errand and a material more was asked for than the list says.
pub(super) fn screen(about: Option<(String, String)>) -> AnyView {
    let site = site();
    site.router.arrives(t::feedback_title());
    let chosen = RwSignal::new(MessageKind::Complaint);
    let (words, contact) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (failed, busy, sent) = (RwSignal::new(None), RwSignal::new(false), RwSignal::new(None::<String>));
    let terms = StoredValue::new(Terms::fresh());
    let (about, named) = (StoredValue::new(about), RwSignal::new(None));
    if let Some((bundle, material)) = about.get_value() {
        spawn_local(async move {
            let Ok(view) = site.bundle(&bundle).await else { return };
            let found = engine::promise::material(&view.bundle, &MaterialId(material));
            let _ = named.try_set(found.map(|found| t::feedback_about(&found.name, &view.bundle.name)));
        });
    }
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if words.get_untracked().trim().is_empty() {
            failed.set(Some(t::feedback_words_missing()));
            return;
        }
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let body = SendMessage {
            kind: chosen.get_untracked(),
            words: words.get_untracked(),
            contact: contact.get_untracked(),
            about: about
                .get_value()
                .map(|(bundle, material)| MaterialOf { bundle: BundleId(bundle), material: MaterialId(material) }),
        };
        spawn_local(async move {
            match client::post::<Message>("/messages", &terms.get_value(), &body).await {
                Ok(message) => sent.set(Some(message.number)),
                Err(failure) => {
                    busy.set(false);
                    failed.set(Some(notice::sentence(&failure)));
                }
            }
        });
    };
    let kinds = [MessageKind::Complaint, MessageKind::Suggestion, MessageKind::Enquiry].map(|one| {
        view! { <label class="option"><input type="radio" name="kind" prop:checked=move || chosen.get() == one on:change=move |_| chosen.set(one)/><span>{kind(one)}</span></label> }
    });
    view! {
        <h1 tabindex="-1">{t::feedback_title()}</h1>
        <div role="status">{move || sent.get().map(|number| view! { <p class="notice good">{t::feedback_sent(&number)}</p> })}</div>
        <form novalidate class:gone=move || sent.get().is_some() on:submit=send>
            {move || if about.with_value(Option::is_some) {
                view! { <p>{t::feedback_beyond()}</p><p class="notice">{named.get()}</p> }.into_any()
            } else {
                view! { <p>{t::feedback_lead()}</p> }.into_any()
            }}
            {notice::alert(failed)}
            <fieldset class="plain"><legend class="name">{t::feedback_kind()}</legend>{kinds}</fieldset>
            <div class="cell"><label for="message">{t::feedback_words()}</label>
            <textarea id="message" rows="6" maxlength="2000" prop:value=move || words.get() on:input=move |event| words.set(event_target_value(&event))></textarea></div>
            {move || (!matches!(site.session.get(), State::In(_))).then(|| view! {
                <div class="cell"><label for="contact">{t::feedback_contact()}" "<span class="optional">{t::form_optional()}</span></label>
                <input id="contact" type="text" autocomplete="tel" maxlength="200" prop:value=move || contact.get() on:input=move |event| contact.set(event_target_value(&event))/></div>
            })}
            <div class="action"><button class="button primary" aria-disabled=move || busy.get().then_some("true")>{t::feedback_send()}</button></div>
        </form>
    }
    .into_any()
}
