//! What came out, handed over together.

use contract::application::{Application, ApplicationState, Certificate, ChooseHandover, HandoverState};
use contract::catalogue::Delivery;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::guide::delivery;
use super::progress;
use crate::client::{self, Terms};
use crate::components::load::Load;
use crate::components::notice;
use crate::locale::{self, texts as t};
use crate::router::Route;
use crate::site::site;

pub(super) fn screen(id: String) -> AnyView {
    let load = progress::live(&id);
    load.show(move |application| certificates(&application, load))
}

fn certificates(application: &Application, load: Load<Application>) -> impl IntoView + use<> {
    let router = site().router;
    router.arrives(t::certificates_title());
    let ended = matches!(application.state, ApplicationState::Done | ApplicationState::PartlyRefused);
    let list: Vec<_> = application.certificates.iter().map(|certificate| card(application, certificate)).collect();
    let rating = Route::Rating(application.id.0.clone());
    let rate = (ended && !application.solemn).then(|| view! { <div class="action"><a class="button primary" href=router.href(&rating)>{t::certificates_rate()}</a></div> });
    // After a death nobody is asked for applause; the way to say something stays open.
    let quietly = (ended && application.solemn)
        .then(|| view! { <p><a href=router.href(&rating)>{t::certificates_rate_quietly()}</a></p> });
    view! {
        <p class="quiet">{application.name.clone()}</p>
        <h1 tabindex="-1">{t::certificates_title()}</h1>
        {if list.is_empty() { view! { <p>{t::certificates_none()}</p> }.into_any() } else { view! { <ul class="certificates">{list}</ul> }.into_any() }}
        {handover(application, load)}
        {rate}{quietly}
    }
}

fn card(application: &Application, certificate: &Certificate) -> impl IntoView + use<> {
    let address = client::address(&format!("/certificates/{}/{}/content", application.id, certificate.id));
    let download = t::certificates_download_named(&certificate.name);
    view! {
        <li class="entry">
            <h2 class="entry-title">{certificate.name.clone()}</h2>
            <img class="certificate" src=address.clone() alt=t::certificates_picture(&certificate.name, &certificate.number) width="600" height="400" loading="lazy"/>
            {certificate.revoked.then(|| view! { <p class="notice bad">{t::certificates_revoked()}</p> })}
            <p class="quiet">{t::certificates_issued(&certificate.issuer, &certificate.number, &locale::moment(&certificate.issued_at))}</p>
            <p><a class="button" href=address download=format!("{}.svg", certificate.number) aria-label=download>{t::certificates_download()}</a></p>
        </li>
    }
}

fn handover(application: &Application, load: Load<Application>) -> impl IntoView + use<> {
    let handover = application.handover.clone();
    let said = match (handover.state, handover.mode) {
        (HandoverState::Pending, mode) => t::handover_pending(delivery(mode)),
        (HandoverState::Ready, Delivery::EOnly) => t::handover_ready_electronic().to_owned(),
        (HandoverState::Ready, Delivery::Post) => {
            t::handover_ready_post(handover.address.as_deref().unwrap_or_default())
        }
        (HandoverState::Ready, mode) => t::handover_ready_collect(delivery(mode)),
        (HandoverState::Sent, _) => t::handover_sent(handover.address.as_deref().unwrap_or_default()),
    };
    let can_change = handover.modes.len() > 1 && handover.state != HandoverState::Sent;
    let change = can_change.then(|| choose(application, load));
    view! { <section class="part"><h2>{t::handover_title()}</h2><p role="status">{said}</p>{change}</section> }
}

fn choose(application: &Application, load: Load<Application>) -> impl IntoView + use<> {
    let mode = RwSignal::new(application.handover.mode);
    let address = RwSignal::new(String::new());
    let failed = RwSignal::new(None);
    let has_address = application.handover.address.is_some();
    let path = format!("/applications/{}/handover", application.id);
    let options = application.handover.modes.clone().into_iter().map(|one| {
        view! { <label class="option"><input type="radio" name="mode" prop:checked=move || mode.get() == one on:change=move |_| mode.set(one)/><span>{delivery(one)}</span></label> }
    });
    let options = options.collect_view();
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let typed = address.get_untracked();
        if mode.get_untracked() == Delivery::Post && !has_address && typed.trim().is_empty() {
            failed.set(Some(t::handover_address_missing()));
            return;
        }
        let body = ChooseHandover {
            mode: mode.get_untracked(),
            address: Some(typed).filter(|typed| !typed.trim().is_empty()),
        };
        let path = path.clone();
        spawn_local(async move {
            match client::put::<Application>(&path, &Terms::fresh(), &body).await {
                Ok(application) => load.put(application),
                Err(failure) => failed.set(Some(notice::sentence(&failure))),
            }
        });
    };
    view! {
        <details>
            <summary>{t::handover_change()}</summary>
            <form novalidate on:submit=send>
                <fieldset class="plain"><legend class="name">{t::handover_how()}</legend>{options}</fieldset>
                {move || (mode.get() == Delivery::Post).then(|| view! {
                    <div class="cell"><label for="post-address">{t::handover_address()}</label>
                    <input id="post-address" type="text" autocomplete="address-line1" maxlength="200" prop:value=move || address.get() on:input=move |event| address.set(event_target_value(&event))/></div>
                })}
                {notice::alert(failed)}
                <button class="button">{t::handover_save()}</button>
            </form>
        </details>
    }
}
